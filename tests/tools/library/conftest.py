"""Small transcripts and libraries for the library's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cliptrail.state.media import CaptionKind, Segment, Transcript, Video
from cliptrail.tools.library.store import Library

MakeTranscript = Callable[..., Transcript]


@pytest.fixture
def make() -> MakeTranscript:
    def transcript(
        video_id: str,
        *lines: str,
        title: str = "A video",
        channel: str = "Crumb Notebook",
        captions: CaptionKind = "manual",
        language: str = "en",
    ) -> Transcript:
        video = Video(
            video_id=video_id, title=title, channel=channel, captions=captions, language=language
        )
        segments = tuple(
            Segment(start=2.0 * n, duration=2.0, text=line) for n, line in enumerate(lines)
        )
        return Transcript(video=video, segments=segments, provenance="test")

    return transcript


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.sqlite") as opened:
        yield opened
