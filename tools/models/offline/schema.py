"""Fills a JSON schema with a small valid instance, taking values from a text where it can."""

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from cliptrail.state.errors import BadAnswer
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.tokens import tokens

Schema = Mapping[str, Any]

_LONGEST = 15
DEEPEST = 30
"""Levels of nesting after which a schema is taken to be endless."""

_WHOLE = "query question request text prompt topic task goal message content instructions"
_WHOLE_TEXT = frozenset(_WHOLE.split())
_FORMATS = {
    "date": "2000-01-01",
    "date-time": "2000-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT0S",
    "uri": "https://example.org/",
    "email": "nobody@example.org",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
}
_SIMPLE = ("", "a", "A", "0", "1", "aa", "00", "a1", "a.a", "a-a", "none", "untitled")


def fill(schema: Schema, text: str) -> dict[str, Any]:
    """Return a minimal instance of an object schema.

    Only required properties are filled. Numbers, quoted and capitalised words of the text go into
    the properties that can hold them, in order; the rest gets defaults or least values.

    Args:
        schema: a JSON schema of an object, e.g. the parameters of a tool.
        text: what the user said.

    Raises:
        BadAnswer: the schema is endless, refers to what is not there, asks for a pattern that no
            known value fits, or cannot be met.
    """
    filled = _Filler(schema, text).value(schema, "", 0)
    if not isinstance(filled, dict):
        raise BadAnswer(f"The offline engine fills objects, not {type(filled).__name__} values.")
    return filled


class _Filler:
    """Fills one schema from one text; each found value is used once."""

    def __init__(self, root: Schema, text: str) -> None:
        self.root = root
        self.text = text.strip()
        self.words = frozenset(tokens(text))
        self.said_numbers = list(_said_numbers(text))
        self.said_names = list(_said_names(text))

    def value(self, schema: Schema | bool, name: str, depth: int) -> Any:
        if isinstance(schema, bool):
            return None
        if depth > DEEPEST:
            raise BadAnswer(f"The schema of {name or 'the answer'} never ends.")
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chosen(schema["enum"])
        if "default" in schema:
            return schema["default"]
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self._branch(schema, schema[union], name, depth)
        return self._typed(schema, name, depth)

    def _resolved(self, schema: Schema) -> Schema:
        """Follow $ref and merge allOf."""
        seen: set[str] = set()
        while "$ref" in schema:
            reference = schema["$ref"]
            if reference in seen:
                raise BadAnswer(f"The schema refers to itself at {reference}.")
            seen.add(reference)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._target(reference), **rest}
        for part in schema.get("allOf", ()):
            schema = _merged(schema, self._resolved(part))
        return schema

    def _target(self, reference: str) -> Schema:
        target: Any = self.root
        for key in reference.removeprefix("#").strip("/").split("/"):
            if key:
                key = key.replace("~1", "/").replace("~0", "~")
                target = target.get(key) if isinstance(target, Mapping) else None
        if not isinstance(target, Mapping):
            raise BadAnswer(f"The schema refers to {reference}, which is not there.")
        return target

    def _chosen(self, options: list[Any]) -> Any:
        """Prefer an option that the text names."""
        named = [each for each in options if isinstance(each, str) and self._names(each)]
        return (named or options)[0]

    def _names(self, option: str) -> bool:
        parts = tokens(option)
        return bool(parts) and self.words.issuperset(parts)

    def _branch(self, schema: Schema, branches: list[Schema], name: str, depth: int) -> Any:
        """Fill the first branch that can be filled, null last."""
        rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
        ordered = sorted(branches, key=lambda branch: branch.get("type") == "null")
        last: BadAnswer | None = None
        for branch in ordered:
            try:
                return self.value(_merged(rest, self._resolved(branch)), name, depth + 1)
            except BadAnswer as error:
                last = error
        raise last or BadAnswer(f"The schema of {name} offers no choice.")

    def _typed(self, schema: Schema, name: str, depth: int) -> Any:
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in {"integer", "number"}:
            return self._number(schema, name, whole=kind == "integer")
        if kind == "string":
            return self._string(schema, name)
        return False if kind == "boolean" else None

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        filled = {
            name: self.value(properties.get(name, True), name, depth + 1)
            for name in schema.get("required", ())
        }
        for name in properties:
            if len(filled) < schema.get("minProperties", 0) and name not in filled:
                filled[name] = self.value(properties[name], name, depth + 1)
        return filled

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        fixed = schema.get("prefixItems", [])
        items = [self.value(item, name, depth + 1) for item in fixed]
        more: Schema = schema.get("items") or {}
        unique = schema.get("uniqueItems", False)
        while len(items) < schema.get("minItems", 0):
            item = self.value(more, name, depth + 1)
            items.append(_unlike(item, items, more) if unique else item)
        return items

    def _number(self, schema: Schema, name: str, *, whole: bool) -> float:
        for index, said in enumerate(self.said_numbers):
            if _fits_number(said, schema, whole=whole):
                del self.said_numbers[index]
                return int(said) if said.denominator == 1 else float(said)
        least = _least_number(schema, whole=whole)
        if least is None:
            raise BadAnswer(f"No number can meet the bounds of {name or 'the answer'}.")
        return int(least) if least.denominator == 1 else float(least)

    def _string(self, schema: Schema, name: str) -> str:
        for candidate in self._candidates(schema, name):
            if _fits_string(candidate, schema):
                if candidate in self.said_names:
                    self.said_names.remove(candidate)
                return candidate
        raise BadAnswer(f"No known text fits the pattern of {name or 'the answer'}.")

    def _candidates(self, schema: Schema, name: str) -> Iterator[str]:
        if schema.get("format") in _FORMATS:
            yield _FORMATS[schema["format"]]
        elif _WHOLE_TEXT.isdisjoint(tokens(name)):
            yield from list(self.said_names)
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
        for text in (self.text or "none", *_SIMPLE):
            yield text[:longest]
            yield text[:longest].ljust(shortest, "-")


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((each for each in kind if each != "null"), "null")
    if kind is None:
        return "object" if "properties" in schema else "string"
    return str(kind)


def _merged(left: Schema, right: Schema) -> Schema:
    """Join two schemas that must both hold; of two equal keys the right one counts."""
    merged = {**left, **right}
    merged.pop("allOf", None)
    for key in ("properties", "$defs"):
        if key in left and key in right:
            merged[key] = {**left[key], **right[key]}
    if "required" in left and "required" in right:
        merged["required"] = list(dict.fromkeys([*left["required"], *right["required"]]))
    return merged


def _said_numbers(text: str) -> Iterator[Fraction]:
    for number in numbers(text):
        form = max(number.forms, key=len)
        if number.kind in {"digit", "word"} and form.count(".") < 2 and len(form) <= _LONGEST:
            yield Fraction(form)


_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)['‘]([^'’]+)['’](?!\w)")
_CAPITALS = re.compile(r"(?<![\w'’])[A-Z][\w'’&-]*(?:,? [A-Z][\w'’&-]*)*")


def _said_names(text: str) -> Iterator[str]:
    """Return quoted texts, then runs of capitalised words that do not just begin a sentence."""
    for quoted in _QUOTED.finditer(text):
        yield next(group for group in quoted.groups() if group)
    for run in _CAPITALS.finditer(text):
        before = text[: run.start()].rstrip()
        if before and before[-1] not in ".?!:":
            yield run[0]


def _bounds(schema: Schema) -> tuple[Fraction | None, Fraction | None]:
    low = [Fraction(schema[key]) for key in ("minimum", "exclusiveMinimum") if key in schema]
    high = [Fraction(schema[key]) for key in ("maximum", "exclusiveMaximum") if key in schema]
    return max(low, default=None), min(high, default=None)


def _fits_number(value: Fraction, schema: Schema, *, whole: bool) -> bool:
    low, high = _bounds(schema)
    inside = (low is None or value >= low) and (high is None or value <= high)
    open_low, open_high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    inside = inside and (open_low is None or value > open_low)
    inside = inside and (open_high is None or value < open_high)
    step = schema.get("multipleOf")
    return (
        inside
        and (not whole or value.denominator == 1)
        and (step is None or (value / Fraction(step)).denominator == 1)
    )


def _least_number(schema: Schema, *, whole: bool) -> Fraction | None:
    """Return the number nearest to zero that the schema allows."""
    low, high = _bounds(schema)
    step = Fraction(schema.get("multipleOf") or 1)
    start = max(low or Fraction(0), Fraction(0)) if high is None or high >= 0 else high
    around = math.floor(start / step) * step
    near = [around + step * move for move in (0, 1, -1, 2, -2)]
    if not whole and low is not None and high is not None:
        near += [low, high, (low + high) / 2]
    return next((value for value in near if _fits_number(value, schema, whole=whole)), None)


def _fits_string(value: str, schema: Schema) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf):
        return False
    return re.search(schema.get("pattern", ""), value) is not None


def _unlike(item: Any, items: list[Any], schema: Schema) -> Any:
    """Change an item until no other equals it."""
    while item in items:
        if isinstance(item, bool) or not isinstance(item, (int, float, str)):
            raise BadAnswer("The schema asks for more different items than there are.")
        item = f"{item}-" if isinstance(item, str) else item + schema.get("multipleOf", 1)
    return item
