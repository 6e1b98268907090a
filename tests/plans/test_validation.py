"""Validation: what is right passes, and everything that is wrong is told at once."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.plans.expansion import expand
from cliptrail.plans.validation import MAX_FAN_OUT, validate
from cliptrail.state.plan import Fault, Plan, Step
from tests.plans.sample_agents import AGENTS, Made, loose_plans, made_plans

SOUND = (
    Step(id="find", agent="find", inputs={"query": "brisket"}),
    Step(id="read", agent="read", for_each="$find.items[:3]", inputs={"item": "$item"}),
    Step(id="pick", agent="pick", inputs={"documents": "$read", "names": ["a", "$find.names"]}),
    Step(id="write", agent="write", inputs={"claims": "$pick.claims", "ratio": 2}),
)


def find(name: str, query: object = "q", **more: object) -> Step:
    return Step.model_validate(
        {"id": name, "agent": "find", "inputs": {"query": query, **more}}, strict=False
    )


def mapped(name: str, over: str) -> Step:
    return Step(id=name, agent="read", for_each=over, inputs={"item": "$item"})


@dataclass(frozen=True)
class Wrong:
    """Steps with something wrong, and where that must be told."""

    steps: tuple[Step, ...]
    told: tuple[tuple[str, str], ...]
    message: str
    """Words that tell what it is."""


def wrong(step: Step, field: str, message: str) -> Wrong:
    return Wrong((step,), ((step.id, field),), message)


WRONG = {
    "duplicate id": Wrong((find("dup"), find("dup")), (("dup", "id"),), "2 steps have this id"),
    "bad id": wrong(find("Bad-Id"), "id", "use lower-case letters"),
    "long id": wrong(find("x" * 41), "id", "is not a step id"),
    "reserved id": wrong(find("index"), "id", "not index or item"),
    "no id": wrong(find(""), "id", "has no id"),
    "unknown agent": wrong(
        Step(id="who", agent="fnid", inputs={"query": "q"}), "agent", "did you mean 'find'"
    ),
    "unknown agent, its references": Wrong(
        (Step(id="who2", agent="nobody", inputs={"a": "$nowhere", "b": "$item"}),),
        (("who2", "agent"), ("who2", "inputs.a"), ("who2", "inputs.b")),
        "there are: find, read, pick, write",
    ),
    "cycle": Wrong(
        (
            find("c1").model_copy(update={"depends_on": ("c2",)}),
            find("c2").model_copy(update={"depends_on": ("c1",)}),
        ),
        (("c*", "depends_on"),),
        "wait for each other: c",
    ),
    "cycle by references": Wrong(
        (find("r1", "${r3.names[0]}!"), find("r2", "$r1.names[0]"), find("r3", "$r2.names[0]")),
        (("r*", "depends_on"),),
        " → r",
    ),
    "itself": wrong(find("me", "$me.names[0]"), "depends_on", "me → me"),
    "unknown reference": wrong(
        find("lost", "$fnd.names[0]"), "inputs.query", "did you mean 'find'"
    ),
    "two unknown references": Wrong(
        (find("lost2", "${zz.a} ${yy.b}"),), (("lost2", "inputs.query"),) * 2, "no step 'yy'"
    ),
    "unknown dependency": wrong(
        find("alone").model_copy(update={"depends_on": ("wirte",)}),
        "depends_on",
        "did you mean 'write'",
    ),
    "unknown field": wrong(find("field", "$find.title"), "inputs.query", "It has: items, names"),
    "ill-typed reference": wrong(
        find("typed", "$find.items"), "inputs.query", "a list of Item, but str is wanted"
    ),
    "ill-typed element": wrong(
        Step(id="part", agent="pick", inputs={"documents": ["$read", "$find.items[0]"]}),
        "inputs.documents",
        "$find.items[0] is Item, but a list of Document is wanted",
    ),
    "ill-typed item": wrong(
        Step(id="each", agent="read", for_each="$find.names[:2]", inputs={"item": "$item"}),
        "inputs.item",
        "$item is str, but Item is wanted",
    ),
    "text for a number": wrong(find("digits", limit="${find.total}0"), "inputs.limit", "is text"),
    "list for text": wrong(find("listed", ["$find.names"]), "inputs.query", "is a list, but str"),
    "map for text": wrong(find("map", {"a": "$find.names"}), "inputs.query", "is a map, but str"),
    "list in a list": wrong(
        Step(id="nested", agent="write", inputs={"claims": [["$find.names"]]}),
        "inputs.claims",
        "is a list, but str is wanted",
    ),
    "malformed reference": wrong(find("torn", "${find."), "inputs.query", "is not a reference"),
    "bare reference in text": wrong(
        find("bare", "of $find.total"), "inputs.query", 'Write "${find.total}"'
    ),
    "$item without for_each": wrong(find("thing", "$item"), "inputs.query", "with for_each"),
    "field of $index": wrong(
        Step(id="place", agent="read", for_each="$find.names[:2]", inputs={"name": "$index.x"}),
        "inputs.name",
        "int has no field 'x'",
    ),
    "missing input": wrong(Step(id="empty", agent="pick"), "inputs.documents", "What to pick from"),
    "unknown input": wrong(find("extra", limt=3), "inputs.limt", "did you mean 'limit'"),
    "no limit": wrong(mapped("open", "$find.items"), "for_each", 'like "$find.items[:3]"'),
    "open slice": wrong(mapped("open2", "$find.items[2:]"), "for_each", "has no limit"),
    "limit of nothing": wrong(mapped("zero", "$find.items[2:2]"), "for_each", "its limit is 0"),
    "limit too large": wrong(
        mapped("huge", f"$find.items[:{MAX_FAN_OUT + 1}]"), "for_each", f"1 to {MAX_FAN_OUT}"
    ),
    "map over one": wrong(mapped("single", "$find.best"), "for_each", "not a list to map over"),
    "map over text": wrong(mapped("text", "find.items[:2]"), "for_each", "is not a reference"),
    "map over nothing": wrong(mapped("blank", ""), "for_each", "is not a reference"),
    "map over nobody": wrong(mapped("ghost", "$gone.items[:2]"), "for_each", "no step 'gone'"),
    "map beyond the end": wrong(
        Step(id="past", agent="pick", for_each="$read[3:]", inputs={"documents": ["$item"]}),
        "for_each",
        "read has at most 3 elements",
    ),
    "element beyond the end": wrong(
        Step(id="far", agent="pick", inputs={"documents": ["$read[3]"]}),
        "inputs.documents",
        "read has at most 3 elements",
    ),
    "field of a mapped step": wrong(
        find("title", "$read.title"), "inputs.query", "a list of Document has no field"
    ),
    "wrong number": wrong(find("less", limit=0), "inputs.limit", "greater than or equal to 1"),
    "wrong literal": wrong(find("mode", mode="some"), "inputs.mode", "'all' or 'best'"),
    "wrong element": wrong(
        Step(id="element", agent="write", inputs={"claims": ["a", 7]}),
        "inputs.claims",
        "7 does not",
    ),
    "empty list": wrong(
        Step(id="none", agent="pick", inputs={"documents": []}), "inputs.documents", "at least 1"
    ),
    "no text": wrong(find("mute", ""), "inputs.query", "at least 1 character"),
}


def _told(faults: tuple[Fault, ...], expected: tuple[str, str]) -> list[Fault]:
    step, field = expected
    return [
        fault
        for fault in faults
        if fault.field == field
        and (fault.step == step or ("*" in step and fault.step.startswith(step[0])))
    ]


def test_the_sound_plan_is_sound() -> None:
    assert validate(Plan(steps=SOUND), AGENTS) == ()
    assert validate(Plan(steps=SOUND[::-1]), AGENTS) == ()


@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_told_where_it_is_and_how_to_mend_it(name: str) -> None:
    row = WRONG[name]
    faults = validate(Plan(steps=(*SOUND, *row.steps)), AGENTS)
    assert len(faults) == len(row.told), faults
    assert all(_told(faults, place) for place in row.told)
    assert row.message in " ".join(map(str, faults))


@given(st.data())
def test_all_faults_are_told_at_once_and_no_others(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(WRONG)), unique=True))
    steps = data.draw(st.permutations([*SOUND, *(s for name in names for s in WRONG[name].steps)]))
    plan = Plan(steps=tuple(steps))
    crowded = data.draw(st.booleans())
    faults = validate(plan, AGENTS, max_steps=5 if crowded else 500)
    expected = [place for name in names for place in WRONG[name].told]
    told = [fault for place in set(expected) for fault in _told(faults, place)]
    too_many = [fault for fault in faults if (fault.step, fault.field) == ("", "steps")]
    assert sorted(map(str, [*told, *too_many])) == sorted(map(str, faults))
    assert len(told) == len(expected)
    assert len(too_many) == crowded


def test_an_empty_plan_is_a_fault() -> None:
    assert [str(fault) for fault in validate(Plan(), AGENTS)] == ["steps: the plan has no steps."]


def test_mapped_steps_count_by_their_limit() -> None:
    plan = Plan(steps=SOUND)
    assert validate(plan, AGENTS, max_steps=6) == ()
    (fault,) = validate(plan, AGENTS, max_steps=5)
    assert fault.message == "6 steps with mapped ones counted; 5 are allowed."


def test_a_cycle_does_not_hide_what_the_other_steps_map_over() -> None:
    over = Step(id="again", agent="pick", for_each="$read", inputs={"documents": ["$item"]})
    far = Step(id="far", agent="pick", inputs={"documents": ["$read[3]"]})
    faults = validate(Plan(steps=(*SOUND, over, far, *WRONG["cycle"].steps)), AGENTS)
    assert [(fault.step, fault.field) for fault in faults if fault.step[0] != "c"] == [
        ("far", "inputs.documents")
    ]
    assert len(faults) == 2


def test_a_fault_of_a_producer_is_not_blamed_on_its_consumers() -> None:
    producer = mapped("open", "$find.items")
    consumer = Step(id="use", agent="pick", for_each="$open", inputs={"documents": ["$item"]})
    assert [f.step for f in validate(Plan(steps=(*SOUND, producer, consumer)), AGENTS)] == ["open"]


def test_what_a_dollar_escapes_is_held_against_the_field_as_it_will_be() -> None:
    plan = Plan(steps=(find("find", "$$5 steak"), find("short", mode="$$all")))
    assert [(f.step, f.field) for f in validate(plan, AGENTS)] == [("short", "inputs.mode")]


@given(made_plans())
def test_a_plan_that_is_right_by_construction_passes(made: Made) -> None:
    assert validate(made.plan, AGENTS, max_steps=10_000) == ()


@given(loose_plans())
def test_any_plan_is_either_told_its_faults_or_can_be_expanded(plan: Plan) -> None:
    faults = validate(plan, AGENTS, max_steps=10_000)
    if not faults:
        assert expand(plan, AGENTS)
    assert all(fault.message and (fault.step or fault.field) for fault in faults)
