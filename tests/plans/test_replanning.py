"""Replanning: when a plan should be replaced, and which of its results hold under the new one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.plans.expansion import expand
from cliptrail.plans.replanning import finished, keep_finished, replan_reason, reusable
from cliptrail.state.errors import Failure, FailureKind
from cliptrail.state.plan import Expectation, Plan, Step
from cliptrail.state.steps import StepResult
from tests.plans.sample_agents import AGENTS, Made, absent, done, failed, made_plans

PLAN = Plan(
    steps=(
        Step(id="find", agent="find", inputs={"query": "q"}),
        Step(id="read", agent="read", for_each="$find.items[:2]", inputs={"item": "$item"}),
        Step(id="pick", agent="pick", inputs={"documents": "$read"}),
    )
)
ROWS = expand(PLAN, AGENTS)
ONE = Expectation(field="items")


def lost(name: str, kind: FailureKind = "unavailable") -> StepResult:
    return failed(name).model_copy(update={"failure": Failure(kind=kind, message="Gone.")})


def short(name: str) -> StepResult:
    return done(name).model_copy(update={"shortfall": "0 of at least 1 items"})


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        ([], ""),
        ([done("find"), done("read[0]"), done("read[1]")], ""),
        ([short("find")], "find fell short: 0 of at least 1 items."),
        ([lost("find")], "find failed: Gone."),
        ([done("find"), lost("read[0]"), done("read[1]")], ""),
        ([done("find"), lost("read[0]")], ""),
        ([done("find"), lost("read[0]"), absent("read[1]")], "read[0] failed: Gone."),
        ([done("find"), lost("read[0]"), lost("read[1]")], "read[0] failed: Gone."),
        ([lost("find", "budget")], ""),
        ([lost("find", "blocked")], ""),
        ([short("find"), lost("read[0]", "library")], ""),
    ],
    ids=lambda value: (
        "+".join(f"{row.id}-{row.status}" for row in value) if isinstance(value, list) else ""
    ),
)
def test_only_what_stops_the_plan_is_a_setback(ends: list[StepResult], why: str) -> None:
    assert replan_reason(ROWS, {row.id: row for row in ends}) == why


@given(made_plans(), st.data())
def test_a_result_stands_where_neither_the_step_nor_what_it_needs_changed(
    made: Made, data: st.DataObject
) -> None:
    old = expand(made.plan, AGENTS)
    results = {row.id: done(row.id) for row in old}
    names = [step.id for step in made.plan.steps]
    changed = data.draw(st.sets(st.sampled_from(names)))
    steps = [
        step.model_copy(update={"brief": f"not {step.brief}"}) if step.id in changed else step
        for step in made.plan.steps
    ]
    new = expand(Plan(steps=tuple(steps)), AGENTS)
    kept = reusable(old, new, results)
    for row in new:
        stands = row.step not in changed and all(need in kept for need in row.needs)
        assert (row.id in kept) == stands


def test_a_result_is_held_against_what_the_new_plan_expects() -> None:
    results = {"find": done("find").model_copy(update={"output": {"items": []}})}
    stricter = PLAN.steps[0].model_copy(update={"expect": (ONE,)})
    asked = expand(Plan(steps=(stricter,)), AGENTS)
    kept = reusable(ROWS, asked, results)
    assert kept["find"].shortfall == "0 of at least 1 items"
    assert reusable(asked, ROWS, kept)["find"].shortfall == ""


def test_a_mapped_step_is_finished_when_all_its_elements_are() -> None:
    results = {"find": done("find"), "read[0]": done("read[0]")}
    assert finished(ROWS, results) == {"find"}
    results["read[1]"] = absent("read[1]")
    assert finished(ROWS, results) == {"find", "read"}
    assert finished(ROWS, {**results, "find": short("find")}) == frozenset()


def test_finished_steps_keep_their_words_and_may_not_do_something_else() -> None:
    reworded = PLAN.steps[0].model_copy(update={"brief": "in other words", "tier": "powerful"})
    other = PLAN.steps[0].model_copy(update={"inputs": {"query": "r"}})
    kept, faults = keep_finished(PLAN, Plan(steps=(reworded,)), frozenset({"find"}))
    assert (kept.steps, faults) == (PLAN.steps[:1], ())
    _, faults = keep_finished(PLAN, Plan(steps=(other,)), frozenset({"find"}))
    assert "find: is done" in str(faults[0])
    assert keep_finished(PLAN, Plan(steps=(other,)), frozenset())[1] == ()
