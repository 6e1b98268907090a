"""What every node needs of the run that it is in: the run, its options, thread and services."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from langgraph.runtime import Runtime

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import declared_outputs
from cliptrail.nodes.common.run_scope import run_scope
from cliptrail.state.base import Tier
from cliptrail.state.context import Context
from cliptrail.state.dialogue import DialogueRun, DialogueState
from cliptrail.state.events import Event, ModelCalled, Notice
from cliptrail.state.request import Notes
from cliptrail.state.research import ResearchState, merge_ledger
from cliptrail.state.run import Run
from cliptrail.state.steps import StepTask
from cliptrail.state.usage import ModelCall, usage
from cliptrail.tools.keys import LOCAL
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import settings
from cliptrail.tools.tracing import describe_run
from cliptrail.tools.workspace import open_workspace

LOG = logging.getLogger("cliptrail")


def given_options(runtime: Runtime[Context]) -> Context:
    """Return the options that this call names; the defaults where it names none."""
    return runtime.context if isinstance(runtime.context, Context) else Context()


def run_of(state: ResearchState) -> Run:
    """Return the run that a state holds, its results read by the types that agents declare."""
    return Run.of(state, declared_outputs())


def dialogue_of(state: DialogueState) -> DialogueRun:
    """Return the run that the state of an agent with tools holds; see `run_of`."""
    return DialogueRun.of(state, declared_outputs())


def options(run: Run | StepTask, runtime: Runtime[Context]) -> Context:
    """Return the run's options: those that it began with, except for what this call names.

    A client that answers a question rarely repeats them, and model and budget must stay.
    """
    now = given_options(runtime)
    return run.options.model_copy(
        update={name: getattr(now, name) for name in now.model_fields_set}
    )


def thread_of(runtime: Runtime[Context]) -> str:
    """Return the run's thread; empty without a checkpointer."""
    return (runtime.execution_info and runtime.execution_info.thread_id) or ""


def owner_of(runtime: Runtime[Context]) -> str:
    """Return who asked, where a server tells people apart; empty where it does not."""
    user = runtime.server_info and runtime.server_info.user
    identity = user.identity if user else LOCAL
    return "" if identity == LOCAL else identity


def event_writer(runtime: Runtime[Context]) -> Callable[[Event], None]:
    """Return the function that writes an event to the run's stream."""

    def write(event: Event) -> None:
        runtime.stream_writer(event.model_dump(mode="json"))

    return write


def show_run(run: Run, runtime: Runtime[Context], **metadata: Any) -> None:
    """Say in the trace, where there is one, what the run is and what it has cost so far.

    Args:
        run: as far as it is known.
        runtime: of the node that says so.
        metadata: what else the trace can be found by.
    """
    pattern, revisions = run.pattern, run.revisions
    about = {
        "pattern": pattern,
        "thread": thread_of(runtime),
        "run": run.id,
        "revision": revisions[-1].number if revisions else 0,
        "usd": usage(calls_made(run)).usd,
    }
    describe_run(f"cliptrail {pattern}", [f"pattern:{pattern}"], {**about, **metadata})


async def agent_context(
    runtime: Runtime[Context],
    context: Context,
    *,
    run_id: str,
    request: str,
    notes: Notes,
    step: str = "",
    brief: str = "",
    tier: Tier | None = None,
) -> AgentContext:
    """Return what a node or a step works with.

    Args:
        runtime: of the node; events go to its stream.
        context: the run's options.
        run_id: of the run whose budget pays.
        request: the question in the user's own words.
        notes: what was understood of it; its self-contained question is used where there is one.
        step: id of the step; empty outside of steps.
        brief: the step's.
        tier: the step's.

    Raises:
        UsageError: the options name what this installation does not allow.
        LibraryError: the library cannot be used.
    """
    scope, emit = run_scope(run_id), event_writer(runtime)
    workspace = await asyncio.to_thread(open_workspace, context, settings(), scope.sources)
    gateway = ModelGateway(context, settings(), scope.budget, step)
    asked = notes.question or request
    ctx = AgentContext(asked, notes, step, brief, tier, gateway, workspace, tell=emit)
    ctx.on_incident = lambda row: emit(Notice(where=row.where, what=row.what))
    gateway.on_call = lambda call: emit(ModelCalled(call=call))
    gateway.on_incident = ctx.incident
    return ctx


async def run_context(run: Run, runtime: Runtime[Context]) -> AgentContext:
    """Return what a node outside of steps works with."""
    run_scope(run.id).budget.absorb(run.ledger)
    return await agent_context(
        runtime,
        options(run, runtime),
        run_id=run.id,
        request=run.request,
        notes=run.notes,
    )


def calls_made(run: Run) -> tuple[ModelCall, ...]:
    """Return every model call of a run: also those of a node that failed before it told of them."""
    return merge_ledger(run.ledger, tuple(run_scope(run.id).budget.calls.values()))


def written(ctx: AgentContext) -> dict[str, Any]:
    """Return the state update of what a node or step did: its model calls and incidents."""
    return {"ledger": ctx.calls, "incidents": tuple(ctx.incidents)}
