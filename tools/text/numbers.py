"""Numbers in a text, with their units, so that a claim's numbers can be held against its source.

Equal values have equal canonical forms however they are written: "1,150" and "1150", "75%" and
"75 percent", "two and a half" and "2.5", "a hundred and forty" and "140". Signs are not read: in
captions "225-250" is a range far more often than a negative number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cliptrail.tools.text.amounts import Amount, NumberKind, Reader
from cliptrail.tools.text.units import ATTACHED_ONLY, CURRENCIES, PREFIXES, UNITS


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text. Equality is by value, kind and unit; the place does not count."""

    forms: frozenset[str]
    """Canonical strings of its value; two only for "50k" and "35m", which may also be a unit."""
    kind: NumberKind
    """In digits, spelled out, part of an identifier (FR-4), or a bare one, half or quarter."""
    unit: str = ""
    """Canonical unit, e.g. "f", "deg", "min", "%", "usd", "ratio"; empty where there is none."""
    start: int = field(default=0, compare=False)
    """Offset in the text of the number's first character."""
    end: int = field(default=0, compare=False)
    """Offset after the number's last character; a unit is not part of it."""


def numbers(text: str) -> list[Number]:
    """Return all numbers of a text in order, with the units that follow or are attached."""
    return _share_units(_NumberReader(text).numbers(), text)


def unsupported(claim: str, said: Iterable[Number]) -> list[Number]:
    """Return the numbers of a claim that are not said, or are said of another unit only.

    Bare one, half and quarter, [mm:ss] stamps, addresses, footnote marks, list numbering, and what
    points back to things that were named ("the two agree") need no support. A unit that is left
    out on either side contradicts nothing.

    Args:
        claim: a statement.
        said: the numbers of what it rests on.
    """
    there = by_form(said)
    return [
        number
        for number in numbers(_without_marks(claim))
        if number.kind != "weak"
        and not _is_said(number, alike(number, there))
        and not _points_back(number, claim)
    ]


_BEFORE = re.compile(r"\b(?:the|these|those|both|all|other)\s+$", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*(?:$|[.,;:)]|(?:and|or|is|are|was|were|do|does|differ|disagree|agree|have|has|can|will|in|"
    r"on|at|with|for|by|to|as|but|that|which)\b)",
    re.IGNORECASE,
)


def _points_back(number: Number, claim: str) -> bool:
    """Does a spelled number stand for things that were named, and count nothing new?"""
    spelled = not any(map(str.isdigit, claim[number.start : number.end]))
    before = claim[max(0, number.start - 12) : number.start]
    return (
        spelled
        and not number.unit
        and _BEFORE.search(before) is not None
        and _AFTER.match(claim, number.end) is not None
    )


def by_form(found: Iterable[Number]) -> dict[str, list[Number]]:
    """Return numbers by the canonical forms of their value."""
    forms: dict[str, list[Number]] = {}
    for number in found:
        for form in number.forms:
            forms.setdefault(form, []).append(number)
    return forms


def alike(number: Number, forms: Mapping[str, Sequence[Number]]) -> list[Number]:
    """Return those of `by_form` that have a number's value, whatever their unit."""
    return [row for form in sorted(number.forms) for row in forms.get(form, ())]


def _is_said(claimed: Number, same: Sequence[Number]) -> bool:
    """Return whether one of some numbers of the same value supports a claimed one.

    Where some of them have a unit, it is they that tell: "minute 98 … 98 minutes" is no 98 hours.
    """
    measured = [row for row in same if row.unit]
    if claimed.unit and measured:
        return any(units_agree(row.unit, claimed.unit) for row in measured)
    return bool(same)


_ALIKE = (
    {"deg", "f"},
    {"deg", "c"},
    {"lb", "gbp"},  # pounds
    {"m", "min"},  # 35m
    {"g", "gb"},
    {"ft", "min"},  # 5'
    {"mile", "mph"},
    {"km", "kmh"},
    {"w", "wh"},
    {"kw", "kwh"},
    {"ma", "mah"},
)
_OF_TIME = frozenset({"clock", "ratio", "am", "pm", "h", "min", "s", "in"})
_COLONS = frozenset({"clock", "ratio"})


def units_agree(one: str, other: str) -> bool:
    """Return whether two canonical units can be meant for one: equal, left out, or said alike."""
    if not one or not other or one == other:
        return True
    if {one, other} & _COLONS:  # 7:30, 1:5
        return {one, other} <= _OF_TIME
    return {one, other} in _ALIKE


def in_words(number: Number, text: str) -> str:
    """Return a number as it stands in its text, with the word of its unit: "250 degrees", "1:2".

    Args:
        number: one of `numbers(text)`.
        text: the text.
    """
    found = _RATIO.search(text, max(0, number.start - 6), number.end + 6)
    if number.unit in {"ratio", "clock"} and found and found.end() >= number.end:
        return found[0]
    word = _UNIT_WORD.match(text, number.end)
    own = word is not None and UNITS.get(word[1].casefold()) in {number.unit, "deg"}
    sign = number.start > 0 and text[number.start - 1] in CURRENCIES
    return text[number.start - sign : word.end() if word and own else number.end]


_RATIO = re.compile(r"\d+(?::\d+)+")
_UNIT_WORD = re.compile(r"[\s-]?([°%℉℃]|[^\W\d_]+)")

_STAMP = r"(?:\d{1,2}:)?\d{1,3}:\d{2}"
_MARKS = re.compile(
    r"(?<=\])\([^)]*\)"  # the target of a Markdown link
    r"|https?://\S+"
    rf"|[\[(]\s*{_STAMP}(?:\s*[-–—]\s*{_STAMP})?\s*[\])]"
    r"|\[\s*(?:\^\d{1,3}|\d{1,2})\s*\](?!\s*(?:°|%|degrees?\b|minutes?\b|hours?\b|seconds?\b))"
    r"|^[^\S\n]*(?:[-*]\s+)?(?:step\s+)?\d{1,2}[.):][^\S\n]+",
    re.IGNORECASE | re.MULTILINE,
)


def _without_marks(claim: str) -> str:
    """Blank what looks like a number but states nothing; offsets stay as they are."""
    return _MARKS.sub(lambda mark: " " * len(mark[0]), claim)


_FILLERS = frozenset({"um", "uh"})
_CLOCK = frozenset({"at", "by", "until", "till", "around", "before", "after"})
_BETWEEN = re.compile(
    r"\s*(?:[-–—x×]|,?\s*(?:to|or|(?P<both>and)|through|by))\s*"
    r"(?:(?:about|around|maybe|even|up to)\s+)?",
    re.IGNORECASE,
)


class _NumberReader(Reader):
    """Reads the numbers of one text, with their units, from left to right."""

    def numbers(self) -> Iterator[Number]:
        index = 0
        while index < len(self.tokens):
            amount = self.amount(index)
            if amount is None:
                index += 1
                continue
            yield Number(
                forms=amount.forms(),
                kind=amount.kind,
                unit=amount.unit or self._unit(index, amount),
                start=self.origin[self.tokens[index].start],
                end=self.origin[self.tokens[amount.next - 1].end - 1] + 1,
            )
            index = amount.next

    def _unit(self, index: int, amount: Amount) -> str:
        if amount.kind == "ident":
            return ""
        if self.at(index - 1) in CURRENCIES:
            return CURRENCIES[self.at(index - 1)]
        after = amount.next
        while self.at(after) in _FILLERS:
            after += 1
        if amount.value < 1 and self.at(self.past(after, "of")) in {"a", "an"}:
            after = self.past(after, "of") + 1  # half an hour, 1/4 of an inch
        return self._colon(index, amount) or self._unit_at(after)

    def _colon(self, index: int, amount: Amount) -> str:
        """Tell 7:30 from 1:5:5."""
        before = self.at(index - 1) == ":" and self.glued(index) and self.is_digits(index - 2)
        after = self.at(amount.next) == ":" and self.is_digits(amount.next + 1)
        after = after and self.glued(amount.next) and self.glued(amount.next + 1)
        if not before and not after:
            return ""
        first = index - 2 if before else index
        last = amount.next + 1 if after else index
        half_day = self._unit_at(last + 1)
        if half_day in {"am", "pm"}:
            return half_day
        minutes = len(self.at(last)) == 2 and self.at(last) < "60"
        return "clock" if minutes and self.at(first - 1) in _CLOCK else "ratio"

    def _unit_at(self, index: int) -> str:
        """Name the unit that stands at a token, or give an empty string."""
        if self.at(index) == "-" and self.glued(index) and len(self.at(index + 1)) > 1:
            index += 1
        word = self.at(index)
        if word in {"a", "p"} and [self.at(index + 1), self.at(index + 2)] == [".", "m"]:
            return f"{word}m"
        if word == "per" and self.at(index + 1) == "cent":
            return "%"
        if word in PREFIXES:
            return UNITS.get(word + self.at(self.past(index + 1, "-")), "")
        if word in ATTACHED_ONLY and not self._surely_unit(index):
            return ""
        unit = UNITS.get(word, "")
        if unit == "deg":
            scale = UNITS.get(self.at(index + 1), "")
            return scale if scale in {"f", "c"} else "deg"
        return unit

    def _surely_unit(self, index: int) -> bool:
        token = self.tokens[index]
        written = self.original[self.origin[token.start] : self.origin[token.end - 1] + 1]
        last = index + 1 == len(self.tokens)
        if self.at(index) == "in":
            return self.glued(index) or last or self.at(index + 1) in {".", ")", ";", "x"}
        return self.glued(index) or written.isupper() or self.at(index) == "am"


def _share_units(found: Iterator[Number], text: str) -> list[Number]:
    """Return "225 to 250 degrees" and "$5-10" one unit each."""
    shared = list(found)
    for index in range(len(shared) - 2, -1, -1):
        left, right = shared[index], shared[index + 1]
        if left.kind == "ident" or right.kind == "ident":
            continue
        joint = _BETWEEN.fullmatch(text, left.end, right.start)
        before = text[max(0, left.start - 16) : left.start]
        if joint and right.unit and not left.unit and _is_range(joint, before):
            shared[index] = replace(left, unit=right.unit)
    return _share_currency(shared, text)


def _is_range(joint: re.Match[str], before: str) -> bool:
    """Tell "between 2 and 5 kg" from "in 2019 and 5 kg"."""
    return not joint["both"] or before.rstrip()[-7:].casefold() == "between"


def _share_currency(found: list[Number], text: str) -> list[Number]:
    signs = frozenset(CURRENCIES.values())
    for index, (left, right) in enumerate(pairwise(found)):
        joint = text[left.end : right.start].strip().casefold()
        if left.unit in signs and not right.unit and joint in {"-", "–", "—", "to"}:
            found[index + 1] = replace(right, unit=left.unit)
    return found
