"""The commands of `cliptrail library`: import, list, show, search, export, remove."""

import json
import shlex
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Annotated

import typer

from cliptrail.cli.checks import check_query
from cliptrail.cli.errors import EXIT_FAILURE, EXIT_PARTIAL, confirm, exit_on_error
from cliptrail.cli.tables import in_terminal, plain, show_json, show_rows
from cliptrail.output import new_file, write_file
from cliptrail.plans.views import counted
from cliptrail.state.errors import UsageError, VideoNotFound
from cliptrail.state.media import LONGEST_S, Segment, Transcript, Video
from cliptrail.tools.library import Hit, Library, open_library
from cliptrail.tools.library.exporting import ExportFormat, export
from cliptrail.tools.library.importing import ImportProblem, read_files
from cliptrail.tools.library.naming import Told
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.addresses import Address, read_address
from cliptrail.tools.text.times import clock

library_app = typer.Typer(
    name="library", help="Keep transcripts on this machine.", no_args_is_help=True
)

_BATCH = 200
"""Files read before they are written, so that the library is never locked for long."""

_AROUND_S = 15.0
"""Seconds that `show --at` shows before and after."""

LibraryName = Annotated[
    str,
    typer.Option("--library", metavar="FILE", help='Library file; "samples" for the bundled one.'),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@library_app.command("import")
@exit_on_error()
def import_files(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Files, folders, or videos and playlists of YouTube."
        ),
    ],
    library: LibraryName = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask YouTube again for what is there already.")
    ] = False,
    title: Annotated[str, typer.Option(help="Title of the video (one file only).")] = "",
    channel: Annotated[str, typer.Option(help="Its channel (one file only).")] = "",
    url: Annotated[
        str, typer.Option(help="Its address (one file only): citations link to it, to the second.")
    ] = "",
) -> None:
    """Import VTT, SRT, SBV, json3 and JSON transcripts, and those of videos on YouTube.

    YouTube is named by the address or id of a video or playlist. Ends with 3 when some could not
    be imported, with 4 when none could.
    """
    # Imported here: the packages for YouTube are slow to load, and only an import needs them.
    from cliptrail.tools.library.fetching import fetched

    addresses = {path: found for path in paths if (found := _address(path))}
    files = [path for path in paths if path not in addresses]
    about = Told(title=title, channel=channel, url=url)
    _check_told(about, paths)
    imported = failed = 0
    with open_library(library) as store:
        results = chain(
            read_files(files, settings().caption_languages, about) if files else (),
            fetched(addresses, store, settings(), fresh=fresh),
        )
        for batch in _batches(results):
            problems = [result for result in batch if isinstance(result, ImportProblem)]
            imported += store.add_many(result for result in batch if isinstance(result, Transcript))
            failed += len(problems)
            for problem in problems:
                _tell(problem)
        typer.echo(plain(f"Imported {counted(imported, 'video')} into {store.path}."))
    if failed:
        raise typer.Exit(EXIT_PARTIAL if imported else EXIT_FAILURE)


def _check_told(about: Told, paths: list[str]) -> None:
    """Check what the command line says of a video, and that it can mean one only."""
    if about == Told():
        return
    if len(paths) != 1 or not Path(paths[0]).is_file():
        raise UsageError(
            "--title, --channel and --url describe the video of one file.", "Name one file alone."
        )
    about.check()


def _address(text: str) -> Address | None:
    """What of YouTube a text names; a file of that name comes first."""
    try:
        return None if Path(text).exists() else read_address(text)
    except OSError:  # too long for a file
        return read_address(text)


def _batches(
    results: Iterator[Transcript | ImportProblem],
) -> Iterator[list[Transcript | ImportProblem]]:
    while batch := list(islice(results, _BATCH)):
        yield batch


def _tell(problem: ImportProblem) -> None:
    sentence = f"Not imported: {problem.path}: {problem.reason} {problem.next_step}"
    typer.echo(plain(sentence), err=True)


@library_app.command("list")
@exit_on_error()
def list_videos(
    channel: Annotated[str, typer.Option(help="Only this channel.")] = "",
    library: LibraryName = "",
    as_json: AsJson = False,
) -> None:
    """List the videos."""
    with open_library(library, read_only=True) as store:
        videos = store.videos(channel)
    if as_json:
        show_json([video.model_dump() for video in videos])
        return
    headers = ("Video", "Title", "Channel", "Length", "Captions", "Language")
    show_rows(headers, map(_video_row, videos))


def _video_row(video: Video) -> tuple[str, ...]:
    length = clock(video.duration_s) if video.duration_s else ""
    return video.video_id, video.title, video.channel, length, video.captions, video.language


@library_app.command("show")
@exit_on_error()
def show(
    video_id: Annotated[str, typer.Argument(metavar="ID")],
    at: Annotated[
        float | None, typer.Option(min=0, max=LONGEST_S, help="Only around this second.")
    ] = None,
    library: LibraryName = "",
    as_json: AsJson = False,
) -> None:
    """Show a video's transcript."""
    with open_library(library, read_only=True) as store:
        transcript = _existing(store, video_id)
    if at is not None:
        transcript = _around(transcript, at)
    show_transcript(transcript, as_json=as_json)


def show_transcript(transcript: Transcript, *, as_json: bool) -> None:
    """Print a transcript for a person or, as JSON or in a pipe, for a program."""
    if as_json:
        show_json(json.loads(export(transcript, "json")))
        return
    if in_terminal():
        typer.echo(plain(f"{transcript.video.title} · {transcript.video.channel}"))
    show_rows(("Time", "Words"), ((clock(s.start), s.text) for s in transcript.segments))


def _existing(store: Library, video_id: str) -> Transcript:
    transcript = store.get(video_id)
    if transcript is None:
        raise VideoNotFound(
            f"The library {store.path} has no video {video_id}.",
            "`cliptrail library list` shows what it has.",
        )
    return transcript


def _around(transcript: Transcript, at: float) -> Transcript:
    def is_near(segment: Segment) -> bool:
        return segment.start <= at + _AROUND_S and segment.end >= at - _AROUND_S

    near = tuple(filter(is_near, transcript.segments))
    if not near:
        end = max((segment.end for segment in transcript.segments), default=0.0)
        raise UsageError(
            f"Nothing is said in {transcript.video.video_id} around {clock(at)}.",
            f"Its captions end at {clock(end)}.",
        )
    return transcript.model_copy(update={"segments": near})


@library_app.command("search")
@exit_on_error()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words that are said.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many places.")] = 10,
    library: LibraryName = "",
    as_json: AsJson = False,
) -> None:
    """Find where something is said."""
    check_query(query)
    with open_library(library, read_only=True) as store:
        hits = store.find(query, limit)
        searched = store.described()
    if as_json:
        show_json([hit.model_dump() for hit in hits])
        return
    if not hits:
        tell_nothing_found(searched, library)
    show_rows(("Video", "Time", "Title", "Words"), map(_hit_row, hits))


def tell_nothing_found(searched: str, library: str) -> None:
    """Say on stderr where nothing was found, and what to do about it.

    Args:
        searched: name and size of the library; empty for YouTube.
        library: what the command line calls it; empty for the own one.
    """
    listing = ["cliptrail", "library", "list", *(["--library", library] if library else [])]
    where = f" in {searched}" if searched else " on YouTube"
    others = f" Or see what it has: {shlex.join(listing)}" if searched else ""
    typer.echo(plain(f"Nothing found{where}. Try other words.{others}"), err=True)


def _hit_row(hit: Hit) -> tuple[str, ...]:
    return hit.video.video_id, clock(hit.segment.start), hit.video.title, hit.segment.text


@library_app.command("export")
@exit_on_error()
def export_video(
    video_id: Annotated[str, typer.Argument(metavar="ID")],
    form: Annotated[ExportFormat, typer.Option("--format", help="File format.")] = "json",
    output: Annotated[Path | None, typer.Option(help="Where to write it; else printed.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that exists.")
    ] = False,
    library: LibraryName = "",
) -> None:
    """Write a transcript as JSON, SRT, VTT or plain text."""
    with open_library(library, read_only=True) as store:
        text = export(_existing(store, video_id), form)
    if output is None:
        if in_terminal():  # a program gets the very file, a person nothing that steers the screen
            text = "".join(f"{plain(line)}\n" for line in text.splitlines())
        typer.echo(text, nl=False)
    else:
        write_file(new_file(output, overwrite=overwrite), text, overwrite=overwrite)


@library_app.command("remove")
@exit_on_error()
def remove(
    video_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    library: LibraryName = "",
) -> None:
    """Remove videos from the library. Ends with 4, and removes none, unless you say yes."""
    with open_library(library, read_only=True) as store:
        titles = [_existing(store, video_id).video.title for video_id in video_ids]
    if not yes:
        _confirm(titles, store)
    with open_library(library) as store:
        removed = sum(store.remove(video_id) for video_id in video_ids)
        typer.echo(plain(f"Removed {counted(removed, 'video')} from {store.path}."))


def _confirm(titles: Iterable[str], store: Library) -> None:
    for title in titles:
        typer.echo(plain(title), err=True)
    confirm(f"Remove from {store.path}?")
