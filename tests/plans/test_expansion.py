"""Expansion: the instances that will run, known before anything does."""

import re
from graphlib import CycleError

import pytest
from hypothesis import given

from cliptrail.plans.expansion import expand, sizes_of, topological
from cliptrail.plans.references import references
from cliptrail.state.plan import Plan, Step
from tests.plans.sample_agents import AGENTS, Made, made_plans

CHAIN = Plan(
    steps=(
        Step(id="pick", agent="pick", for_each="$read[1:]", inputs={"documents": ["$item"]}),
        Step(id="read", agent="read", for_each="$find.items[2:5]", inputs={"item": "$item"}),
        Step(id="find", agent="find", inputs={"query": "q"}),
        Step(
            id="write",
            agent="write",
            brief="all",
            inputs={"claims": ["$pick[0].claims", "${read[2].title}"]},
            depends_on=("read",),
        ),
    )
)


def test_a_chain_of_mapped_steps() -> None:
    rows = {row.id: row for row in expand(CHAIN, AGENTS)}
    assert list(rows) == [
        *("find", "read[0]", "read[1]", "read[2]", "pick[0]", "pick[1]", "write"),
    ]
    assert [rows[f"read[{n}]"].element for n in range(3)] == [
        *("$find.items[2]", "$find.items[3]", "$find.items[4]"),
    ]
    assert rows["read[1]"].inputs == {"item": "$find.items[3]"}
    assert rows["pick[1]"].element == "$read[2]"
    assert rows["find"].index is None
    assert rows["write"].brief == "all"


def test_a_step_mapped_over_a_mapped_step_needs_its_own_element_only() -> None:
    rows = {row.id: row for row in expand(CHAIN, AGENTS)}
    assert rows["read[1]"].needs == ("find",)
    assert rows["pick[0]"].needs == ("read[1]",)
    assert rows["pick[1]"].needs == ("read[2]",)
    assert set(rows["write"].needs) == {"pick[0]", "read[0]", "read[1]", "read[2]"}


def test_what_a_step_does_not_say_is_its_agents_habit() -> None:
    given_ = Step(id="b", agent="pick", inputs={}, tier="powerful", accept_partial=False)
    own = Step(id="a", agent="pick", inputs={})
    first, second = expand(Plan(steps=(own, given_)), AGENTS)
    assert (first.tier, first.accept_partial) == ("cheap", True)
    assert (second.tier, second.accept_partial) == ("powerful", False)


def test_siblings_keep_the_plans_order() -> None:
    steps = [Step(id=name, agent="find", inputs={"query": "q"}) for name in "dbca"]
    assert topological(Plan(steps=tuple(steps))) == ["d", "b", "c", "a"]


def test_a_cycle_is_named() -> None:
    a = Step(id="a", agent="find", depends_on=("b",))
    b = Step(id="b", agent="find", inputs={"query": "$a.names[0]"})
    with pytest.raises(CycleError) as caught:
        topological(Plan(steps=(a, b)))
    assert set(caught.value.args[1]) == {"a", "b"}


def test_step_1_does_not_wait_for_step_10() -> None:
    ten = Step(id="step_10", agent="find", inputs={"query": "q"})
    one = Step(id="step_1", agent="find", inputs={"query": "q"})
    two = Step(id="two", agent="find", inputs={"query": "$step_1.names[0]"})
    assert {row.id: row.needs for row in expand(Plan(steps=(ten, one, two)), AGENTS)} == {
        "step_10": (),
        "step_1": (),
        "two": ("step_1",),
    }


@given(made_plans())
def test_laws(made: Made) -> None:
    rows = expand(made.plan, AGENTS)
    ids = [row.id for row in rows]
    assert len(rows) == sum(1 if size is None else size for size in made.sizes.values())
    assert len(set(ids)) == len(ids)
    assert sizes_of(rows) == made.sizes
    for place, row in enumerate(rows):
        assert set(row.needs) <= set(ids[:place])
        assert row.id == (row.step if row.index is None else f"{row.step}[{row.index}]")
        assert row.index is None or re.fullmatch(r"\$.*\[\d+\]", row.element)


@given(made_plans())
def test_every_step_that_is_read_is_waited_for(made: Made) -> None:
    for row in expand(made.plan, AGENTS):
        for found in references([row.inputs, row.element] if row.element else row.inputs):
            waits = [need for need in row.needs if need.split("[")[0] == found.step]
            first = str(found.path[0]) if found.path else ""
            if made.sizes[found.step] is None:
                assert waits == [found.step]
            elif re.fullmatch(r"\[\d+\]", first):
                assert f"{found.step}{first}" in waits
            else:
                assert waits
