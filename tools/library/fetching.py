"""Transcripts of videos and playlists that a person names, fetched from YouTube for the library."""

from collections.abc import Iterator, Mapping

from state.errors import Blocked, CliptrailError
from state.media import Transcript, Video
from tools.library.importing import ImportProblem
from tools.library.store import Library
from tools.settings import Settings
from tools.sources.addresses import Address
from tools.sources.youtube import YouTubeSource
from tools.sources.youtube_search import YtDlpSearch
from tools.transcripts import TranscriptDoor


def fetched(
    addresses: Mapping[str, Address], library: Library, settings: Settings, *, fresh: bool
) -> Iterator[Transcript | ImportProblem]:
    """Give each video's transcript, or why there is none; what the library has is not asked for.

    It ends at the first block: asking on would prolong it.

    Args:
        addresses: what to fetch, by what the person wrote.
        library: where transcripts are kept; each is there before it is given.
        settings: this installation's.
        fresh: ask also for what the library has.
    """
    if not addresses:
        return
    source = YouTubeSource(settings)
    anew = set[str]() if fresh else None
    door = TranscriptDoor(library, source, settings.caption_languages, anew)
    for written, address in addresses.items():
        try:
            for video in _videos(address, settings):
                yield _one(video, door)
        except Blocked as error:
            yield _problem(written, error)
            return
        except CliptrailError as error:
            yield _problem(written, error)


def _videos(address: Address, settings: Settings) -> list[Video]:
    if address.kind == "video":
        return [Video(video_id=address.id, title="")]
    return YtDlpSearch(settings).playlist(address.id)


def _one(video: Video, door: TranscriptDoor) -> Transcript | ImportProblem:
    try:
        return door.get(video.video_id, video)
    except Blocked:
        raise
    except CliptrailError as error:
        return _problem(video.video_id, error)


def _problem(what: str, error: CliptrailError) -> ImportProblem:
    return ImportProblem(path=what, reason=error.message, next_step=error.next_step)
