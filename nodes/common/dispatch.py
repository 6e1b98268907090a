"""The dispatcher: sends every pending step at once and calls no model.

Eager dispatch: the makespan is the critical path (see `nodes.common.step_results`). Level-by-level
dispatch stays as an option, so that the gain can be measured.
"""

from collections.abc import Mapping
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite, Send

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.run_scope import run_scope
from cliptrail.nodes.common.running import options, run_of
from cliptrail.plans.expansion import expand, sizes_of
from cliptrail.plans.replanning import replan_reason, reusable
from cliptrail.state.context import Context
from cliptrail.state.plan import GROWING, Instance
from cliptrail.state.request import Stop
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run
from cliptrail.state.steps import StepResult, StepTask, Superseded


def dispatcher(replanner: str = "", then: str = "save") -> Any:
    """Return the node that carries out a plan.

    Args:
        replanner: node that replaces the plan when steps fail or fall short; empty for none.
        then: where to go when every step has ended. A run that is being wrapped up goes to `save`.
    """

    async def dispatch(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
        run = run_of(state)
        if run.stop is not None:
            return Command()  # the node of a step failed beside this one: the run is at its end
        scope, context = run_scope(run.id), options(run, runtime)
        scope.budget.absorb(run.ledger)
        instances = expand(run.plan, agents())
        may_replan = bool(replanner) and run.replans < context.max_replans
        update, results = _with_latest_plan(run, instances)
        if may_replan and (why := replan_reason(instances, results)):
            update |= {"replan_reason": why, "replans": run.replans + 1}
            return Command(update=update, goto=replanner)
        pending = [row for row in instances if row.id not in results]
        if context.dispatch == "levels":
            pending = [row for row in pending if all(need in results for need in row.needs)]
        if not pending and run.wrap_up:
            return Command(update={**update, "stop": run.wrap_up}, goto="save")
        if not pending:
            return Command(update=update, goto=then)
        number = run.round + 1
        if number > 2 * (len(instances) + len(run.superseded)) + 2:
            stop = Stop(reason="failure", message="The steps keep waiting for each other.")
            return Command(update={**update, "stop": stop}, goto="save")
        scope.rounds.open(number, [row.id for row in pending])
        common = StepTask(
            instance=pending[0],
            known={},
            sizes=sizes_of(instances),
            run=run.id,
            options=context,
            round=number,
            request=run.request,
            notes=run.notes,
            may_replan=may_replan,
        )
        sends = [Send(row.agent, _task(common, row, results)) for row in pending]
        return Command(update={**update, "round": number}, goto=sends)

    return dispatch


def _with_latest_plan(
    run: Run, instances: tuple[Instance, ...]
) -> tuple[dict[str, Any], Mapping[str, StepResult]]:
    """Switch to the latest revision of the plan: the update, and the results that still hold."""
    results, revisions = run.results, run.revisions
    number, before = revisions[-1].number if revisions else 0, run.in_force
    if before is None or number == run.dispatched:
        return {}, results
    if revisions[-1].by in GROWING:
        return {"dispatched": number}, results
    kept = reusable(expand(before.plan, agents()), instances, results, run.notes)
    replaced = tuple(
        Superseded(revision=before.number, result=row)
        for name, row in results.items()
        if name not in kept
    )
    update = {"dispatched": number, "results": Overwrite(kept), "superseded": replaced}
    return update, kept


def _task(common: StepTask, row: Instance, results: Mapping[str, StepResult]) -> StepTask:
    known = {need: results[need] for need in row.needs if need in results}
    return common.model_copy(update={"instance": row, "known": known})


dispatch = dispatcher()
"""Carries out a plan that is never replaced."""
