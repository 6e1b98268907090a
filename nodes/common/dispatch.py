"""The dispatcher: sends every pending step at once and calls no model.

Eager dispatch: the makespan is the critical path (see `nodes.common.step_results`). Level-by-level
dispatch stays as an option, so that the gain can be measured.
"""

from collections.abc import Mapping
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite, Send

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.running import options
from cliptrail.nodes.common.step_results import convene
from cliptrail.plans.expansion import expand, sizes_of
from cliptrail.plans.setbacks import carried_over, setback
from cliptrail.state.context import Context
from cliptrail.state.plan import GROWING, Instance
from cliptrail.state.request import Notes, Stop
from cliptrail.state.research import ResearchState, in_force
from cliptrail.state.steps import StepResult, StepTask, Superseded
from cliptrail.tools.models.budget import account

Results = Mapping[str, StepResult]


def dispatcher(replanner: str = "", then: str = "save") -> Any:
    """Return the node that carries out a plan.

    Args:
        replanner: node that makes the plan anew when steps fail or fall short; empty for none.
        then: where to go when every step has ended. A run that is being closed goes to its tail.
    """

    async def dispatch(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
        if state.get("stop") is not None:
            return Command()  # the node of a step failed beside this one: its run is in its tail
        account(state["run"]).absorb(state.get("ledger", ()))
        context, instances = options(state, runtime), expand(state["plan"], agents())
        may_replan = bool(replanner) and state.get("replans", 0) < context.max_replans
        update, results = _taken_up(state, instances)
        if may_replan and (why := setback(instances, results)):
            update |= {"setback": why, "replans": state.get("replans", 0) + 1}
            return Command(update=update, goto=replanner)
        pending = [row for row in instances if row.id not in results]
        if context.dispatch == "levels":
            pending = [row for row in pending if all(need in results for need in row.needs)]
        if not pending and (closing := state.get("closing")):
            return Command(update={**update, "stop": closing}, goto="save")
        if not pending:
            return Command(update=update, goto=then)
        round_ = state.get("round", 0) + 1
        if round_ > 2 * (len(instances) + len(state.get("superseded", ()))) + 2:
            stop = Stop(reason="failure", message="The steps wait for each other without an end.")
            return Command(update={**update, "stop": stop}, goto="save")
        convene(state["run"], round_, [row.id for row in pending])
        common = StepTask(
            instance=pending[0],
            known={},
            sizes=sizes_of(instances),
            run=state["run"],
            options=context,
            round=round_,
            request=state["request"],
            notes=state.get("notes", Notes()),
            may_replan=may_replan,
        )
        sends = [Send(row.agent, _task(common, row, results)) for row in pending]
        return Command(update={**update, "round": round_}, goto=sends)

    return dispatch


def _taken_up(
    state: ResearchState, instances: tuple[Instance, ...]
) -> tuple[dict[str, Any], Results]:
    """Take up a new revision of the plan: what of the results stands in it, and what does not."""
    results, revisions = state.get("results", {}), state.get("revisions", ())
    number, before = revisions[-1].number if revisions else 0, in_force(state)
    if before is None or number == state.get("dispatched", 0):
        return {}, results
    if revisions[-1].by in GROWING:
        return {"dispatched": number}, results
    kept = carried_over(expand(before.plan, agents()), instances, results, state.get("notes"))
    replaced = tuple(
        Superseded(revision=before.number, result=row)
        for name, row in results.items()
        if name not in kept
    )
    update = {"dispatched": number, "results": Overwrite(kept), "superseded": replaced}
    return update, kept


def _task(common: StepTask, row: Instance, results: Results) -> StepTask:
    known = {need: results[need] for need in row.needs if need in results}
    return common.model_copy(update={"instance": row, "known": known})


dispatch = dispatcher()
"""Carries out a plan that nobody makes anew."""
