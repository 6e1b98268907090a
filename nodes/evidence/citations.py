"""Citations: places in transcripts, with the words copied from the segments by program."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from state.evidence import Citation
from state.media import Transcript
from tools.text.tokens import tokens

SHORTEST_QUOTE = 4
"""Words: a shorter quote says too little, so its neighbours are quoted too."""
LONGEST_S = 100.0
"""Seconds that one citation spans at most."""


@dataclass(frozen=True)
class Place:
    """A segment of a transcript."""

    video_id: str
    segment: int


def runs(places: Iterable[Place]) -> list[tuple[str, int, int]]:
    """Join places to unbroken runs: (video, first segment, last segment), in order.

    Args:
        places: in any order, also repeated.
    """
    joined: list[tuple[str, int, int]] = []
    ordered = sorted(set(places), key=lambda place: (place.video_id, place.segment))
    for video_id, group in groupby(ordered, key=lambda place: place.video_id):
        first = last = -2
        for place in group:
            if place.segment != last + 1:
                if last >= 0:
                    joined.append((video_id, first, last))
                first = place.segment
            last = place.segment
        joined.append((video_id, first, last))
    return joined


def cite(places: Iterable[Place], transcripts: Mapping[str, Transcript]) -> tuple[Citation, ...]:
    """Give the citations for the segments that a claim rests on.

    Args:
        places: segments of the transcripts; others must have been left out before.
        transcripts: by video id.

    Returns:
        One citation for each unbroken run of segments, none longer than `LONGEST_S`.
    """
    return tuple(
        quote(transcripts[video_id], start, stop)
        for video_id, first, last in runs(places)
        for start, stop in _cut(transcripts[video_id], first, last)
    )


def _cut(transcript: Transcript, first: int, last: int) -> list[tuple[int, int]]:
    pieces, start = [], first
    for here in range(first, last + 1):
        if transcript.segments[here].end - transcript.segments[start].start > LONGEST_S:
            pieces.append((start, max(start, here - 1)))
            start = max(here, start + 1)
    if start <= last:
        pieces.append((start, last))
    return pieces


def quote(transcript: Transcript, first: int, last: int) -> Citation:
    """Quote the segments from `first` to `last`, and their neighbours while it is too short."""
    segments = transcript.segments
    while len(tokens(_text(segments[first : last + 1]))) < SHORTEST_QUOTE:
        if first == 0 and last == len(segments) - 1:
            break
        first, last = max(0, first - 1), min(len(segments) - 1, last + 1)
    return Citation(
        video_id=transcript.video.video_id,
        start=segments[first].start,
        end=segments[last].end,
        quote=_text(segments[first : last + 1]),
    )


def _text(segments: Sequence[object]) -> str:
    return " ".join(" ".join(getattr(segment, "text", "").split()) for segment in segments)


def widened(citation: Citation, transcript: Transcript, by: int) -> Citation:
    """Give a citation with `by` more segments on either side."""
    inside = [
        number
        for number, segment in enumerate(transcript.segments)
        if citation.start - 0.001 <= segment.start and segment.end <= citation.end + 0.001
    ]
    first = max(0, inside[0] - by)
    last = min(len(transcript.segments) - 1, inside[-1] + by)
    return quote(transcript, first, last)
