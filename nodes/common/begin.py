"""The first node of every pattern: a clean slate, whatever the thread held before."""

import asyncio
import time
import uuid
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command, Overwrite
from pydantic import ValidationError

from cliptrail.nodes.common.growing_plan import remembered
from cliptrail.nodes.common.run_step import as_failure
from cliptrail.nodes.common.running import given_options, owner_of, show_run
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, Incident, UsageError
from cliptrail.state.plan import Plan, StoredPlan
from cliptrail.state.request import LONGEST_REQUEST, Notes, check_length, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.tools.settings import settings
from cliptrail.tools.text.cleaning import encodable
from cliptrail.tools.workspace import open_workspace, output_folder

LONGEST_NAME = 1_000
"""Characters of a file name that a caller suggests; what is left of it is shorter."""


def begin(pattern: str, then: str, *, plans: bool = False, remembers: bool = False) -> Any:
    """Return the first node of a pattern's graph.

    Args:
        pattern: its name, for the trail.
        then: the node that comes next.
        plans: does it carry out stored plans?
        remembers: does it go on from what earlier runs of the thread found?
    """

    async def begin(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
        given: object = state.get("request")
        request = encodable(given).strip() if isinstance(given, str) else ""
        update: dict[str, Any] = {
            **clean_slate(),
            # What is refused for its length must not swell every checkpoint of the thread.
            "request": request[:LONGEST_REQUEST],
            "options": given_options(runtime),
            "pattern": pattern,
            "file_name": "",
        }
        show_run({"run": update["run"], "pattern": pattern}, runtime)
        try:
            _check(request)
            update["file_name"] = _file_name(state.get("output"))
            stored = _stored(state, pattern if not plans else "")
            owner = owner_of(runtime)
            await asyncio.to_thread(output_folder, update["options"], settings(), owner)
            workspace = await asyncio.to_thread(
                open_workspace, update["options"], settings(), update["run"]
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the slate must be clean
            failure = as_failure(error, "begin")
            return Command(update={**update, "stop": stop_for(failure)}, goto="save")
        update |= {"plan": stored.plan, "notes": stored.notes}
        if remembers and (left := remembered(state)):
            earlier, results = left
            update |= {"plan": earlier.plan, "revisions": Overwrite((earlier,))}
            update["results"] = Overwrite(results)
        if workspace.notice:
            update["incidents"] = Overwrite((Incident(where="library", what=workspace.notice),))
        return Command(update=update, goto=then)

    return begin


def _stored(state: ResearchState, refused_by: str) -> StoredPlan:
    """The stored plan that the caller gave; a server's clients give it as JSON."""
    given: object = state.get("stored") or StoredPlan(plan=Plan())
    if refused_by and state.get("stored"):
        raise UsageError(
            f"The pattern {refused_by} decides as it goes and carries out no stored plan.",
            "Use the pattern planner, or leave out the plan.",
        )
    try:
        return StoredPlan.model_validate(given)
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
        raise UsageError("The output is no file name.", "Give a text such as guide.md.")
    if given and len(given) > LONGEST_NAME:
        raise UsageError(
            f"The output has {len(given)} characters; {LONGEST_NAME} are allowed.",
            "Name the file more briefly.",
        )
    return given or ""


def clean_slate() -> dict[str, Any]:
    """Return the state of a new run, whatever the thread held before."""
    return {
        "run": uuid.uuid4().hex,
        "started": time.time(),
        "output": "",
        "stored": None,
        "plan": Plan(),
        "notes": Notes(),
        "revisions": Overwrite(()),
        "rejection": "",
        "attempts": 0,
        "setback": "",
        "replans": 0,
        "dispatched": 0,
        "superseded": Overwrite(()),
        "round": 0,
        "path": Overwrite(()),
        "decisions": 0,
        "known": 0,
        "idle": 0,
        "closing": None,
        "tasks": (),
        "groups": (),
        "results": Overwrite({}),
        "ledger": Overwrite(()),
        "incidents": Overwrite(()),
        "stop": None,
        "guide": None,
        "files": (),
        "trace": "",
    }
