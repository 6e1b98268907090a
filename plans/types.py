"""What a reference's value will be, and whether an input accepts it, before anything runs."""

import collections.abc
import types
import typing
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from cliptrail.plans.references import Attr, Index, Part
from cliptrail.state.errors import UsageError

LISTS = (list, tuple, set, frozenset, collections.abc.Sequence)
"""What becomes a list in JSON."""


def follow(kind: Any, path: tuple[Part, ...]) -> Any:
    """Return the type at the end of a path into a type.

    Args:
        kind: a Pydantic model or another annotation.
        path: as parsed from a reference.

    Raises:
        UsageError: the type has no such field, or is no list.
    """
    for part in path:
        kind = _without_none(kind)
        if kind is Any:
            return Any
        kind = _field(kind, part.name) if isinstance(part, Attr) else _element(kind, part)
    return kind


def _field(kind: Any, name: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if name in kind.model_fields:
            return kind.model_fields[name].annotation
        have = ", ".join(kind.model_fields)
        raise UsageError(f"{kind.__name__} has no field {name!r}.", f"It has: {have}.")
    if dict in (kind, typing.get_origin(kind)):
        return [Any, *typing.get_args(kind)][-1]
    raise UsageError(f"{describe(kind)} has no field {name!r}.")


def _element(kind: Any, part: Part) -> Any:
    element = element_type(kind)
    if element is None:
        raise UsageError(f"{describe(kind)} is not a list, so {part} does not apply.")
    return element if isinstance(part, Index) else list[element]  # type: ignore[valid-type]


def paths_to(output: type[BaseModel], kind: type[BaseModel]) -> list[str]:
    """Return where the values of a type are in an agent's output, as references name the places.

    Args:
        output: the agent's output model.
        kind: the type that is looked for.

    Returns:
        One empty path if the output itself is of that type, otherwise ".field" for each field that
        holds one value or a list of them, e.g. [".claims"]; deeper places are left out.
    """
    if issubclass(output, kind):
        return [""]
    return [
        f".{name}"
        for name, field in output.model_fields.items()
        if _is_model(element_type(field.annotation) or _without_none(field.annotation), kind)
    ]


def _is_model(found: Any, kind: type[BaseModel]) -> bool:
    return isinstance(found, type) and issubclass(found, kind)


def element_type(kind: Any) -> Any | None:
    """Return the type of a list's elements; None if it is no list."""
    kind = _without_none(kind)
    if kind is Any:
        return Any
    if kind in LISTS or typing.get_origin(kind) in LISTS:
        return [*typing.get_args(kind), Any][0]
    return None


def _without_none(kind: Any) -> Any:
    kind = typing.get_args(kind)[0] if typing.get_origin(kind) is Annotated else kind
    options = _options(kind)
    if options == [kind]:
        return kind
    return _without_none(options[0]) if len(options) == 1 else kind


def _options(kind: Any) -> list[Any]:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return [option for option in typing.get_args(kind) if option is not type(None)]
    return [kind]


def accepts(wanted: Any, given: Any) -> bool:
    """Can a value of type `given` be put where `wanted` is asked for?"""
    wanted, given = _without_none(wanted), _without_none(given)
    if Any in (wanted, given) or wanted == given:
        return True
    if len(_options(given)) > 1:
        return all(accepts(wanted, option) for option in _options(given))
    options = _options(wanted)
    if len(options) > 1:
        return any(accepts(option, given) for option in options)
    return _accepts_lists(wanted, given) or _accepts_scalars(wanted, given)


def _accepts_lists(wanted: Any, given: Any) -> bool:
    inner, outer = element_type(given), element_type(wanted)
    return inner is not None and outer is not None and accepts(outer, inner)


def _accepts_scalars(wanted: Any, given: Any) -> bool:
    if typing.get_origin(given) is typing.Literal:
        given = type(typing.get_args(given)[0])
    if typing.get_origin(wanted) is typing.Literal:
        return given in [type(value) for value in typing.get_args(wanted)]
    if not (isinstance(wanted, type) and isinstance(given, type)):
        return False
    return issubclass(given, wanted) or (wanted is float and given is int)


def holder_problem(kind: Any, value: list[Any] | dict[str, Any]) -> str:
    """Return why a list or map with references in it fits nowhere; empty if it may."""
    if isinstance(value, list):
        fits, what = accepts(kind, list[Any]), "a list"
    else:
        fits, what = any(map(_holds_fields, _options(_without_none(kind)))), "a map"
    return "" if fits else f"is {what}, but {describe(kind)} is wanted."


def _holds_fields(kind: Any) -> bool:
    if kind is Any or dict in (kind, typing.get_origin(kind)):
        return True
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def literal_problem(field: FieldInfo, value: Any) -> str:
    """Say what is wrong with a plain value for a field; empty if nothing is."""
    return _problem(Annotated[field.annotation, field], value)


def element_problem(field: FieldInfo, value: Any) -> str:
    """Say what is wrong with a plain value as an element of a list field; empty if nothing is."""
    return _problem(element_type(field.annotation), value)


def _problem(kind: Any, value: Any) -> str:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        return error.errors()[0]["msg"]
    return ""


def describe(kind: Any) -> str:
    """Name a type as a reader of plans would."""
    kind = _without_none(kind)
    element = element_type(kind) if kind is not Any else None
    if element is not None:
        return f"a list of {getattr(element, '__name__', str(element))}"
    return str(getattr(kind, "__name__", kind))
