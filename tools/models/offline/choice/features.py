"""How well each passage of a video answers a request, in numbers that a model weighs."""

from collections.abc import Sequence

import numpy as np

from cliptrail.tools.models.offline.choice.request import Request, topical_words
from cliptrail.tools.models.offline.choice.spoken import SpokenVideo, column
from cliptrail.tools.models.offline.choice.vectors import Vectors, embed
from cliptrail.tools.models.offline.choice.words import Rarity, background, folded_stem

ANSWERED_BY: dict[str, tuple[str, ...]] = {
    "who": ("people", "names"),
    "where": ("names",),
    "when": ("numbers",),
    "amount": ("numbers",),
    "which": ("opinion", "advice"),
    "how_to": ("advice", "order"),
}
"""By which features of a passage each kind of question is answered."""
REACH = 6.0
"""Width, in passages, of the neighborhood in which similarity is averaged."""
SMOOTHED = ("near", "near_part", "soft", "words")
OFTEN = 0.25
"""Share of a video's passages that say a word from which it tells nothing there."""


def features(request: Request, video: SpokenVideo, rarity: Rarity) -> dict[str, Vectors]:
    """Measure each passage of a video against a request.

    Args:
        request: what is asked.
        video: the video.
        rarity: how rare words are among the videos of the library.
    """
    found = video.features | _meaning(request, video) | _words(request, video, rarity)
    found |= _near_words(request, video, rarity)
    for name in SMOOTHED:
        found[f"{name}~{REACH:g}"] = _around(found[name], REACH)
    for kind, names in ANSWERED_BY.items():
        for name in names:
            found[f"{kind}:{name}"] = found[name] * float(kind in request.kinds)
    return found


def standardized(rows: Sequence[dict[str, Vectors]]) -> dict[str, Vectors]:
    """Return each feature, over all videos, in standard deviations from its mean."""
    found: dict[str, Vectors] = {}
    for name in rows[0]:
        found[name] = standard(np.concatenate([row[name] for row in rows]))
    return found


def standard(values: Vectors) -> Vectors:
    """Return values in standard deviations from the mean of their column."""
    spread = values.std(axis=0)
    centered = values - values.mean(axis=0)
    return np.asarray(centered / np.where(spread > 1e-5, spread, 1), dtype=np.float32)


def _meaning(request: Request, video: SpokenVideo) -> dict[str, Vectors]:
    """Measure nearness in meaning to the whole request and to the nearest of its parts."""
    whole = embed([" ".join(request.words) or request.text])[0]
    parts = embed(list(request.parts) or [request.text])
    near, near_parts = video.vectors @ whole, video.vectors @ parts.T
    beside = np.pad(near, 1)
    return {
        "near": near,
        "near_part": near_parts.max(axis=1),
        "near_part_z": standard(near_parts).max(axis=1),
        "near_before": beside[:-2],
        "near_after": beside[2:],
    }


def _words(request: Request, video: SpokenVideo, rarity: Rarity) -> dict[str, Vectors]:
    """Measure the words in common: those that tell in this video, and those that do not."""
    often = max(3.0, OFTEN * len(video.passages))
    weights = _weights(request, rarity)
    plain = {word for word in weights if word in video.title_stems or video.said[word] >= often}
    total = sum(weights.values()) or 1.0
    local = Rarity(video.stems)
    rare = {word: weights[word] * local.weight(word) for word in weights if word not in plain}
    telling = column(sum(rare[w] for w in rare if w in row) for row in video.stems) / total
    common = column(sum(weights[w] for w in plain if w in row) for row in video.stems) / total
    parts = [{folded_stem(w) for w in topical_words(part)} - plain for part in request.parts]
    own = ([len(p & row) / len(p) for p in parts if p] for row in video.stems)
    beside = np.pad(telling, 1)
    return {
        "words": telling,
        "words_plain": common,
        "words_part": column(max(shares, default=0.0) for shares in own),
        "words_around": (beside[:-2] + beside[2:]) / 2,
    }


def _weights(request: Request, rarity: Rarity) -> dict[str, float]:
    """Return what each word of a request tells, by stem."""
    by_stem = {folded_stem(word): word for word in request.words}
    return {each: background(word) * rarity.weight(each) for each, word in by_stem.items()}


def _near_words(request: Request, video: SpokenVideo, rarity: Rarity) -> dict[str, Vectors]:
    """Measure by how near words each passage says the words of the request, one by one."""
    if not request.words:
        nothing = np.zeros(len(video.passages), dtype=np.float32)
        return {"soft": nothing, "soft_own": nothing}
    weights = column(background(w) * rarity.weight(folded_stem(w)) for w in request.words)
    near = np.maximum(embed(request.words) @ video.word_vectors.T, 0.0)
    best = video.best_by_passage(near)
    own = np.maximum(best - best.mean(axis=0), 0.0)
    total = float(weights.sum())
    return {"soft": best @ weights / total, "soft_own": own @ weights / total}


def _around(values: Vectors, reach: float) -> Vectors:
    """Return for each passage the mean of the values near it, by a bell of a width in passages."""
    steps = np.arange(len(values), dtype=np.float32)
    bell = np.exp(-0.5 * ((steps[:, None] - steps[None, :]) / reach) ** 2)
    return np.asarray(bell @ values / bell.sum(axis=1), dtype=np.float32)
