"""The runs of the command line on this machine, to be read: for who alone uses this server."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from langchain_core.runnables import RunnableConfig
from pydantic import ValidationError

from cliptrail.state.base import Frozen
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.state.trail import Trail
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.files import read_file
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Thread, Threads, ThreadStatus
from cliptrail.web.access import Called, Caller, NoSuchRun
from cliptrail.web.routes.runs import Clip, clip_of

router = APIRouter(prefix="/command-line")

TRAIL = ".trail.json"


class LocalRun(Frozen):
    """A run that the command line began."""

    thread_id: str
    request: str
    pattern: str
    status: ThreadStatus
    updated: float
    """Seconds since the epoch."""


@router.get("")
def listed(caller: Called) -> tuple[LocalRun, ...]:
    """Return the runs of the command line, the last one first; none where there are keys."""
    return tuple(
        LocalRun(**row.model_dump(include=set(LocalRun.model_fields))) for row in _of(caller)
    )


@router.get("/{thread_id}/trail")
async def trail(thread_id: str, caller: Called) -> Trail:
    """Return the trail that a run wrote."""
    return await _trail(thread_id, caller)


@router.get("/{thread_id}/clips/{video_id}")
async def clip(
    thread_id: str, video_id: str, caller: Called, start: float = 0.0, end: float = 0.0
) -> Clip:
    """Return the words around a citation, from the library that the run used."""
    found = await _trail(thread_id, caller)
    options = Context.model_validate(found.options)
    return await run_in_threadpool(clip_of, options, video_id, start, end)


def _of(caller: Caller) -> list[Thread]:
    """The command line knows no owners: what it did is for nobody who comes with a key."""
    file = settings().runs_file
    return Threads(file).all() if not caller.owner and file.exists() else []


async def _trail(thread_id: str, caller: Caller) -> Trail:
    rows = await run_in_threadpool(_of, caller)
    if all(row.thread_id != thread_id for row in rows):
        raise NoSuchRun(f"There is no run {thread_id}.", "Choose one from the list of runs.")
    config: RunnableConfig = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    async with open_saver(settings().runs_file) as saver:
        kept = await saver.aget_tuple(config)
    names = kept.checkpoint["channel_values"].get("files", ()) if kept else ()
    name = next((str(name) for name in names if str(name).endswith(TRAIL)), "")
    if not name:
        raise UsageError("This run has not ended.", f"Go on with it: cliptrail resume {thread_id}")
    return await run_in_threadpool(_read, Path(name))


def _read(path: Path) -> Trail:
    try:
        return Trail.model_validate_json(read_file(path, "It was moved or removed; ask again."))
    except ValidationError as error:
        raise UsageError(f"{path} is no trail of this version.", "Ask again.") from error
