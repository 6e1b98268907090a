"""How near texts are in meaning: static word vectors (WordLlama) and rare words in common."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cliptrail.tools.text.tokens import STOP_WORDS, content_words, stem, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

PLAIN = 8.0
"""Length of the vectors of words that are common in every topic ("need", "good")."""
_SCALE = 10.0
COMPOUND = 4
"""Letters from which a word at the end of another one is its head."""


@cache
def _model() -> Any:
    # Imported late: loading takes about a second, and only the offline engine needs it.
    import wordllama

    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


def embed(texts: Sequence[str]) -> "Vectors":
    """Return one unit vector a text, zeros for a text without words: shape (texts, 256)."""
    if not texts:
        return np.zeros((0, 256), dtype=np.float32)
    vectors: Vectors = np.nan_to_num(np.asarray(_model().embed(list(texts)), dtype=np.float32))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return units


@cache
def telling(word: str) -> float:
    """Return how much a word says about a topic, from 0 ("need") to about 2 (names, terms).

    The vectors were trained to be averaged, so those of words that say little are short.
    """
    ids = _model().tokenizer.encode(word, add_special_tokens=False).ids
    longest = max((float(np.linalg.norm(_model().embedding[each])) for each in ids), default=0.0)
    return max(0.0, longest - PLAIN) / _SCALE


def coverage(wanted: str, said: Counter[str]) -> float:
    """Return how much of a text's words others say, by what each word tells: 0 to 1.

    Args:
        wanted: the text.
        said: how often each stem is said; what is said once may be an aside, and counts half.
    """
    has = total = 0.0
    for word in dict.fromkeys(word for word in tokens(wanted) if word not in STOP_WORDS):
        weight = telling(word)
        has += weight * (1 - 0.5 ** _times(stem(word), said))
        total += weight
    return has / total if total else 0.0


def _times(word: str, said: Counter[str]) -> int:
    """Get how often a stem is said; the head of a compound, "dough" of "sourdough", is a hint."""
    return said[word] or int(any(is_head(other, word) for other in said))


def is_head(part: str, word: str) -> bool:
    """Return whether a word is the end of another, of which it says what that is."""
    return len(part) >= COMPOUND and word.endswith(part)


class Rarity:
    """How much each word says among given texts: rare words say more."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.count = len(texts)
        self.seen = Counter(word for text in texts for word in set(content_words(text)))

    def weight(self, word: str) -> float:
        """Return a stem's inverse document frequency, from 0 (in every text) up."""
        return max(0.0, math.log((self.count + 1) / (self.seen[word] + 0.5)))

    def shared(self, wanted: Sequence[str], text: str) -> float:
        """Return the share of the wanted stems, by weight, that a text has: 0 to 1."""
        total = sum(self.weight(word) for word in set(wanted))
        if total <= 0:
            return 0.0
        has = set(content_words(text))
        return sum(self.weight(word) for word in set(wanted) & has) / total
