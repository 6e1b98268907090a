"""What a run left behind: its files, its trail, and the clips that it cites."""

from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, ValidationError

from cliptrail.state.base import Frozen
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError, VideoNotFound
from cliptrail.state.media import Segment, Video
from cliptrail.state.trail import Trail
from cliptrail.tools.feedback import Verdict, give_feedback
from cliptrail.tools.files import trail_path
from cliptrail.tools.library.bundled import BUNDLED
from cliptrail.tools.settings import settings
from cliptrail.tools.workspace import libraries_of
from cliptrail.web.access import Called
from cliptrail.web.auth import files_of

router = APIRouter(prefix="/runs")

Kind = Literal["guide", "trail"]
AROUND_S = 20.0
"""Seconds that are shown before and after a citation."""
MEDIA_TYPES: dict[Kind, str] = {"guide": "text/markdown", "trail": "application/json"}


class Line(Frozen):
    """A piece of a transcript."""

    segment: Segment
    cited: bool
    """Is it among the quoted words?"""


class Clip(Frozen):
    """A citation's place in its transcript."""

    video: Video
    lines: tuple[Line, ...]
    invented: bool = Field(description="Is it one of the bundled samples, which nobody filmed?")


@router.get("/{thread_id}/files/{kind}")
async def file(thread_id: str, kind: Kind, caller: Called) -> FileResponse:
    """Return a file that a run wrote, to keep.

    Args:
        thread_id: of the run.
        kind: the guide in Markdown, or the trail in JSON.
        caller: only their own.
    """
    values = await caller.state(thread_id)
    path, _ = await run_in_threadpool(_written, values, thread_id, kind, caller.owner)
    return FileResponse(
        path,
        media_type=MEDIA_TYPES[kind],
        filename=path.name,
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
    )


@router.get("/{thread_id}/trail")
async def trail(thread_id: str, caller: Called) -> Trail:
    """Return the trail that a run wrote."""
    values = await caller.state(thread_id)
    _, found = await run_in_threadpool(_written, values, thread_id, "trail", caller.owner)
    return found


class Opinion(BaseModel):
    """What a person thinks of a run."""

    verdict: Verdict
    why: str = ""


@router.post("/{thread_id}/feedback", status_code=204)
async def feedback(thread_id: str, opinion: Opinion, caller: Called) -> None:
    """Tell LangSmith what a traced run was worth, beside its trace."""
    values = await caller.state(thread_id)
    # From the file, and not from the state, which a caller may change.
    _, found = await run_in_threadpool(_written, values, thread_id, "trail", caller.owner)
    await run_in_threadpool(give_feedback, found.trace, opinion.verdict, opinion.why)


@router.get("/{thread_id}/clips/{video_id}")
async def clip(
    thread_id: str, video_id: str, caller: Called, start: float = 0.0, end: float = 0.0
) -> Clip:
    """Return the words around a citation, from the library that the run used."""
    values = await caller.state(thread_id)
    return await run_in_threadpool(clip_of, _options(values), video_id, start, end)


def _options(values: dict[str, Any]) -> Context:
    try:
        return Context.model_validate(values.get("options") or {})
    except ValidationError as error:
        raise UsageError("The run's options are of another version.", "Ask again.") from error


def _written(values: dict[str, Any], thread_id: str, kind: Kind, owner: str) -> tuple[Path, Trail]:
    """The path of a file of a run, and the run's trail.

    A caller may change the state of their own threads: so what it names must lie in the folder
    that the run may write to, beside a trail that names this thread.
    """
    folder = files_of(owner).resolve()
    names = [Path(name) for name in values.get("files") or () if isinstance(name, str)]
    guides = [name for name in names if name.suffix == ".md"]
    trails = [name for name in names if name.name.endswith(".trail.json")]
    trails += [trail_path(name) for name in guides]
    path = next(iter(trails if kind == "trail" else guides), None)
    beside = next(iter(trails), None)
    nothing = UsageError(f"This run has no {kind}.", "Look at how it ended.")
    if path is None or beside is None:
        raise nothing
    for name in (path, beside):
        if not name.resolve().is_relative_to(folder) or not name.is_file():
            raise nothing
    try:
        found = Trail.model_validate_json(beside.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"The run's trail {beside.name} cannot be read.", "Ask again.") from error
    if found.thread_id != thread_id or (kind == "guide" and trail_path(path) != beside):
        raise nothing
    return path.resolve(), found


def clip_of(options: Context, video_id: str, start: float, end: float) -> Clip:
    """Return a citation's place in its transcript.

    Args:
        options: of the run that cites; they name its library.
        video_id: of the video.
        start: of the cited words, in seconds.
        end: likewise.

    Raises:
        VideoNotFound: the library has it no longer.
        UsageError: a library that this installation does not let a request name.
    """
    for library in libraries_of(options, settings()):
        found = library.get(video_id)
        if found is not None:
            break
    else:
        raise VideoNotFound(
            f"The library no longer has the video {video_id}.", "Import it again, or ask again."
        )
    near = (
        row for row in found.segments if row.start <= end + AROUND_S and row.end >= start - AROUND_S
    )
    lines = (Line(segment=row, cited=_within(row, start, end)) for row in near)
    return Clip(video=found.video, lines=tuple(lines), invented=library.name == BUNDLED)


def _within(row: Segment, start: float, end: float) -> bool:
    """Return whether a segment is quoted: its middle lies between the citation's ends."""
    return start <= row.start + row.duration / 2 <= end
