"""Reads a request: its parts, the words that tell, and the kinds of question it asks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cliptrail.tools.models.offline.choice.words import stop_words, telling_words

KINDS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "who": r"\bwho(?:m|se)?\b|\bquién|\bwer\b|\bqui\b|\bnames? of\b|\bpeople\b",
        "where": r"\bwhere\b|\bdónde\b|\bwo\b|\boù\b|\bwhich (?:place|city|country|town)",
        "when": r"\bwhen\b|\bdates?\b|\bcuándo\b|\bwann\b|\bquand\b|\bin what year|\bwhich year",
        "amount": r"\bhow (?:much|many|big|long|large|fast|hot|often|far|old|wide|deep|high)\b|"
        r"\b(?:numbers?|figures?|statistics|sizes?|costs?|prices?|percent\w*|share of|rates?|"
        r"temperatures?|measurements?|values?|durations?|amounts?|dos(?:e|age)s?|width|depth|"
        r"ratios?|speeds?|weights?)\b|\bcuánt|\bwie ?viel|\bcombien\b",
        "which": r"\bwhich\b|\bbest\b|\bshould i (?:use|pick|choose|buy|set)\b|\bcuál|\bwelche",
        "how_to": r"\bhow (?:do|can|could|should|would|to)\b|\bsteps?\b|\bguide me\b|\bset ?up\b|"
        r"\bwalk me\b|\bteach me\b|\bcómo\b|\bpasos\b|\bwie (?:kann|mache)|\bكيف|\bخطوات|कैसे",
    }.items()
}
"""Kinds of question, and by which words each is known."""
ONE_FACT = frozenset({"who", "where", "when", "amount"})
"""Kinds that a single passage may answer."""
_SENTENCE = re.compile(r"(?<=[.?!؟।])\s+|\n+")
_PART = re.compile(
    r"[,;:؛،]\s+(?:and\s+|or\s+|und\s+|y\s+)?|\s+(?:and|und|y)\s+"
    r"(?=(?:how|what|who|whose|which|why|when|where|is|are|do|does|did|can|the|wie|was|qué)\b)",
    re.IGNORECASE,
)
_GENERIC_WORDS = (
    "need want give collect include list explain compare guide video videos transcript "
    "channel techniques technique advice concrete exact exactly teach learn tell best good "
    "way ways new tip tips detail details number numbers fact facts information example "
    "examples lecture lectures source sources specific practical main important show describe "
    "summarize cover mention note find know interested please step steps figures figure "
    "statistics reasons simply plain using used whats real really talk save first happened "
    "happen happens work works worked explained difference story told walk order things "
    "minutes two each person called looking anything everything something report"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
"""Words of requests that say how to answer, not what it is about."""


@dataclass(frozen=True)
class Request:
    """What is asked."""

    text: str
    parts: tuple[str, ...]
    """The kinds of fact that it wants, or its questions and the items that it lists."""
    words: tuple[str, ...]
    """Words that say what it is about."""
    kinds: frozenset[str]
    topic: str = ""
    """The first sentence that says what it is about."""

    def on(self, text: str) -> "Request":
        """Return the request with another text's words alone, to ask for a part of it."""
        words = tuple(topical_words(text))
        return replace(self, text=text, parts=(text,), words=words, topic=text)

    @property
    def asks_one_fact(self) -> bool:
        """May a single passage be all of the answer?"""
        return len(self.parts) <= 1 and bool(self.kinds & ONE_FACT) and self.kinds <= ONE_FACT


def understood(text: str, wanted: Sequence[str] = ()) -> Request:
    """Read a request.

    Args:
        text: without the wish to save.
        wanted: kinds of fact that it lists, if they were found before.
    """
    sentences = _SENTENCE.split(text)
    parts = [*wanted] or [part for row in sentences for part in _PART.split(row) if _asks(part)]
    return Request(
        text=text,
        parts=tuple(dict.fromkeys(part.strip() for part in parts)),
        words=tuple(topical_words(text)),
        topic=next((row for row in sentences if len(topical_words(row)) > 1), text),
        kinds=frozenset(name for name, pattern in KINDS.items() if pattern.search(text)),
    )


def _asks(part: str) -> bool:
    """Return whether a part says what is wanted, be it only by its kind of question."""
    kinds = any(pattern.search(part) for pattern in KINDS.values())
    return bool(topical_words(part)) or (kinds and len(part.split()) > 2)


def topical_words(text: str) -> list[str]:
    """Return the words of a request that say what it is about."""
    stops = stop_words(text)
    return [word for word in telling_words(text) if word not in _GENERIC and word not in stops]
