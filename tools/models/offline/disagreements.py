"""Where statements of two channels disagree: the same quantity, another value.

A false conflict is worse than a missed one, so what counts as the same quantity is narrow: the same
unit, and the telling words of the clause around the number.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from cliptrail.tools.models.offline.choice.vectors import telling
from cliptrail.tools.text.numbers import Number, numbers
from cliptrail.tools.text.tokens import STOP_WORDS, content_words, stem, tokens
from cliptrail.tools.text.units import UNITS

KINDS: dict[str, frozenset[str]] = {
    "temperature": frozenset({"f", "c", "deg"}),
    "time": frozenset({"s", "ms", "min", "h", "day", "week", "month", "year", "am", "pm", "clock"}),
    "weight": frozenset({"g", "kg", "lb", "oz", "mg"}),
    "length": frozenset({"mm", "cm", "in", "m", "km", "ft", "mile", "um", "nanometer"}),
    "volume": frozenset({"ml", "l", "cup", "tsp", "tbsp", "gal"}),
    "money": frozenset({"usd", "cent", "eur", "gbp", "jpy", "inr"}),
    "power": frozenset({"w", "kw", "wh", "kwh", "j"}),
    "voltage": frozenset({"v", "mv", "kv"}),
    "current": frozenset({"a", "ma", "mah"}),
    "pressure": frozenset({"bar", "psi", "pa", "kpa"}),
    "speed": frozenset({"mph", "kmh", "rpm"}),
    "frequency": frozenset({"hz", "khz", "mhz", "ghz"}),
    "torque": frozenset({"nm"}),
    "loudness": frozenset({"db"}),
    "size": frozenset({"byte", "bit", "kb", "mb", "gb", "tb"}),
    "share": frozenset({"%", "ratio"}),
}
"""Kinds of measure, by the canonical units of `cliptrail.tools.text.numbers`."""
WINDOW = 4
"""Words on either side of a number, its unit not counted, that can name its quantity."""
LEAST_SHARED = 0.5
"""Share of the words around the number, by what they tell, that both clauses must have."""
LEAST_TELLING = 0.3
"""What the words in common must tell at least."""
CLOSE = 0.03
"""Values nearer than this, relative to the larger, agree."""
APART = 4.0
"""Values further apart than this factor are of different quantities."""
COMMON = 0.3
"""A word in more than this share of the statements names no quantity."""
LIGHT = frozenset(
    {"get", "gets", "give", "gives", "go", "keep", "make", "need", "put", "take", "use"}
)
"""Verbs that name no quantity: left out of the topic where another word is there."""
_CLAUSE = re.compile(
    r"[,;:.?!](?=\s|$)|\b(?:and(?!\s+(?:a\s+)?(?:\d|half|quarter))|but|so|because|then|while|when)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(r"\b(?:if|unless)\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:[-–—]|to|or)\s*", re.IGNORECASE)
_UNIT = re.compile(r"[\s-]*(?:°\s*)?[^\W\d_]+|\s*[%°]")


@dataclass(frozen=True)
class Said:
    """A statement and who makes it."""

    text: str
    channel: str


@dataclass(frozen=True)
class Measure:
    """A quantity in a statement."""

    statement: int
    kind: str
    unit: str
    low: float
    high: float
    shown: str
    """Its value, as the statement has it."""
    around: tuple[str, ...]
    """The words around it, as they are written."""

    @property
    def stems(self) -> frozenset[str]:
        """The words around it, comparable."""
        return frozenset(stem(word) for word in self.around)


@dataclass(frozen=True)
class Disagreement:
    """Two statements on one quantity."""

    topic: str
    """The quantity and both values, in words."""
    statements: tuple[int, int]


def disagreements(said: Sequence[Said], most: int) -> list[Disagreement]:
    """Find statements of different channels that give one quantity different values.

    Args:
        said: the statements.
        most: how many disagreements to give at most, the clearest.
    """
    measures = [row for place, each in enumerate(said) for row in _measures(place, each.text)]
    common = _common(said)
    stated = _stated(measures, said)
    found: dict[tuple[str, frozenset[str]], tuple[float, Disagreement]] = {}
    for one, other in combinations(measures, 2):
        shared = _shared(one, other) - common
        if not _comparable(one, other, said, shared) or _both_say(one, other, said, stated):
            continue
        if _other_case(said[one.statement].text, said[other.statement].text):
            continue
        strength = sum(map(telling, shared))
        pair = Disagreement(_topic(one, other, shared), (one.statement, other.statement))
        key = (one.kind, shared)
        if key not in found or strength > found[key][0]:
            found[key] = (strength, pair)
    ranked = sorted(found.values(), key=lambda row: (-row[0], row[1].statements))
    pairs = [pair for _, pair in ranked]
    return list(_apart([*pairs, *_same_case(measures, said, stated)]))[:most]


def _same_case(
    measures: Sequence[Measure],
    said: Sequence[Said],
    stated: dict[tuple[str, str], list[Measure]],
) -> Iterator[Disagreement]:
    """Return pairs that name one case by its size: "60 ml" and "90 ml", both for a 40 mm tyre."""
    cases = [_cases(row.text) for row in said]
    alone = Counter((row.statement, row.kind) for row in measures)
    for one, other in combinations(measures, 2):
        same = cases[one.statement].keys() & cases[other.statement].keys()
        single = alone[one.statement, one.kind] == alone[other.statement, other.kind] == 1
        if (
            same
            and single
            and said[one.statement].channel != said[other.statement].channel
            and one.kind == other.kind
            and one.unit == other.unit
            and all(unit != one.unit for _, unit, _ in same)
            and _differ(one, other)
            and not _both_say(one, other, said, stated)
        ):
            value, unit, _ = case = min(same)
            thing = cases[one.statement][case]
            topic = f"{one.kind.capitalize()} ({value} {unit} {thing})"
            yield Disagreement(
                f"{topic}: {one.shown} or {other.shown}", (one.statement, other.statement)
            )


def _other_case(one: str, other: str) -> bool:
    """Return whether two statements name things that differ in size: a 40 mm and a 30 mm tyre."""
    first, second = _cases(one).keys(), _cases(other).keys()
    alike = {case[1:] for case in first} & {case[1:] for case in second}
    return bool(alike) and not first & second


_CASE = 3
"""Words after a size among which the thing stands that has it."""


def _cases(text: str) -> dict[tuple[str, str, str], str]:
    """Return the things of a stated size that a text names: value, unit and stem, and the word."""
    return {
        (min(number.forms), number.unit, stem(word)): word
        for number in numbers(text)
        if kind_of(number) and (unit := _UNIT.match(text, number.end))
        for word in tokens(re.split(r"[.,;:?!]", text[unit.end() :])[0])[:_CASE]
        if _describes(text, number) and word not in STOP_WORDS and telling(word) >= LEAST_TELLING
    }


def _apart(pairs: Sequence[Disagreement]) -> Iterator[Disagreement]:
    """Return each pair of statements once, the clearest quantity first."""
    seen: set[tuple[int, int]] = set()
    for pair in pairs:
        if pair.statements not in seen:
            seen.add(pair.statements)
            yield pair


def _common(said: Sequence[Said]) -> frozenset[str]:
    counts = Counter(word for row in said for word in set(content_words(row.text)))
    most = max(3.0, COMMON * len(said))
    return frozenset(word for word, count in counts.items() if count > most)


def _stated(
    measures: Sequence[Measure], said: Sequence[Said]
) -> dict[tuple[str, str], list[Measure]]:
    """Group measures by channel and kind."""
    stated: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    for row in measures:
        stated[said[row.statement].channel, row.kind].append(row)
    return stated


def _measures(place: int, text: str) -> Iterator[Measure]:
    """Return the quantities of a statement: those that stand alone, or as a range, in a clause."""
    scaled = any(kind_of(number) == "share" for number in numbers(text))
    for clause in _clauses(text):
        if _supposed(clause):
            continue
        units = [number for number in numbers(clause) if kind_of(number)]
        by_kind: dict[str, list[Number]] = defaultdict(list)
        for number in units:
            by_kind[kind_of(number)].append(number)
        for kind, found in by_kind.items():
            alone = len(found) == 1 or (len(found) == 2 and _is_range(clause, *found))
            # Amounts beside a percentage are those of a batch, and another batch is no conflict.
            batch = scaled and kind in {"weight", "volume"}
            if alone and not batch and not _describes(clause, found[-1]):
                yield _measure(place, kind, found, clause)


def _supposed(clause: str) -> bool:
    """Return whether a clause supposes a value rather than stating it: "if it is at 26"."""
    return bool(_SUPPOSED.search(clause))


def kind_of(number: Number) -> str:
    """Return the kind of measure that a number is; empty without a unit."""
    return next((kind for kind, units in KINDS.items() if number.unit in units), "")


def _clauses(text: str) -> Iterator[str]:
    start = 0
    for match in _CLAUSE.finditer(text):
        # "1.5" and "two and a half" are not two clauses.
        inside = any(n.start < match.end() and match.start() < n.end for n in numbers(text))
        if not inside:
            yield text[start : match.start()].strip()
            start = match.end()
    yield text[start:].strip()


def _describes(clause: str, number: Number) -> bool:
    """Return whether a measure describes a thing ("two 4 pound roasts") rather than being told."""
    unit = _UNIT.match(clause, number.end)
    if unit is None or kind_of(number) == "size":
        return True
    following = re.match(r"\s+([^\W\d]+)", clause[unit.end() :])
    if following is None or unit[0].endswith(("s", "%", "°")):
        return False
    short = len(unit[0].strip()) <= 2
    # "A 40 mm tyre", but "60 ml water": an amount of it, not a property.
    return not short or (kind_of(number) == "length" and following[1] not in STOP_WORDS)


def _is_range(clause: str, one: Number, other: Number) -> bool:
    joined = bool(_RANGE.fullmatch(clause[one.end : other.start]))
    return joined and one.unit == other.unit


def _measure(place: int, kind: str, found: Sequence[Number], clause: str) -> Measure:
    values = [_value(number) for number in found]
    before = tokens(clause[: found[0].start])[-WINDOW:]
    after = tokens(clause[found[-1].end :])[: WINDOW + 1]
    near = _telling_words([*before, *after])
    return Measure(
        statement=place,
        kind=kind,
        unit=found[-1].unit,
        low=min(values),
        high=max(values),
        shown=_shown(clause, found[0].start, found[-1].end),
        around=tuple(dict.fromkeys(near)),
    )


def _shown(clause: str, start: int, end: int) -> str:
    """Return a value with the sign before it or the unit after it."""
    if clause[start - 1 : start] in {"$", "€", "£"}:
        return clause[start - 1 : end]
    unit = _UNIT.match(clause, end)
    return clause[start : unit.end() if unit else end]


def _telling_words(words: Sequence[str]) -> list[str]:
    return [
        word
        for word in words
        if word not in STOP_WORDS and word not in UNITS and not numbers(word) and len(word) > 1
    ]


def _value(number: Number) -> float:
    return min(float(form) for form in number.forms)


def _shared(one: Measure, other: Measure) -> frozenset[str]:
    return one.stems & other.stems


def _comparable(one: Measure, other: Measure, said: Sequence[Said], shared: frozenset[str]) -> bool:
    if said[one.statement].channel == said[other.statement].channel:
        return False
    if one.kind != other.kind or not _same_unit(one.unit, other.unit) or not _differ(one, other):
        return False
    weight = sum(map(telling, shared))
    least = min(sum(map(telling, row.stems)) for row in (one, other))
    return weight >= LEAST_TELLING and weight >= LEAST_SHARED * least


def _same_unit(one: str, other: str) -> bool:
    return one == other or ({one, other} <= {"deg", "f", "c"} and "deg" in {one, other})


def _agree(one: Measure, other: Measure) -> bool:
    """Return whether two values, or ranges, are the same or as good as the same."""
    first, second = sorted((one, other), key=lambda row: row.low)
    return second.low - first.high <= CLOSE * max(abs(second.low), abs(first.high))


def _differ(one: Measure, other: Measure) -> bool:
    """Return whether two values differ, but not so much that they cannot be of one quantity."""
    first, second = sorted((one, other), key=lambda row: row.low)
    return not _agree(one, other) and first.low > 0 and second.high <= APART * first.low


def _both_say(
    one: Measure,
    other: Measure,
    said: Sequence[Said],
    stated: dict[tuple[str, str], list[Measure]],
) -> bool:
    """Return whether one of the channels gives the other's value too: then there is a condition."""
    return any(
        _same_unit(row.unit, theirs.unit) and _agree(row, theirs) and row.stems & theirs.stems
        for mine, theirs in ((one, other), (other, one))
        for row in stated[said[mine.statement].channel, mine.kind]
    )


def _topic(one: Measure, other: Measure, shared: frozenset[str]) -> str:
    """Name the quantity by the words in common: "Temperature (dome)", "Time (at temperature)"."""
    both = [word for word in one.around if stem(word) in shared]
    words = ([word for word in both if word not in LIGHT] or both)[:3]
    # "Time (temperature)" would name two kinds of measure.
    named = [f"at {word}" if word in KINDS and word != one.kind else word for word in words]
    return f"{one.kind.capitalize()} ({' '.join(named)}): {one.shown} or {other.shown}"
