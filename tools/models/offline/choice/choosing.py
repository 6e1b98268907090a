"""Chooses what answers a request: the videos, or none, and of these the passages."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cliptrail.tools.models.offline.choice.features import features, standard, standardized
from cliptrail.tools.models.offline.choice.model import Model
from cliptrail.tools.models.offline.choice.passages import Passage, join, trimmed
from cliptrail.tools.models.offline.choice.request import Request
from cliptrail.tools.models.offline.choice.spoken import CUES, SpokenVideo
from cliptrail.tools.models.offline.choice.vectors import Vectors, embed
from cliptrail.tools.models.offline.choice.videos import (
    SpokenLibrary,
    video_features,
    with_distances,
)
from cliptrail.tools.models.offline.choice.words import background
from cliptrail.tools.text.tokens import tokens

BEHIND, MOST_VIDEOS = 2.5, 8
"""Log odds behind the best video from which another is not read, and how many are at most."""
LIFT = 2.0
"""Log odds by which a part that it answers may lift a video above those for the whole request."""
CLIP = 300
"""Words of a video below which it is a clip."""
TELLING = 0.3
"""What one of the words must tell: "hello" asks for nothing."""
SHORT, TITLED, IN_PASSING, SUBJECT = 4, 0.6, 4.0, 0.95
"""Words of a short request; what a word in the title adds to its log odds; what it costs if all are
said in passing; how often a single word must be said. Tuned by hand: few labelled requests are so
short."""
VIDEO = 0.5
"""What a video's log odds count beside those of its passages."""
VERDICT = 1.5
"""What a verdict ("40 is my answer") adds where it is asked which is best. Set by hand."""
_VERDICT = re.compile(
    r"\b(?:(?:my|the) (?:answer|pick|choice|favou?rite|verdict|recommendation)|i(?:['’]d| would)? "
    r"(?:recommend|prefer|go (?:with|for)|went with|settled on)|wins?|won)\b",
    re.IGNORECASE,
)
LENGTH, USUAL = 0.5, 24.0
"""What a passage of e times the usual length costs: a short answer is the better one."""
LIKE = 1.5
"""What similarity to what was chosen costs a passage."""
PART = 0.8
"""What it adds to a passage that it is the best for a part of the request that has little yet."""
LEAST, EACH, MOST = 18, 3, 36
"""Passages for a request, more for each of its parts, and at most."""
BELOW_BEST = 4.0
"""Log odds below the best passage from which no more are taken, once there are `SOME`."""
SOME = 6
ONE_FACT, FIRST, BELOW_FIRST = 6, 2, 1.5
"""The same for a question of one fact: passages, those in any case, and log odds below the best."""
OTHERS = 80
"""Passages that were not chosen, of which some may disagree with those that were."""
SHORTEST, LONGEST = 5, 65
"""Words of a passage that may stand, and to which one is completed."""


@dataclass(frozen=True)
class Excerpt:
    """Words that answer, in one run."""

    video: SpokenVideo
    passage: Passage
    part: int
    """The part of the request that it is nearest to."""
    value: float
    """Log odds that it answers."""


@dataclass(frozen=True)
class Answer:
    """What videos say on a request."""

    excerpts: Sequence[Excerpt] = ()
    """The best first."""
    others: Sequence[Excerpt] = ()
    """The best of what was not chosen."""
    near: Sequence[SpokenVideo] = ()
    """Where nothing answers: the videos that come nearest."""
    log_odds: float = 0.0
    """Of the request being answered at all."""


def answer(
    request: Request, library: SpokenLibrary, model: Model, named: Collection[str] = ()
) -> Answer:
    """Choose the videos and the passages that answer a request; no passages if none does.

    Args:
        request: what is asked.
        library: what there is to choose from.
        model: the learned weights.
        named: channels that the request names: each has a share of the passages.
    """
    if not (library.videos and tokens(request.text)):
        return Answer()
    asked = library.spelled(request)
    topic = library.spelled(asked.on(asked.topic))
    rated = [_rated(each, library, model) for each in (asked, topic)]
    values, sure = max(rated, key=lambda row: row[1])
    order = [int(n) for n in np.argsort(-values, kind="stable")]
    if sure < model.least:
        return Answer(near=[library.videos[n] for n in order[:3]], log_odds=sure)
    values = _with_parts(asked, np.maximum(rated[0][0], rated[1][0]), library, model)
    chosen = _worth_reading(values, library.videos, named)
    choice = Choice(asked, library, model, chosen, named)
    excerpts = choice.excerpts()
    return Answer(excerpts, choice.others(excerpts), log_odds=sure)


def rated(request: Request, texts: Sequence[str], model: Model) -> list[float]:
    """Return how well each of some passages answers a request, in log odds."""
    if not texts:
        return []
    video = SpokenVideo("", "", "", texts, whole=True)
    library = SpokenLibrary([video])
    choice = Choice(library.spelled(request), library, model, {0: 0.0})
    return [float(value) for value in choice.values]


def _rated(request: Request, library: SpokenLibrary, model: Model) -> tuple[Vectors, float]:
    """Return the log odds of each video, and those that the request is answered at all."""
    found = video_features(request, library)
    values = model.video.value(with_distances(found))
    best = int(values.argmax())
    title, often = (float(found[name][best]) for name in ("title", "often"))
    sure = float(model.answerable.value(found)[best])
    clip = sum(library.videos[best].words.values()) < CLIP
    return values, sure + _of_short(request, title, 1.0 if clip else often)


def _of_short(request: Request, title: float, often: float) -> float:
    """Return what to add to the log odds of a short request, of which few words tell little.

    It is about a video whose title has one of its words; words said in passing are no subject, but
    in a clip nothing is said in passing.
    """
    if max(map(background, request.words), default=0.0) < TELLING:
        return -math.inf
    if len(request.words) > SHORT:
        return 0.0
    if title > 0:
        return TITLED
    passing = len(request.words) == 1 and often < SUBJECT
    return -math.inf if passing else -IN_PASSING * (1 - often)


def _with_parts(request: Request, values: Vectors, library: SpokenLibrary, model: Model) -> Vectors:
    """Lift the videos that answer a part of a request, as far as they are on its subject."""
    most = float(values.max())
    lifted = values
    for part in request.parts if len(request.parts) > 1 else ():
        asked = library.spelled(request.on(part))
        if asked.words:
            alone, _ = _rated(asked, library, model)
            lifted = np.maximum(lifted, np.minimum(np.minimum(alone, values + LIFT), most))
    return lifted


def _worth_reading(
    values: Vectors, videos: Sequence[SpokenVideo], named: Collection[str]
) -> dict[int, float]:
    """Return the videos to read, and how far each is behind the best; the best of each named."""
    order = [int(n) for n in np.argsort(-values, kind="stable")]
    best = values[order[0]]
    chosen = {n: float(values[n] - best) for n in order[:MOST_VIDEOS] if values[n] >= best - BEHIND}
    for name in named:
        first = next((n for n in order if videos[n].channel == name), None)
        if first is not None and values[first] >= best - 2 * BEHIND:
            chosen[first] = 0.0
    return chosen


@dataclass
class Choice:
    """A choice among the passages of some videos."""

    request: Request
    library: SpokenLibrary
    model: Model
    behind: Mapping[int, float]
    """Place in the library → log odds that the video is behind the best."""
    named: Collection[str] = ()
    places: list[tuple[SpokenVideo, int]] = field(init=False)
    """Video of each passage, and its place there."""
    values: Vectors = field(init=False)
    """Log odds that each passage answers."""
    vectors: Vectors = field(init=False)
    parts: Vectors = field(init=False)
    """Nearness of each passage to each part of the request, in standard deviations."""

    def __post_init__(self) -> None:
        """Rate the passages."""
        videos = [self.library.videos[n] for n in self.behind]
        rows = [features(self.request, video, self.library.rarity) for video in videos]
        self.places = [(video, n) for video in videos for n in range(len(video.passages))]
        sizes = np.array([self.passage(n).size for n in range(len(self.places))])
        counts = [len(video.passages) for video in videos]
        behind = np.repeat(np.array(list(self.behind.values())), counts)
        said = self.model.passage.value(standardized(rows))
        values = said + VIDEO * behind - LENGTH * np.log(sizes / USUAL)
        if "which" in self.request.kinds:
            values = values + VERDICT * np.array([self._is_verdict(n) for n in range(len(sizes))])
        self.values = np.asarray(values, dtype=np.float32)
        self.vectors = np.concatenate([video.vectors for video in videos])
        asked = list(self.request.parts) or [self.request.text]
        self.parts = standard(self.vectors @ embed(asked).T)

    def passage(self, number: int) -> Passage:
        """Return a passage by its number."""
        video, place = self.places[number]
        return video.passages[place]

    def _is_verdict(self, number: int) -> bool:
        return bool(_VERDICT.search(self.passage(number).text))

    def excerpts(self) -> list[Excerpt]:
        """Choose, complete and join what follows each other, and put what answers first."""
        taken = {each for number in self._picked() for each in self._completed(number)}
        return sorted(map(self._excerpt, self._runs(sorted(taken))), key=lambda row: -row.value)

    def others(self, excerpts: Sequence[Excerpt]) -> list[Excerpt]:
        """Return the best passages that may stand and are not part of given excerpts."""
        given = {
            (row.video.id, n)
            for row in excerpts
            for n in range(row.passage.first, row.passage.last + 1)
        }
        order = [int(n) for n in np.argsort(-self.values, kind="stable")][: OTHERS + len(given)]
        stand = [n for n in order if self._may_stand(n)]
        rows = [self._excerpt(self._completed(n)) for n in stand]
        return [row for row in rows if (row.video.id, row.passage.first) not in given][:OTHERS]

    def _picked(self) -> Iterator[int]:
        """Return the passages that are worth most, each beside those before it."""
        most, some, below = self._limits()
        stands = np.array([self._may_stand(n) for n in range(len(self.places))])
        open_ = np.where(stands, self.values, -np.inf)
        best = float(open_.max(initial=-np.inf))
        like = np.zeros(len(open_), dtype=np.float32)
        had = np.zeros(self.parts.shape[1], dtype=np.float32)
        mine = self.parts.argmax(axis=1)
        share = _Shares(self.named, [video.channel for video, _ in self.places], most)
        for taken in range(most):
            allowed = np.where(share.full(), -np.inf, open_)
            total = allowed + PART / (1 + had[mine]) - LIKE * like
            number = int(total.argmax())
            if not np.isfinite(total[number]):
                return
            if taken >= some and open_[number] < best - below:
                return
            yield number
            share.take(number)
            had[mine[number]] += 1
            open_[number] = -np.inf
            like = np.maximum(like, np.maximum(self.vectors @ self.vectors[number] - 0.5, 0.0) * 2)

    def _limits(self) -> tuple[int, int, float]:
        if self.request.asks_one_fact:
            return ONE_FACT, FIRST, BELOW_FIRST
        return min(MOST, LEAST + EACH * max(0, len(self.request.parts) - 1)), SOME, BELOW_BEST

    def _may_stand(self, number: int) -> bool:
        """Return whether a passage is neither a scrap nor a question, and may be quoted."""
        passage = self.passage(number)
        if self._barred(number):
            return False
        return passage.size >= SHORTEST and not passage.text.rstrip("\"'” ").endswith(("?", "؟"))

    def _completed(self, number: int) -> list[int]:
        """Add what is missing of a sentence that was cut for its length, if it is not too much."""
        run, size = [number], self.passage(number).size
        for step in (1, -1):
            while 0 <= (more := run[-1 if step > 0 else 0] + step) < len(self.places):
                size += self.passage(more).size
                if not self._belongs(min(more, more - step)) or size > LONGEST:
                    break
                run = [*run, more] if step > 0 else [more, *run]
        return run

    def _belongs(self, number: int) -> bool:
        """Return whether a passage is cut from the one after it inside a sentence."""
        one, other = self.places[number][0], self.places[number + 1][0]
        whole = self.passage(number).closes or self._barred(number) or self._barred(number + 1)
        return one is other and not whole

    def _barred(self, number: int) -> bool:
        passage = self.passage(number)
        return not self.places[number][0].barred.isdisjoint(range(passage.first, passage.last + 1))

    def _runs(self, numbers: Sequence[int]) -> Iterator[list[int]]:
        run: list[int] = []
        for number in numbers:
            if run and not (number == run[-1] + 1 and self._belongs(run[-1])):
                yield run
                run = []
            run.append(number)
        if run:
            yield run

    def _excerpt(self, run: Sequence[int]) -> Excerpt:
        passage = self.passage(run[0])
        for number in run[1:]:
            passage = join(passage, self.passage(number))
        best = max(run, key=lambda number: float(self.values[number]))
        video, part = self.places[best][0], int(self.parts[best].argmax())
        passage = trimmed(passage, video.sentences, CUES["chatter"])
        return Excerpt(video, passage, part, float(self.values[best]))


class _Shares:
    """Gives each channel that a request names an equal share of the passages."""

    def __init__(self, named: Collection[str], channels: Sequence[str], most: int) -> None:
        self.channels = channels
        self.there = set(named) & set(channels)
        self.most = math.ceil(most / max(1, len(self.there)))
        self.taken: Counter[str] = Counter()

    def full(self) -> NDArray[np.bool_]:
        """Return of which passages no more may be taken."""
        full = {name for name in self.there if self.taken[name] >= self.most}
        return np.array([name in full for name in self.channels])

    def take(self, number: int) -> None:
        """Count a passage that was taken."""
        self.taken[self.channels[number]] += 1
