"""The library as a source of videos, beside YouTube."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cliptrail.state.context import LIBRARY
from cliptrail.state.errors import LibraryError, NoCaptions, SourceUnavailable, VideoNotFound
from cliptrail.state.media import Transcript, Video
from cliptrail.state.request import NamedSource
from cliptrail.tools.library.store import Library
from cliptrail.tools.sources.base import VideoSource
from cliptrail.tools.sources.names import resolve_name
from cliptrail.tools.sources.registry import Opening, source

MAX_RESULTS = 50
"""Most videos that one search gives."""


class LibrarySource:
    """A `VideoSource` over a library file: no network, always the same answers."""

    name = LIBRARY

    def __init__(self, library: Library) -> None:
        self.library = library

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return up to `limit` (1 to 50) videos, best first; see `Library.search`.

        Raises:
            SourceUnavailable: the library file cannot be read.
        """
        limit = max(1, min(limit, MAX_RESULTS))
        with _as_source_error():
            if not channel.strip():
                return self.library.search(query, limit=limit)
            named = resolve_name(channel, self.library)
            if named.kind == "unknown":
                return []
            return self.library.search(query, named.channel, limit, among=named.videos)

    def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
        """Return a video's transcript; one whose language is not known fits any.

        Raises:
            VideoNotFound: the library has no such video.
            NoCaptions: it has no captions, or only in another language.
            SourceUnavailable: the library file cannot be read.
        """
        with _as_source_error():
            transcript = self.library.get(video_id)
        if transcript is None:
            raise VideoNotFound(
                f"The library has no video {video_id}.",
                "`cliptrail library list` shows what it has.",
            )
        _check_readable(transcript, languages)
        return transcript

    def resolve(self, name: str) -> NamedSource:
        """Find out what a name stands for, among the library's channels, titles and speakers.

        Raises:
            SourceUnavailable: the library file cannot be read.
        """
        with _as_source_error():
            return resolve_name(name, self.library)

    def channels(self) -> list[str]:
        """Return the names of the channels that the library holds.

        Raises:
            SourceUnavailable: the library file cannot be read.
        """
        with _as_source_error():
            return self.library.channels()


@source(LIBRARY, title="Library", network=False)
def open_library_source(opening: Opening) -> VideoSource:
    """The transcripts on this machine: your own, or the bundled samples."""
    return LibrarySource(opening.library)


@contextmanager
def _as_source_error() -> Iterator[None]:
    try:
        yield
    except LibraryError as error:
        raise SourceUnavailable(error.message, error.next_step) from error


def _check_readable(transcript: Transcript, languages: Sequence[str]) -> None:
    video = transcript.video
    if not transcript.segments:
        raise NoCaptions(
            f"Video {video.video_id} ({video.title}) has no captions.", "Choose another video."
        )
    if video.language and not any(_same_language(video.language, code) for code in languages):
        raise NoCaptions(
            f"Video {video.video_id} ({video.title}) has captions in {video.language}, "
            f"not in {', '.join(languages)}.",
            f"Add {video.language} to the languages, e.g. CLIPTRAIL_LANGUAGES={video.language}.",
        )


def _same_language(code: str, wanted: str) -> bool:
    """Return whether "en-GB" answers to "en", and "en" to "en-US"."""
    return code.casefold().split("-")[0] == wanted.casefold().split("-")[0]
