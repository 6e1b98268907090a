"""Words of requests and transcripts: what each tells, and which spellings mean the same."""

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from cliptrail.tools.models.offline.choice.vectors import is_whole, telling
from cliptrail.tools.text.spelling import misspelled
from cliptrail.tools.text.tokens import STOP_WORDS, stem, tokens

LEAST, LEAST_FOREIGN = 0.1, 0.5
"""The least that words tell; more in other scripts, which the word vectors hardly know."""
SURE = 2
"""Stop words of another language from which a text is taken to be in it."""
LONGEST_JOINED = 14
PRIOR = 10.0
"""Videos that a library is thought to have besides its own: a few videos tell little of rarity."""


@cache
def _stop_words() -> dict[str, frozenset[str]]:
    """Stop words of languages other than English."""
    found = json.loads(Path(__file__).with_name("stop_words.json").read_text("utf-8"))
    return {name: frozenset(words.split()) for name, words in found.items()}


@cache
def stop_words(text: str) -> frozenset[str]:
    """Return the words that tell nothing in the language of a text."""
    words = tokens(text)
    english = sum(word in STOP_WORDS for word in words)
    stops = STOP_WORDS
    for own in _stop_words().values():
        count = sum(word in own for word in words)
        stops = stops | own if count >= SURE and count > english else stops
    return stops


def telling_words(text: str) -> list[str]:
    """Return the words of a text that say what it is about, in order, each once."""
    stops = stop_words(text)
    return [word for word in dict.fromkeys(tokens(text)) if word not in stops and len(word) > 1]


@cache
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words of a text but English stop words, in order, with repeats."""
    return tuple(folded_stem(word) for word in tokens(text) if word not in STOP_WORDS)


@cache
def folded_stem(word: str) -> str:
    """Return a stem without accents: "canción" and "cancion" are found alike."""
    if word.isascii():
        return stem(word)
    if not any("a" <= sign <= "z" for sign in word):
        return word
    plain = unicodedata.normalize("NFD", word)
    return stem("".join(sign for sign in plain if not unicodedata.combining(sign)))


def spellings(text: str) -> frozenset[str]:
    """Return the stems of a text, neighboring words also as one: "wi fi" is "wifi" too."""
    words = tokens(text)
    pairs = [one + other for one, other in pairwise(words)]
    threes = [pair + word for pair, word in zip(pairs, words[2:], strict=False)]
    together = (folded_stem(word) for word in pairs + threes if len(word) <= LONGEST_JOINED)
    return frozenset(stems(text)).union(together)


@cache
def background(word: str) -> float:
    """Return how much a word tells in any library, from 0.1 ("need") to about 2 (names, terms)."""
    return max(LEAST if word.isascii() else LEAST_FOREIGN, telling(word))


def respelled(word: str, vocabulary: Counter[str]) -> str:
    """Return the word of a vocabulary of which a word is a misspelling, or nothing.

    A word that the word vectors know whole is no misspelling: "docker" is not "locker".
    """
    known = word in vocabulary or is_whole(word) or is_whole(word.title())
    return "" if known else misspelled(word, vocabulary)


class Rarity:
    """How much each stem tells among texts: what few of them say tells more."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        rows = [frozenset(words) for words in documents]
        self.count = len(rows)
        self.seen = Counter(word for row in rows for word in row)

    def weight(self, word: str) -> float:
        """Return a stem's share of the highest inverse document frequency: 0.05 to 1."""
        many = self.count + PRIOR
        return max(0.05, math.log(many / (self.seen[word] + 1)) / math.log(many))
