"""When a plan must be replaced while it runs, and which results hold under the new one."""

from collections.abc import Iterable, Mapping

from cliptrail.plans.expectations import shortfall
from cliptrail.state.errors import FailureKind
from cliptrail.state.plan import Expectation, Fault, Instance, Plan, Step
from cliptrail.state.request import Notes
from cliptrail.state.steps import StepResult

SAME_FOR_ANY_PLAN: frozenset[FailureKind] = frozenset(
    {"budget", "blocked", "library", "model_rejected", "input_missing"}
)
"""Failures that another plan would run into as well, or that a person wanted."""

Results = Mapping[str, StepResult]


def replan_reason(instances: Iterable[Instance], results: Results) -> str:
    """Return why a plan should be replaced; empty if it need not be, or if no plan would help.

    A step is a reason if its result falls short of what the plan expects, or if all of its
    instances failed. One failed instance among others is not: steps that accept partial input
    continue without it.

    Args:
        instances: of the plan that is carried out.
        results: by instance id, as far as there are any.
    """
    if any(row.failure and row.failure.kind in SAME_FOR_ANY_PLAN for row in results.values()):
        return ""
    by_step: dict[str, list[StepResult | None]] = {}
    for row in instances:
        by_step.setdefault(row.step, []).append(results.get(row.id))
    return " ".join(filter(None, (_inadequate(rows) for rows in by_step.values())))


def _inadequate(rows: list[StepResult | None]) -> str:
    known = [row for row in rows if row is not None]
    short = [f"{row.id} fell short: {row.shortfall}." for row in known if row.shortfall]
    failed = [row for row in known if row.failure]
    done = any(row.status == "done" for row in known)
    if failed and not done and len(known) == len(rows):
        return " ".join([f"{failed[0].id} failed: {failed[0].reason}", *short])
    return " ".join(short)


def reusable(
    old: Iterable[Instance],
    new: tuple[Instance, ...],
    results: Results,
    notes: Notes | None = None,
) -> dict[str, StepResult]:
    """Return the results that hold under a new plan: of steps that do the same with equal inputs.

    What they fall short of is determined again, by what the new plan expects.

    Args:
        old: instances of the plan that was carried out.
        new: instances of the plan that will be, in topological order.
        results: of the old plan, by instance id.
        notes: what the request wants.
    """
    before = {row.id: _task_of(row) for row in old}
    kept = final([row for row in new if before.get(row.id) == _task_of(row)], results)
    expected: dict[str, tuple[Expectation, ...]] = {row.id: row.expect for row in new}
    return {
        name: row
        if row.output is None
        else row.model_copy(update={"shortfall": shortfall(expected[name], row.output, notes)})
        for name, row in kept.items()
    }


def _task_of(row: Instance) -> Instance:
    """An instance without what does not change its result."""
    return row.model_copy(update={"expect": ()})


def final(instances: Iterable[Instance], results: Results) -> dict[str, StepResult]:
    """Return the results that a retry would not change.

    Args:
        instances: of the plan, in topological order.
        results: so far, by instance id.
    """
    kept: dict[str, StepResult] = {}
    for row in instances:
        result = results.get(row.id)
        if result is None or not all(need in kept for need in row.needs):
            continue
        if result.status == "done" or (result.skip is not None and result.skip.kind == "absent"):
            kept[row.id] = result
    return kept


def finished(instances: Iterable[Instance], results: Results) -> frozenset[str]:
    """Return the ids of finished steps: neither they nor what they need failed or fell short."""
    rows = list(instances)
    good = final(rows, {name: row for name, row in results.items() if not row.shortfall})
    return frozenset(row.step for row in rows) - {row.step for row in rows if row.id not in good}


def keep_finished(old: Plan, new: Plan, done: frozenset[str]) -> tuple[Plan, tuple[Fault, ...]]:
    """Keep the finished steps of a plan as they are in the plan that replaces it.

    Args:
        old: the plan that is carried out.
        new: the plan that replaces it.
        done: ids of the steps that are finished.

    Returns:
        The new plan, in which a finished step that was only worded otherwise is restored, and a
        fault for each finished step that would do something else.
    """
    before = {step.id: step for step in old.steps if step.id in done}
    kept = [before[row.id] if _same(before.get(row.id), row) else row for row in new.steps]
    message = "is done: keep it as it is, or give the new step another id."
    faults = [
        Fault(step=row.id, field="", message=message)
        for row in kept
        if row.id in before and row is not before[row.id]
    ]
    return new.model_copy(update={"steps": tuple(kept)}), tuple(faults)


def _same(old: Step | None, new: Step) -> bool:
    """Do two steps the same work, however they are described?"""
    words = {"brief": "", "tier": None, "accept_partial": None, "expect": ()}
    return old is not None and old.model_copy(update=words) == new.model_copy(update=words)
