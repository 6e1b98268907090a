"""The dispatcher: sends every pending step at once and calls no model.

Eager dispatch: the makespan is the critical path (see `nodes.rendezvous`). Level-by-level
dispatch stays as an option, so that the gain can be measured.
"""

from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from nodes.plans.expand import expand, sizes_of
from nodes.registry import agents
from nodes.rendezvous import convene
from nodes.running import options
from state.context import Context
from state.plan import Instance
from state.request import Notes, Stop
from state.research import ResearchState
from state.steps import StepTask
from tools.models.account import account


async def dispatch(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Send the pending steps, or go on to the tail when there are none."""
    if state.get("stop") is not None:
        return Command()  # the node of a step failed beside this one: its run is in its tail
    run, context = state["run"], options(state, runtime)
    account(run).absorb(state.get("ledger", ()))
    instances = expand(state["plan"], agents())
    results = state.get("results", {})
    pending = [row for row in instances if row.id not in results]
    if context.dispatch == "levels":
        pending = [row for row in pending if all(need in results for need in row.needs)]
    if not pending:
        return Command(goto="save")
    round_ = state.get("round", 0) + 1
    if round_ > 2 * len(instances) + 2:
        stop = Stop(reason="failure", message="The steps wait for each other without an end.")
        return Command(update={"stop": stop}, goto="save")
    convene(run, round_, [row.id for row in pending])
    sizes = sizes_of(instances)
    sends = [_send(row, state, context, round_, sizes) for row in pending]
    return Command(update={"round": round_}, goto=sends)


def _send(
    row: Instance,
    state: ResearchState,
    context: Context,
    round_: int,
    sizes: dict[str, int | None],
) -> Send:
    results = state.get("results", {})
    task = StepTask(
        instance=row,
        known={need: results[need] for need in row.needs if need in results},
        sizes=sizes,
        run=state["run"],
        options=context,
        round=round_,
        request=state["request"],
        notes=state.get("notes", Notes()),
    )
    return Send(row.agent, task)
