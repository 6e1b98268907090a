"""The one seam between cliptrail and the places where videos come from."""

from collections.abc import Sequence
from typing import Protocol

from cliptrail.state.media import Transcript, Video
from cliptrail.state.request import NamedSource


class VideoSource(Protocol):
    """A place that can be searched for videos and asked for their transcripts.

    Implementations block (the caller moves them off the event loop), are safe to call from
    several threads, and raise only `cliptrail.state.errors.SourceError` and its children.
    """

    name: str
    """Short name for messages and the trail, e.g. "youtube"."""

    def search(self, query: str, *, channel: str = "", limit: int = 10) -> list[Video]:
        """Return up to `limit` videos for a query, best first.

        Args:
            query: words, as a person would type them.
            channel: only videos of this channel (name or handle), or of a series or a speaker
                of this name; empty for all.
            limit: 1 to 50.

        Returns:
            Videos, best first; an empty list when nothing fits.

        Raises:
            SourceError: blocked, unavailable, or not understood.
        """
        ...

    def transcript(self, video_id: str, *, languages: Sequence[str] = ("en",)) -> Transcript:
        """Return a video's transcript in the first language that there is.

        Raises:
            VideoNotFound: deleted, private, or not an id.
            NoCaptions: no captions in these languages; the message lists what there is.
            SourceError: blocked, unavailable, or not understood.
        """
        ...

    def channels(self) -> list[str]:
        """Return the names of the channels that it holds; empty where they cannot be listed."""
        ...

    def resolve(self, name: str) -> NamedSource:
        """Find out what a name in a request stands for: a channel, a series or a speaker.

        Raises:
            SourceError: it cannot be asked.
        """
        ...
