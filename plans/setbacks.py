"""When a plan does not lead on: what of it failed or fell short, and what stays if it changes."""

from collections.abc import Iterable, Mapping

from cliptrail.plans.expectations import shortfall
from cliptrail.state.errors import FailureKind
from cliptrail.state.plan import Fault, Instance, Plan, Step
from cliptrail.state.request import Notes
from cliptrail.state.steps import StepResult

NO_REMEDY: frozenset[FailureKind] = frozenset(
    {"budget", "blocked", "library", "model_rejected", "input_missing"}
)
"""Failures that another plan would meet just so, or that a person meant."""

Results = Mapping[str, StepResult]


def setback(instances: Iterable[Instance], results: Results) -> str:
    """Return why a plan should be made anew; empty if it leads on, or if no plan would.

    A setback is a step whose result falls short of what the plan expects, or one of which nothing
    came because all of it failed. That one of several elements failed is none: those that can do
    with partial input go on.

    Args:
        instances: of the plan that is carried out.
        results: by instance id, as far as there are any.
    """
    if any(row.failure and row.failure.kind in NO_REMEDY for row in results.values()):
        return ""
    by_step: dict[str, list[StepResult | None]] = {}
    for row in instances:
        by_step.setdefault(row.step, []).append(results.get(row.id))
    return " ".join(filter(None, (_trouble(rows) for rows in by_step.values())))


def _trouble(rows: list[StepResult | None]) -> str:
    known = [row for row in rows if row is not None]
    short = [f"{row.id} fell short: {row.shortfall}." for row in known if row.shortfall]
    failed = [row for row in known if row.failure]
    done = any(row.status == "done" for row in known)
    if failed and not done and len(known) == len(rows):
        return " ".join([f"{failed[0].id} failed: {failed[0].reason}", *short])
    return " ".join(short)


def carried_over(
    old: Iterable[Instance],
    new: tuple[Instance, ...],
    results: Results,
    notes: Notes | None = None,
) -> dict[str, StepResult]:
    """Return the results that stand in a new plan: of steps that do the same with the same inputs.

    They are held against what the new plan expects of them.

    Args:
        old: instances of the plan that was carried out.
        new: instances of the plan that will be, in topological order.
        results: of the old plan, by instance id.
        notes: what the request wants.
    """
    before = {row.id: _work(row) for row in old}
    kept = standing([row for row in new if before.get(row.id) == _work(row)], results)
    expected = {row.id: row.expect for row in new}
    return {
        name: row
        if row.output is None
        else row.model_copy(update={"shortfall": shortfall(expected[name], row.output, notes)})
        for name, row in kept.items()
    }


def _work(row: Instance) -> Instance:
    """An instance without what does not change its result."""
    return row.model_copy(update={"expect": ()})


def standing(instances: Iterable[Instance], results: Results) -> dict[str, StepResult]:
    """Return the results that a second try would not change.

    Args:
        instances: of the plan, in topological order.
        results: of the first try, by instance id.
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
    """The ids of the steps that are done with: neither they nor what they need fell short."""
    rows = list(instances)
    good = standing(rows, {name: row for name, row in results.items() if not row.shortfall})
    return frozenset(row.step for row in rows) - {row.step for row in rows if row.id not in good}


def keep_finished(old: Plan, new: Plan, done: frozenset[str]) -> tuple[Plan, tuple[Fault, ...]]:
    """Keep the finished steps of a plan as they are in the one that shall replace it.

    Args:
        old: the plan that is carried out.
        new: the one that shall replace it.
        done: ids of the steps that are finished.

    Returns:
        The new plan, in which another wording of a finished step is undone, and a fault for each
        finished step that would do something else.
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
