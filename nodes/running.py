"""What every node needs of the run that it is in: thread, options, settings, and a voice."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from langgraph.runtime import Runtime

from nodes.desk import Desk
from state.base import Tier
from state.context import Context
from state.events import Event, ModelCalled, Notice
from state.request import Notes
from state.research import ResearchState, merge_ledger
from state.steps import StepTask
from state.usage import ModelCall, usage
from tools.models.account import account
from tools.models.door import Door
from tools.settings import settings
from tools.tracing import describe_run
from tools.workspace import open_workspace

LOG = logging.getLogger("cliptrail")


def given_options(runtime: Runtime[Context]) -> Context:
    """Give the options that this call names; the defaults where it names none."""
    return runtime.context if isinstance(runtime.context, Context) else Context()


def options(state: ResearchState | StepTask, runtime: Runtime[Context]) -> Context:
    """Give the run's options: those that it began with, but for what this call names anew.

    A client that answers a question hardly repeats them, and model and budget must stay.
    """
    begun = state.options if isinstance(state, StepTask) else state.get("options", Context())
    now = given_options(runtime)
    return begun.model_copy(update={name: getattr(now, name) for name in now.model_fields_set})


def thread_of(runtime: Runtime[Context]) -> str:
    """Give the run's thread; empty without a checkpointer."""
    return (runtime.execution_info and runtime.execution_info.thread_id) or ""


def voice(runtime: Runtime[Context]) -> Callable[[Event], None]:
    """Give the function that tells an event to whoever watches the run."""

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


async def desk_for(
    runtime: Runtime[Context],
    context: Context,
    *,
    run: str,
    request: str,
    notes: Notes,
    step: str = "",
    brief: str = "",
    tier: Tier | None = None,
) -> Desk:
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
    door, say = Door(context, settings(), account(run), step), voice(runtime)
    desk = Desk(notes.question or request, notes, step, brief, tier, door, workspace)
    desk.on_incident = lambda row: say(Notice(where=row.where, what=row.what))
    door.on_call = lambda call: say(ModelCalled(call=call))
    door.on_incident = desk.incident
    return desk


async def desk_of(state: ResearchState, runtime: Runtime[Context]) -> Desk:
    """Set the desk of a node outside of steps."""
    account(state["run"]).absorb(state.get("ledger", ()))
    return await desk_for(
        runtime,
        options(state, runtime),
        run=state["run"],
        request=state["request"],
        notes=state.get("notes", Notes()),
    )


def calls_made(state: ResearchState) -> tuple[ModelCall, ...]:
    """Give every model call of a run: also those of a node that failed before it told of them."""
    return merge_ledger(state.get("ledger", ()), tuple(account(state["run"]).calls.values()))


def written(desk: Desk) -> dict[str, Any]:
    """Give the state update of what happened at a desk: calls and incidents."""
    return {"ledger": desk.calls, "incidents": tuple(desk.incidents)}
