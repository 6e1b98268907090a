"""How the offline engine extracts: the passages that state most about what was asked, each once."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from cliptrail.state.media import Segment
from cliptrail.tools.models.offline import statements
from cliptrail.tools.models.offline.measures import asked_kinds, of_kind
from cliptrail.tools.models.offline.naming import named_channels
from cliptrail.tools.models.offline.relevance import Rarity, embed
from cliptrail.tools.models.offline.roles.reading import compared, query_of, topic_of, without_file
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.models.offline.videos import Subject, Told, on_topic
from cliptrail.tools.text.numbered import numbered
from cliptrail.tools.text.passages import passages
from cliptrail.tools.text.tokens import contains_run, content_words, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32]

A_WORD_S = 0.35
"""Seconds that a spoken word takes: a prompt says when segments start, not when they end."""
MOST = 40
"""Claims at most."""
SAME = 0.82
"""Similarity from which two passages say the same."""
LEAST_WORDS = 5
SIGNS = {
    "numbers": 0.3,
    "unit": 0.3,
    "density": 0.25,
    "central": 0.25,
    "pointing": -0.35,
    "chatter": -0.25,
}
"""What makes a passage worth quoting, and how much: each is measured in standard deviations from
the mean of all passages, so that the weights hold for any library."""
NEAR = 0.2
WORDS = 0.4
MEASURE = 0.6
"""What makes a passage an answer to a wanted fact: nearness in meaning, rare words in common, and
a measure of the kind that is asked for."""
VIDEO = 3.0
"""How much a passage loses by the relevance that its video lacks beside the best one."""
LEAST = -0.5
"""Worth from which a passage is quoted; the average passage of the best video has about 0."""
AT_LEAST = 5
"""Passages for each facet that are quoted whatever their worth: little may have been said."""
FEW, SOME = 15, 8
"""Passages at most, and those kept in any case, where no facts are wanted: then the best are the
answer, and the rest would be a digest."""
BESIDE_BEST = 0.35
"""Share of the best passage's value that those between `SOME` and `FEW` must have."""
TOPIC = 2.0
"""How much more the topic counts beside what a passage states, where nothing else is asked."""
FURTHER = "Further points"
"""Section of what belongs to the topic and to no wanted fact."""


@dataclass(frozen=True)
class Candidate:
    """A passage that may become a claim."""

    video: int
    segments: tuple[int, ...]
    text: str
    own_name: bool = False
    """Does it name its own channel, as greetings do?"""


@dataclass(frozen=True)
class Chosen:
    """A passage that becomes a claim."""

    passage: Candidate
    section: str
    relevance: float
    """From 0 to 1, comparable with that of other transcripts' passages."""


@dataclass(frozen=True)
class Question:
    """What is asked."""

    facts: tuple[str, ...]
    topic: str
    channel_of: Mapping[int, str]
    """Channel by video, for the channels that the request names."""
    limit: int
    """Most claims."""

    @property
    def facets(self) -> tuple[str, ...]:
        """The wanted facts, and last the topic as a whole."""
        return (*self.facts, self.topic)


@rule("ExtractDraft")
def extract(prompt: Prompt) -> dict[str, object]:
    """Answer the extractor's question."""
    request, _ = without_file(str(prompt.data("request") or ""))
    transcripts = shown(prompt)
    facts = [str(fact) for fact in prompt.data("facts_wanted") or []]
    channels = named_channels(request, [str(row["channel"]) for row in transcripts])
    named = {
        place: str(row["channel"])
        for place, row in enumerate(transcripts)
        if row["channel"] in channels
    }
    question = Question(tuple(facts), topic_of(request, channels), named, MOST)
    subject = Subject(
        topic=question.topic or request,
        query=query_of(request, channels) or request,
        compared=compared(request, channels),
        named=tuple(channels),
    )
    relevance = on_topic([_told(row) for row in transcripts], subject)
    found = [
        part
        for place in relevance
        for row in candidates(place, transcripts[place])
        for part in _by_fact(row, facts)
    ]
    chosen = _choose(found, question, relevance) if found else []
    claims = [_claim(row.passage, row.section) for row in chosen]
    answered = {row.section for row in chosen}
    silent = [fact for fact in facts if claims and fact not in answered]
    return {"claims": claims, "unanswered": silent[:20]}


def shown(prompt: Prompt) -> list[dict[str, Any]]:
    """Return the transcripts of a prompt: title, channel, and sentences as number, start and words.

    A prompt does not say when a sentence is spoken: it takes as long as its words usually do.
    """
    return [
        {"title": video.title, "channel": video.channel, "segments": list(_timed(video.sentences))}
        for video in numbered((prompt.lines("transcripts") or "").replace("&lt;", "<"))
    ]


def _timed(sentences: Iterable[tuple[int, str]]) -> Iterator[tuple[int, float, str]]:
    start = 0.0
    for number, text in sentences:
        yield number, start, text
        start += A_WORD_S * len(text.split()) + 1


def _told(transcript: Mapping[str, Any]) -> Told:
    words = " ".join(str(row[2]) for row in transcript["segments"])
    return Told(str(transcript["title"]), str(transcript["channel"]), words)


def _claim(row: Candidate, section: str) -> dict[str, object]:
    return {
        "text": row.text[:600],
        "section": section[:80],
        "sentences": list(row.segments[:40]),
    }


def candidates(video: int, transcript: Mapping[str, Any]) -> Iterator[Candidate]:
    """Return the passages of a transcript, but those that touch an instruction to a program."""
    said, name = transcript["segments"], tokens(str(transcript.get("channel", "")))
    instructs = statements.instructs([str(row[2]) for row in said])
    for piece in passages(_segments(said)):
        touched = range(piece.first, piece.last + 1)
        text = statements.statement(piece.text)
        allowed = not any(instructs[segment] for segment in touched)
        if allowed and len(text.split()) >= LEAST_WORDS:
            own_name = contains_run(tokens(text), name) is not None
            segments = tuple(int(said[segment][0]) for segment in touched)
            yield Candidate(video, segments, text, own_name)


def _by_fact(row: Candidate, facts: Sequence[str]) -> Iterator[Candidate]:
    """Return a passage in parts where its sentences state measures for different wanted facts.

    A sentence that says nothing of its own stays with the one before it.
    """
    parts: list[tuple[str, frozenset[str]]] = []
    for sentence in statements.sentences(row.text):
        named = _named_facts(sentence, facts)
        whole = bool(named) or len(sentence.split()) >= LEAST_WORDS
        alone = whole and statements.stated_numbers(sentence) > 0
        if parts and (not alone or named == parts[-1][1] or not named | parts[-1][1]):
            text, before = parts[-1]
            parts[-1] = (f"{text} {sentence}", before | named)
        else:
            parts.append((sentence, named))
    told = all(statements.stated_numbers(text) for text, _ in parts)
    texts = [text for text, _ in parts] if len(parts) > 1 and told else [row.text]
    yield from (replace(row, text=text) for text in texts)


def _named_facts(sentence: str, facts: Sequence[str]) -> frozenset[str]:
    """Return the wanted facts of which a sentence has a word."""
    words = set(content_words(sentence))
    return frozenset(fact for fact in facts if words & set(content_words(fact)))


def _segments(said: Sequence[Sequence[Any]]) -> list[Segment]:
    starts = [float(row[1]) for row in said]
    return [
        Segment(
            start=start,
            duration=max(0.0, min(following - start, A_WORD_S * len(str(row[2]).split()) + 1)),
            text=str(row[2]),
        )
        for row, start, following in zip(said, starts, [*starts[1:], starts[-1] + 60], strict=True)
    ]


def _choose(
    rows: Sequence[Candidate], question: Question, relevance: Mapping[int, float]
) -> list[Chosen]:
    """Choose passages for each wanted fact in turn, so that none starves; the best first."""
    vectors = embed([row.text for row in rows])
    fits = _fits(rows, vectors, question)
    behind = [relevance[row.video] - max(relevance.values()) for row in rows]
    worth = _worth(rows, vectors) + VIDEO * np.array(behind, dtype=np.float32)
    if question.facts:
        distinct = _distinct(_in_turn(rows, worth, fits), vectors)
        chosen = _balanced(distinct, rows, question)
    else:
        distinct = _distinct(_best(rows, worth + TOPIC * fits[:, -1]), vectors)
        few = replace(question, limit=min(question.limit, FEW))
        chosen = list(_near_best(_balanced(distinct, rows, few), worth + TOPIC * fits[:, -1]))
    # The worth lies around 0 in the best video, so that video's own relevance is to be added.
    total = worth + fits.max(axis=1) + VIDEO * max(relevance.values())
    return [
        Chosen(rows[number], _section(fits[number], question), _share(total[number] - VIDEO))
        for number in chosen
    ]


def _best(rows: Sequence[Candidate], values: "Values") -> Iterator[int]:
    """Return the best of each video and then of all, without greetings and adverts if it can."""
    order = [int(n) for n in np.argsort(-values, kind="stable")]
    telling = [n for n in order if not (rows[n].own_name or statements.is_chatter(rows[n].text))]
    # A clip of one sentence may greet and answer in it.
    telling = telling or order
    firsts = {rows[n].video: n for n in reversed(telling)}
    yield from dict.fromkeys([*sorted(firsts.values(), key=order.index), *telling])


def _near_best(numbers: Sequence[int], values: "Values") -> Iterator[int]:
    """The first `SOME`, and of the others those that are worth nearly as much as the best."""
    best = max((float(values[n]) for n in numbers), default=0.0)
    for place, number in enumerate(numbers):
        if place < SOME or values[number] >= BESIDE_BEST * best:
            yield number


def _share(value: float) -> float:
    """Return any number as one from 0 to 1, in the same order."""
    return 1 / (1 + math.exp(-value))


def _distinct(numbers: Iterable[int], vectors: "Values") -> Iterator[int]:
    """Leave out what says the same as something before it."""
    given: list[int] = []
    for number in numbers:
        if not given or float((vectors[given] @ vectors[number]).max()) <= SAME:
            given.append(number)
            yield number


def _balanced(numbers: Iterable[int], rows: Sequence[Candidate], question: Question) -> list[int]:
    """Take the first up to the limit, the channels that the request names in equal shares.

    What one channel leaves of its share goes to the others.
    """
    channels = set(question.channel_of.values())
    share = math.ceil(question.limit / max(1, len(channels)))
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    spare: list[int] = []
    for number in numbers:
        channel = question.channel_of.get(rows[number].video, "")
        over = bool(channel) and taken[channel] >= share
        (spare if over else chosen).append(number)
        taken[channel] += 1
        if len(chosen) == question.limit:
            break
    return (chosen + spare)[: question.limit]


def _section(fits: "Values", question: Question) -> str:
    """Name the wanted fact that a passage answers best."""
    if not question.facts:
        return ""
    best = int(np.argmax(fits[:-1]))
    return question.facts[best] if fits[best] > 0 else FURTHER


def _in_turn(rows: Sequence[Candidate], worth: "Values", fits: "Values") -> Iterator[int]:
    """Return the best of each video, then the best for each facet in turn; each number once."""
    total = worth + fits.max(axis=1)
    firsts = [
        max((n for n, row in enumerate(rows) if row.video == video), key=lambda n: total[n])
        for video in dict.fromkeys(row.video for row in rows)
    ]
    turns = [_from_best(worth + column) for column in fits.T]
    given: set[int] = set()
    for number in chain(firsts, _round_robin(turns, given)):
        if number not in given:
            given.add(number)
            yield number


def _from_best(values: "Values") -> Iterator[int]:
    """Return the places of the values above `LEAST`, and `AT_LEAST` others, the highest first."""
    order = np.argsort(-values, kind="stable")
    return (int(each) for n, each in enumerate(order) if n < AT_LEAST or values[each] > LEAST)


def _round_robin(turns: Sequence[Iterator[int]], given: set[int]) -> Iterator[int]:
    """Return from each in turn the next that was not given yet."""
    alive = list(turns)
    while alive:
        for turn in list(alive):
            number = next((each for each in turn if each not in given), None)
            if number is None:
                alive.remove(turn)
            else:
                yield number


def _worth(rows: Sequence[Candidate], vectors: "Values") -> "Values":
    """Rate how much each passage states, whatever is asked."""
    centers = {
        video: vectors[[row.video == video for row in rows]].mean(axis=0)
        for video in {row.video for row in rows}
    }
    signs = {
        "numbers": [statements.stated_numbers(row.text) for row in rows],
        "unit": [statements.has_unit(row.text) for row in rows],
        "density": [statements.density(row.text) for row in rows],
        "central": [float(v @ centers[row.video]) for v, row in zip(vectors, rows, strict=True)],
        "pointing": [statements.pointing(row.text) for row in rows],
        "chatter": [statements.is_chatter(row.text) for row in rows],
    }
    columns = [weight * _standard(np.array(signs[name])) for name, weight in SIGNS.items()]
    return np.asarray(np.sum(columns, axis=0), dtype=np.float32)


def _fits(rows: Sequence[Candidate], vectors: "Values", question: Question) -> "Values":
    """Rate how well each passage answers each facet: shape (rows, facets)."""
    rarity = Rarity([row.text for row in rows])
    near = _standard(vectors @ embed(question.facets).T)
    stems = [content_words(facet) for facet in question.facets]
    kinds = [asked_kinds(facet) for facet in question.facets]
    words = np.array([[rarity.shared(each, row.text) for each in stems] for row in rows])
    measures = np.array(
        [[bool(each) and of_kind(row.text, each) for each in kinds] for row in rows]
    )
    return np.asarray(NEAR * near + WORDS * _standard(words) + MEASURE * measures, dtype=np.float32)


def _standard(values: Any) -> "Values":
    """Return values as standard deviations from their column's mean."""
    values = np.asarray(values, dtype=np.float32)
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1))
