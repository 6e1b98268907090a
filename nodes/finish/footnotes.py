"""Footnotes of a guide: each citation once, its quote trimmed to the words that support."""

from collections.abc import Iterable, Mapping, Sequence

from cliptrail.state.evidence import Citation, Claim
from cliptrail.tools.text.tokens import content_words

MOST_WORDS = 40
"""Of a quote; the trail holds all of it."""
ENOUGH = 0.75
"""How much of what the best words support whole sentences must support, to be shown instead."""
A_FIGURE = 3
"""How much a number counts beside an ordinary word when it is chosen what to show."""
_STOP = (".", "?", "!")
_TURNS = frozenset(
    (
        "but",
        "however",
        "although",
        "though",
        "except",
        "unless",
        "or",
        "yet",
        "not",
        "no",
        "nope",
        "actually",
        "wrong",
        "only",
    )
)


class Footnotes:
    """Numbers citations in the order in which they are first used."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims: Mapping[str, Claim] = {claim.id: claim for claim in claims}
        self._numbers: dict[tuple[str, float, float, str], int] = {}
        self._rows: dict[int, tuple[Citation, list[str]]] = {}

    def marks(self, ids: Iterable[str], text: str = "", most: int | None = None) -> str:
        """Return the footnote marks of the claims with these ids, each citation once.

        Args:
            ids: of claims.
            text: the sentence that rests on them.
            most: marks at most, those that support most of the sentence; None for all.
        """
        rows = [self._claims[name] for name in ids if name in self._claims]
        cited = [(claim, row) for claim in rows for row in claim.citations]
        if most is not None:
            wanted = set(content_words(text))
            cited.sort(key=lambda pair: -_weight([wanted & set(content_words(pair[1].quote))]))
            cited = cited[:most]
        return "".join(f"[^{number}]" for number in dict.fromkeys(self._numbered(cited)))

    def _numbered(self, cited: Iterable[tuple[Claim, Citation]]) -> Iterable[int]:
        for claim, row in cited:
            key = (row.video_id, row.start, row.end, row.quote)
            number = self._numbers.setdefault(key, len(self._numbers) + 1)
            self._rows.setdefault(number, (row, []))[1].append(claim.text)
            yield number

    def rows(self) -> list[tuple[int, Citation, str]]:
        """Return number, citation and trimmed quote of each footnote."""
        return [
            (number, row, trimmed(row.quote, list(dict.fromkeys(texts))))
            for number, (row, texts) in self._rows.items()
        ]


def trimmed(quote: str, texts: Sequence[str], most: int = MOST_WORDS) -> str:
    """Return the words of a quote that support statements, in one run and in their order.

    Args:
        quote: the cited words.
        texts: what rests on them.
        most: words that are shown at most; what is left out at an end shows as "…".
    """
    words = quote.split()
    if len(words) <= most:
        return " ".join(words)
    wanted = {stem for text in texts for stem in content_words(text)}
    found = [{stem for stem in content_words(word) if stem in wanted} for word in words]
    start = max(range(len(words) - most + 1), key=lambda at: (_weight(found[at : at + most]), -at))
    whole = _whole_sentences(words, found, most)
    if whole and _weight(found[slice(*whole)]) >= ENOUGH * _weight(found[start : start + most]):
        return _shown(words, *whole)
    return _shown(words, *_ends(words, found, start, start + most))


def _shown(words: Sequence[str], first: int, last: int) -> str:
    before, after = "… " if first else "", " …" if last < len(words) else ""
    return f"{before}{' '.join(words[first:last])}{after}"


def _whole_sentences(
    words: Sequence[str], found: Sequence[set[str]], most: int
) -> tuple[int, int] | None:
    """Return the run of whole sentences that supports most; None if no sentence is short enough.

    A sentence that the next one takes back or limits ("but", "or is it") is shown with that one.
    """
    ends = [place + 1 for place, word in enumerate(words) if word.endswith(_STOP)]
    bounds = [0, *ends, *([len(words)] if not ends or ends[-1] != len(words) else [])]
    best, weight = None, 0
    for begin in range(len(bounds) - 1):
        for end in range(begin + 1, len(bounds)):
            first, last = bounds[begin], bounds[end]
            if last - first > most:
                break
            if last < len(words) and _turns(words[last]):
                continue
            worth = _weight(found[first:last])
            if worth > weight:
                best, weight = (first, last), worth
    return best


def _turns(word: str) -> bool:
    """Does a sentence that begins with this word take back or limit the one before it?"""
    return word.strip(",;").casefold() in _TURNS


def _weight(found: Sequence[set[str]]) -> int:
    stems = set[str]().union(*found)
    return sum(A_FIGURE if any(map(str.isdigit, stem)) else 1 for stem in stems)


def _ends(
    words: Sequence[str], found: Sequence[set[str]], start: int, stop: int
) -> tuple[int, int]:
    """Return where to begin and end within a window: at full stops around what supports."""
    hits = [place for place in range(start, stop) if found[place]] or [start, stop - 1]
    begins = [at for at in range(start, hits[0] + 1) if at and words[at - 1].endswith(_STOP)]
    ends = [at + 1 for at in range(hits[-1], stop) if words[at].endswith(_STOP)]
    first, last = (begins[-1] if begins else start), (ends[0] if ends else stop)
    if last < len(words) and _turns(words[last]):
        # What follows takes it back or limits it: that is shown, and less of what comes before.
        most = stop - start
        after = [at + 1 for at in range(last, min(len(words), last + most)) if _stops(words[at])]
        last = after[0] if after else min(len(words), last + most // 2)
        first = max(first, last - most)
    return first, last


def _stops(word: str) -> bool:
    return word.endswith(_STOP)
