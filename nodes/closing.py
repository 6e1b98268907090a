"""Bringing a run to its end early: what was found is still composed, where the budget allows."""

from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from nodes.plans.growing import finishing, grown
from nodes.plans.revisions import plan_made, priced
from nodes.plans.views import counted
from nodes.running import calls_made, options, voice
from state.context import Context
from state.events import Moved
from state.path import Move
from state.plan import Plan, Revision
from state.request import Stop
from state.research import ResearchState
from state.usage import share


def close(
    state: ResearchState, runtime: Runtime[Context], by: str, stop: Stop, update: dict[str, Any]
) -> Command[str]:
    """Give the command that ends a run: over the dispatcher if there is something to compose.

    Args:
        state: of the run.
        runtime: of the node that ends it.
        by: the name of that node, for the path.
        stop: why.
        update: what the node has to say besides.
    """
    steps = finishing(state)
    made = grown(state, steps, "limit", stop.message, options(state, runtime)) if steps else ()
    if not isinstance(made, Revision):
        return Command(update={**update, "stop": stop}, goto="save")
    move = Move(by=by, turn="close", to=tuple(row.id for row in steps), reason=stop.message)
    voice(runtime)(Moved(move=move))
    voice(runtime)(plan_made(made, state))
    path = (*update.pop("path", ()), move)
    more = {"plan": made.plan, "revisions": (made,), "closing": stop, "path": path}
    return Command(update={**update, **more}, goto="dispatch")


def limit_near(state: ResearchState, context: Context) -> Stop | None:
    """Tell whether one more decision would leave too little to make a guide of what was found.

    Args:
        state: of the run.
        context: its options.

    Returns:
        Why the run should be closed now; None while there is room, or nothing to lose or left.
    """
    steps = finishing(state)
    if not steps:
        return None
    plan = state.get("plan", Plan())
    whole = plan.model_copy(update={"steps": (*plan.steps, *steps)})
    need = priced(whole, context, state.get("results", {})).total
    spent = share(calls_made(state))
    calls = context.max_calls - spent.calls
    if 1 <= calls < need.calls + 1:
        return _stop(f"{counted(calls, 'model call')} of {context.max_calls} are left.", "calls")
    tokens = (context.max_tokens or 0) - spent.input_tokens - spent.output_tokens
    if context.max_tokens is not None and _scarce(need.input_tokens + need.output_tokens, tokens):
        return _stop(f"{tokens} of {context.max_tokens} tokens are left.", "tokens")
    usd = (context.budget_usd or 0.0) - (spent.usd or 0.0)
    if context.budget_usd is not None and need.usd and _scarce(need.usd, usd):
        return _stop(f"${usd:.4f} of ${context.budget_usd:.4f} are left.", "dollars")
    return None


def _scarce(need: float, left: float) -> bool:
    """Is there enough, but not twice as much?"""
    return need <= left < 2 * need


def _stop(left: str, kind: Literal["calls", "tokens", "dollars"]) -> Stop:
    flag = {"calls": "--max-calls", "tokens": "--max-tokens", "dollars": "--budget-usd"}[kind]
    return Stop(
        reason="budget",
        message=f"{left} They were kept to compose what was found.",
        next_step=f"Raise {flag} and resume, or narrow the request.",
    )
