"""What is said in a transcript, read once: its sentences, its quantities, and what it names."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache

from cliptrail.state.evidence import Citation
from cliptrail.state.media import Transcript
from cliptrail.tools.text.designations import Names, names_of
from cliptrail.tools.text.numbers import Number, by_form, numbers
from cliptrail.tools.text.quantities import Quantities, Span
from cliptrail.tools.text.sentences import Sentence, joined, sentences

AT_ONCE_S = 2.0
"""Silence after which what is said next does not continue a quantity."""
_NEAR_S = 0.001
"""Times of stored citations may be rounded."""

Range = tuple[int, int]
"""Offsets in the text of a speech: first character, and after the last."""


class Speech:
    """A transcript as one text, with the captions, sentences and quantities that stand in it."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.segments = transcript.segments
        self._joined = joined(transcript.segments)
        self.text = self._joined.text

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The sentences in order; their places are what models cite."""
        return sentences(self.segments, self._joined)

    @cached_property
    def quantities(self) -> Quantities:
        """The numbers and quantities; none goes on beyond a silence."""
        parts: list[str] = []
        done = 0
        for place in range(1, len(self.segments)):
            begin = self._joined.begins[place]
            silence = self.segments[place].start - self.segments[place - 1].end
            if silence >= AT_ONCE_S and done < begin < len(self.text):
                # As long as the space that it stands for, and no part of any number.
                parts.append(f"{self.text[done : begin - 1]}|")
                done = begin
        text = "".join([*parts, self.text[done:]])
        return Quantities(text, tuple(numbers(text)))

    @cached_property
    def by_form(self) -> dict[str, list[Number]]:
        """The numbers by the canonical forms of their value."""
        return by_form(self.quantities.numbers)

    @cached_property
    def names(self) -> Names:
        """What is called by a number here."""
        return names_of(self.text, self.quantities.numbers)

    def span(self, place: Range) -> Span:
        """Return a range with the quantities in it."""
        return Span(self.quantities, *place)

    def sentence_at(self, offset: int) -> int:
        """Return the place of the sentence in which a character stands."""
        return max(0, bisect_right(self._sentence_begins, offset) - 1)

    @cached_property
    def _sentence_begins(self) -> list[int]:
        return [row.begin for row in self.sentences]

    def range_of(self, first: int, last: int) -> Range:
        """Return the range of a run of sentences."""
        return self.sentences[first].begin, self.sentences[last].stop

    def cite(self, place: Range) -> Citation:
        """Return the citation of a range: its words, and the times of the captions that hold it."""
        captions = self.segments[self.caption(place[0]) : self.caption(place[1] - 1) + 1]
        return Citation(
            video_id=self.transcript.video.video_id,
            channel=self.transcript.video.channel,
            start=min(segment.start for segment in captions),
            # Not that of the last: captions overlap, and one may outlast the next.
            end=max(segment.end for segment in captions),
            quote=self.text[place[0] : place[1]],
        )

    def seconds(self, place: Range) -> float:
        """Return how long the captions of a range take."""
        cited = self.cite(place)
        return cited.end - cited.start

    def caption(self, offset: int) -> int:
        """Return the place of the caption in which a character stands."""
        return bisect_right(self._joined.begins, offset) - 1

    def inside(self, citation: Citation) -> list[int]:
        """Return the places of the captions that lie wholly within a citation's time."""
        order, starts = self._by_start
        first = bisect_left(starts, citation.start - _NEAR_S)
        last = bisect_right(starts, citation.end + _NEAR_S)
        return sorted(
            place
            for place in order[first:last]
            if self.segments[place].end <= citation.end + _NEAR_S
        )

    @cached_property
    def _by_start(self) -> tuple[list[int], list[float]]:
        order = sorted(range(len(self.segments)), key=lambda place: self.segments[place].start)
        return order, [self.segments[place].start for place in order]

    def words(self, captions: Sequence[int]) -> str:
        """Return the words of some captions."""
        return " ".join(self.segments[place].text for place in captions)

    def place_of(self, citation: Citation) -> Range | None:
        """Return where the quote of a citation stands; None where nothing is said at its time.

        A quote that was put together otherwise than this program does stands for all that is said
        in its time.
        """
        captions = self.inside(citation)
        if not captions:
            return None
        begins = self._joined.begins
        begin, after = begins[captions[0]], captions[-1] + 1
        ends = after == len(begins) or begins[after] == len(self.text)
        stop = len(self.text) if ends else begins[after] - 1
        quote = " ".join(citation.quote.split())
        found = self.text.find(quote, begin, stop)
        return (begin, max(begin, stop)) if found < 0 else (found, found + len(quote))


class _Same:
    """A transcript as a key that is compared by identity: comparing the words would cost more."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript

    def __hash__(self) -> int:
        return id(self.transcript)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.transcript is self.transcript


@lru_cache(maxsize=64)
def _speech(key: _Same) -> Speech:
    return Speech(key.transcript)


def speech(transcript: Transcript) -> Speech:
    """Return what is said in a transcript; the same transcript is read once."""
    return _speech(_Same(transcript))
