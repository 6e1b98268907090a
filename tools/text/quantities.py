"""Quantities that a text begins and its source finishes: "1 hour" of "1 hour and 10 minutes"."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from cliptrail.tools.text.numbers import Number, in_words, numbers
from cliptrail.tools.text.units import CURRENCIES

_DESCENDING = (
    ("year", "month", "week", "day", "h", "min", "s"),
    ("mile", "ft", "in"),
    ("km", "m", "cm", "mm"),
    ("kg", "g"),
    ("lb", "oz"),
    ("l", "ml"),
    ("cup", "tbsp", "tsp"),
    ("usd", "cent"),
)
"""Units that are said together, the larger first."""
_ABOUT = r"(?:(?:about|around|maybe|even|another|like)\s+)?"
_AND = re.compile(rf"\s*,?\s*(?:and\s+)?{_ABOUT}", re.IGNORECASE)
_TO = re.compile(rf"\s*(?:[-–—]|\b(?:to|or)\b)\s*{_ABOUT}", re.IGNORECASE)
_PART = re.compile(r"\s+and\s+a\s+(?:half|quarter)\b(?!\s+of\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rest:
    """What a text leaves out of a quantity."""

    at: int
    """Offset in the text at which the quantity stops."""
    words: str
    """What its source says next: " and 10 minutes"."""
    said: str
    """The whole quantity, as its source has it."""


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with its unit in a text, and what continues it there."""

    number: Number
    end: int
    """Offset after its unit."""
    rest: tuple[int, int]
    """Offsets of what continues it; equal where nothing does."""
    next: Number | None = None
    """The number that continues it; None for a half or a quarter."""


@dataclass(frozen=True)
class Quantities:
    """The numbers and quantities of a text, read once."""

    text: str
    numbers: tuple[Number, ...] = field(repr=False)

    @cached_property
    def rows(self) -> tuple[_Quantity, ...]:
        """The numbers that measure, each with what continues it."""
        return tuple(_quantities(self.text, self.numbers))

    @cached_property
    def _ends(self) -> list[int]:
        return [number.end for number in self.numbers]

    @cached_property
    def _row_ends(self) -> list[int]:
        return [row.number.end for row in self.rows]

    def between(self, begin: int, stop: int) -> tuple[Number, ...]:
        """Return the numbers of which some of the text from `begin` to `stop` is a part."""
        first = bisect_left(self._ends, begin + 1)
        last = bisect_left(self._ends, stop + 1, first)
        over = last < len(self.numbers) and self.numbers[last].start < stop
        return self.numbers[first : last + over]

    def rows_between(self, begin: int, stop: int) -> tuple[_Quantity, ...]:
        """Return the quantities whose number ends between two offsets."""
        first = bisect_left(self._row_ends, begin + 1)
        return self.rows[first : bisect_left(self._row_ends, stop + 1, first)]


@lru_cache(maxsize=512)
def read(text: str) -> Quantities:
    """Return the numbers and quantities of a text; texts that come again are not read again."""
    return Quantities(text, tuple(numbers(text)))


@dataclass(frozen=True)
class Span:
    """Some of a text, with what stands beyond its ends."""

    of: Quantities
    begin: int
    stop: int

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers that are said here, also those that began before or go on behind."""
        return self.of.between(self.begin, self.stop)


def whole(text: str) -> Span:
    """Return all of a text."""
    return Span(read(text), 0, len(text))


def cut_short(text: str, said: Iterable[Span]) -> list[Rest]:
    """Return what a text leaves out of its quantities: of compound ones and of ranges.

    A quantity counts only if every place of the source that has its value goes on, so that a
    value that the source gives twice, once with a rest and once without, is no fault.

    Args:
        text: what was taken from the source, in its words or in others.
        said: the places that it was taken from.
    """
    own = read(text)
    there = [
        (row, span.of.text)
        for span in said
        for row in span.of.rows_between(span.begin, span.stop)
        if row.number.unit
    ]
    have = {form for number in own.numbers for form in number.forms}
    found: list[Rest] = []
    for quantity in own.rows:
        if quantity.rest[0] < quantity.rest[1]:
            continue
        last = not re.search(r"\w", text[quantity.end :])
        same = [row for row in there if _same(quantity.number, row[0].number, last=last)]
        moves = () if last else ("from", "between")
        left = [
            row for row in same if _left(row[0], have, text) and not _follows(row[0], moves, row[1])
        ]
        if left and len(left) == len(same):
            found.append(_rest(quantity, *left[0], text))
    return found


def quantities(text: str) -> list[str]:
    """Return the quantities of a text, each whole and as it stands: "1 hour and 10 minutes".

    Returns:
        None at all where one of its numbers has no unit, or one that describes a thing ("a 46
        minute ramp"): a list that is not complete would mislead.
    """
    own = read(text)
    shown: list[str] = []
    done = 0
    for row in own.rows:
        if row.number.start >= done:
            shown.append(_shown(row, text))
            done = max(row.end, row.rest[1])
    counted = [row for row in own.numbers if _counts(row)]
    sound = all(row.kind != "ident" and row.unit for row in counted)
    sound = sound and not any(_describes(row, text) for row in own.rows)
    return list(dict.fromkeys(shown)) if sound else []


_SINGULAR = re.compile(r"(?:[^\W\d]{3,}(?<!s)|(?<=[\s-])in)$", re.IGNORECASE)
_ONE = re.compile(r"(?:1|one|an?|half|quarter)\b", re.IGNORECASE)
_SAME_IN_PLURAL = frozenset({"percent", "hertz", "feet", "celsius", "fahrenheit", "centigrade"})


def _describes(row: _Quantity, text: str) -> bool:
    unit = text[row.number.end : row.end].strip(" -")
    if unit.casefold() in _SAME_IN_PLURAL or _ONE.match(text, row.number.start):
        return False
    return bool(_SINGULAR.search(text[row.number.end : row.end]))


def parts_quantity(left: str, right: str) -> bool:
    """Return whether a cut between two pieces of speech parts a quantity from its rest."""
    at = len(left)
    return any(row.end <= at + 1 and row.rest[1] > at for row in read(f"{left} {right}").rows)


def _quantities(text: str, found: Sequence[Number]) -> list[_Quantity]:
    rows: list[_Quantity] = []
    for number, following in pairwise([*found, None]):
        if number is None or number.kind == "ident" or not _counts(number):
            continue
        end = _end(number, text)
        part = _PART.match(text, end)
        if following is not None and _continues(number, following, text, end):
            rows.append(_Quantity(number, end, (end, _end(following, text)), following))
        elif part is not None and not (
            following and following.start < part.end() and following.unit
        ):
            rows.append(_Quantity(number, end, part.span()))
        else:
            rows.append(_Quantity(number, end, (end, end)))
    return rows


def _counts(number: Number) -> bool:
    """Return whether a number measures: a bare one, half or quarter does with a unit only."""
    return number.kind != "weak" or bool(number.unit)


_SCALE = re.compile(r"\s*°?\s*(?:fahrenheit|celsius|centigrade|[fc])\b", re.IGNORECASE)
_RATE = re.compile(r"(?:\s+(?:an?|per)\s+|/)[^\W\d_]+")


def _shown(row: _Quantity, text: str) -> str:
    """Return a quantity as it stands, with the sign before it and its scale or rate after it."""
    sign = row.number.start > 0 and text[row.number.start - 1] in CURRENCIES
    end = max(row.end, row.rest[1])
    if row.number.unit in {"deg", "f", "c"} and (scale := _SCALE.match(text, end)):
        end = scale.end()
    if rate := _RATE.match(text, end):
        end = rate.end()
    return " ".join(text[row.number.start - sign : end].split())


def _end(number: Number, text: str) -> int:
    shown = in_words(number, text)
    start = text.rfind(shown, max(0, number.start - 8), number.end + len(shown))
    return max(number.end, start + len(shown)) if start >= 0 else number.end


def _continues(number: Number, following: Number, text: str, end: int) -> bool:
    if following.kind == "ident" or not number.unit:
        return False
    between = text[end : following.start]
    if following.unit == number.unit:
        return bool(_TO.fullmatch(between))
    smaller = any(
        number.unit in units and following.unit in units[units.index(number.unit) + 1 :]
        for units in _DESCENDING
    )
    return smaller and bool(_AND.fullmatch(between))


def _same(one: Number, other: Number, *, last: bool) -> bool:
    """Return whether two are one quantity; the last of a text may have lost its unit."""
    degrees = {one.unit, other.unit} <= {"deg", "f", "c"}
    alike = one.unit == other.unit or degrees or (last and not one.unit)
    return bool(one.forms & other.forms) and alike


def _follows(row: _Quantity, words: tuple[str, ...], source: str) -> bool:
    """Return whether one of some words leads to a quantity: "from 250 to 350" has two, no range."""
    before = source[max(0, row.number.start - 16) : row.number.start]
    return before.rstrip().casefold().endswith(words or ("\0",))


def _left(row: _Quantity, have: set[str], text: str) -> bool:
    """Return whether a quantity of the source goes on with what the text does not have."""
    if row.rest[0] == row.rest[1]:
        return False
    if row.next is None:
        return not re.search(r"\b(?:half|quarter)\b", text, re.IGNORECASE)
    return not row.next.forms & have


def _rest(quantity: _Quantity, row: _Quantity, source: str, text: str) -> Rest:
    """Return the rest; a range goes before the unit that both of its ends share."""
    shared = row.end == row.number.end and quantity.end > quantity.number.end
    at = quantity.number.end if shared and row.next else quantity.end
    stop = row.next.end if shared and row.next else row.rest[1]
    said = source[row.number.start : row.rest[1]]
    return Rest(at, source[row.rest[0] : stop], " ".join(said.split()))
