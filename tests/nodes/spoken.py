"""Transcripts and claims for tests: from lines, or of any shape that captions can have."""

from collections.abc import Sequence

from hypothesis import strategies as st

from cliptrail.evidence.citations import Place, cite
from cliptrail.evidence.speech import speech
from cliptrail.evidence.verification import verify
from cliptrail.state.evidence import Citation, Claim
from cliptrail.state.media import Segment, Transcript, Video

WORDS = ["heat", "the", "oil", "to", "220", "degrees", "for", "two", "hours", "then", "rest", "it"]


def talk(*lines: str, video_id: str = "one", channel: str = "Quiet Forge") -> Transcript:
    """A transcript with five seconds a line, the last of them silent: each line is a sentence."""
    video = Video(video_id=video_id, title=f"About {video_id}", channel=channel)
    segments = (
        Segment(start=5.0 * place, duration=4.0, text=text) for place, text in enumerate(lines)
    )
    return Transcript(video=video, segments=tuple(segments))


def by_id(*transcripts: Transcript) -> dict[str, Transcript]:
    return {row.video.video_id: row for row in transcripts}


def citation(transcript: Transcript, *segments: int) -> tuple[Citation, ...]:
    """Citations of the sentences that have words in some captions."""
    said = speech(transcript)
    places = [
        Place(transcript.video.video_id, number)
        for number, row in enumerate(said.sentences)
        if any(said.caption(row.begin) <= each <= said.caption(row.stop - 1) for each in segments)
    ]
    return cite(places, by_id(transcript))


def claim(name: str, text: str, *citations: Citation, section: str = "") -> Claim:
    return Claim(id=name, text=text, section=section, citations=citations)


def said(name: str, transcript: Transcript, segment: int, section: str = "") -> Claim:
    """A claim in the very words of a segment: it holds."""
    text = transcript.segments[segment].text
    row = claim(name, text, *citation(transcript, segment), section=section)
    checked = verify(row, by_id(transcript))
    assert checked.verified, checked.reason
    return checked


def _talk_of(rows: Sequence[tuple[float, float, str]]) -> Transcript:
    start, segments = 0.0, []
    for pause, duration, text in rows:
        segments.append(Segment(start=start, duration=duration, text=text))
        start += pause
    return Transcript(video=Video(video_id="any", title="Any"), segments=tuple(segments))


LINES = st.lists(st.sampled_from([*WORDS, "[Music]", "—"]), max_size=8).map(" ".join)
PAUSES = st.floats(0, 130) | st.floats(0, 8)
TALKS = st.lists(st.tuples(PAUSES, PAUSES, LINES), min_size=1, max_size=12).map(_talk_of)
"""Captions overlap, leave silences, may be empty, and may outlast the next one."""
