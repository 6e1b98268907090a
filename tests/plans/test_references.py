"""References: parsed into values, written back, bound, resolved."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.plans.references import (
    AbsentError,
    Attr,
    Index,
    Part,
    Reference,
    Slice,
    Template,
    bind,
    escape,
    parse,
    parse_reference,
    references,
    resolve,
    walk,
)
from cliptrail.state.errors import UsageError
from tests.plans.sample_agents import JSON, JSON_TEXT, NAMES

PLACES = st.integers(0, 999_999)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Attr, st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)),
    st.builds(Index, PLACES),
    st.builds(Slice, PLACES, st.none() | PLACES),
)
REFERENCES = st.builds(Reference, NAMES, st.lists(PARTS, max_size=4).map(tuple))


def _alternate(parts: tuple[str | Reference, ...]) -> bool:
    pairs = pairwise(parts)
    has_text = any(isinstance(part, str) for part in parts)
    has_reference = any(isinstance(part, Reference) for part in parts)
    touching = any(isinstance(a, str) and isinstance(b, str) for a, b in pairs)
    return has_reference and (has_text or len(parts) > 1) and not touching


TEMPLATES = (
    st.lists(st.text(min_size=1) | REFERENCES, min_size=1, max_size=6)
    .map(tuple)
    .filter(_alternate)
    .map(Template)
)
DOLLARS = st.text("${}.[]:ab0_ \n") | st.text()
"""Texts that look like references now and then."""


@given(REFERENCES)
def test_a_reference_survives_being_written_and_parsed(found: Reference) -> None:
    assert parse(str(found)) == found
    assert parse_reference(f"${{{str(found)[1:]}}}") == found


@given(TEMPLATES)
def test_a_template_survives_being_written_and_parsed(found: Template) -> None:
    assert parse(str(found)) == found


@given(DOLLARS)
def test_escaped_text_is_that_text(text: str) -> None:
    assert parse(escape(text)) == text


@given(DOLLARS)
def test_any_text_parses_or_says_why_not(text: str) -> None:
    try:
        found = parse(text)
    except UsageError:
        return
    assert parse(escape(found) if isinstance(found, str) else str(found)) == found


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("$step_1", Reference("step_1")),
        ("$step_10", Reference("step_10")),
        ("$a.b[:2]", Reference("a", (Attr("b"), Slice(0, 2)))),
        ("$a[:]", Reference("a", (Slice(0, None),))),
        ("$a[2:0]", Reference("a", (Slice(2, 0),))),
        ("costs $5 or $$5", "costs $5 or $5"),
        ("$", "$"),
        ("{topic}", "{topic}"),
        ("$$a.title", "$a.title"),
        ("$${a}", "${a}"),
        ("$$${a}", Template(("$", Reference("a")))),
        ("${a} ${b.c}", Template((Reference("a"), " ", Reference("b", (Attr("c"),))))),
    ],
)
def test_examples(text: str, parsed: object) -> None:
    assert parse(text) == parsed


@pytest.mark.parametrize(
    "text",
    ["${a", "${}", "${a.}", "${a[x]}", "see $a.title now", "$a.title ", "$a[1234567]", "é$a"],
)
def test_what_is_not_well_formed_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.next_step.startswith("Write ")


def test_a_bare_reference_in_text_is_told_how_to_write_either() -> None:
    with pytest.raises(UsageError) as caught:
        parse("see $a.title now")
    shown = [part for part in caught.value.next_step.split('"') if "$" in part]
    assert [parse(part) for part in shown] == [parse_reference("$a.title"), "$a.title"]


@pytest.mark.parametrize("text", ["plain", "", "${a} and ${b}", "$$a"])
def test_only_one_reference_is_a_reference(text: str) -> None:
    with pytest.raises(UsageError, match="is not a reference"):
        parse_reference(text)


@given(st.integers(1, 200), st.integers(1, 200), st.booleans())
def test_no_step_is_a_prefix_of_another(a: int, b: int, inside: bool) -> None:
    text = f"<${{step_{a}}}|${{step_{b}.x}}>" if inside else f"$step_{a}"
    outputs = {f"step_{n}": {"x": n} for n in range(1, 201)}

    def read(found: Reference) -> Any:
        value = walk(outputs[found.step], found.path)
        return value if found.path else f"all of {found.step}"

    wanted = f"<all of step_{a}|{b}>" if inside else f"all of step_{a}"
    assert resolve(text, read) == wanted


# --- resolving: a tree with references gives the tree with their values -------------------------


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> tuple[Any, Any, dict[Reference, Any]]:
    """A JSON value with references, what it resolves to, and what they read."""
    kind = draw(
        st.sampled_from(["plain", "reference", "text", *(["list", "map"] if depth else [])])
    )
    if kind == "plain":
        value = draw(JSON.filter(lambda part: not isinstance(part, list | dict)))
        return (escape(value) if isinstance(value, str) else value), value, {}
    if kind == "reference":
        found, value = draw(REFERENCES), draw(JSON)
        return str(found), value, {found: value}
    if kind == "text":
        found, value = draw(REFERENCES), draw(JSON.filter(lambda part: part is not None))
        before, after = draw(JSON_TEXT), draw(st.text(min_size=1))
        template = Template(tuple(part for part in (before, found, after) if part))
        return str(template), f"{before}{value}{after}", {found: value}
    rows = draw(st.lists(trees(depth=depth - 1), max_size=3))
    reads = {found: value for _, _, row in rows for found, value in row.items()}
    if kind == "map":
        keys = [str(number) for number in range(len(rows))]
        return (
            dict(zip(keys, (row[0] for row in rows), strict=True)),
            dict(zip(keys, (row[1] for row in rows), strict=True)),
            reads,
        )
    resolved: list[Any] = []
    for row in rows:
        spliced = isinstance(row[0], str) and isinstance(parse(row[0]), Reference)
        resolved += row[1] if spliced and isinstance(row[1], list) else [row[1]]
    return [row[0] for row in rows], resolved, reads


def _no_clash(tree: tuple[Any, Any, dict[Reference, Any]]) -> bool:
    return len(list(references(tree[0]))) == len(tree[2])


@given(trees().filter(_no_clash))
def test_a_tree_resolves_to_its_values(tree: tuple[Any, Any, dict[Reference, Any]]) -> None:
    written, resolved, reads = tree
    assert resolve(written, reads.__getitem__) == resolved
    assert set(references(written)) == set(reads)


def test_a_list_of_references_to_lists_is_one_list() -> None:
    values = {"a": [1, 2], "b": [], "c": [[3]], "d": 4}
    read = lambda found: values[found.step]  # noqa: E731
    assert resolve(["$a", "$b", "$c", "$d", ["$a"]], read) == [1, 2, [3], 4, [1, 2]]


def test_nothing_is_not_written_into_text() -> None:
    with pytest.raises(AbsentError, match=r"\$a\.published is empty"):
        resolve("from ${a.published}", lambda _: None)
    assert resolve("$a.published", lambda _: None) is None


def test_what_read_raises_comes_through() -> None:
    def read(_: Reference) -> Any:
        raise AbsentError("gone")

    with pytest.raises(AbsentError, match="gone"):
        resolve({"a": [{"b": "x ${c.d}"}]}, read)


@given(JSON, st.lists(PARTS | st.builds(Index, st.integers(0, 2)), max_size=3))
def test_a_path_leads_to_a_value_or_to_absence(value: Any, path: list[Part]) -> None:
    expected, there = value, True
    for part in path:
        if isinstance(part, Attr):
            there = there and isinstance(expected, dict) and part.name in expected
            expected = expected[part.name] if there else None
        elif isinstance(part, Index):
            there = there and isinstance(expected, list) and part.at < len(expected)
            expected = expected[part.at] if there else None
        else:
            there = there and isinstance(expected, list)
            expected = expected[part.start : part.stop] if there else None
    if there:
        assert walk(value, tuple(path)) == expected
    else:
        with pytest.raises(AbsentError):
            walk(value, tuple(path))


# --- binding: $item and $index of one instance --------------------------------------------------

BINDABLE = st.one_of(
    JSON_TEXT.map(escape),
    st.integers(),
    st.sampled_from(["$item", "$index", "$item.name", "$other.x", "${item.name}: ${index}$$"]),
    st.sampled_from(["${index}", "${index}${index}", "$$item", "${other.x}${item.name}", "a $$"]),
)
BOUND_TREES = st.recursive(
    BINDABLE,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=3),
    max_leaves=8,
)


@given(BOUND_TREES, st.integers(0, 4))
def test_binding_then_resolving_is_resolving_directly(tree: Any, index: int) -> None:
    rows = [{"name": f"row {number} $x"} for number in range(5)]
    outputs: dict[str, Any] = {"list": {"rows": rows}, "other": {"x": "other"}}
    element = parse_reference(f"$list.rows[{index}]")

    def direct(found: Reference) -> Any:
        if found.step == "index":
            return index
        return walk(rows[index] if found.step == "item" else outputs[found.step], found.path)

    bound = bind(tree, element, index)
    assert resolve(bound, lambda found: walk(outputs[found.step], found.path)) == resolve(
        tree, direct
    )
    assert {found.step for found in references(bound)} <= {"list", "other"}


def test_an_element_of_an_element() -> None:
    element = parse_reference("$fetch[2].parts[1]")
    assert bind("$item.words[:3]", element, 1) == "$fetch[2].parts[1].words[:3]"
    assert bind(["${item.a} of ${index}", "$index"], element, 1) == [
        "${fetch[2].parts[1].a} of 1",
        1,
    ]
