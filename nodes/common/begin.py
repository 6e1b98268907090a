"""The first node of every pattern: a new run, whatever the thread held before."""

import asyncio
import time
import uuid
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite
from pydantic import ValidationError

from cliptrail.nodes.common.growing_plan import remembered
from cliptrail.nodes.common.run_scope import run_scope
from cliptrail.nodes.common.run_step import as_failure
from cliptrail.nodes.common.running import given_options, owner_of, run_of, show_run
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, Incident, UsageError
from cliptrail.state.plan import Plan, StoredPlan
from cliptrail.state.request import LONGEST_REQUEST, check_length, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run, defaults
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import encodable
from cliptrail.tools.workspace import open_workspace, output_folder

LONGEST_NAME = 1_000
"""Characters of a file name that a caller suggests; what is left of it is shorter."""

KEPT = frozenset({"conversation", "status", "stop_reason", "message", "usage"})
"""Channels that keep what the thread's last run left until this one ends."""
ADDED_TO = frozenset({"revisions", "superseded", "path", "results", "ledger", "incidents"})
"""Channels to which nodes add: emptying them takes more than an empty value."""


def begin(pattern: str, then: str, *, plans: bool = False, remembers: bool = False) -> Any:
    """Return the first node of a pattern's graph.

    Args:
        pattern: its name, for the trail.
        then: the node that comes next.
        plans: does it carry out stored plans?
        remembers: does it go on from what earlier runs of the thread found?
    """

    async def begin(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
        before = run_of(state)
        given: object = before.request
        request = encodable(given).strip() if isinstance(given, str) else ""
        update: dict[str, Any] = {
            **new_run(),
            # What is refused for its length must not swell every checkpoint of the thread.
            "request": request[:LONGEST_REQUEST],
            "options": given_options(runtime),
            "pattern": pattern,
            "file_name": "",
        }
        run = Run(id=update["run"], pattern=pattern)
        show_run(run, runtime)
        try:
            _check(request)
            update["file_name"] = _file_name(before.output)
            stored = _stored(before.stored, pattern if not plans else "")
            owner = owner_of(runtime)
            await asyncio.to_thread(output_folder, update["options"], settings(), owner)
            sources = run_scope(run.id).sources
            workspace = await asyncio.to_thread(
                open_workspace, update["options"], settings(), sources
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing of an old run may stay
            failure = as_failure(error, "begin")
            return Command(update={**update, "stop": stop_for(failure)}, goto="save")
        update |= {"plan": stored.plan, "notes": stored.notes}
        if remembers and (left := remembered(before)):
            earlier, results = left
            update |= {"plan": earlier.plan, "revisions": Overwrite((earlier,))}
            update["results"] = Overwrite(results)
        if workspace.notice:
            update["incidents"] = Overwrite((Incident(where="library", what=workspace.notice),))
        return Command(update=update, goto=then)

    return begin


def _stored(given: object, refused_by: str) -> StoredPlan:
    """The stored plan that the caller gave; a server's clients give it as JSON."""
    if refused_by and given:
        raise UsageError(
            f"The pattern {refused_by} decides as it goes and cannot run a stored plan.",
            "Use the pattern planner, or leave out the plan.",
        )
    try:
        return StoredPlan.model_validate(given or StoredPlan(plan=Plan()))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"The stored plan is wrong at {place or 'the top'}: {first['msg']}.", "Mend the plan."
        ) from error


def _check(request: str) -> None:
    if not request:
        raise CliptrailError("There is no request.", "Ask a question, in your own words.")
    check_length(request)


def _file_name(given: object) -> str:
    if given is not None and not isinstance(given, str):
        raise UsageError("The output is not a file name.", "Give a text such as guide.md.")
    if given and len(given) > LONGEST_NAME:
        raise UsageError(
            f"The output has {len(given)} characters; {LONGEST_NAME} are allowed.",
            "Use a shorter file name.",
        )
    return given or ""


def new_run() -> dict[str, Any]:
    """Return the state update that starts a new run, whatever the thread held before."""
    fresh = {
        name: Overwrite(value) if name in ADDED_TO else value
        for name, value in defaults().items()
        if name not in KEPT
    }
    return {**fresh, "run": uuid.uuid4().hex, "started": time.time()}
