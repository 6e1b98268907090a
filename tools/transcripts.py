"""The one gateway to transcripts: cached in the library for ever, attributed, quotable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cliptrail.state.context import LIBRARY
from cliptrail.state.errors import NoCaptions
from cliptrail.state.media import Transcript, TranscriptRef, Video
from cliptrail.tools.sharing import Turns
from cliptrail.tools.sources.base import VideoSource
from cliptrail.tools.text.best_passage import best_passage

_TURNS: Turns[tuple[int, str]] = Turns()
"""By library and video: of several steps that want a video at once, one fetches it for all."""


class Shelf(Protocol):
    """What the gateway needs of a library."""

    def get(self, video_id: str) -> Transcript | None:
        """Return a stored transcript."""
        ...

    def add(self, transcript: Transcript) -> None:
        """Store a transcript, replacing the video's earlier one."""
        ...


@dataclass(frozen=True)
class TranscriptGateway:
    """Gives transcripts from the library, and asks the source only for those that it lacks."""

    shelf: Shelf
    source: VideoSource
    languages: tuple[str, ...] = ("en",)
    asked_anew: set[str] | None = None
    """Where the run wants everything fresh: the videos that were fetched in it already."""

    def get(self, video_id: str, known: Video | None = None) -> Transcript:
        """Return a video's transcript; blocks, also while another step fetches the same one.

        Args:
            video_id: the source's id.
            known: the video as a search found it; fills in what the source does not tell.

        Raises:
            SourceError: the source cannot give it.
        """
        with _TURNS.of((id(self.shelf), video_id)):
            return self._stored(video_id) or self._fetched(video_id, known)

    def passages(self, query: str, videos: Sequence[str]) -> dict[str, str]:
        """Return the passage nearest to a query of each video that is stored, by id.

        Nothing is fetched for it: a video that the library lacks has none.
        """
        stored = {video_id: self.shelf.get(video_id) for video_id in videos}
        found = {name: best_passage(row.segments, query) for name, row in stored.items() if row}
        return {name: text for name, text in found.items() if text}

    def _stored(self, video_id: str) -> Transcript | None:
        stored = self.shelf.get(video_id)
        fresh = self.asked_anew is None or video_id in self.asked_anew
        return stored if fresh and stored is not None and stored.segments else None

    def _fetched(self, video_id: str, known: Video | None) -> Transcript:
        found = self.source.transcript(video_id, languages=self.languages)
        if not found.segments:
            raise NoCaptions(f"The video {video_id} has no captions.", "Choose another video.")
        if known is not None:
            found = found.model_copy(update={"video": _completed(found.video, known)})
        if self.source.name != LIBRARY:
            self.shelf.add(found)
        if self.asked_anew is not None:
            self.asked_anew.add(video_id)
        return found


def _completed(found: Video, known: Video) -> Video:
    return Video(**{**_told(known), **_told(found), "score": 0.0})


def _told(video: Video) -> dict[str, Any]:
    """What is known of a video; some defaults mean that it is not."""
    return {name: value for name, value in video if value not in ("", None, 0.0, "unknown")}


def reference(transcript: Transcript) -> TranscriptRef:
    """Return the reference that state and plans hold instead of the transcript."""
    video = transcript.video
    return TranscriptRef(
        video_id=video.video_id,
        title=video.title,
        channel=video.channel,
        url=video.url,
        language=video.language,
        segments=len(transcript.segments),
        words=sum(len(segment.text.split()) for segment in transcript.segments),
        duration_s=video.duration_s,
    )
