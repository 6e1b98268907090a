"""Types of references: what a path leads to, and which input takes it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter
from pydantic.fields import FieldInfo

from cliptrail.plans.references import parse_reference
from cliptrail.plans.types import (
    accepts,
    describe,
    element_problem,
    element_type,
    follow,
    holder_problem,
    literal_problem,
)
from cliptrail.state.base import Frozen
from cliptrail.state.errors import UsageError
from tests.plans.sample_agents import AGENTS, PATHS, Document, FindInput, Found, Item

KIND_OF = {
    "text": str,
    "int": int,
    "item": Item,
    "document": Document,
    "texts": list[str],
    "items": list[Item],
    "any": Any,
}


@pytest.mark.parametrize(
    ("agent", "kind", "path"),
    [(a, k, p) for a, kinds in PATHS.items() for k, paths in kinds.items() for p in paths],
)
def test_a_path_leads_to_its_type(agent: str, kind: str, path: str) -> None:
    found = follow(AGENTS[agent].output, parse_reference(f"$x{path}").path)
    assert accepts(KIND_OF[kind], found)
    for other, wanted in KIND_OF.items():
        assert accepts(wanted, found) is ("any" in (kind, other) or other == kind)


class Odd(Frozen):
    mapped: dict[str, int]
    bare_map: dict  # type: ignore[type-arg]
    bare_list: list  # type: ignore[type-arg]
    many: Sequence[Item]
    few: set[int]
    short: Annotated[list[Annotated[str, Field(max_length=3)]], Field(max_length=2)] | None
    old_style: Optional[Item]  # noqa: UP045 - users write both


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".mapped.x", int),
        (".bare_map.x.y[0]", Any),
        (".bare_list[0].z", Any),
        (".many[1].name", str),
        (".few[0]", int),
        (".short[0]", str),
        (".old_style.size", int),
    ],
)
def test_other_annotations_can_be_followed(path: str, kind: Any) -> None:
    found = follow(Odd, parse_reference(f"$x{path}").path)
    assert accepts(kind, found)
    assert accepts(dict[str, Any], found) is (kind is Any)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (".titel", r"Found has no field 'titel'\. It has: items, names, total, best, loose\."),
        (".total.x", r"int has no field 'x'\."),
        (".items.name", r"a list of Item has no field 'name'\."),
        (".items[:2].name", r"a list of Item has no field 'name'\."),
        (".total[0]", r"int is not a list, so \[0\] does not apply\."),
        (".best[:1]", r"Item is not a list, so \[:1\] does not apply\."),
        ("[0]", r"Found is not a list"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_broke(path: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        follow(Found, parse_reference(f"$x{path}").path)


@pytest.mark.parametrize(
    ("wanted", "given_", "fits"),
    [
        (str, str, True),
        (str, int, False),
        (int, str, False),
        (float, int, True),
        (int, float, False),
        (str, Literal["a", "b"], True),
        (int, Literal[1, 2], True),
        (Literal["a"], str, True),
        (Literal["a"], int, False),
        (Literal[1], int, True),
        (Literal[1], str, False),
        (Item, Item | None, True),
        (Item | None, Item, True),
        (Item, Document, False),
        (list[str], tuple[str, ...], True),
        (tuple[Item, ...], list[Item], True),
        (list[str], str, False),
        (str, list[str], False),
        (list[float], list[int], True),
        (list[int], list[str], False),
        (list[Any], list[str], True),
        (list[Annotated[str, Field(max_length=3)]], list[str], True),
        (Annotated[str, Field(max_length=3)] | None, str, True),
        (str | list[str], list[str], True),
        (str | list[str], int, False),
        (int | str | None, int | str, True),
        (int, int | str, False),
        (Any, dict[str, int], True),
        (dict[str, int], Any, True),
        (dict[str, int], dict[str, int], True),
    ],
)
def test_which_input_takes_what(wanted: Any, given_: Any, fits: bool) -> None:
    assert accepts(wanted, given_) is fits


SOUND: list[Any] = [
    *(str, int, float, bool, Item, Document, str | int, list[str], tuple[int, ...]),
    *(list[Item], list[str | int], tuple[float, ...], list[list[int]], Item | Document),
]
"""Types without constraints of value, of which acceptance must be a promise."""


@given(st.data(), st.sampled_from(SOUND), st.sampled_from(SOUND))
def test_what_is_accepted_can_be_validated(data: st.DataObject, wanted: Any, made: Any) -> None:
    if not accepts(wanted, made):
        return
    value = TypeAdapter(made).dump_python(data.draw(st.from_type(made)), mode="json")
    if value == [None] or value is None or "NaN" in repr(value):
        return
    TypeAdapter(wanted).validate_python(value)


@given(st.sampled_from(SOUND))
def test_every_type_accepts_itself_and_its_elements_fit_its_list(kind: Any) -> None:
    assert accepts(kind, kind)
    assert accepts(kind | None, kind)
    assert accepts(list[kind], tuple[kind, ...])
    assert element_type(list[kind]) == kind


def _field(name: str) -> FieldInfo:
    return FindInput.model_fields[name]


def test_plain_values_are_held_against_the_field_with_its_limits() -> None:
    assert literal_problem(_field("limit"), 5) == ""
    assert literal_problem(_field("limit"), "5") == ""
    assert "greater than or equal to 1" in literal_problem(_field("limit"), 0)
    assert "less than or equal to 50" in literal_problem(_field("limit"), 51)
    assert "valid integer" in literal_problem(_field("limit"), "many")
    assert "at least 1 character" in literal_problem(_field("query"), "")
    assert "'all' or 'best'" in literal_problem(_field("mode"), "some")
    documents = AGENTS["pick"].input.model_fields["documents"]
    assert "at least 1 item" in literal_problem(documents, [])
    assert "valid dictionary or instance of Document" in element_problem(documents, "text")
    assert element_problem(documents, {"title": "t"}) == ""


def test_lists_and_maps_with_references_must_be_wanted_as_such() -> None:
    assert holder_problem(list[str], ["$a"]) == holder_problem(str | list[str], ["$a"]) == ""
    assert holder_problem(Item | None, {"name": "$a"}) == holder_problem(Any, {"a": "$b"}) == ""
    assert holder_problem(dict[str, int], {"a": "$b"}) == ""
    assert holder_problem(str, ["$a"]) == "is a list, but str is wanted."
    assert holder_problem(list[str], {"a": "$b"}) == "is a map, but a list of str is wanted."


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (str, "str"),
        (Item | None, "Item"),
        (list[Item], "a list of Item"),
        (tuple[str, ...] | None, "a list of str"),
        (Any, "Any"),
    ],
)
def test_types_are_named_as_readers_would(kind: Any, words: str) -> None:
    assert describe(kind) == words
