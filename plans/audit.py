"""Plan against actual: each step as planned beside the step as it was."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from cliptrail.plans.agents import AgentSpec
from cliptrail.plans.expansion import expand
from cliptrail.state.plan import Cost, Instance, Revision
from cliptrail.state.steps import StepResult, Superseded
from cliptrail.state.trail import StepAudit
from cliptrail.state.usage import ModelCall, share

LONGEST = 500
"""Characters of a value that is told in short."""


def audit(
    revisions: Sequence[Revision],
    in_force: int,
    agents: Mapping[str, AgentSpec],
    results: Mapping[str, StepResult],
    superseded: Sequence[Superseded],
    ledger: Sequence[ModelCall],
    *,
    started: float,
) -> tuple[StepAudit, ...]:
    """Return one row for each instance, in the plan's order, and one for each replaced result.

    Args:
        revisions: every revision of the plan.
        in_force: number of the one that was carried out last.
        agents: the registry.
        results: how each instance ended, by id; those that never did are missing.
        superseded: results that a later plan or a retry replaced.
        ledger: every model call.
        started: the run's start, in seconds since the epoch.
    """
    plans = {row.number: expand(row.plan, agents) for row in revisions if row.number <= in_force}
    planned = {row.number: row.estimate.steps for row in revisions}
    calls = _by_try([*(row.result for row in superseded), *results.values()], ledger)
    rows = []
    for row in plans[in_force]:
        number, result = _brought(row, plans, in_force), results.get(row.id)
        spent = calls.pop((row.id, result.started if result else None), [])
        rows.append(_row(row, planned[number].get(row.id, Cost()), result, spent, started, number))
    for old in superseded:
        found = next((row for row in plans.get(old.revision, ()) if row.id == old.result.id), None)
        if found is None:
            continue
        spent = calls.pop((found.id, old.result.started), [])
        cost = planned[old.revision].get(found.id, Cost())
        entry = _row(found, cost, old.result, spent, started, old.revision)
        rows.append(entry.model_copy(update={"superseded": True}))
    return tuple(rows)


def _brought(row: Instance, plans: Mapping[int, tuple[Instance, ...]], last: int) -> int:
    """The revision from which on the plan holds an instance as it is."""
    number = last
    while number - 1 in plans and row in plans[number - 1]:
        number -= 1
    return number


def _by_try(
    tries: Sequence[StepResult], ledger: Sequence[ModelCall]
) -> dict[tuple[str, float | None], list[ModelCall]]:
    """Return each try of a step the calls that it made itself: those up to the next try's start."""
    starts: dict[str, list[float]] = {}
    for result in tries:
        starts.setdefault(result.id, []).append(result.started)
    for found in starts.values():
        found.sort()
    calls: dict[tuple[str, float | None], list[ModelCall]] = {}
    for call in ledger:
        begun = starts.get(call.step)
        place = max(0, bisect_right(begun, call.started) - 1) if begun else 0
        calls.setdefault((call.step, begun[place] if begun else None), []).append(call)
    return calls


def _row(
    row: Instance,
    planned: Cost,
    result: StepResult | None,
    calls: Sequence[ModelCall],
    started: float,
    revision: int,
) -> StepAudit:
    ran = result is not None and result.status != "skipped"
    return StepAudit(
        id=row.id,
        planned_agent=row.agent,
        agent=result.agent if result and ran else "",
        brief=row.brief,
        inputs=row.inputs,
        needs=row.needs,
        outcome=result.status if result else None,
        reason=result.reason if result else "The run ended before it.",
        gave=in_short(result.output) if result and result.output else {},
        planned=planned,
        actual=_actual(calls, result),
        started=max(0.0, round(result.started - started, 3)) if result and ran else None,
        revision=revision,
        expect=tuple(map(str, row.expect)),
    )


def in_short(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return the short values of a step's output, and the lengths of its lists.

    What a person answered is so in the trail, and what was read is not.
    """
    return {
        name: len(value)
        if isinstance(value, list)
        else value[:LONGEST]
        if isinstance(value, str)
        else value
        for name, value in output.items()
        if not isinstance(value, dict)
    }


def _actual(calls: Sequence[ModelCall], result: StepResult | None) -> Cost:
    spent = share(calls)
    return Cost(
        calls=spent.calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        usd=spent.usd,
        seconds=round(result.seconds, 3) if result else 0.0,
    )
