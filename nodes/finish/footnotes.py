"""Footnotes of a guide: each citation once, its quote trimmed to the words that support."""

from collections.abc import Iterable, Mapping, Sequence

from cliptrail.state.evidence import Citation, Claim
from cliptrail.tools.text.tokens import content_words

MOST_WORDS = 40
"""Of a quote; the trail holds all of it."""
A_FIGURE = 3
"""How much a number counts beside an ordinary word when it is chosen what to show."""
_STOP = (".", "?", "!")


class Footnotes:
    """Numbers citations in the order in which they are first used."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims: Mapping[str, Claim] = {claim.id: claim for claim in claims}
        self._numbers: dict[tuple[str, float, float, str], int] = {}
        self._rows: dict[int, tuple[Citation, list[str]]] = {}

    def marks(self, ids: Iterable[str]) -> str:
        """Return the footnote marks of the claims with these ids, each citation once."""
        rows = (self._claims[name] for name in ids if name in self._claims)
        return "".join(f"[^{number}]" for number in dict.fromkeys(self._numbered(rows)))

    def _numbered(self, claims: Iterable[Claim]) -> Iterable[int]:
        for claim in claims:
            for row in claim.citations:
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
    first, last = _ends(words, found, start, start + most)
    shown = " ".join(words[first:last])
    return f"{'… ' if first else ''}{shown}{' …' if last < len(words) else ''}"


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
    return (begins[-1] if begins else start), (ends[0] if ends else stop)
