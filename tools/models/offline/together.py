"""Whether a video says the words of a short request together, so that it may answer it.

"Oil" of a coffee grinder and "car" in an aside do not make a video on the oil of a car.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cliptrail.tools.models.offline.relevance import embed, is_head, telling
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.tokens import STOP_WORDS, content_words, stem, tokens
from cliptrail.tools.text.units import UNITS

SHORT = 4
"""Most telling words of a request that must be said together; a longer one tells by its many."""
LEAST, LEAST_OF_MANY = 0.75, 0.65
"""Share of the words, by what they tell, that must be said in one place; less of `SHORT` words,
where one that is missing leaves three."""
ALIKE = 0.6
"""Similarity from which another word will do: "cost" for "price"."""
PLACE = 80
"""Words that are said in one place."""
OFTEN = 3
"""How often one of the words must be said, where the title has none of them."""
DOING = frozenset(
    content_words(
        "change replace fix repair maintain install choose pick set check handle improve prepare "
        "start begin learn understand know work"
    )
)
"""Verbs of any trade: what they are done to is what is asked about."""
GREETING = frozenset(content_words("hello hi hey thanks thank please welcome bye goodbye"))
"""Words that ask for nothing."""


@dataclass(frozen=True)
class Spoken:
    """What a video says."""

    title: str
    words: str
    counts: Counter[str]
    """How often each stem is said; a word in the title counts more."""


def said_together(topic: str, spoken: Spoken) -> bool:
    """Return whether a video speaks of a topic: its telling words in one place, one of them often.

    Args:
        topic: what is asked about.
        spoken: what the video says.
    """
    wanted = _wanted(topic)
    if not wanted:
        return not set(content_words(topic)) & GREETING
    if len(wanted) > SHORT:
        return True
    heads = _heads(topic, wanted)
    matches = _Matches(wanted, [*tokens(spoken.title), *tokens(spoken.words)])
    title = set(content_words(spoken.title))
    often = (
        stem(word) in title or spoken.counts[stem(word)] >= OFTEN or matches.other(word)
        for word in wanted
    )
    least = (LEAST_OF_MANY if len(wanted) == SHORT else LEAST) * sum(map(telling, wanted))
    named = any(stem(word) in title for word in heads)
    return any(often) and any(
        sum(telling(word) * matches.best(word, place) for word in wanted) >= least
        or (named and all(matches.best(word, place) for word in heads))
        for place in _places(spoken)
    )


_VERB = re.compile(r"^\s*\w+\s+(?=(?:an?|the|my|your|our|some)\b)", re.IGNORECASE)
"""A word before an article at the start: "pull a double espresso"."""


def _heads(topic: str, wanted: Sequence[str]) -> list[str]:
    """Return the things that a topic is on: "oil" and "car" of "the oil in my car".

    A video on them, by its title, is on the topic whatever their kind ("a double espresso").
    """
    found: list[str] = []
    together = False
    for word in tokens(_VERB.sub("", topic)):
        if word in wanted and together:
            found[-1] = word
        elif word in wanted:
            found.append(word)
        together = word in wanted
    return found


def _wanted(topic: str) -> list[str]:
    words = [word for word in dict.fromkeys(tokens(topic)) if word not in STOP_WORDS]
    words = [word for word in words if telling(word) > 0 and stem(word) not in GREETING]
    # "40 mm" may be said as "40 millimetres", or as "1.5 inches".
    words = [word for word in words if word not in UNITS and not numbers(word)]
    return [word for word in words if stem(word) not in DOING] or words


def _places(spoken: Spoken) -> Iterator[frozenset[str]]:
    """Return the words of each place, and with each those of the title."""
    said, title = tokens(spoken.words), tokens(spoken.title)
    for start in range(0, max(1, len(said) - PLACE // 2), PLACE // 2):
        yield frozenset([*title, *said[start : start + PLACE]])


class _Matches:
    """How well words that are said stand for words that are asked."""

    def __init__(self, wanted: Sequence[str], said: Sequence[str]) -> None:
        known = [word for word in dict.fromkeys(said) if word not in STOP_WORDS]
        near = embed(wanted) @ embed(known).T
        self.values = {
            word: {
                other: value
                for column, other in enumerate(known)
                if (value := _match(word, other, float(near[row, column])))
            }
            for row, word in enumerate(wanted)
        }

    def best(self, word: str, place: frozenset[str]) -> float:
        return max((self.values[word].get(other, 0.0) for other in place), default=0.0)

    def other(self, word: str) -> bool:
        """Return whether another word stands for one."""
        return any(stem(other) != stem(word) for other in self.values[word])


def _match(word: str, other: str, near: float) -> float:
    if stem(word) == stem(other):
        return 1.0
    if is_head(other, word):
        return 1.0
    return near if near >= ALIKE else 0.0
