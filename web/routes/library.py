"""The library in the browser: listing, searching, reading and importing transcripts."""

import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from cliptrail.state.base import Frozen
from cliptrail.state.errors import UsageError, VideoNotFound
from cliptrail.state.media import LONGEST_QUERY, Transcript, Video
from cliptrail.tools.library import Hit, Library, open_library
from cliptrail.tools.library.importing import MAX_BYTES, ImportProblem, read_files
from cliptrail.tools.library.naming import Told
from cliptrail.tools.library.opening import SAMPLES
from cliptrail.tools.settings import settings
from cliptrail.web.access import Called

router = APIRouter(prefix="/library")

Name = Literal["own", "samples"]


class Listing(Frozen):
    """The videos of a library."""

    videos: tuple[Video, ...]
    channels: tuple[str, ...]


class Imported(Frozen):
    """What came of a file."""

    video: Video | None = None
    problem: ImportProblem | None = None


@router.get("/{name}/videos")
def videos(name: Name, _: Called) -> Listing:
    """List a library; one that was never written to is empty."""
    if _missing(name):
        return Listing(videos=(), channels=())
    with _open(name) as store:
        return Listing(videos=tuple(store.videos()), channels=tuple(store.channels()))


@router.get("/{name}/search")
def search(
    name: Name,
    _: Called,
    query: Annotated[str, Query(max_length=LONGEST_QUERY)],
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> tuple[Hit, ...]:
    """Find where something is said."""
    if _missing(name):
        return ()
    with _open(name) as store:
        return tuple(store.find(query, limit))


@router.get("/{name}/videos/{video_id}")
def transcript(name: Name, video_id: str, _: Called) -> Transcript:
    """Return everything that is said in a video."""
    found = None
    if not _missing(name):
        with _open(name) as store:
            found = store.get(video_id)
    if found is None:
        raise VideoNotFound(
            f"The library has no video {video_id}.", "Choose one from the library's list."
        )
    return found


@router.post("/own/import")
async def import_file(
    request: Request,
    _: Called,
    file: Annotated[str, Query(max_length=300)],
    title: Annotated[str, Query(max_length=300)] = "",
    channel: Annotated[str, Query(max_length=300)] = "",
    url: Annotated[str, Query(max_length=1000)] = "",
) -> Imported:
    """Import one transcript, the request's body, into the installation's own library.

    Args:
        request: brings the file's content.
        file: its name, which tells its format.
        title: of the video; empty to take the file's.
        channel: likewise.
        url: likewise: citations link to it.
    """
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_BYTES:
            raise UsageError(f"The file is larger than {MAX_BYTES // 1_000_000} MB.", "Split it.")
    told = Told(title=title, channel=channel, url=url)
    return await run_in_threadpool(_imported, file, bytes(content), told)


def _imported(name: str, content: bytes, about: Told) -> Imported:
    about.check()
    plain = Path(name.replace("\\", "/")).name
    if not plain or plain != plain.strip(". \0") or "\0" in plain:
        raise UsageError(f"{name!r} is no name of a file.", "Rename it.")
    with tempfile.TemporaryDirectory(prefix="cliptrail-") as folder:
        path = Path(folder) / plain
        path.write_bytes(content)
        (result,) = read_files([path], settings().caption_languages, about)
    if isinstance(result, ImportProblem):
        return Imported(problem=result.model_copy(update={"path": plain}))
    with open_library() as store:
        store.add(result)
    return Imported(video=result.video)


def _missing(name: Name) -> bool:
    return name == "own" and not settings().library_file.exists()


def _open(name: Name) -> Library:
    return open_library(SAMPLES if name == "samples" else "", read_only=True)
