"""Plan against actual: each step as planned beside the step as it was."""

from collections.abc import Mapping

from state.plan import Cost, Estimate, Instance
from state.steps import StepResult
from state.trail import StepAudit
from state.usage import ModelCall, share


def audit(
    instances: tuple[Instance, ...],
    estimate: Estimate,
    results: Mapping[str, StepResult],
    ledger: tuple[ModelCall, ...],
    *,
    started: float,
    revision: int,
) -> tuple[StepAudit, ...]:
    """Give one row for each instance, in the plan's order.

    Args:
        instances: of the last revision.
        estimate: made before anything ran.
        results: how each instance ended, by id; those that never did are missing.
        ledger: every model call.
        started: the run's start, in seconds since the epoch.
        revision: number of the last revision.
    """
    return tuple(
        _row(row, estimate.steps[row.id], results.get(row.id), ledger, started, revision)
        for row in instances
    )


def _row(
    row: Instance,
    planned: Cost,
    result: StepResult | None,
    ledger: tuple[ModelCall, ...],
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
        planned=planned,
        actual=_actual(row.id, result, ledger),
        started=max(0.0, round(result.started - started, 3)) if result and ran else None,
        revision=revision,
    )


def _actual(step: str, result: StepResult | None, ledger: tuple[ModelCall, ...]) -> Cost:
    spent = share(call for call in ledger if call.step == step)
    return Cost(
        calls=spent.calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        usd=spent.usd,
        seconds=round(result.seconds, 3) if result else 0.0,
    )
