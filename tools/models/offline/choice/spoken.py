"""What is known of a video before any request: its passages, their words, vectors and cues."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cliptrail.tools.models.offline.choice.passages import Passage, passages
from cliptrail.tools.models.offline.choice.vectors import Vectors, embed
from cliptrail.tools.models.offline.choice.words import Rarity, background, spellings, stems
from cliptrail.tools.text.tokens import tokens

_COUNTS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|hundred|"
    r"thousand|million|billion"
)
CUES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, flags)
    for name, pattern, flags in (
        (
            "advice",
            r"\byou (?:need|have|want|should|must|can|could|may|might)\b|\bmake sure\b|"
            r"\bdon['’]?t\b|\bnever\b|\balways\b|\brecommend\w*|\bavoid\b|\bshould\b|\bmust\b|\bbest\b|"
            r"\bimportant\b|\btry\b|\bkeep\b|\bbetter\b",
            re.IGNORECASE,
        ),
        (
            "order",
            r"\bfirst\b|\bsecond\b|\bthird\b|\bthen\b|\bnext\b|\bfinally\b|\bafter\b|\bbefore\b|"
            r"\bonce\b|\bstep\b|\banother\b|\balso\b|\bone of\b|\blast\b",
            re.IGNORECASE,
        ),
        (
            "opinion",
            r"\bi (?:think|believe|would|prefer|like|recommend|feel|love|hate)\b|\bmy (?:answer|"
            r"favou?rite|advice|opinion)\b|\bin my (?:mind|opinion|view)\b|\bpersonally\b",
            re.IGNORECASE,
        ),
        (
            "people",
            r"\b(?:he|she|who|founder|author|professor|named?|created|invented|wrote|founded|team|"
            r"my name|i['’]?m|i am|company|worked (?:at|for|with))\b",
            re.IGNORECASE,
        ),
        (
            "chatter",
            r"\b(?:subscrib\w*|sponsor\w*|welcome|thanks?|thank you|hello|hey|hi everyone|goodbye|"
            r"bye|patreon|my name(?: is|['’]?s)|good (?:morning|afternoon|evening)|see you|"
            r"next (?:video|time|week|lecture)|(?:in the|your) comments?|let me know|ladies and "
            r"gentlemen|today (?:we|i)|in this (?:video|lecture|episode)|"
            r"we(?:['’]re| are) going to|i['’]?m going to (?:talk|show|tell)|"
            r"let['’]s (?:talk|get|go|move|look|see|dive|start)|talk about|question|anyway|joke|"
            r"funny|get back to|without further|moving on)\b|"
            r"\[(?:applause|laughter|laughs|music)",
            re.IGNORECASE,
        ),
        (
            "filler",
            r"\b(?:um+|uh+|you know|i mean|sort of|kind of|like,|okay|yeah|basically|actually|"
            r"obviously|right\?|wow|oh|well)\b",
            re.IGNORECASE,
        ),
        (
            "self",
            r"\b(?:i|i['’](?:m|ll|d|ve)|me|my|we|we['’](?:re|ll|ve|d)|us|our)\b",
            re.IGNORECASE,
        ),
        (
            "pointing",
            r"\b(?:here|this|that|these|those|there['’]?s|look|see|over there|up here)\b",
            re.IGNORECASE,
        ),
        ("numbers", rf"\d|\b(?:{_COUNTS}|half|percent|dos|tres|cuatro)\b", re.IGNORECASE),
        (
            "names",
            r"(?<=[a-z,;] )[A-Z][\w&'’.-]+|\b[A-Z]{2,}\w*\b|\b\w*\d+[A-Z]\w*\b",
            re.NOFLAG,
        ),
    )
}
"""What is counted in a passage, by name."""
BY_WORD = frozenset({"self", "pointing", "filler"})
"""Cues that count as a share of the words."""
MOST = {"numbers": 3, "names": 4}
"""As how often a cue counts at most; the others twice."""
TELLING_WORDS = 6
"""As many of a passage's words, those that tell most, say how much it tells."""


@dataclass(frozen=True)
class SpokenVideo:
    """A video and what is said in it."""

    id: str
    title: str
    channel: str
    sentences: Sequence[str]
    barred: frozenset[int] = frozenset()
    """Sentences that must not be quoted, by their place."""
    whole: bool = False
    """Is each of the sentences a passage already?"""

    @cached_property
    def passages(self) -> list[Passage]:
        """What may be quoted."""
        if self.whole:
            return [Passage(n, n, text, True, True) for n, text in enumerate(self.sentences)]
        return passages(self.sentences)

    @cached_property
    def vectors(self) -> Vectors:
        """One unit vector a passage."""
        return embed([row.text for row in self.passages])

    @cached_property
    def center(self) -> Vectors:
        """Mean of the passages' vectors."""
        return np.asarray(self.vectors.mean(axis=0), dtype=np.float32)

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word is said, as it is written."""
        return Counter(word for row in self.passages for word in tokens(row.text))

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """The words that carry meaning, each with its place in `word_vectors`."""
        return {word: n for n, word in enumerate(row for row in self.words if len(row) > 2)}

    @cached_property
    def word_vectors(self) -> Vectors:
        """One unit vector a word of the vocabulary, and zeros at the end."""
        return np.pad(embed(list(self.vocabulary)), ((0, 1), (0, 0)))

    @cached_property
    def _word_places(self) -> tuple[list[int], list[int]]:
        """The places of all passages' words in `word_vectors`, and where each passage begins."""
        nothing = len(self.vocabulary)
        rows = [
            [self.vocabulary.get(word, nothing) for word in dict.fromkeys(tokens(row.text))]
            or [nothing]
            for row in self.passages
        ]
        starts = np.cumsum([0, *map(len, rows)])[:-1]
        return [place for row in rows for place in row], [int(n) for n in starts]

    def best_by_passage(self, by_word: Vectors) -> Vectors:
        """Return the highest value of each passage's words.

        Args:
            by_word: a value for each word of the vocabulary: shape (anything, words).

        Returns:
            Shape (passages, anything).
        """
        places, starts = self._word_places
        return np.asarray(np.maximum.reduceat(by_word[:, places], starts, axis=1).T)

    @cached_property
    def stems(self) -> list[frozenset[str]]:
        """The stems of each passage, "Wi-Fi" also as one word."""
        return [spellings(row.text) for row in self.passages]

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """The stems of its title; who makes it says nothing of what it is about."""
        return spellings(self.title)

    @cached_property
    def title_vector(self) -> Vectors:
        """The unit vector of its title: shape (1, 256)."""
        return embed([self.title])

    @cached_property
    def said(self) -> Counter[str]:
        """In how many passages each stem is said."""
        return Counter(word for row in self.stems for word in row)

    @cached_property
    def features(self) -> dict[str, Vectors]:
        """What is measured of each passage before any request, by name."""
        texts = [row.text for row in self.passages]
        sizes = np.array([row.size for row in self.passages], dtype=np.float32)
        found = {name: _cue(name, texts, sizes) for name in CUES}
        rarity = Rarity(self.stems)
        contents = [stems(text) for text in texts]
        opening = np.exp(-np.arange(len(texts), dtype=np.float32) / 3)
        return found | {
            "density": column(map(len, contents)) / sizes,
            "telling": column(_most(map(background, set(tokens(text)))) for text in texts),
            "rare_in_video": column(_most(map(rarity.weight, set(row))) for row in contents),
            "length": np.log(sizes),
            "opening": opening,
            "ending": opening[::-1].copy(),
        }


def column(values: Iterable[float]) -> Vectors:
    """Return numbers as a column of features."""
    return np.array(list(values), dtype=np.float32)


def _cue(name: str, texts: Sequence[str], sizes: Vectors) -> Vectors:
    counts = column(len(CUES[name].findall(text)) for text in texts)
    return counts / sizes if name in BY_WORD else np.minimum(counts, MOST.get(name, 2))


def _most(values: Iterable[float]) -> float:
    return sum(sorted(values, reverse=True)[:TELLING_WORDS])
