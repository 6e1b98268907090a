"""What every node needs of the run that it is in: thread, options, settings, and a voice."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from langgraph.runtime import Runtime

from cliptrail.agents.context import AgentContext
from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.events import Event, ModelCalled, Notice
from cliptrail.state.request import Notes
from cliptrail.state.research import ResearchState, merge_ledger
from cliptrail.state.steps import StepTask
from cliptrail.state.usage import ModelCall, usage
from cliptrail.tools.keys import LOCAL
from cliptrail.tools.models.budget import account
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import settings
from cliptrail.tools.tracing import describe_run
from cliptrail.tools.workspace import open_workspace

LOG = logging.getLogger("cliptrail")


def given_options(runtime: Runtime[Context]) -> Context:
    """Return the options that this call names; the defaults where it names none."""
    return runtime.context if isinstance(runtime.context, Context) else Context()


def options(state: ResearchState | StepTask, runtime: Runtime[Context]) -> Context:
    """Return the run's options: those that it began with, but for what this call names anew.

    A client that answers a question hardly repeats them, and model and budget must stay.
    """
    begun = state.options if isinstance(state, StepTask) else state.get("options", Context())
    now = given_options(runtime)
    return begun.model_copy(update={name: getattr(now, name) for name in now.model_fields_set})


def thread_of(runtime: Runtime[Context]) -> str:
    """Return the run's thread; empty without a checkpointer."""
    return (runtime.execution_info and runtime.execution_info.thread_id) or ""


def owner_of(runtime: Runtime[Context]) -> str:
    """Return who asked, where a server tells people apart; empty where nobody else is there."""
    user = runtime.server_info and runtime.server_info.user
    identity = user.identity if user else LOCAL
    return "" if identity == LOCAL else identity


def voice(runtime: Runtime[Context]) -> Callable[[Event], None]:
    """Return the function that tells an event to whoever watches the run."""

    def say(event: Event) -> None:
        runtime.stream_writer(event.model_dump(mode="json"))

    return say


def show_run(state: ResearchState, runtime: Runtime[Context], **metadata: Any) -> None:
    """Say in the trace, where there is one, what the run is and what it has cost so far.

    Args:
        state: as far as it is known.
        runtime: of the node that says so.
        metadata: what else the trace shall be found by.
    """
    pattern, revisions = state.get("pattern", ""), state.get("revisions", ())
    about = {
        "pattern": pattern,
        "thread": thread_of(runtime),
        "run": state["run"],
        "revision": revisions[-1].number if revisions else 0,
        "usd": usage(calls_made(state)).usd,
    }
    describe_run(f"cliptrail {pattern}", [f"pattern:{pattern}"], {**about, **metadata})


async def agent_context(
    runtime: Runtime[Context],
    context: Context,
    *,
    run: str,
    request: str,
    notes: Notes,
    step: str = "",
    brief: str = "",
    tier: Tier | None = None,
) -> AgentContext:
    """Set the desk of a node or a step.

    Args:
        runtime: of the node: events go to whoever watches it.
        context: the run's options.
        run: id of the run whose account pays.
        request: the question in the user's own words.
        notes: what was understood of it: the question that stands for itself, where it does not.
        step: id of the step; empty outside of steps.
        brief: the step's.
        tier: the step's.

    Raises:
        UsageError: the options name what this installation does not allow.
        LibraryError: the library cannot be used.
    """
    workspace = await asyncio.to_thread(open_workspace, context, settings(), run)
    gateway, say = ModelGateway(context, settings(), account(run), step), voice(runtime)
    asked = notes.question or request
    ctx = AgentContext(asked, notes, step, brief, tier, gateway, workspace, tell=say)
    ctx.on_incident = lambda row: say(Notice(where=row.where, what=row.what))
    gateway.on_call = lambda call: say(ModelCalled(call=call))
    gateway.on_incident = ctx.incident
    return ctx


async def run_context(state: ResearchState, runtime: Runtime[Context]) -> AgentContext:
    """Set the desk of a node outside of steps."""
    account(state["run"]).absorb(state.get("ledger", ()))
    return await agent_context(
        runtime,
        options(state, runtime),
        run=state["run"],
        request=state["request"],
        notes=state.get("notes", Notes()),
    )


def calls_made(state: ResearchState) -> tuple[ModelCall, ...]:
    """Return every model call of a run: also those of a node that failed before it told of them."""
    return merge_ledger(state.get("ledger", ()), tuple(account(state["run"]).calls.values()))


def written(ctx: AgentContext) -> dict[str, Any]:
    """Return the state update of what happened at a desk: calls and incidents."""
    return {"ledger": ctx.calls, "incidents": tuple(ctx.incidents)}
