"""Which videos are worth reading for a request, and whether any is: what a model weighs."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cliptrail.tools.models.offline.choice.request import Request
from cliptrail.tools.models.offline.choice.spoken import SpokenVideo, column
from cliptrail.tools.models.offline.choice.vectors import Vectors, embed, unit
from cliptrail.tools.models.offline.choice.words import Rarity, background, folded_stem, respelled
from cliptrail.tools.text.tokens import tokens

REACH = 2
"""Passages on each side of one that count as the same place."""
ALIKE = 0.45
"""Similarity of two words from which one may stand for the other."""
PART, LEAST_PART = 0.6, 4
"""How far a part of a compound stands for it ("style" for "stylesheet"), and its least letters."""


@dataclass(frozen=True)
class SpokenLibrary:
    """Videos among which is chosen."""

    videos: Sequence[SpokenVideo]

    @cached_property
    def rarity(self) -> Rarity:
        """How rare each stem is among the videos."""
        return Rarity(video.said.keys() | video.title_stems for video in self.videos)

    @cached_property
    def vocabulary(self) -> Counter[str]:
        """How often each word is said."""
        total: Counter[str] = Counter()
        for video in self.videos:
            total.update(video.words)
            total.update(tokens(video.title))
        return total

    def spelled(self, request: Request) -> Request:
        """Return a request in the library's spelling: typos mended, "wi-fi" as "wifi" or so."""
        words = list(request.words)
        for left, right in re.findall(r"(\w+)[-‐‑](\w+)", request.text.casefold()):
            if left + right in self.rarity.seen and left in words and right in words:
                words[words.index(left)] = left + right
                words.remove(right)
        own = (
            word if self.knows(word) else respelled(word, self.vocabulary) or word for word in words
        )
        return replace(request, words=tuple(dict.fromkeys(own)))

    def knows(self, word: str) -> bool:
        """Return whether any video says a word."""
        return folded_stem(word) in self.rarity.seen


def video_features(request: Request, library: SpokenLibrary) -> dict[str, Vectors]:
    """Measure each video against a request: one column a feature, one row a video."""
    words = list(request.words) or tokens(request.text)
    weights = column(background(w) * library.rarity.weight(folded_stem(w)) for w in words)
    weights /= max(1e-6, float(weights.sum()))
    asked = embed([" ".join(words), *request.parts])
    word_vectors = embed(words)
    near = [np.maximum(word_vectors @ v.word_vectors.T - ALIKE, 0) for v in library.videos]
    alike = [np.minimum(row / (1 - ALIKE), 1.0) for row in near]
    rows = [
        _of_video(words, weights, asked, video, by_word)
        for video, by_word in zip(library.videos, alike, strict=True)
    ]
    found = {name: column(row[name] for row in rows) for name in rows[0]}
    known = column(library.knows(word) for word in words)
    nearest = np.maximum(np.max([row.max(axis=1) for row in alike], axis=0), known)
    every = np.ones(len(rows), dtype=np.float32)
    found["absent"] = every * float(weights @ (1 - known))
    found["absent_soft"] = every * float(weights @ (1 - nearest))
    return found


def with_distances(found: dict[str, Vectors]) -> dict[str, Vectors]:
    """Add to the features of videos how far each is behind the best of the library."""
    behind = {
        f"behind {name}": values - values.max()
        for name, values in found.items()
        if not name.startswith("absent")
    }
    return found | behind


def _of_video(
    words: Sequence[str], weights: Vectors, asked: Vectors, video: SpokenVideo, alike: Vectors
) -> dict[str, float]:
    """Measure a video; shares are of what the words tell together."""
    stems = [folded_stem(word) for word in words]
    title = column(stem in video.title_stems for stem in stems)
    times = column(video.said[stem] for stem in stems)
    text = np.maximum(title, times > 0)
    places = np.array([[stem in row for stem in stems] for row in video.stems], dtype=np.float32)
    together = np.maximum(_spread(places), title)
    parts = column(_says_part(stem, video) for stem in stems) * PART
    soft = np.maximum(np.maximum(text, parts), alike.max(axis=1))
    soft_together = np.maximum(together, _spread(video.best_by_passage(alike)))
    beyond = title == 0
    meaning = np.sort((video.vectors @ asked.T).max(axis=1))[::-1]
    center = unit(video.center[None, :])
    return {
        "title": float(title @ weights),
        "text": float(text @ weights),
        "often": float(np.maximum(title, 1 - 0.5**times) @ weights),
        "together": float((together @ weights).max()),
        "soft": float(soft @ weights),
        "soft_together": float((soft_together @ weights).max()),
        "missing": float((weights * (1 - soft)).max()) / max(1e-6, float(weights.max())),
        "missing_share": float((1 - soft).mean()),
        "beyond": float((soft * weights)[beyond].sum() + 0.1) / float(weights[beyond].sum() + 0.1),
        "near_title": float((video.title_vector @ asked.T).max()),
        "near_best": float(meaning[0]),
        "near_top": float(meaning[:5].mean()),
        "near_center": float((center @ asked.T).max()),
    }


def _says_part(stem: str, video: SpokenVideo) -> bool:
    """Return whether a video says the beginning or the end of a compound."""
    cuts = range(LEAST_PART, len(stem) - 2) if len(stem) >= 2 * LEAST_PART else ()
    return any(
        part in video.said or part in video.title_stems
        for cut in cuts
        for part in (stem[:cut], stem[cut:])
        if len(part) >= LEAST_PART
    )


def _spread(values: Vectors) -> Vectors:
    """Return for each passage the highest values among those within reach."""
    padded = np.pad(values, ((REACH, REACH), (0, 0)))
    shifted = [padded[step : step + len(values)] for step in range(2 * REACH + 1)]
    return np.asarray(np.max(shifted, axis=0), dtype=np.float32)
