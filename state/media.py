"""Videos and their transcripts."""

from typing import Literal

from pydantic import Field

from cliptrail.state.base import Frozen

CaptionKind = Literal["manual", "auto", "none", "unknown"]
LONGEST_S = 10_000_000.0
"""Seconds: beyond it a time in a file is a mistake."""

LONGEST_QUERY = 500
"""Characters of the words that videos are looked for by."""


class Video(Frozen):
    """A video as a search finds it: enough to choose it and to cite it."""

    video_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """The source's id; for YouTube 11 characters."""
    title: str
    channel: str = ""
    url: str = ""
    """Address of the video; empty where there is none."""
    published: str | None = None
    """ISO date, where known."""
    duration_s: float = Field(default=0.0, ge=0)
    """Length in seconds; 0 where unknown."""
    language: str = ""
    """BCP-47 code of the captions, where known."""
    captions: CaptionKind = "unknown"
    """Whether there are captions, and of which kind."""
    score: float = 0.0
    """Relevance to the query that found it, best = 1; 0 where the source ranks without a score."""


class Segment(Frozen):
    """A timed piece of a transcript, as the captions have it."""

    start: float = Field(ge=0)
    """Seconds from the start of the video."""
    duration: float = Field(ge=0)
    """Seconds."""
    text: str

    @property
    def end(self) -> float:
        """Seconds from the start of the video to the segment's end."""
        return self.start + self.duration


class Transcript(Frozen):
    """A video and everything that is said in it. Never enters a graph's state."""

    video: Video
    segments: tuple[Segment, ...]
    provenance: str = ""
    """Where the transcript came from: a file's name, "youtube", a licence note."""


class TranscriptRef(Frozen):
    """A transcript that lies in the library, by reference: what state and plans hold of it."""

    video_id: str
    title: str
    channel: str = ""
    url: str = ""
    language: str = ""
    segments: int = Field(ge=0)
    """How many segments it has."""
    words: int = Field(ge=0)
    """How many words it has."""
    duration_s: float = 0.0
