"""Ending a run: a guide is still made of what was found, where the budget allows."""

from collections.abc import Iterable
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.nodes.common.growing_plan import grown, guide_steps
from cliptrail.nodes.common.revisions import plan_made, priced
from cliptrail.nodes.common.running import calls_made, event_writer, options
from cliptrail.plans.views import counted
from cliptrail.state.context import Context
from cliptrail.state.errors import Incident
from cliptrail.state.events import Moved, Notice
from cliptrail.state.path import Move
from cliptrail.state.plan import Fault, Revision
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.run import Run
from cliptrail.state.usage import ModelCall, Share, share


def wrap_up(
    run: Run, runtime: Runtime[Context], by: str, stop: Stop, update: dict[str, Any]
) -> Command[str]:
    """Return the command that ends a run early; what it found is composed first, if anything.

    Args:
        run: the run so far.
        runtime: of the node that ends it.
        by: the name of that node, for the path.
        stop: why.
        update: what the node has to say besides.
    """
    made = _composing(run, runtime, stop.message)
    if not isinstance(made, Revision):
        update = _noted(runtime, by, _lost(made), update) if made else update
        return Command(update={**update, "stop": stop}, goto="save")
    move = Move(by=by, turn="close", to=_steps(made), reason=stop.message)
    return _go_on(run, runtime, move, made, {**update, "wrap_up": stop})


def finish(
    run: Run, runtime: Runtime[Context], by: str, reason: str, update: dict[str, Any]
) -> Command[str]:
    """Return the command that ends a run as its coordinator wants; what it left is composed first.

    Args:
        run: the run so far.
        runtime: of the coordinator's node.
        by: the name of that node, for the path.
        reason: the coordinator's.
        update: what the node has to say besides.
    """
    made = _composing(run, runtime, "It was found and not composed.")
    if isinstance(made, Revision):
        said = "The run was about to end before what was found was composed: that is done first."
        update = _noted(runtime, by, said, update)
        return _go_on(
            run, runtime, Move(by=by, turn="finish", to=_steps(made), reason=reason), made, update
        )
    update = _noted(runtime, by, _lost(made), update) if made else update
    return Command(
        update=_told(runtime, Move(by=by, turn="finish", reason=reason), update), goto="save"
    )


def _composing(run: Run, runtime: Runtime[Context], reason: str) -> Revision | tuple[Fault, ...]:
    """The revision in which what was found is composed, or why it cannot be; () for nothing."""
    steps = guide_steps(run)
    return grown(run, steps, "limit", reason, options(run, runtime)) if steps else ()


def _go_on(
    run: Run,
    runtime: Runtime[Context],
    move: Move,
    made: Revision,
    update: dict[str, Any],
) -> Command[str]:
    update = _told(runtime, move, update)
    event_writer(runtime)(plan_made(made, run))
    return Command(update={**update, "plan": made.plan, "revisions": (made,)}, goto="dispatch")


def _told(runtime: Runtime[Context], move: Move, update: dict[str, Any]) -> dict[str, Any]:
    event_writer(runtime)(Moved(move=move))
    return {**update, "path": (*update.get("path", ()), move)}


def _noted(runtime: Runtime[Context], by: str, what: str, update: dict[str, Any]) -> dict[str, Any]:
    event_writer(runtime)(Notice(where=by, what=what))
    rows = (*update.get("incidents", ()), Incident(where=by, what=what))
    return {**update, "incidents": rows}


def _lost(faults: Iterable[Fault]) -> str:
    return f"What was found could not be composed: {' '.join(map(str, faults))}"


def _steps(made: Revision) -> tuple[str, ...]:
    return tuple(change.step for change in made.changes)


def limit_reached(run: Run, context: Context, *, idle: int = 0, most_idle: int = 1) -> Stop | None:
    """Return why a coordinator is not asked again.

    Args:
        run: the run so far.
        context: its options.
        idle: decisions in a row that brought nothing new.
        most_idle: how many of them there may be.

    Returns:
        None if it is asked. Otherwise: the source refuses us, decisions bring nothing new, there
        were as many as allowed, or the rest of the budget is needed to compose what was found.
    """
    for row in run.own_results.values():
        if row.failure and row.failure.kind == "blocked":  # asking on would make it worse
            return stop_for(row.failure)
    if idle >= most_idle:
        return Stop(
            reason="loop",
            message=f"{counted(idle, 'decision')} in a row brought nothing new.",
            next_step="Ask in other words, or use another --model or --pattern.",
        )
    if run.decisions >= context.max_rounds:
        return Stop(
            reason="budget",
            message=f"The limit of {counted(context.max_rounds, 'round')} is reached.",
            next_step="Raise --max-rounds and resume, or narrow the request.",
        )
    return limit_near(run, context)


def limit_near(run: Run, context: Context) -> Stop | None:
    """Return why a run should be wrapped up now, because the rest of its budget is needed for that.

    Args:
        run: the run so far.
        context: its options.

    Returns:
        None while there is room for one more decision, and where nothing was found or nothing is
        left.
    """
    steps = guide_steps(run)
    if not steps:
        return None
    plan = run.plan
    whole = plan.model_copy(update={"steps": (*plan.steps, *steps)})
    need = priced(whole, context, run.results).total
    made = calls_made(run)
    spent, decision = share(made), _dearest(made)
    calls = context.max_calls - spent.calls
    if 1 <= calls < need.calls + 1:
        return _stop(f"{counted(calls, 'model call')} of {context.max_calls} are left.", "calls")
    tokens = (context.max_tokens or 0) - _tokens(spent)
    wanted = need.input_tokens + need.output_tokens
    if context.max_tokens is not None and _scarce(wanted, _tokens(decision), tokens):
        return _stop(f"{tokens} of {context.max_tokens} tokens are left.", "tokens")
    usd = (context.budget_usd or 0.0) - (spent.usd or 0.0)
    if context.budget_usd is not None and need.usd and _scarce(need.usd, decision.usd or 0.0, usd):
        return _stop(f"${usd:.4f} of ${context.budget_usd:.4f} are left.", "dollars")
    return None


def _dearest(calls: Iterable[ModelCall]) -> Share:
    """What one more decision may take: as much as the largest so far."""
    rows = [row for row in calls if row.kind == "coordination"]
    return max((share([row]) for row in rows), key=_tokens, default=Share())


def _tokens(used: Share) -> int:
    return used.input_tokens + used.output_tokens


def _scarce(need: float, decision: float, left: float) -> bool:
    """Is there enough for the guide, but not for one more decision besides?"""
    return need <= left < need + max(need, decision)


def _stop(left: str, kind: Literal["calls", "tokens", "dollars"]) -> Stop:
    flag = {"calls": "--max-calls", "tokens": "--max-tokens", "dollars": "--budget-usd"}[kind]
    return Stop(
        reason="budget",
        message=f"{left} They were kept to compose what was found.",
        next_step=f"Raise {flag} and resume, or narrow the request.",
    )
