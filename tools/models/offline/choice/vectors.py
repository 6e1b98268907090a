"""Static word vectors (WordLlama): how near texts are in meaning, and what words tell."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
SIZE = 256
PLAIN, SCALE = 8.0, 10.0
"""Length of the vectors of words of every topic, and how many units more are worth 1."""


@cache
def _model() -> Any:
    # Imported late: loading takes about a second, and only the offline engine needs it.
    import wordllama

    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


def embed(texts: Sequence[str]) -> Vectors:
    """Return one unit vector a text, zeros for a text without words: shape (texts, 256)."""
    if not texts:
        return np.zeros((0, SIZE), dtype=np.float32)
    return unit(np.nan_to_num(np.asarray(_model().embed(list(texts)), dtype=np.float32)))


def unit(vectors: Vectors) -> Vectors:
    """Return rows of length one; zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 1e-9, lengths, 1), dtype=np.float32)


@cache
def telling(word: str) -> float:
    """Return how much a word says about any topic, from 0 ("need") to about 2 (names, terms).

    The vectors were trained to be averaged, so those of words that say little are short.
    """
    longest = max((float(np.linalg.norm(_model().embedding[n])) for n in _pieces(word)), default=0)
    return max(0.0, longest - PLAIN) / SCALE


def is_whole(word: str) -> bool:
    """Return whether the vectors know a word whole, not in pieces."""
    return len(_pieces(word)) == 1


@cache
def _pieces(word: str) -> tuple[int, ...]:
    return tuple(_model().tokenizer.encode(word, add_special_tokens=False).ids)
