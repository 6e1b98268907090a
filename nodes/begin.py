"""The first node of every pattern: a clean slate, whatever the thread held before."""

import asyncio
import time
import uuid
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite

from nodes.running import options
from state.context import Context
from state.errors import CliptrailError, Incident
from state.plan import Plan, StoredPlan
from state.request import Stop
from state.research import ResearchState
from tools.settings import settings
from tools.workspace import open_workspace

LONGEST_REQUEST = 8_000
"""Characters."""


def begin(pattern: str, then: str) -> Any:
    """Give the first node of a pattern's graph.

    Args:
        pattern: its name, for the trail.
        then: the node that comes next.
    """

    async def begin(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
        request = str(state.get("request") or "").strip()
        stored = state.get("stored") or StoredPlan(plan=Plan())
        update: dict[str, Any] = {
            **_clean(),
            "request": request,
            "pattern": pattern,
            "stored": None,
            "plan": stored.plan,
            "notes": stored.notes,
        }
        try:
            _check(request)
            workspace = await asyncio.to_thread(
                open_workspace, options(runtime), settings(), update["run"]
            )
        except CliptrailError as error:
            stop = Stop(reason="failure", message=error.message, next_step=error.next_step)
            return Command(update={**update, "stop": stop}, goto="save")
        if workspace.notice:
            update["incidents"] = Overwrite((Incident(where="library", what=workspace.notice),))
        return Command(update=update, goto=then)

    return begin


def _check(request: str) -> None:
    if not request:
        raise CliptrailError("There is no request.", "Ask a question, in your own words.")
    if len(request) > LONGEST_REQUEST:
        raise CliptrailError(
            f"The request has {len(request)} characters; {LONGEST_REQUEST} are allowed.",
            "Ask more briefly.",
        )


def _clean() -> dict[str, Any]:
    return {
        "run": uuid.uuid4().hex,
        "started": time.time(),
        "revisions": Overwrite(()),
        "rejection": "",
        "attempts": 0,
        "round": 0,
        "results": Overwrite({}),
        "ledger": Overwrite(()),
        "incidents": Overwrite(()),
        "stop": None,
        "guide": None,
        "files": (),
    }
