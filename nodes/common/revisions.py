"""Revisions of a plan: what each changed, what it is expected to cost, what of it is done."""

from collections.abc import Collection
from typing import Any, Literal

from cliptrail.agents.registry import agents
from cliptrail.plans.diff import diff
from cliptrail.plans.estimate import Price, estimate
from cliptrail.plans.expansion import expand
from cliptrail.plans.replanning import finished, reusable
from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.events import PlanMade
from cliptrail.state.plan import GROWING, Estimate, Plan, Revision
from cliptrail.state.run import Run
from cliptrail.state.steps import StepResult
from cliptrail.tools.models.catalog import choose
from cliptrail.tools.models.prices import price
from cliptrail.tools.settings import settings


def revised(
    made: Plan,
    by: Literal["planner", "person", "file"],
    reason: str,
    run: Run,
    context: Context,
) -> Revision:
    """Return the next revision of a run's plan.

    Args:
        made: the new plan, without faults.
        by: who made it.
        reason: why.
        run: the run so far.
        context: the run's options.
    """
    before = run.revisions
    return Revision(
        number=len(before) + 1,
        by=by,
        plan=made,
        reason=reason,
        changes=diff(before[-1].plan, made) if before else (),
        estimate=priced(made, context, results_kept(made, run)),
    )


def plan_made(revision: Revision, run: Run) -> PlanMade:
    """Return the event that reports a new revision.

    Args:
        revision: as `revised` made it.
        run: the run so far, before it.
    """
    grew = revision.by in GROWING
    kept = run.results if grew else results_kept(revision.plan, run)
    return PlanMade(revision=revision, estimate=revision.estimate, finished=tuple(kept))


def results_kept(made: Plan, run: Run) -> dict[str, StepResult]:
    """Return the results, by instance id, that would hold under a new plan."""
    before = run.in_force
    if before is None or not run.dispatched:
        return {}
    old, new = expand(before.plan, agents()), expand(made, agents())
    return reusable(old, new, run.results, run.notes)


def finished_steps(run: Run) -> frozenset[str]:
    """Return the ids of the steps of the plan in force that are done and need not run again."""
    before = run.in_force
    if before is None or not run.dispatched:
        return frozenset()
    return finished(expand(before.plan, agents()), run.results)


def priced(made: Plan, context: Context, done: Collection[str] = ()) -> Estimate:
    """Estimate a valid plan with the prices of the models that the run would use.

    Args:
        made: a plan without faults.
        context: the run's options.
        done: ids of the instances that are done and will cost nothing more.
    """
    return estimate(expand(made, agents()), agents(), price_by_tier(context), done)


def price_by_tier(context: Context) -> Price:
    """Return a function that prices tokens in a tier."""

    def dollars(tier: Tier, input_tokens: float, output_tokens: float) -> float | None:
        return price(choose(tier, settings(), context.model), input_tokens, output_tokens)

    return dollars


def outcome(run: Run) -> list[dict[str, Any]]:
    """Return how each step ended, in short and without what was read, for the planner."""
    return [_ended(row) for row in run.results.values()]


def _ended(row: StepResult) -> dict[str, Any]:
    said = row.shortfall or row.reason
    return {
        "step": row.id,
        "status": "fell short" if row.shortfall else row.status,
        **({"why": said} if said else {}),
        **({"gave": _gave(row.output)} if row.output else {}),
    }


def _gave(output: dict[str, Any]) -> dict[str, Any]:
    """How many elements each list has, and the titles of what was found."""
    lists = {name: rows for name, rows in output.items() if isinstance(rows, list)}
    return {name: _titles(rows) or len(rows) for name, rows in lists.items()}


def _titles(rows: list[Any]) -> list[str]:
    return [str(row["title"])[:80] for row in rows[:8] if isinstance(row, dict) and "title" in row]
