"""Learns the offline engine's choice from labelled requests, and measures it on other domains.

Weights come from logistic regression; what a passage is worth is learned from the claims that it
states, what a video is worth and when to refuse from the same requests over other libraries and
with other words.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cliptrail.evals.labelled import Asked, Labelled, Read, Span, pairs, stated
from cliptrail.state.errors import UsageError
from cliptrail.tools.models.offline.choice.features import features, standardized
from cliptrail.tools.models.offline.choice.model import Model, Weights
from cliptrail.tools.models.offline.choice.request import Request
from cliptrail.tools.models.offline.choice.spoken import SpokenVideo
from cliptrail.tools.models.offline.choice.vectors import Vectors
from cliptrail.tools.models.offline.choice.videos import (
    SpokenLibrary,
    video_features,
    with_distances,
)
from cliptrail.tools.models.offline.choice.words import background, folded_stem

AS_GOOD, STATED = 0.95, 0.3
"""Share of the best passage's words of a claim, and of all, from which a passage states it."""
USUAL, FEW = 150, 80
"""Passages of a request that count in full; more count less each, and as few as `FEW` no more."""
VIDEO_WEIGHTS = {"own": 1, "short": 0.5, "domain": 1, "few": 0.5, "one": 0.5}
"""What a request counts when videos are learned; other kinds count 0.3, altered ones nothing."""
ANSWER_WEIGHTS = {"own": 1, "short": 1, "altered": 0.7, "unanswered": 4}
"""What a request counts when refusing is learned; other kinds count 0.5."""
MISSED = 0.04
"""Share of the answerable requests of unseen domains that may be refused."""
ALTERED = 2
"""Altered copies of each request and of its short copy: some words are replaced by words that the
library lacks."""
SHARES = (0.25, 0.4, 0.5)
SHORT = 3
"""Words of a short copy of a request."""


@dataclass(frozen=True)
class PassageRow:
    """A request over one video that answers it."""

    asked: Asked
    read: Read
    spans: list[Span]
    columns: dict[str, Vectors]
    stated: Any
    """Shape (passages, spans)."""

    @property
    def states(self) -> Any:
        """Whether each passage states a claim about as well as any."""
        best = self.stated.max(axis=0, initial=0)
        good = (self.stated >= np.maximum(STATED, AS_GOOD * best)) & (self.stated > 0)
        return good.any(axis=1)


@dataclass(frozen=True)
class VideoRow:
    """A request over one library."""

    asked: Asked
    domain: str
    kind: str
    columns: dict[str, Vectors]
    answers: Any
    """Whether each video answers."""


def passage_rows(labelled: Labelled) -> list[PassageRow]:
    """Measure the passages of every request and video that answers it."""
    return [
        PassageRow(
            asked,
            read,
            spans,
            features(asked.read, read.spoken, labelled.libraries[asked.set].rarity),
            stated(read, spans),
        )
        for asked, read, spans in pairs(labelled)
    ]


def video_rows(labelled: Labelled, seed: int = 0) -> list[VideoRow]:
    """Measure the videos of every request over its library, parts of it, and the other ones."""
    chance = random.Random(seed)  # noqa: S311 - a choice of examples
    rows: list[VideoRow] = []
    for asked in labelled.requests:
        for kind, videos, request in _trials(asked, labelled, chance):
            library = SpokenLibrary(videos)
            found = video_features(library.spelled(request), library)
            answers = np.array([kind != "altered" and v.id in asked.videos for v in videos])
            rows.append(VideoRow(asked, labelled.domain(asked), kind, found, answers))
    return rows


def _trials(
    asked: Asked, labelled: Labelled, chance: random.Random
) -> Iterator[tuple[str, list[SpokenVideo], Request]]:
    request, own = asked.read, list(labelled.libraries[asked.set].videos)
    yield ("own" if asked.videos else "unanswered"), own, request
    for name, library in labelled.libraries.items():
        if name != asked.set:
            yield "other", list(library.videos), request
    if not asked.videos:
        return
    right = [v for v in own if v.id in asked.videos]
    wrong = [v for v in own if v.id not in asked.videos]
    domains = {labelled.videos[name].domain for name in asked.videos}
    inside = [v for v in own if labelled.videos[v.id].domain in domains]
    outside = [v for v in own if labelled.videos[v.id].domain not in domains]
    yield "domain", inside, request
    yield "few", right + chance.sample(wrong, min(4, len(wrong))), request
    yield "one", right[:1], request
    if outside:
        yield "without", outside, request
    library = labelled.libraries[asked.set]
    spelled = library.spelled(request)
    short = _short(spelled, library)
    yield "short", own, short
    foreign = labelled.foreign[asked.set]
    for given in [spelled, short] * ALTERED:
        if altered := _altered(given, right, foreign, chance):
            yield "altered", own, altered


def _short(request: Request, library: SpokenLibrary) -> Request:
    """Return a request of its most telling words alone."""

    def worth(word: str) -> float:
        return background(word) * library.rarity.weight(folded_stem(word))

    kept = set(sorted(request.words, key=worth)[-SHORT:])
    return _of([word for word in request.words if word in kept], request)


def _of(words: Sequence[str], request: Request) -> Request:
    text = " ".join(words)
    return replace(request, words=tuple(words), text=text, parts=(text,), topic=text)


def _altered(
    request: Request, right: Sequence[SpokenVideo], foreign: Sequence[str], chance: random.Random
) -> Request | None:
    """Replace words that no title has by telling words that the library lacks."""
    titles = frozenset[str]().union(*(video.title_stems for video in right))
    free = [word for word in request.words if folded_stem(word) not in titles]
    count = round(len(request.words) * chance.choice(SHARES))
    count = max(1, min(len(free), len(foreign), count))
    if len(request.words) < 2 or not free or not foreign:
        return None
    gone = set(chance.sample(free, count))
    kept = [word for word in request.words if word not in gone]
    return _of([*kept, *chance.sample(foreign, count)], request)


def learn(passages: Sequence[PassageRow], videos: Sequence[VideoRow]) -> Model:
    """Learn all weights, and from domains left out the log odds from which to answer."""
    video, answerable = learn_videos(videos)
    return Model(learn_passages(passages), video, answerable, _least(videos))


def learn_passages(rows: Sequence[PassageRow]) -> Weights:
    """Learn what makes a passage state what answers."""
    blocks = []
    for together in by_request(rows):
        columns = standardized([row.columns for row in together])
        labels = np.concatenate([row.states for row in together])
        weight = USUAL / max(FEW, len(labels))
        weights = weight * np.where(labels, 1.2, 1.0)
        blocks.append((columns, labels, weights))
    return _fitted(blocks, 0.01)


def by_request(rows: Sequence[PassageRow]) -> list[list[PassageRow]]:
    """Put the rows of each request together."""
    found: dict[str, list[PassageRow]] = defaultdict(list)
    for row in rows:
        found[row.asked.id].append(row)
    return list(found.values())


def learn_videos(rows: Sequence[VideoRow]) -> tuple[Weights, Weights]:
    """Learn which videos answer, and when none does."""
    own = [row for row in rows if row.kind != "altered"]
    video = _fitted(
        [
            (
                with_distances(row.columns),
                row.answers,
                np.full(len(row.answers), VIDEO_WEIGHTS.get(row.kind, 0.3)),
            )
            for row in own
        ],
        0.1,
    )
    answerable = _fitted(
        [
            (
                _only(row.columns, best_video(row, video)),
                np.array([row.answers.any()]),
                np.array([ANSWER_WEIGHTS.get(row.kind, 0.5)]),
            )
            for row in rows
        ],
        0.05,
    )
    return video, answerable


def best_video(row: VideoRow, video: Weights) -> int:
    """Return the place of the video that answers best."""
    return int(video.value(with_distances(row.columns)).argmax())


def sure(row: VideoRow, video: Weights, answerable: Weights) -> float:
    """Return the log odds that a request is answered."""
    return float(answerable.value(row.columns)[best_video(row, video)])


def _only(columns: dict[str, Vectors], place: int) -> dict[str, Vectors]:
    return {name: values[place : place + 1] for name, values in columns.items()}


def _least(rows: Sequence[VideoRow]) -> float:
    scores = [score for row, score, _ in left_out(rows) if row.kind == "own"]
    return float(np.quantile(scores, MISSED))


def left_out(rows: Sequence[VideoRow]) -> Iterator[tuple[VideoRow, float, bool]]:
    """Return each request over its library, rated by a model that has not seen its domain.

    Returns:
        The row, the log odds that it is answered, and whether its best video is one that answers.
    """
    asked = [row for row in rows if row.kind in {"own", "unanswered"}]
    for fold in folds(row.domain for row in asked):
        video, answerable = learn_videos([row for row in rows if row.domain not in fold])
        for row in asked:
            if row.domain in fold:
                right = bool(row.answers[best_video(row, video)])
                yield row, sure(row, video, answerable), right


def folds(names: Any, most: int = 20) -> list[Collection[str]]:
    """Put names into groups to be left out together: one each, or `most` groups."""
    each = sorted(set(names))
    return [set(each[start::most]) for start in range(min(most, len(each)))]


def _fitted(blocks: Sequence[tuple[dict[str, Vectors], Any, Any]], strength: float) -> Weights:
    """Fit a logistic regression over blocks of columns, labels and weights of rows."""
    fit = _logistic_regression()
    names = list(blocks[0][0])
    table = np.concatenate([np.stack([b[0][name] for name in names], axis=1) for b in blocks])
    labels = np.concatenate([b[1] for b in blocks])
    weights = np.concatenate([b[2] for b in blocks])
    mean, spread = table.mean(axis=0), table.std(axis=0)
    spread[spread < 1e-6] = 1
    fitted = fit(C=strength, max_iter=500)
    fitted.fit((table - mean) / spread, labels, sample_weight=weights)
    slopes = fitted.coef_[0] / spread
    base = float(fitted.intercept_[0] - slopes @ mean)
    return Weights({n: float(value) for n, value in zip(names, slopes, strict=True)}, base)


def _logistic_regression() -> Callable[..., Any]:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise UsageError(
            "Learning needs scikit-learn, which is not installed.",
            "Install the dependency group: pip install --group training",
        ) from error
    fit: Callable[..., Any] = LogisticRegression
    return fit
