"""Joins sentences of a transcript to passages: what may be quoted, in one run."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cliptrail.tools.text.cleaning import clean

LEAST_WORDS, MOST_WORDS = 12, 40
"""Words from which a passage stands alone, and up to which sentences are joined."""
WINDOW = 2
"""Sentences on either side of which one must end in a stop, or the speech has no punctuation."""
_STOP = re.compile(r"[.!?…।؟。！？][\"'”’»」』）)\]]*$")
_LEANS_BACK = re.compile(
    r"\W*(?:it|this|that|these|those|they|them|he|she|his|her|their|its|and|but|so|or|because|which"
    r"|who|then|also|too|instead|otherwise)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences in one run."""

    first: int
    """Index of its first sentence in the transcript."""
    last: int
    """Index of its last sentence, inclusive."""
    text: str
    """Its words with single spaces between."""
    opens: bool
    """Does it begin where something is begun?"""
    closes: bool
    """Does it end where something is ended?"""

    @property
    def size(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def shown(self) -> str:
        """Its text without marks of speech; "…" where it begins or ends inside a sentence."""
        text = clean(self.text)
        end = "" if self.closes else " …"
        return f"{'' if self.opens else '… '}{text.rstrip('.') + end if end else text}"


def passages(sentences: Sequence[str]) -> list[Passage]:
    """Cut a transcript, given as sentences, into passages; no word is lost or repeated."""
    stops = [bool(_STOP.search(text)) for text in sentences]
    ends = [
        stop or not any(stops[max(0, n - WINDOW) : n + WINDOW + 1]) for n, stop in enumerate(stops)
    ]
    if ends:
        ends[-1] = True
    pieces = (
        Passage(n, n, " ".join(text.split()), n == 0 or ends[n - 1], ends[n])
        for n, text in enumerate(sentences)
    )
    return list(_joined(pieces))


def join(one: Passage, other: Passage) -> Passage:
    """Return two passages that follow each other as one."""
    return Passage(one.first, other.last, f"{one.text} {other.text}", one.opens, other.closes)


def trimmed(passage: Passage, sentences: Sequence[str], spare: re.Pattern[str]) -> Passage:
    """Return a passage without the sentences at its ends that hold something to spare.

    Only whole ones go, and never all.
    """
    first, last = passage.first, passage.last
    while first < last and spare.search(sentences[first]) and _STOP.search(sentences[first]):
        first += 1
    while first < last and spare.search(sentences[last]) and _STOP.search(sentences[last - 1]):
        last -= 1
    text = " ".join(" ".join(sentences[first : last + 1]).split())
    opens = passage.opens or first > passage.first
    return Passage(first, last, text, opens, passage.closes or last < passage.last)


def _joined(pieces: Iterator[Passage]) -> Iterator[Passage]:
    held: Passage | None = None
    for piece in pieces:
        if held and _belong(held, piece):
            held = join(held, piece)
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _belong(held: Passage, piece: Passage) -> bool:
    size, more = held.size, piece.size
    if size + more > MOST_WORDS:
        return False
    short = size < LEAST_WORDS or more < LEAST_WORDS // 2
    leans = more < LEAST_WORDS and _LEANS_BACK.match(piece.text)
    return not held.closes or short or bool(leans)
