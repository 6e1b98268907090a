"""Cuts a transcript into passages of about a sentence."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cliptrail.state.errors import UsageError
from cliptrail.state.media import Segment
from cliptrail.tools.text.cleaning import clean
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.quantities import parts_quantity

__all__ = ["LONG_PAUSE_S", "Passage", "clean", "passages"]

LONG_PAUSE_S = 5.0
"""A silence of this many seconds always ends a passage."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words of a transcript."""

    first: int
    """Index of the first segment that it touches."""
    last: int
    """Index of the last segment that it touches, inclusive."""
    text: str
    """Its words as they stand in the captions, with single spaces between."""
    start: float
    """Seconds: start of the first segment."""
    end: float
    """Seconds: end of the last segment."""


class _Word(NamedTuple):
    text: str
    segment: int
    pause: float
    """Seconds of silence before it."""
    opens_segment: bool


def passages(
    segments: Sequence[Segment], min_words: int = 12, max_words: int = 32
) -> list[Passage]:
    """Cut a transcript at sentence ends, or at pauses where it has no punctuation.

    No word is lost or repeated. A passage has at most `max_words`; it has fewer than `min_words`
    only where joining it to a neighbour would pass `max_words` or a silence of `LONG_PAUSE_S`.

    Raises:
        UsageError: unless 1 <= min_words <= max_words.
    """
    if not 1 <= min_words <= max_words:
        raise UsageError(
            f"Passages of {min_words} to {max_words} words cannot be cut.",
            "Choose 1 <= min_words <= max_words.",
        )
    pieces: list[list[_Word]] = []
    for sentence in _whole(_sentences(_words(segments)), max_words):
        for piece in _fitting(sentence, min_words, max_words):
            if pieces and _joins(pieces[-1], piece, min_words, max_words):
                pieces[-1].extend(piece)
            else:
                pieces.append(piece)
    return [_passage(piece, segments) for piece in pieces]


def _words(segments: Sequence[Segment]) -> list[_Word]:
    words: list[_Word] = []
    silent_since = segments[0].start if segments else 0.0
    for index, segment in enumerate(segments):
        for place, text in enumerate(segment.text.split()):
            pause = max(0.0, segment.start - silent_since) if place == 0 else 0.0
            words.append(_Word(text, index, pause, opens_segment=place == 0))
            silent_since = segment.end
    return words


def _passage(words: Sequence[_Word], segments: Sequence[Segment]) -> Passage:
    first, last = words[0].segment, words[-1].segment
    text = " ".join(word.text for word in words)
    start = segments[first].start
    return Passage(first, last, text, start, max(start, segments[last].end))


_STOP = re.compile(r"[.!?…][\"'”’)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:dr|mr|mrs|ms|prof|st|vs|etc|approx|ca|fig|no|e\.g|i\.e|[ap]\.m|[a-z])\.$", re.IGNORECASE
)


def _sentences(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    sentence: list[_Word] = []
    for index, word in enumerate(words):
        sentence.append(word)
        following = words[index + 1] if index + 1 < len(words) else None
        if following is None or following.pause >= LONG_PAUSE_S or _ends(word, following):
            yield sentence
            sentence = []


_LINKS = frozenset({"and", "but", "or"})
_POINTS_BACK = frozenset(
    {"they", "them", "their", "those", "these", "one", "ones", "other", "others", "both", "same"}
)
"""Words that stand for something that was named before."""
_NEAR = 8
"""Words at the start of a sentence of which one may point back."""


def _whole(sentences: Iterable[list[_Word]], max_words: int) -> Iterator[list[_Word]]:
    """Join a sentence to the one before it where it makes no sense alone."""
    held: list[_Word] = []
    for sentence in sentences:
        fits = len(held) + len(sentence) <= max_words and sentence[0].pause < LONG_PAUSE_S
        if held and fits and _leans(sentence):
            held = [*held, *sentence]
            continue
        if held:
            yield held
        held = sentence
    if held:
        yield held


def _leans(sentence: Sequence[_Word]) -> bool:
    """Return whether a sentence begins with "and" and the like, and then points back."""
    first, *rest = (word.text.casefold().strip(".,;:!?\"'") for word in sentence[:_NEAR])
    return first in _LINKS and not _POINTS_BACK.isdisjoint(rest)


def _ends(word: _Word, following: _Word) -> bool:
    if not _STOP.search(word.text):
        return False
    if _ABBREVIATION.fullmatch(word.text.lstrip("\"'“‘([")):
        return following.text[0].isupper() and word.text.casefold() in {"no.", "etc."}
    return True


def _joins(left: list[_Word], right: list[_Word], min_words: int, max_words: int) -> bool:
    short = len(left) < min_words or len(right) < min_words
    return short and len(left) + len(right) <= max_words and right[0].pause < LONG_PAUSE_S


def _fitting(sentence: list[_Word], min_words: int, max_words: int) -> Iterator[list[_Word]]:
    """Cut a sentence that is too long where that hurts least."""
    while len(sentence) > max_words:
        first = min(min_words, max_words)
        last = max(first, min(max_words, len(sentence) - min_words))
        # The shortest of equally good pieces leaves the most freedom to the next cut.
        cut = max(range(first, last + 1), key=lambda at: (_cut_quality(sentence, at), -at))
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence


_CLAUSE_END = re.compile(r"[,;:—–-][\"'”’)\]]*$")
_STARTS = "and but so then because now if when while which although i we it's there's"
_CLAUSE_START = frozenset(_STARTS.split())
_OPEN = (
    "a an the this that these those my your our its his her their it's is are was were be been of "
    "to in on at for from with by as into than over under about between per and but or if so "
    "whether because very can could will would should must not don't can't you they i we he she "
    "what where when how who which think say says said want it there no every each some any more "
    "that's there's i'm i've i'll you're you've we're we've they're has have had do does did get "
    "gets got go goes put puts then until till "
    "he she they're you've we've we're i'd why okay"
)
_LEFT_OPEN = (frozenset(_OPEN.split()) | _CLAUSE_START) - {"now"}
_PARTICLES = frozenset(("over", "under", "about", "between", "into"))
"""Words that end a phrase too: "turn it over"."""
_CONTINUES = (
    "of to in on at for from with by as into than over under about between per or is are was were "
    "has had can could will would should must isn't until till each again too only"
)
_GOES_ON = frozenset(_CONTINUES.split())
"""Words that continue a phrase far more often than they begin one."""


def _cut_quality(words: Sequence[_Word], at: int) -> float:
    """Rate a cut before the word at an index: pauses and clause bounds are good, numbers bad."""
    before, after = words[at - 1], words[at]
    quality = min(after.pause, 2.0) * 3 + 0.5 * after.opens_segment
    opens, starts = before.text.casefold(), after.text.casefold().strip(",.")
    if _CLAUSE_END.search(before.text):
        quality += 3
    if starts in _CLAUSE_START:
        quality += 2
    if opens in _LEFT_OPEN and (opens not in _PARTICLES or not after.pause):
        quality -= 4
    if starts in _GOES_ON or (at > 1 and _names_what_follows(words[at - 2].text, starts)):
        quality -= 3
    if _counted(before, after) or _lists_amounts(words, at):
        quality -= 6
    return quality - 20 if _inside_number(words, at) else quality


def _names_what_follows(article: str, after: str) -> bool:
    """Tell a thing from what is said of it: "and the longest | I ever left it"."""
    return article.casefold() in {"a", "an", "the"} and after in {"i", "we", "you"}


def _counted(before: _Word, after: _Word) -> bool:
    """Return whether a cut would part a number from what it counts: "bottom 2 | fingers"."""
    return bool(numbers(before.text)) and after.text.casefold() not in _CLAUSE_START


def _lists_amounts(words: Sequence[_Word], at: int) -> bool:
    """Return whether a cut would part a list: "25 g of flour | and 25 g of water"."""
    left = " ".join(word.text for word in words[max(0, at - 5) : at])
    right = " ".join(word.text for word in words[at : at + 3])
    units = {number.unit for number in numbers(left)} - {""}
    joined = words[at].text.casefold() == "and"
    return joined and bool(units & {number.unit for number in numbers(right)})


def _inside_number(words: Sequence[_Word], at: int) -> bool:
    """Return whether a cut would part a number from its rest, its range or its unit."""
    left = " ".join(word.text for word in words[max(0, at - 5) : at])
    right = " ".join(word.text for word in words[at : at + 5])
    whole = numbers(f"{left} {right}")
    if not whole:
        return False
    parted = whole != numbers(left) + numbers(right) or parts_quantity(left, right)
    return parted or _inside_list(words, at)


def _inside_list(words: Sequence[_Word], at: int) -> bool:
    """Whether a cut would part two numbers that are listed: "between 8 and 9", "1 6 or 11"."""
    around = [word.text for word in words[max(0, at - 1) : at + 2]]
    joined = len(around) == 3 and around[1].casefold() in {"and", "or", "to"}
    return joined and all(numbers(text) for text in (around[0], around[2]))
