"""Short transcripts written for tests, in the styles in which people and machines caption.

Automatic captions without a full stop, a podcast with long turns, Spanish, German, Hindi, Japanese.
"""

import json
from pathlib import Path
from typing import Any

from cliptrail.state.media import Segment, Transcript
from cliptrail.tools.library.transcript_json import parse_transcript

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.glob("*.json"))
WEB = (
    "gzip_works1",
    "pictures_02",
    "podcast_003",
    "fonts_00004",
    "scripts_005",
    "measure_006",
)
"""Talks on how a web page is made to load faster; one is on gzip."""


def talk(name: str) -> Transcript:
    """Return a transcript by its video's id."""
    file = FOLDER / f"{name}.json"
    return parse_transcript(file.read_bytes(), file.name)


def segments_in(file: Path) -> list[Segment]:
    """Return the segments of a file as they stand in it."""
    data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return [Segment(**row) for row in data["segments"]]


def imported_whole(file: Path, transcript: Transcript) -> bool:
    """Return whether a transcript says all that its file says, and under which licence."""
    data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    video = transcript.video
    return (
        (video.video_id, video.language) == (data["video_id"], data["language"])
        and [row.text for row in transcript.segments] == [row["text"] for row in data["segments"]]
        and data["source"]["licence"] in transcript.provenance
    )
