"""Citations: places in transcripts, with the words copied from the captions by program."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from cliptrail.evidence.speech import Range, Speech, speech
from cliptrail.state.evidence import Citation
from cliptrail.state.media import Transcript
from cliptrail.tools.text.tokens import tokens

SHORTEST_QUOTE = 4
"""Words: a shorter quote says too little, so its neighbours are quoted too."""
LONGEST_S = 100.0
"""Seconds that one citation spans at most, where more than one sentence is cited."""

BRIDGED = 1
"""Sentences between two cited ones that are quoted along with them: one footnote, not two."""


@dataclass(frozen=True)
class Place:
    """A sentence of a transcript."""

    video_id: str
    sentence: int
    """From 0."""


def runs(places: Iterable[Place]) -> list[tuple[str, int, int]]:
    """Join places to runs: (video, first sentence, last sentence), in order.

    Places with no more than `BRIDGED` sentences between them are one run.

    Args:
        places: in any order, also repeated.
    """
    joined: list[tuple[str, int, int]] = []
    ordered = sorted(set(places), key=lambda place: (place.video_id, place.sentence))
    for video_id, group in groupby(ordered, key=lambda place: place.video_id):
        first = last = -2
        for place in group:
            if place.sentence > last + 1 + (BRIDGED if last >= 0 else 0):
                if last >= 0:
                    joined.append((video_id, first, last))
                first = place.sentence
            last = place.sentence
        joined.append((video_id, first, last))
    return joined


def cite(places: Iterable[Place], transcripts: Mapping[str, Transcript]) -> tuple[Citation, ...]:
    """Return the citations for the sentences that a claim rests on.

    Args:
        places: sentences of the transcripts; others must have been left out before.
        transcripts: by video id.

    Returns:
        One citation for each run of sentences. It quotes whole sentences, and starts and
        ends with the captions that hold them; none of several sentences is longer than `LONGEST_S`.
    """
    return tuple(
        quote(said, start, stop)
        for video_id, first, last in runs(places)
        for said in [speech(transcripts[video_id])]
        for start, stop in _cut(said, first, last)
    )


def _cut(said: Speech, first: int, last: int) -> Iterator[tuple[int, int]]:
    start = first
    for here in range(first + 1, last + 1):
        if said.seconds(said.range_of(start, here)) > LONGEST_S:
            yield start, here - 1
            start = here
    yield start, last


def quote(said: Speech, first: int, last: int) -> Citation:
    """Quote the sentences from `first` to `last`, and their neighbours while it is too short.

    A neighbour beyond a silence that would make it longer than `LONGEST_S` is left out.
    """
    while len(tokens(said.cite(said.range_of(first, last)).quote)) < SHORTEST_QUOTE:
        wider = ((first - 1, last + 1), (first, last + 1), (first - 1, last))
        inside = (row for row in wider if row[0] >= 0 and row[1] < len(said.sentences))
        fitting = (row for row in inside if said.seconds(said.range_of(*row)) <= LONGEST_S)
        found = next(fitting, None)
        if found is None:
            break
        first, last = found
    return said.cite(said.range_of(first, last))


def with_further(
    citations: Iterable[Citation], said: Speech, sentence: int
) -> tuple[Citation, ...]:
    """Return citations with one more sentence of a video.

    It becomes part of a citation that it touches, unless that would become too long.
    """
    video_id = said.transcript.video.video_id
    place = said.range_of(sentence, sentence)
    rows: list[Citation] = []
    for citation in citations:
        joint = _joint(said.place_of(citation), place) if citation.video_id == video_id else None
        if joint is not None and said.seconds(joint) <= LONGEST_S:
            place = joint
        else:
            rows.append(citation)
    further = said.cite(place)
    if len(tokens(further.quote)) < SHORTEST_QUOTE:
        further = quote(said, sentence, sentence)
    return (*rows, further)


def _joint(one: Range | None, other: Range) -> Range | None:
    """Return two ranges as one, if nothing is said between them."""
    if one is None or max(one[0], other[0]) > min(one[1], other[1]) + 1:
        return None
    return min(one[0], other[0]), max(one[1], other[1])
