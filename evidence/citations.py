"""Citations: places in transcripts, with the words copied from the segments by program."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from cliptrail.state.evidence import Citation
from cliptrail.state.media import Segment, Transcript
from cliptrail.tools.text.tokens import tokens

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
    """Return the citations for the segments that a claim rests on.

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
        if _span(transcript.segments[start : here + 1]) > LONGEST_S:
            pieces.append((start, max(start, here - 1)))
            start = max(here, start + 1)
    if start <= last:
        pieces.append((start, last))
    return pieces


def quote(transcript: Transcript, first: int, last: int) -> Citation:
    """Quote the segments from `first` to `last`, and their neighbours while it is too short.

    A neighbour beyond a silence that would make it longer than `LONGEST_S` is left out.
    """
    segments = transcript.segments
    while len(tokens(_text(segments[first : last + 1]))) < SHORTEST_QUOTE:
        wider = ((first - 1, last + 1), (first, last + 1), (first - 1, last))
        inside = (row for row in wider if row[0] >= 0 and row[1] < len(segments))
        fitting = (row for row in inside if _span(segments[row[0] : row[1] + 1]) <= LONGEST_S)
        found = next(fitting, None)
        if found is None:
            break
        first, last = found
    quoted = segments[first : last + 1]
    return Citation(
        video_id=transcript.video.video_id,
        start=_start(quoted),
        end=_end(quoted),
        quote=_text(quoted),
        channel=transcript.video.channel,
    )


def _start(segments: Sequence[Segment]) -> float:
    return min(segment.start for segment in segments)


def _end(segments: Sequence[Segment]) -> float:
    """Not that of the last segment: captions overlap, and one may outlast the next."""
    return max(segment.end for segment in segments)


def _span(segments: Sequence[Segment]) -> float:
    return _end(segments) - _start(segments)


def _text(segments: Sequence[Segment]) -> str:
    return " ".join(" ".join(segment.text.split()) for segment in segments)


def widened(citation: Citation, transcript: Transcript, by: int) -> Citation:
    """Return a citation with `by` more segments on either side.

    It stays as it is where nothing is said, and where it would become longer than `LONGEST_S`.
    """
    inside = [
        number
        for number, segment in enumerate(transcript.segments)
        if citation.start - 0.001 <= segment.start and segment.end <= citation.end + 0.001
    ]
    if not inside:
        return citation
    first = max(0, inside[0] - by)
    last = min(len(transcript.segments) - 1, inside[-1] + by)
    wider = quote(transcript, first, last)
    return wider if wider.end - wider.start <= LONGEST_S else citation
