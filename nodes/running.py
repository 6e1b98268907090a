"""What every node needs of the run that it is in: thread, options, settings, and a voice."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from langgraph.runtime import Runtime

from nodes.desk import Desk, set_desk
from state.base import Tier
from state.context import Context
from state.events import Event
from state.request import Notes
from state.research import ResearchState
from tools.settings import settings
from tools.workspace import open_workspace

LOG = logging.getLogger("cliptrail")


def options(runtime: Runtime[Context]) -> Context:
    """Give the run's options; the defaults where the caller gave none."""
    return runtime.context if isinstance(runtime.context, Context) else Context()


def thread_of(runtime: Runtime[Context]) -> str:
    """Give the run's thread; empty without a checkpointer."""
    return (runtime.execution_info and runtime.execution_info.thread_id) or ""


def voice(runtime: Runtime[Context]) -> Callable[[Event], None]:
    """Give the function that tells an event to whoever watches the run."""

    def say(event: Event) -> None:
        runtime.stream_writer(event.model_dump(mode="json"))

    return say


async def desk_for(
    runtime: Runtime[Context],
    *,
    run: str,
    request: str,
    notes: Notes,
    step: str = "",
    brief: str = "",
    tier: Tier | None = None,
) -> Desk:
    """Set the desk of a node or a step; see `set_desk`.

    Raises:
        UsageError: the options name what this installation does not allow.
        LibraryError: the library cannot be used.
    """
    workspace = await asyncio.to_thread(open_workspace, options(runtime), settings(), run)
    return set_desk(
        context=options(runtime),
        settings=settings(),
        workspace=workspace,
        run=run,
        say=voice(runtime),
        request=request,
        notes=notes,
        step=step,
        brief=brief,
        tier=tier,
    )


async def desk_of(state: ResearchState, runtime: Runtime[Context]) -> Desk:
    """Set the desk of a node outside of steps."""
    return await desk_for(
        runtime, run=state["run"], request=state["request"], notes=state.get("notes", Notes())
    )


def written(desk: Desk) -> dict[str, Any]:
    """Give the state update of what happened at a desk: calls and incidents."""
    return {"ledger": desk.calls, "incidents": tuple(desk.incidents)}
