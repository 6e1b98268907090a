"""Estimates: what each step, the plan and its longest chain are expected to cost."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.plans.estimate import UNKNOWN_LENGTH, critical_path, estimate
from cliptrail.plans.expansion import expand
from cliptrail.state.base import Tier
from cliptrail.state.plan import Cost, Instance, Plan, Step
from tests.plans.sample_agents import AGENTS, Made, made_plans


def row(name: str, *needs: str) -> Instance:
    return Instance(id=name, agent="a", needs=needs, tier="cheap", accept_partial=False)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[tuple[Instance, ...], dict[str, float]]:
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    rows = tuple(
        row(name, *draw(st.lists(st.sampled_from(names[:place]), unique=True) if place else NONE))
        for place, name in enumerate(names)
    )
    return rows, {name: draw(st.integers(0, 9)) for name in names}


NONE: st.SearchStrategy[list[str]] = st.just([])


def longest(rows: tuple[Instance, ...], seconds: dict[str, float]) -> float:
    """The length of the longest chain, by trying every one."""
    needs = {instance.id: instance.needs for instance in rows}

    def chains(name: str) -> list[float]:
        return [seconds[name] + rest for need in needs[name] for rest in chains(need)] or [
            seconds[name]
        ]

    return max(length for name in needs for length in chains(name))


@given(graphs())
def test_the_critical_path_is_the_longest_chain(
    graph: tuple[tuple[Instance, ...], dict[str, float]],
) -> None:
    rows, seconds = graph
    path = critical_path(rows, seconds)
    needs = {instance.id: instance.needs for instance in rows}
    assert needs[path[0]] == ()
    assert all(before in needs[after] for before, after in pairwise(path))
    assert sum(seconds[name] for name in path) == longest(rows, seconds)


def test_no_instances_no_path() -> None:
    assert critical_path((), {}) == ()
    assert estimate((), AGENTS, lambda *_: None).total == Cost()


def dollars(tier: Tier, input_tokens: float, output_tokens: float) -> float:
    return {"cheap": 1, "capable": 10, "powerful": 100}[tier] * (input_tokens + output_tokens)


FIND = Step(id="find", agent="find", inputs={"query": "q"})
READ = Step(id="read", agent="read", for_each="$find.items[:3]", inputs={"item": "$item"})


def tokens(documents: object) -> float:
    """Input tokens of a step that costs ten for each document."""
    pick = Step(id="pick", agent="pick", inputs={"documents": documents})
    rows = expand(Plan(steps=(FIND, READ, pick)), AGENTS)
    return estimate(rows, AGENTS, dollars).steps["pick"].input_tokens


@pytest.mark.parametrize(
    ("documents", "length"),
    [
        ("$read", 3),
        ("$read[1:]", 2),
        ("$read[:2]", 2),
        ("$read[:9]", 3),
        (["$read[0]"], 1),
        (["$read", "$read[2]"], 4),
        ("$find.loose[1:4]", 3),
        ("$find.loose", UNKNOWN_LENGTH),
        (["$find.loose", {"title": "t"}], UNKNOWN_LENGTH + 1),
    ],
)
def test_a_list_input_counts_by_what_it_can_hold(documents: object, length: int) -> None:
    assert tokens(documents) == 10 * length


def test_an_input_that_is_no_list_counts_one() -> None:
    seen: dict[str, int] = {}

    def cost(sizes: object) -> Cost:
        assert isinstance(sizes, dict)
        seen.update(sizes)
        return Cost()

    agents = {**AGENTS, "read": replace(AGENTS["read"], cost=cost)}
    step = Step(id="one", agent="read", inputs={"item": "$find.items[0]", "name": "${find.total}"})
    estimate(expand(Plan(steps=(FIND, step)), agents), agents, dollars)
    assert seen == {"item": 1, "name": 1}


def test_prices_are_those_of_the_steps_tier_and_only_of_model_calls() -> None:
    steps = (
        FIND,
        READ,
        Step(id="pick", agent="pick", inputs={"documents": "$read"}, tier="capable"),
        Step(id="pick2", agent="pick", inputs={"documents": "$read"}),
    )
    found = estimate(expand(Plan(steps=steps), AGENTS), AGENTS, dollars)
    assert {name: cost.usd for name, cost in found.steps.items()} == {
        "find": 0,
        **dict.fromkeys(["read[0]", "read[1]", "read[2]"], 0),
        "pick": 300,
        "pick2": 30,
    }
    assert found.total == Cost(calls=2, input_tokens=60, usd=330, seconds=8)
    assert found.critical_path == ("find", "read[0]", "pick")
    assert found.seconds == 4


def test_an_unknown_price_makes_the_total_unknown() -> None:
    pick = Step(id="pick", agent="pick", inputs={"documents": "$find.loose"})
    found = estimate(expand(Plan(steps=(FIND, pick)), AGENTS), AGENTS, lambda *_: None)
    assert found.steps["find"].usd == 0
    assert found.steps["pick"].usd is None
    assert found.total.usd is None
    assert found.total.calls == 1


@given(made_plans())
def test_laws(made: Made) -> None:
    rows = expand(made.plan, AGENTS)
    found = estimate(rows, AGENTS, dollars)
    assert list(found.steps) == [instance.id for instance in rows]
    assert found.total.seconds == sum(cost.seconds for cost in found.steps.values())
    assert 0 < found.seconds <= found.total.seconds
    assert found.seconds == longest(rows, {name: c.seconds for name, c in found.steps.items()})
