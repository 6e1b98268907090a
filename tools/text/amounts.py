"""Reads the values of numbers in a text, in digits and in words."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal, NamedTuple

from cliptrail.tools.text.tokens import FOLD
from cliptrail.tools.text.units import UNITS

NumberKind = Literal["digit", "word", "ident", "weak"]
"""In digits, spelled out, part of an identifier (FR-4), or a bare one, half or quarter."""


def _words(text: str, first: int = 0) -> dict[str, int]:
    return {word: value for value, word in enumerate(text.split(), first)}


_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = {
    word: 10 * value
    for word, value in _words("twenty thirty forty fifty sixty seventy eighty ninety", 2).items()
} | {"fourty": 40}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_LONG = _SCALES | {"hundred": 100} | {f"{word}s": scale for word, scale in _SCALES.items()}
_SHORT = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9}
_PARTS = {"half": 2, "quarter": 4}
_DENOMINATORS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "sixteenth": 16}
_INCH_PARTS = frozenset({*range(2, 10), 16, 32, 64})

NUMBER_WORDS = frozenset({*_ONES, *_TENS, *_SCALES, *_PARTS, "hundred"})
"""Words that a number in words can begin with."""
_STARTS = NUMBER_WORDS | {"a"}  # a dollar fifty
_NOT_IDENTIFIERS = frozenset({"a", "au", "us", "usd", "aud", "eur", "ca", "nz"})
_DEGREE_SIGNS = {ord(sign): "°" for sign in "º˚"}
_TOKEN = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)*|(?<![\w.])\.\d+|[^\W\d_]+|[^\s\w]|_")


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class Amount(NamedTuple):
    """The value of a number and where it ends."""

    value: Decimal
    next: int
    """Index of the token after it."""
    kind: NumberKind = "word"
    unit: str = ""
    also: Decimal | None = None
    """A second reading: "50k" may be 50 of some unit k."""
    raw: str = ""
    """Its form where it has no value, as a version such as 1.2.3."""

    def forms(self) -> frozenset[str]:
        """Return the canonical strings of the value."""
        if self.raw:
            return frozenset({self.raw})
        return frozenset(_canonical(v) for v in (self.value, self.also) if v is not None)


_EXACT = Decimal(10) ** -6


def _canonical(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _ratio(numerator: int, denominator: int) -> Decimal:
    return (Decimal(numerator) / denominator).quantize(_EXACT, ROUND_HALF_EVEN)


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """Return the text folded, and for each of its characters the offset it came from."""
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    folded: list[str] = []
    origin: list[int] = []
    for offset, char in enumerate(text):
        plain = char.translate(_DEGREE_SIGNS).translate(FOLD)
        plain = unicodedata.normalize("NFKC", plain).translate(FOLD).casefold()
        folded.append(plain)
        origin.extend([offset] * len(plain))
    return "".join(folded), [*origin, len(text)]


class Reader:
    """The tokens of one text, and the amounts that start at them."""

    def __init__(self, text: str) -> None:
        self.original = text
        folded, self.origin = _fold(text)
        self.tokens = [_Token(m[0], m.start(), m.end()) for m in _TOKEN.finditer(folded)]

    def at(self, index: int) -> str:
        """Return the folded token, or an empty string outside the text."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def glued(self, index: int) -> bool:
        """Return whether the token touches the one before it."""
        inside = 0 < index < len(self.tokens)
        return inside and self.tokens[index].start == self.tokens[index - 1].end

    def is_digits(self, index: int) -> bool:
        """Return whether the token is a number in digits."""
        return self.at(index)[-1:].isdecimal()

    def is_word(self, index: int) -> bool:
        """Return whether the token is made of letters."""
        return self.at(index).isalpha()

    def past(self, index: int, *skipped: str) -> int:
        """Return the next index if the token is one of those to skip, else the same."""
        return index + 1 if self.at(index) in skipped else index

    def amount(self, index: int) -> Amount | None:
        """Read the number that starts at a token; None where none starts."""
        if self.is_digits(index):
            amount: Amount | None = self._digits(index)
        elif self.at(index) not in _STARTS:
            return None
        else:
            amount = self._dollar(index) or self._spelled_fraction(index) or self._spelled(index)
        if amount is None or amount.raw or amount.unit:
            return amount
        return self._scaled(self._with_half(self._with_decimals(amount)))

    def _digits(self, index: int) -> Amount:
        text = self.at(index).replace(",", "")
        kind: NumberKind = "ident" if self._is_identifier(index) else "digit"
        if text.count(".") > 1:
            return Amount(Decimal(0), index + 1, kind, raw=text)
        simple = self._slashed(index)
        if simple:
            return simple
        part = self._slashed(self.past(index + 1, "-"))
        if part and "." not in text and kind == "digit":
            return part._replace(value=Decimal(text) + part.value)
        return Amount(Decimal(text), index + 1, kind)

    def _slashed(self, index: int) -> Amount | None:
        """Read "3/4"; dates and 24/7 are not fractions."""
        over, under = self.at(index), self.at(index + 2)
        if not (over.isdecimal() and self.at(index + 1) == "/" and under.isdecimal()):
            return None
        if not (self.glued(index + 1) and self.glued(index + 2)):
            return None
        if self.at(index - 1) == "/" or self.at(index + 3) == "/" or len(over + under) > 4:
            return None
        if int(over) >= int(under) or int(under) not in _INCH_PARTS:
            return None
        return Amount(_ratio(int(over), int(under)), index + 3, "digit")

    def _is_identifier(self, index: int) -> bool:
        return self._letters_before(index) or self._letters_inside(index)

    def _letters_before(self, index: int) -> bool:
        """FR-4, TNY278, PM2.5, but not the 4 of 2x4 or the 30 of 1h30."""
        dash = self.at(index - 1) == "-" and self.glued(index)
        letters = index - 2 if dash else index - 1
        if not (self.glued(index) and self.glued(letters + 1) and self.is_word(letters)):
            return False
        if self.at(letters - 1) == "$" and self.glued(letters):
            return False
        if self.is_digits(letters - 1) and self.glued(letters):
            return self.at(letters) not in UNITS and self.at(letters) != "x"
        return dash or self.at(letters) not in _NOT_IDENTIFIERS

    def _letters_inside(self, index: int) -> bool:
        """1N4007: digits, letters that are no unit, digits."""
        return (
            self.is_word(index + 1)
            and self.is_digits(index + 2)
            and self.glued(index + 1)
            and self.glued(index + 2)
            and self.at(index + 1) not in UNITS
            and self.at(index + 1) != "x"
        )

    def _dollar(self, index: int) -> Amount | None:
        """Read "a dollar fifty" and "one dollar and 50"."""
        if self.at(index) not in {"a", "one"} or self.at(index + 1) != "dollar":
            return None
        after = self.past(index + 2, "and")
        if len(self.at(after)) == 2 and self.at(after).isdecimal():
            cents, after = int(self.at(after)), after + 1
        else:
            cents, after = self._below_hundred(after) or (0, after)
        if cents < 10:
            return None
        return Amount(Decimal(100 + cents) / 100, after, "word", "usd")

    def _spelled(self, index: int) -> Amount | None:
        """Read a number in words, up to "nine hundred ninety-nine billion ..."."""
        group = self._below_thousand(index)
        if group is None and self.at(index) in _SCALES:
            group = (1, index)
        if group is None:
            return None
        total, (value, after) = 0, group
        while (scale := _SCALES.get(self.at(after))) is not None:
            total, value, after = total + value * scale, 0, after + 1
            tail = self._below_thousand(self.past(after, "and"))
            # "between one thousand and five thousand" are two numbers.
            if tail is None or _SCALES.get(self.at(tail[1]), 0) >= scale:
                break
            value, after = tail
        weak = self.at(index) == "one" and after == index + 1
        return Amount(Decimal(total + value), after, "weak" if weak else "word")

    def _below_thousand(self, index: int) -> tuple[int, int] | None:
        head = self._below_hundred(index)
        if head is None and self.at(index) == "hundred":
            head = (1, index)
        if head is None or self.at(head[1]) != "hundred":
            return head
        value, after = head[0] * 100, head[1] + 1
        tail = self._below_hundred(self.past(after, "and"))
        # "between one hundred and two hundred" are two numbers.
        if tail is None or self.at(tail[1]) == "hundred":
            return value, after
        return value + tail[0], tail[1]

    def _below_hundred(self, index: int) -> tuple[int, int] | None:
        word = self.at(index)
        if word in _ONES:
            return _ONES[word], index + 1
        if word not in _TENS:
            return None
        ones = self.past(index + 1, "-")
        digit = _ONES.get(self.at(ones), 0)
        return (_TENS[word] + digit, ones + 1) if 1 <= digit <= 9 else (_TENS[word], index + 1)

    def _spelled_fraction(self, index: int) -> Amount | None:
        """Read half, one quarter, three-quarters, two thirds."""
        if self.at(index) in _PARTS:
            return Amount(_ratio(1, _PARTS[self.at(index)]), index + 1, "weak")
        count = _ONES.get(self.at(index), 0)
        after = self.past(index + 1, "-")
        name = self.at(after)
        if count == 1 and name in _PARTS:
            return Amount(_ratio(1, _PARTS[name]), after + 1, "weak")
        single = name in _DENOMINATORS and (count == 1 or name == "quarter")
        parts = _DENOMINATORS.get(name if single else name.removesuffix("s"), 0)
        if not 1 <= count < parts or not (single or (count > 1 and name.endswith("s"))):
            return None
        return Amount(_ratio(count, parts), after + 1)

    def _with_decimals(self, amount: Amount) -> Amount:
        """Read on after "three point": one four, 14, twenty-five."""
        if self.at(amount.next) != "point" or not _is_whole(amount.value):
            return amount
        digits, after = "", amount.next + 1
        while (ones := _ONES.get(self.at(after), 10)) < 10:
            digits, after = f"{digits}{ones}", after + 1
        if not digits and self.at(after).isdecimal():
            digits, after = self.at(after), after + 1
        elif not digits and (pair := self._below_hundred(after)):
            digits, after = str(pair[0]), pair[1]
        if not digits:
            return amount
        kind: NumberKind = "word" if amount.kind == "weak" else amount.kind
        return amount._replace(value=amount.value + Decimal(f"0.{digits}"), next=after, kind=kind)

    def _with_half(self, amount: Amount) -> Amount:
        """Read on after "two": and a half, and three quarters."""
        if self.at(amount.next) != "and" or not _is_whole(amount.value):
            return amount
        after = amount.next + 1
        part = self._spelled_fraction(self.past(after, "a"))
        if part is None or (self.at(after) in _PARTS):
            return amount
        kind: NumberKind = "word" if amount.kind == "weak" else amount.kind
        return amount._replace(value=amount.value + part.value, next=part.next, kind=kind)

    def _scaled(self, amount: Amount) -> Amount:
        """Read on after the number: million, hundred, k."""
        after = self.past(amount.next, "-")
        if amount.value < 1 and self.at(after) == "a" and self.at(after + 1) in _LONG:
            after += 1
        word = self.at(after)
        if word in _LONG and amount.kind != "ident":
            kind: NumberKind = "word" if amount.kind == "weak" else amount.kind
            return amount._replace(value=amount.value * _LONG[word], next=after + 1, kind=kind)
        if word == "k" or (word in _SHORT and amount.kind in {"digit", "ident"}):
            return amount._replace(also=amount.value * _SHORT[word])
        return amount
