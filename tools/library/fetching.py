"""Transcripts of videos and playlists that a person names, fetched from YouTube for the library."""

from collections.abc import Iterator, Mapping

from cliptrail.state.errors import Blocked, CliptrailError
from cliptrail.state.media import Transcript, Video
from cliptrail.tools.library.importing import ImportProblem
from cliptrail.tools.library.store import Library
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.addresses import Address
from cliptrail.tools.sources.youtube import YouTubeSource
from cliptrail.tools.sources.youtube_search import YtDlpSearch
from cliptrail.tools.transcripts import TranscriptGateway


def fetched(
    addresses: Mapping[str, Address], library: Library, settings: Settings, *, fresh: bool
) -> Iterator[Transcript | ImportProblem]:
    """Return each video's transcript, or why there is none; what the library has is not asked for.

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
    gateway = TranscriptGateway(library, source, settings.caption_languages, anew)
    for written, address in addresses.items():
        try:
            for video in _videos(address, settings):
                yield _one(video, gateway)
        except Blocked as error:
            yield _problem(written, error)
            return
        except CliptrailError as error:
            yield _problem(written, error)


def _videos(address: Address, settings: Settings) -> list[Video]:
    if address.kind == "video":
        return [Video(video_id=address.id, title="")]
    return YtDlpSearch(settings).playlist(address.id)


def _one(video: Video, gateway: TranscriptGateway) -> Transcript | ImportProblem:
    try:
        return gateway.get(video.video_id, video)
    except Blocked:
        raise
    except CliptrailError as error:
        return _problem(video.video_id, error)


def _problem(what: str, error: CliptrailError) -> ImportProblem:
    return ImportProblem(path=what, reason=error.message, next_step=error.next_step)
