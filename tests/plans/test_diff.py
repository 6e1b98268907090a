"""Differences of plans: nothing where there is none, and each change by its name."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cliptrail.plans.diff import diff
from cliptrail.state.plan import Change, Expectation, Plan, Step
from tests.plans.sample_agents import JSON, JSON_TEXT, NAMES

EXPECTATIONS = st.builds(Expectation, field=NAMES, at_least=st.integers(1, 9), only=NAMES)
STEPS = st.builds(
    Step,
    id=NAMES,
    agent=NAMES,
    brief=JSON_TEXT,
    inputs=st.dictionaries(NAMES, JSON, max_size=3),
    depends_on=st.lists(NAMES, max_size=2).map(tuple),
    for_each=st.none() | JSON_TEXT,
    tier=st.sampled_from([None, "cheap", "capable"]),
    accept_partial=st.none() | st.booleans(),
    expect=st.lists(EXPECTATIONS, max_size=2).map(tuple),
)
PLANS = st.builds(
    Plan,
    goal=JSON_TEXT,
    steps=st.lists(STEPS, max_size=5, unique_by=lambda step: step.id).map(tuple),
)
FIELD_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "agent": NAMES,
    "brief": JSON_TEXT,
    "depends_on": st.lists(NAMES, max_size=2).map(tuple),
    "for_each": st.none() | JSON_TEXT,
    "tier": st.sampled_from([None, "cheap", "powerful"]),
    "accept_partial": st.none() | st.booleans(),
    "expect": st.lists(EXPECTATIONS, max_size=2).map(tuple),
}


@given(PLANS, st.randoms())
def test_a_plan_does_not_differ_from_itself_in_any_order(plan: Plan, random: Any) -> None:
    steps = list(plan.steps)
    random.shuffle(steps)
    assert diff(plan, plan) == ()
    assert diff(plan, Plan.model_validate_json(plan.model_dump_json())) == ()
    assert diff(plan, plan.model_copy(update={"steps": tuple(steps)})) == ()


def test_every_field_of_a_step_can_be_changed_in_these_tests() -> None:
    assert set(FIELD_VALUES) == set(Step.model_fields) - {"id", "inputs"}


@given(PLANS, st.data())
def test_every_change_is_named_and_nothing_else(plan: Plan, data: st.DataObject) -> None:
    expected: list[tuple[str, str, str]] = []
    steps: list[Step] = []
    for step in plan.steps:
        kind = data.draw(st.sampled_from(["keep", "remove", "field", "input"]))
        if kind == "remove":
            expected.append(("removed", step.id, ""))
            continue
        if kind == "field":
            field = data.draw(st.sampled_from(sorted(FIELD_VALUES)))
            value = data.draw(FIELD_VALUES[field])
            assume(value != getattr(step, field))
            step = step.model_copy(update={field: value})
            expected.append(("changed", step.id, field))
        if kind == "input":
            name = data.draw(NAMES | st.sampled_from(sorted(step.inputs) or ["x"]))
            value = data.draw(JSON)
            assume(name not in step.inputs or repr(step.inputs[name]) != repr(value))
            assume(not _same_but_for_order(step.inputs.get(name), value))
            step = step.model_copy(update={"inputs": {**step.inputs, name: value}})
            expected.append(("changed", step.id, f"inputs.{name}"))
        steps.append(step)
    for step in data.draw(st.lists(STEPS, max_size=2, unique_by=lambda row: row.id)):
        if step.id not in {row.id for row in plan.steps}:
            steps.append(step)
            expected.append(("added", step.id, ""))
    changes = diff(plan, Plan(goal=plan.goal, steps=tuple(steps)))
    assert sorted((row.kind, row.step, row.field) for row in changes) == sorted(expected)


def _same_but_for_order(a: Any, b: Any) -> bool:
    return isinstance(a, dict) and isinstance(b, dict) and a == b


@given(PLANS, PLANS)
def test_the_way_back_has_the_same_changes_reversed(a: Plan, b: Plan) -> None:
    flip = {"added": "removed", "removed": "added", "changed": "changed"}
    there = {(row.kind, row.step, row.field): (row.before, row.after) for row in diff(a, b)}
    back = {(flip[row.kind], row.step, row.field): (row.after, row.before) for row in diff(b, a)}
    assert there == back


def _inputs(**values: Any) -> Plan:
    return Plan(steps=(Step(id="a", agent="find", inputs=values),))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_inputs(x=1), _inputs(x=True)),
        (_inputs(x=[0]), _inputs(x=[False])),
        (_inputs(x=1), _inputs(x=1.0)),
        (_inputs(), _inputs(x=None)),
        (_inputs(x=None), _inputs()),
    ],
)
def test_what_python_calls_equal_and_a_plan_does_not(old: Plan, new: Plan) -> None:
    assert [(row.kind, row.field) for row in diff(old, new)] == [("changed", "inputs.x")]


def test_changes_read_well() -> None:
    old = Plan(goal="g", steps=(Step(id="a", agent="x"), Step(id="b", agent="x")))
    new = Plan(goal="h", steps=(Step(id="a", agent="y"), Step(id="c", agent="x")))
    assert list(map(str, diff(old, new))) == [
        "goal: 'g' → 'h'",
        "removed step b",
        "a.agent: 'x' → 'y'",
        "added step c",
    ]
    expecting = old.steps[1].model_copy(update={"expect": (Expectation(field="rows", at_least=2),)})
    stricter = Plan(goal="g", steps=(old.steps[0], expecting))
    assert [str(row) for row in diff(old, stricter)] == ["b.expect: () → ('at least 2 rows',)"]
    assert diff(old, new)[1] == Change(
        kind="removed", step="b", before=Step(id="b", agent="x").model_dump(mode="json")
    )
