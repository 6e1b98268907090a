"""The commands that look at videos themselves: search and transcript."""

from typing import TYPE_CHECKING, Annotated

import typer

from cliptrail.cli.checks import check_query
from cliptrail.cli.errors import exit_on_error
from cliptrail.cli.library import AsJson, LibraryName, show_transcript, tell_nothing_found
from cliptrail.cli.options import context_of
from cliptrail.cli.tables import show_json, show_rows
from cliptrail.state.context import LIBRARY
from cliptrail.state.errors import UsageError
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.addresses import read_address
from cliptrail.tools.sources.registry import YOUTUBE, source_names
from cliptrail.tools.text.times import clock

if TYPE_CHECKING:
    from cliptrail.tools.workspace import Workspace

Source = Annotated[
    str,
    typer.Option(
        "--source",
        help="Where videos come from: youtube, unless a library is named. There are: "
        f"{', '.join(source_names())}.",
    ),
]


@exit_on_error()
def search_command(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words of the topic.")],
    source: Source = "",
    channel: Annotated[str, typer.Option(help="Only this channel: name, handle or id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many.")] = 10,
    library: LibraryName = "",
    as_json: AsJson = False,
) -> None:
    """Find videos, on YouTube or in the library."""
    check_query(query)
    workspace = _workspace(source, library, fresh=False)
    found = workspace.source.search(query, channel=channel, limit=limit)
    searched = workspace.searched()
    if as_json:
        show_json([video.model_dump() for video in found])
        return
    if not found:
        tell_nothing_found(searched, library)
    rows = ((row.video_id, row.title, row.channel, clock(row.duration_s)) for row in found)
    show_rows(("Video", "Title", "Channel", "Length"), rows)


@exit_on_error()
def transcript_command(
    video: Annotated[str, typer.Argument(metavar="VIDEO", help="Its id or address.")],
    source: Source = "",
    library: LibraryName = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask again for what the library has.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is said in a video.

    The transcript of a video on YouTube is then kept in the library.
    """
    workspace = _workspace(source, library, fresh=fresh)
    transcript = workspace.transcripts.get(_video_id(video, workspace.source.name))
    show_transcript(transcript, as_json=as_json)


def _video_id(text: str, source: str) -> str:
    address = read_address(text)
    if address is not None and address.kind == "video":
        return address.id
    if source != YOUTUBE:
        return text
    raise UsageError(f"{text!r} is not a YouTube video.", "Enter its id or address.")


def _workspace(source: str, library: str, *, fresh: bool) -> "Workspace":
    # Imported here: the packages for YouTube are slow to load, and the help text needs none.
    from cliptrail.tools.workspace import RunSources, open_workspace

    source = source or (LIBRARY if library else YOUTUBE)
    context = context_of(source=source, library=library, fresh=fresh)
    return open_workspace(context, settings(), RunSources())
