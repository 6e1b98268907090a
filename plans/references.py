"""References between steps: parsed once into values, never replaced in text.

Grammar of a string in a step's inputs:

    "$search.videos[0].video_id"    alone: the value itself, with its type
    "${a.title} or ${b.title}"      inside text: interpolated
    "$$5"                           "$$" is a dollar; "$" before anything but a name is itself
    "$item", "$index"               in a mapped step: the element and its place

In a brief, which is prose, only "${…}" is a reference.

Inside a list, a reference to a list is spliced: ["$a.videos", "$b.videos"] is one list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cliptrail.state.errors import UsageError

ITEM, INDEX = "item", "index"
RESERVED = frozenset({ITEM, INDEX})
"""Names that a step cannot have, since references use them."""


@dataclass(frozen=True)
class Attr:
    """A field: `.name`."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True)
class Index:
    """An element: `[3]`."""

    at: int

    def __str__(self) -> str:
        return f"[{self.at}]"


@dataclass(frozen=True)
class Slice:
    """The elements from `start` up to `stop`, which is not one of them: `[:3]`."""

    start: int
    stop: int | None

    def __str__(self) -> str:
        return f"[{self.start or ''}:{'' if self.stop is None else self.stop}]"

    @property
    def size(self) -> int | None:
        """The most elements that it can give; None without a limit."""
        return None if self.stop is None else max(0, self.stop - self.start)


Part = Attr | Index | Slice


@dataclass(frozen=True)
class Reference:
    """A value within the output of a step."""

    step: str
    path: tuple[Part, ...] = ()

    def __str__(self) -> str:
        return f"${self.step}{''.join(map(str, self.path))}"


@dataclass(frozen=True)
class Template:
    """Text with references in it."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        return "".join(
            escape(part) if isinstance(part, str) else f"${{{str(part)[1:]}}}"
            for part in self.parts
        )


Expression = str | Reference | Template

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PATH = rf"(?:\.{_NAME}|\[\d{{1,6}}\]|\[\d{{0,6}}:\d{{0,6}}\])*"
_REFERENCE = re.compile(rf"({_NAME})({_PATH})")
_PART = re.compile(rf"\.({_NAME})|\[(\d+)\]|\[(\d*):(\d*)\]")
_TOKEN = re.compile(
    rf"\$\$|\$\{{({_NAME}{_PATH})\}}|(\$\{{[^}}]*\}}?)|(\${_NAME}{_PATH})", re.ASCII
)


def escape(text: str) -> str:
    """Return text that parses to `text` itself, whatever is in it."""
    return text.replace("$", "$$")


def prose(text: str) -> str:
    """Get free text as a string of a step's inputs: there only "${step.field}" is a reference."""
    return re.sub(r"\$(?!\{)", "$$", text)


def parse(text: str) -> Expression:
    """Parse one string of a step's inputs.

    Returns:
        The plain text, a Reference if the string is nothing else, or a Template.

    Raises:
        UsageError: a reference that is not well formed, or one inside text without braces.
    """
    whole = re.fullmatch(rf"\$(?:{_NAME}{_PATH}|\{{{_NAME}{_PATH}\}})", text, re.ASCII)
    if whole:
        return _reference(text.strip("${}"))
    parts: list[str | Reference] = []
    end = 0
    for token in _TOKEN.finditer(text):
        _add_text(parts, text[end : token.start()])
        end = token.end()
        inside, malformed, bare = token.groups()
        if inside:
            parts.append(_reference(inside))
        elif malformed:
            raise UsageError(
                f"{malformed!r} is not a reference.", 'Write it like "${step.field[0]}".'
            )
        elif bare and text[end : end + 1] == "[":
            raise UsageError(
                f"What follows {bare!r} is no place in a list.", "Write it like [0] or [:3]."
            )
        elif bare:
            raise UsageError(
                f"{bare!r} stands inside text.",
                f'Write "${{{bare[1:]}}}" for its value, or "${bare}" for the characters.',
            )
        else:
            _add_text(parts, "$")
    _add_text(parts, text[end:])
    if all(isinstance(part, str) for part in parts):
        return "".join(map(str, parts))
    return Template(tuple(parts))


def _add_text(parts: list[str | Reference], text: str) -> None:
    if text and parts and isinstance(last := parts[-1], str):
        parts[-1] = last + text
    elif text:
        parts.append(text)


def _reference(text: str) -> Reference:
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is not a reference.", 'Write it like "$step.field[0]".')
    return Reference(match[1], tuple(map(_part, _PART.finditer(match[2]))))


def _part(match: re.Match[str]) -> Part:
    name, index, start, stop = match.groups()
    if name:
        return Attr(name)
    if index:
        return Index(int(index))
    return Slice(int(start or 0), int(stop) if stop else None)


def parse_reference(text: str) -> Reference:
    """Parse a string that must be one reference and nothing else.

    Raises:
        UsageError: it is something else.
    """
    found = parse(text)
    if not isinstance(found, Reference):
        raise UsageError(f"{text!r} is not a reference.", 'Write it like "$step.field[:3]".')
    return found


def references(value: Any) -> Iterator[Reference]:
    """Return every reference within a JSON value.

    Raises:
        UsageError: a string in it is not well formed.
    """
    match value:
        case str():
            found = parse(value)
            if isinstance(found, Reference):
                yield found
            elif isinstance(found, Template):
                yield from (part for part in found.parts if isinstance(part, Reference))
        case list() | tuple():
            for element in value:
                yield from references(element)
        case dict():
            for element in value.values():
                yield from references(element)


def bind(value: Any, element: Reference, index: int) -> Any:
    """Put an element's reference for $item, and its place for $index, in a JSON value."""
    match value:
        case str():
            return _bind_text(parse(value), element, index)
        case list() | tuple():
            return [bind(part, element, index) for part in value]
        case dict():
            return {key: bind(part, element, index) for key, part in value.items()}
    return value


def _bind_text(found: Expression, element: Reference, index: int) -> Any:
    if isinstance(found, Reference):
        return index if found.step == INDEX else str(_bound(found, element))
    if isinstance(found, str):
        return escape(found)
    parts = (
        part
        if isinstance(part, str)
        else str(index)
        if part.step == INDEX
        else _bound(part, element)
        for part in found.parts
    )
    return str(Template(tuple(parts)))


def _bound(found: Reference, element: Reference) -> Reference:
    if found.step != ITEM:
        return found
    return Reference(element.step, (*element.path, *found.path))


class AbsentError(LookupError):
    """The value does not exist: the list is shorter, or the field is empty."""


def walk(value: Any, path: tuple[Part, ...]) -> Any:
    """Follow a path into a JSON value.

    Raises:
        AbsentError: an element that the list does not have, a field of nothing.
    """
    for part in path:
        match part, value:
            case Attr(name), dict() if name in value:
                value = value[name]
            case Index(at), list() if at < len(value):
                value = value[at]
            case Slice(start, stop), list():
                value = value[start:stop]
            case _:
                raise AbsentError(f"there is no {str(part).lstrip('.')}")
    return value


def resolve(value: Any, read: Callable[[Reference], Any]) -> Any:
    """Put values for the references in a JSON value.

    Args:
        value: a step's input.
        read: gives the value of a reference; what it raises goes through.
    """
    match value:
        case str():
            return _resolve_text(parse(value), read)
        case list() | tuple():
            return [part for element in value for part in _spliced(element, read)]
        case dict():
            return {key: resolve(part, read) for key, part in value.items()}
    return value


def _spliced(element: Any, read: Callable[[Reference], Any]) -> list[Any]:
    found = resolve(element, read)
    is_reference = isinstance(element, str) and isinstance(parse(element), Reference)
    return found if is_reference and isinstance(found, list) else [found]


def _resolve_text(found: Expression, read: Callable[[Reference], Any]) -> Any:
    if isinstance(found, Reference):
        return read(found)
    if isinstance(found, str):
        return found
    return "".join(part if isinstance(part, str) else _written(part, read) for part in found.parts)


def _written(found: Reference, read: Callable[[Reference], Any]) -> str:
    value = read(found)
    if value is None:
        raise AbsentError(f"{found} is empty")
    return str(value)
