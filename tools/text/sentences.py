"""Splits what is said into sentences: at stops and pauses, or at clauses where there are no stops.

Everything is an offset in one text, the captions joined by single spaces, so that a sentence can be
cited exactly, wherever captions begin and end.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cliptrail.state.media import Segment
from cliptrail.tools.text.amounts import NUMBER_WORDS

PAUSE_S = 1.0
"""Seconds of silence that end a sentence."""
LONGEST = 32
"""Words of a sentence; a longer one is split at a clause."""
USUAL = (12, 25)
"""Words of the parts of a longer one, where it allows."""
SHORTEST = 6
"""Words: less ("Yeah. Okay.") is joined to what follows at once: each line of a prompt costs."""
SHORTEST_WIDE = 6
"""Characters, in scripts that write without white space."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A run of words."""

    begin: int
    """Offset of its first character in the joined text."""
    stop: int
    """Offset after its last character."""


class Joined(NamedTuple):
    """The captions of a transcript as one text."""

    text: str
    begins: list[int]
    """Offset of the first character of each caption; of an empty one, of what follows it."""


class _Word(NamedTuple):
    begin: int
    stop: int
    text: str
    pause: float
    """Seconds of silence before it."""
    opens: bool
    """Is it the first of its caption?"""


def joined(segments: Sequence[Segment]) -> Joined:
    """Join captions by single spaces; white space in them, line ends too, becomes single spaces."""
    parts: list[str] = []
    begins: list[int] = []
    at = 0
    for segment in segments:
        begins.append(at)
        if flat := " ".join(segment.text.split()):
            parts.append(flat)
            at += len(flat) + 1
    text = " ".join(parts)
    return Joined(text, [min(begin, len(text)) for begin in begins])


def sentences(segments: Sequence[Segment], of: Joined | None = None) -> list[Sentence]:
    """Split captions into sentences; in time linear in their length.

    Args:
        segments: of a transcript, in order.
        of: the same, joined; joined here if it is not given.

    Returns:
        Sentences in order, each of whole words; together they hold every word once.
    """
    words = list(_words(segments, of or joined(segments)))
    pieces = (piece for whole in _whole(words) for piece in _fitting(whole))
    return [Sentence(piece[0].begin, piece[-1].stop) for piece in _without_scraps(pieces)]


_WORD = re.compile(r"[^\s。！？]*[。！？]+[”’」』）]*|[^\s。！？]+")
"""White space parts words; so do the stops of scripts that write without it."""


def _words(segments: Sequence[Segment], of: Joined) -> Iterator[_Word]:
    pauses = _pauses(segments)
    before = -1
    for match in _WORD.finditer(of.text):
        caption = bisect_right(of.begins, match.start()) - 1
        # Silence before an empty caption counts for what follows it.
        pause = max(pauses[before + 1 : caption + 1], default=0.0)
        yield _Word(*match.span(), match[0], pause, caption != before)
        before = max(before, caption)


def _pauses(segments: Sequence[Segment]) -> list[float]:
    pauses: list[float] = []
    silent_since = segments[0].start if segments else 0.0
    for segment in segments:
        pauses.append(max(0.0, segment.start - silent_since))
        silent_since = segment.end
    return pauses


_STOP = re.compile(r"[.!?…。！？][\"'”’」』）)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:dr|mr|mrs|ms|prof|st|vs|etc|approx|ca|fig|no|e\.g|i\.e|[ap]\.m|[a-z])\.$", re.IGNORECASE
)


def _whole(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    sentence: list[_Word] = []
    for word in words:
        if sentence and (word.pause >= PAUSE_S or _ends(sentence[-1], word)):
            yield sentence
            sentence = []
        sentence.append(word)
    if sentence:
        yield sentence


def _ends(word: _Word, following: _Word) -> bool:
    end = word.text[-12:]
    if not _STOP.search(end):
        return False
    if len(word.text) < 12 and _ABBREVIATION.fullmatch(word.text.lstrip("\"'“‘([")):
        return following.text[0].isupper() and word.text.casefold() in {"no.", "etc."}
    return True


def _fitting(words: list[_Word]) -> Iterator[list[_Word]]:
    """Split what is too long where that hurts least."""
    first, last = USUAL
    at = 0
    while len(words) - at > LONGEST:
        here = min(last, len(words) - at - SHORTEST)
        cut = max(range(first, here + 1), key=lambda n: (_quality(words, at + n), n))
        yield words[at : at + cut]
        at += cut
    yield words[at:]


_CLAUSE_END = re.compile(r"[,;:，；：、—–-][\"'”’)\]]*$")
_CLAUSE_STARTS = "and but so then because now if when while which although"
_STARTS = frozenset(_CLAUSE_STARTS.split())
_OPEN_WORDS = (
    "a an the this that these those my your our its his her their is are was were be been of to in "
    "on at for from with by as into than about between per and or but if so because very can could "
    "will would should must not you they i we he she it what where when how who which no every "
    "each some any more have has had do does did"
)
_LEFT_OPEN = frozenset(_OPEN_WORDS.split())


def _quality(words: Sequence[_Word], at: int) -> float:
    """Rate a cut before a word: pauses and clause bounds are good, open phrases and numbers bad."""
    before, after = words[at - 1], words[at]
    left, right = before.text.casefold(), after.text.casefold().strip(",.")
    quality = 3 * after.pause + 0.5 * after.opens
    quality += 3 * bool(_CLAUSE_END.search(before.text[-4:]))
    quality += 2 * (right in _STARTS) - 4 * (left in _LEFT_OPEN)
    return quality - 8 * (_is_number(left) or _is_number(right))


def _is_number(word: str) -> bool:
    return word in NUMBER_WORDS or any(sign.isdigit() for sign in word[:40])


def _without_scraps(pieces: Iterator[list[_Word]]) -> Iterator[list[_Word]]:
    """Join what is very short to what follows it at once, and at the end to what was before it."""
    held: list[_Word] = []
    for piece in pieces:
        together = held and (_is_scrap(held) or _is_scrap(piece))
        if together and _joins(held, piece):
            held = [*held, *piece]
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _is_scrap(piece: list[_Word]) -> bool:
    wide = piece[0].text[0] >= "\u2e80" and piece[-1].stop - piece[0].begin >= SHORTEST_WIDE
    return len(piece) < SHORTEST and not wide


def _joins(held: list[_Word], piece: list[_Word]) -> bool:
    return piece[0].pause < PAUSE_S and len(held) + len(piece) <= USUAL[1]
