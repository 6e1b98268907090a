"""Kinds of measure: which one a request asks for, and which ones a text states."""

from collections.abc import Iterable

from cliptrail.tools.text.numbers import Number, numbers
from cliptrail.tools.text.tokens import content_words

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

ANY = "number"
NAME = "identifier"
_ASKED = {
    "temperature": "temperature temperatures heat hot cold warm degrees",
    "time": "time times timing long duration durations minutes hours often interval intervals "
    "schedule when wait",
    "weight": "weight weights dose doses heavy amount amounts quantity quantities",
    "length": "length width depth distance thick thickness tolerance tolerances dimension "
    "dimensions size sizes",
    "volume": "volume amount amounts quantity quantities",
    "money": "cost costs price prices billing money cheap expensive fee fees budget pricing",
    "power": "power consumption energy watts",
    "voltage": "voltage voltages volts measurements",
    "current": "current amps measurements",
    "pressure": "pressure pressures",
    "speed": "speed speeds",
    "frequency": "frequency frequencies",
    "torque": "torque tightness",
    "loudness": "noise loudness",
    "size": "size sizes storage memory capacity bandwidth",
    "share": "percent percentage share ratio ratios hydration proportion proportions",
    ANY: "number numbers figure figures statistics size sizes count counts many much values "
    "measurements settings specifications specs rating ratings",
    NAME: "model models part parts identifier identifiers version versions standard standards",
}
ASKS_FOR: dict[str, frozenset[str]] = {
    stem: frozenset(kind for kind, words in _ASKED.items() if stem in content_words(words))
    for stem in {stem for words in _ASKED.values() for stem in content_words(words)}
}
"""Stems of words with which a request asks for kinds of measure."""


def asked_kinds(text: str) -> frozenset[str]:
    """Return the kinds of measure that a text asks for."""
    return frozenset[str]().union(*(ASKS_FOR.get(word, ()) for word in content_words(text)))


def stated_kinds(text: str) -> frozenset[str]:
    """Return the kinds of measure that a text states."""
    found = [number for number in numbers(text) if number.kind != "weak"]
    kinds = {kind for number in found if (kind := kind_of(number))}
    if found:
        kinds.add(NAME if all(number.kind == "ident" for number in found) else ANY)
    return frozenset(kinds | {NAME} if any(row.kind == "ident" for row in found) else kinds)


def kind_of(number: Number) -> str:
    """Return the kind of measure that a number is; empty without a unit."""
    return next((kind for kind, units in KINDS.items() if number.unit in units), "")


def of_kind(text: str, kinds: Iterable[str]) -> bool:
    """Return whether a text states one of the kinds."""
    return bool(stated_kinds(text) & set(kinds))
