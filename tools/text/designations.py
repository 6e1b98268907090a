"""Numbers that are part of a name and measure nothing: RJ-45, Python 3.12, § 8, Formula 1, 3D."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cliptrail.tools.text.numbers import Number, numbers
from cliptrail.tools.text.tokens import STOP_WORDS

_WORD_BEFORE = re.compile(r"([^\W\d_]+|[§#№])[\s.-]{0,3}$")
_LONGEST_WORD = 40
"""Characters before and after a number in which its name stands."""
_DESIGNATING = (
    "§ # № no nr number chapter section article paragraph appendix part step figure fig table "
    "version v episode lesson lecture exercise season volume type class grade level model mark mk "
    "route formula unit stage phase rule law tip option question example vitamin"
)
_DESIGNATORS = frozenset(_DESIGNATING.split())
"""Words that name the thing after them by a number."""
_CALENDAR = (
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday "
    "sunday i"
)
_DATES = frozenset(_CALENDAR.split())
"""Capitalised words before a number that is a date, or counts."""
_PREFIXES = "sub pre post mid under over top near about plus minus up all non"
_MEASURING = frozenset(_PREFIXES.split())
"""Words that a hyphen joins to a quantity: sub-20, pre-1990."""
_AFTER = re.compile(r"[^\W\d_]+")
_SUFFIXES = "x s st nd rd th k m mn bn ish fold"
_COUNTING = frozenset(_SUFFIXES.split())
"""Letters after a number that leave it a quantity: 4x, 20th, 1990s."""
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\n])[\s\"'“‘(\[*-]*$")
_CAPITALISED = re.compile(r"(?<=[^\s.!?:…] )[\"'“‘(]?([A-Z]\w+)")
_WITH_DIGITS = re.compile(r"[^\s,;:!?()\"“”]{0,40}\d[^\s,;:!?()\"“”]{0,40}")


@dataclass(frozen=True)
class Names:
    """What a text calls by a number, and which of its words are names."""

    after: Mapping[str, frozenset[str]]
    """Word, caseless → canonical forms of the numbers that follow it."""
    compact: frozenset[str]
    """Words of letters and digits, without case and signs: "rj45"."""
    capitalised: frozenset[str]
    """Words, caseless, that it writes with a capital within a sentence."""


@lru_cache(maxsize=256)
def names(text: str) -> Names:
    """Return the names of a title, a request, or all that is said in a video."""
    return names_of(text, numbers(text))


def names_of(text: str, found: Sequence[Number]) -> Names:
    """Return the names of a text whose numbers are known."""
    after: dict[str, set[str]] = {}
    for number in found:
        if (word := _word_before(text, number.start)) and word not in STOP_WORDS:
            after.setdefault(word, set()).update(number.forms)
    compact = {_compact(match[0]) for match in _WITH_DIGITS.finditer(text)}
    return Names(
        after={word: frozenset(forms) for word, forms in after.items()},
        compact=frozenset(row for row in compact if _is_mixed(row)),
        capitalised=frozenset(match[1].casefold() for match in _CAPITALISED.finditer(text)),
    )


def parts_of_names(text: str, found: Sequence[Number], known: Sequence[Names]) -> list[Number]:
    """Return those numbers of a text that are part of a name.

    A number is, if the same word and number stand together in a title, in the request or in what
    is said; or if it is written as one: joined to a word, after a word with a capital or one that
    designates. It is not, if the texts know the word with other numbers only: then it is a mistake.

    Args:
        text: a statement.
        found: its numbers, in order.
        known: names of the title, the request, and what is said.
    """
    parts: list[Number] = []
    for number in found:
        joint = text[parts[-1].end : number.start] if parts else ""
        goes_on = joint in {"-", "/", "."} and not number.unit
        if goes_on or _is_known(text, number, known) or _is_new(text, number, known):
            parts.append(number)
    return parts


def _is_new(text: str, number: Number, known: Sequence[Names]) -> bool:
    """Return whether a number is written as part of a name that the texts know with no other."""
    written = _looks_like_one(text, number, known)
    return written and not _other_numbers(text, number, known)


def _is_known(text: str, number: Number, known: Sequence[Names]) -> bool:
    written = _compact(_written(text, number))
    if not number.unit and _is_mixed(written) and any(written in row.compact for row in known):
        return True
    word = _word_before(text, number.start)
    return not number.unit and any(number.forms & row.after.get(word, frozenset()) for row in known)


def _other_numbers(text: str, number: Number, known: Sequence[Names]) -> bool:
    """Return whether the word before a number is known, with other numbers after it."""
    word = _word_before(text, number.start)
    return word not in _DESIGNATORS and any(row.after.get(word) for row in known)


def _looks_like_one(text: str, number: Number, known: Sequence[Names]) -> bool:
    word = _word_before(text, number.start)
    if number.kind == "ident":
        return word not in _MEASURING
    if number.unit:
        return False
    after = _AFTER.match(text, number.end)
    if after and number.kind == "digit":
        return after[0].casefold() not in _COUNTING
    if word in _DESIGNATORS:
        return True
    return bool(word) and word not in _DATES and _is_capitalised(text, number.start, word, known)


def _is_capitalised(text: str, end: int, word: str, known: Sequence[Names]) -> bool:
    before = text[max(0, end - _LONGEST_WORD) : end]
    match = _WORD_BEFORE.search(before)
    if match is None or len(match[1]) < 2 or not any(sign.isupper() for sign in match[1]):
        return False
    if any(sign.isupper() for sign in match[1][1:]):  # GPT 4, iPhone 15
        return True
    opens = _SENTENCE_START.search(text[max(0, end - 2 * _LONGEST_WORD) : end - len(match[0])])
    return not opens or any(word in row.capitalised for row in known)


def _word_before(text: str, at: int) -> str:
    match = _WORD_BEFORE.search(text[max(0, at - _LONGEST_WORD) : at])
    return match[1].casefold() if match else ""


def _written(text: str, number: Number) -> str:
    """Return the word in which a number stands: "RJ-45" for 45."""
    start = max(0, number.start - _LONGEST_WORD)
    left = re.search(r"[^\s,;:!?()\"“”]*$", text[start : number.start])
    right = re.match(r"[^\s,;:!?()\"“”]*", text[number.start : number.end + _LONGEST_WORD])
    return (left[0] if left else "") + (right[0] if right else "")


def _compact(word: str) -> str:
    return "".join(sign for sign in word.casefold() if sign.isalnum())


def _is_mixed(word: str) -> bool:
    return any(sign.isdigit() for sign in word) and any(sign.isalpha() for sign in word)
