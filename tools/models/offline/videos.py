"""Which of the videos that were read are on the topic of a request; maybe none."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cliptrail.tools.models.offline.relevance import coverage, embed
from cliptrail.tools.models.offline.together import Spoken, said_together
from cliptrail.tools.text.tokens import content_words, tokens

LEAST = 0.5
"""Relevance below which no video answers a request."""
BESIDE_BEST = 0.55
"""Share of the best video's relevance that others must have."""
IF_NAMED = 0.5
"""Share of `LEAST` that is enough for the best video of a channel that the request names."""
IN_TITLE = 2
"""A word in the title counts as if it were said this often more."""

LONG = 600
"""Words from which saying something once may be an aside; in a shorter clip it is not."""
MOST_TIMES = 3
"""As how often it counts then, at most."""


@dataclass(frozen=True)
class Told:
    """What is known of a video."""

    title: str
    channel: str
    words: str
    """All that is said in it."""


@dataclass(frozen=True)
class Subject:
    """What a request is about."""

    topic: str
    """In its own words; a list may follow a colon."""
    query: str
    """All its words that say something."""
    compared: tuple[str, ...] = ()
    """Things that it compares: a video on one of them is on the topic."""
    named: tuple[str, ...] = ()
    """Channels that it names: the best video of each is kept more easily."""


def on_topic(videos: Sequence[Told], subject: Subject) -> dict[int, float]:
    """Return the relevance, from 0 to about 1, of the videos that are worth quoting.

    Returns:
        Relevance by place in `videos`; empty if none is on the topic.
    """
    names = [row.channel for row in videos]
    videos = [replace(row, words=without_names(row.words, names)) for row in videos]
    said = [_said(row) for row in videos]
    whole = _relevances(videos, said, subject, [subject.topic, subject.topic.split(": ")[0]])
    if max(whole, default=0.0) < LEAST:
        return {}
    one = _relevances(videos, said, subject, subject.compared)
    values = list(map(max, whole, one)) if one else whole
    kept = {place for place, value in enumerate(values) if value >= BESIDE_BEST * max(values)}
    if not any(_covers(videos[place], said[place], subject) for place in kept):
        return {}
    kept |= set(_of_named(videos, values, subject.named))
    return {place: values[place] for place in sorted(kept)}


def _covers(video: Told, said: Counter[str], subject: Subject) -> bool:
    """Return whether a video speaks of what is asked, or of one of the things that it compares."""
    spoken = Spoken(video.title, video.words, said)
    return any(said_together(topic, spoken) for topic in (subject.topic, *subject.compared))


def without_names(words: str, channels: Iterable[str]) -> str:
    """What is said without the names of channels: who speaks of "Oven Weather" forecasts none.

    A name of one word is left in: it may well be a plain word.
    """
    for name in dict.fromkeys(channels):
        parts = re.findall(r"\w+", name)
        if len(parts) > 1:
            run = r"\W+".join(re.escape(part) for part in parts)
            words = re.sub(rf"\b{run}\b", " ", words, flags=re.IGNORECASE)
    return words


def _of_named(
    videos: Sequence[Told], values: Sequence[float], named: Iterable[str]
) -> Iterator[int]:
    """Return the best video of each channel that is named, if it is not quite off the topic."""
    for name in named:
        own = [place for place, row in enumerate(videos) if tokens(row.channel) == tokens(name)]
        first = max(own, key=lambda place: values[place], default=None)
        if first is not None and values[first] >= IF_NAMED * LEAST:
            yield first


def _relevances(
    videos: Sequence[Told], said: Sequence[Counter[str]], subject: Subject, topics: Sequence[str]
) -> list[float]:
    """Rate each video by the topic that it fits best; empty without topics."""
    titles = embed([row.title for row in videos])
    near = titles @ embed(topics).T if topics else None
    if near is None:
        return []
    return [
        0.4 * coverage(subject.query, words)
        + max(
            0.6 * coverage(topic, words) + 0.3 * float(near[place, column])
            for column, topic in enumerate(topics)
        )
        for place, words in enumerate(said)
    ]


def _said(video: Told) -> Counter[str]:
    said = Counter(content_words(video.words))
    times = max(1, min(MOST_TIMES, LONG // max(1, len(video.words.split()))))
    said = Counter({word: count * times for word, count in said.items()})
    for word in set(content_words(video.title)):
        said[word] += IN_TITLE
    return said
