"""What a step gets when what it needs has ended: inputs, or the reason to skip it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cliptrail.plans.estimate import estimate
from cliptrail.plans.expansion import expand, sizes_of
from cliptrail.plans.inputs import ready_brief, ready_inputs
from cliptrail.plans.validation import validate
from cliptrail.state.plan import Instance, Plan, Step
from cliptrail.state.steps import Skip, StepResult
from tests.plans.sample_agents import (
    AGENTS,
    OUTPUTS,
    Document,
    Found,
    Item,
    Made,
    Paper,
    Picked,
    absent,
    done,
    failed,
    loose_plans,
    lost,
    made_plans,
    play,
)

FIND = Step(id="find", agent="find", inputs={"query": "q"})
OTHER = Step(id="other", agent="find", inputs={"query": "q"})
READ = Step(id="read", agent="read", for_each="$find.items[:3]", inputs={"item": "$item"})
FOUND = done(
    "find", Found(items=(Item(name="a"), Item(name="b")), names=["x", "y"], total=2, loose=[1])
)
A, B = done("read[0]", Document(title="A")), done("read[1]", Document(title="B"))


def ready(step: Step, *results: StepResult, at: str = "") -> BaseModel | Skip:
    """Resolve one instance of a step of the plan FIND, OTHER, READ, `step`."""
    rows = expand(Plan(steps=(FIND, OTHER, READ, step)), AGENTS)
    row = {row.id: row for row in rows}[at or step.id]
    known = {result.id: result for result in results}
    assert set(row.needs) <= set(known)
    return ready_inputs(row, AGENTS[row.agent], known, sizes_of(rows))


def pick(partial: bool | None = None, **inputs: Any) -> Step:
    return Step(id="pick", agent="pick", inputs=inputs, accept_partial=partial)


def write(*claims: str, partial: bool | None = None, ratio: Any = 0) -> Step:
    inputs = {"claims": list(claims), "ratio": ratio}
    return Step(id="write", agent="write", inputs=inputs, accept_partial=partial)


def skipped(found: BaseModel | Skip) -> tuple[str, str]:
    assert isinstance(found, Skip), found
    return found.kind, found.message


def titles(found: BaseModel | Skip) -> list[str]:
    assert not isinstance(found, Skip), found
    return [row["title"] for row in found.model_dump()["documents"]]


def test_values_come_typed_and_texts_filled() -> None:
    step = write("${find.names[0]} of ${find.total}", "$find.names", "$$5", ratio="$find.total")
    inputs = ready(step, FOUND)
    assert inputs == AGENTS["write"].input.model_validate(
        {"claims": ("x of 2", "x", "y", "$5"), "ratio": 2.0}
    )


def test_what_a_transcript_says_is_never_read_as_a_reference() -> None:
    hostile = done("find", Found(names=["$other.names", "${find.total}", "$$"]))
    assert ready(write("$find.names", "<${find.names[0]}>"), hostile) == AGENTS[
        "write"
    ].input.model_validate({"claims": ("$other.names", "${find.total}", "$$", "<$other.names>")})


def test_an_element_beyond_the_list_is_skipped_without_blame() -> None:
    assert skipped(ready(READ, FOUND, at="read[2]")) == ("absent", "Not needed: there is no [2].")


def test_an_element_that_its_step_does_not_even_read_must_be_there_all_the_same() -> None:
    step = Step(id="each", agent="read", for_each="$find.names[:3]", inputs={"name": "again"})
    assert not isinstance(ready(step, FOUND, at="each[1]"), Skip)
    assert skipped(ready(step, FOUND, at="each[2]"))[0] == "absent"


def test_its_dependants_are_absent_too_and_the_others_are_not() -> None:
    step = Step(id="each", agent="pick", for_each="$read", inputs={"documents": ["$item"]})
    gone = absent("read[2]")
    assert skipped(ready(step, gone, at="each[2]"))[0] == "absent"
    assert titles(ready(step, B, at="each[1]")) == ["B"]


def test_a_list_of_a_mapped_step_holds_what_there_is() -> None:
    assert titles(ready(pick(documents="$read"), A, B, absent("read[2]"))) == ["A", "B"]
    step = pick(documents=["$read[0]", "$read[2]"])
    assert titles(ready(step, A, absent("read[2]"))) == ["A"]


def test_if_nothing_is_left_of_the_list_there_is_nothing_to_do() -> None:
    gone = [absent(f"read[{n}]") for n in range(3)]
    assert skipped(ready(pick(documents="$read"), *gone))[0] == "absent"
    assert skipped(ready(pick(documents=["$read", "$read[1]"]), *gone))[0] == "absent"


def test_a_list_that_came_out_empty_is_nobodys_fault() -> None:
    each = Step(id="each", agent="pick", for_each="$read[:1]", inputs={"documents": "$find.loose"})
    empty = done("find", Found(loose=[]))
    kind, message = skipped(ready(each, A, empty, at="each[0]"))
    assert (kind, message) == ("absent", "Not needed: there is nothing for its input documents.")


def test_a_field_that_is_empty_is_nobodys_fault() -> None:
    step = Step(id="next", agent="find", inputs={"query": "$find.items[0].label"})
    assert skipped(ready(step, FOUND))[0] == "absent"
    step = Step(id="next", agent="find", inputs={"query": "on ${find.items[0].label}"})
    assert skipped(ready(step, FOUND))[0] == "absent"
    step = Step(id="next", agent="read", inputs={"item": "$find.best"})
    assert ready(step, FOUND) == AGENTS["read"].input.model_validate({"item": None})


def test_a_failure_skips_what_needs_it_and_names_it() -> None:
    strict = pick(partial=False, documents="$read")
    assert skipped(ready(strict, A, failed("read[1]"), absent("read[2]"))) == (
        "upstream",
        "Cannot run: read[1] failed.",
    )
    assert skipped(ready(strict, A, lost("read[1]"), absent("read[2]"))) == (
        "upstream",
        "Cannot run: read[1] was skipped.",
    )


def test_a_failure_of_a_mere_predecessor_skips_too_unless_partial_is_enough() -> None:
    step = write("x").model_copy(update={"depends_on": ("find",)})
    assert skipped(ready(step, failed("find"))) == ("upstream", "Cannot run: find failed.")
    partial = step.model_copy(update={"accept_partial": True})
    assert not isinstance(ready(partial, failed("find")), Skip)
    assert not isinstance(ready(step, absent("find")), Skip)


def test_partial_input_leaves_out_what_failed() -> None:
    results = [A, failed("read[1]"), absent("read[2]")]
    assert titles(ready(pick(documents="$read"), *results)) == ["A"]
    assert titles(ready(pick(documents=["$read[1]", "$read[0]"]), *results)) == ["A"]
    assert titles(ready(pick(documents=["$read"]), lost("read[0]"), B, failed("read[2]"))) == ["B"]


def test_partial_input_is_not_no_input() -> None:
    results = [failed("read[0]"), absent("read[1]"), absent("read[2]")]
    assert skipped(ready(pick(documents="$read"), *results))[0] == "upstream"
    assert skipped(ready(pick(documents=["$read[1]", "$read[0]"]), *results))[0] == "upstream"
    scalar = write("x", ratio="$find.total", partial=True)
    assert skipped(ready(scalar, failed("find")))[0] == "upstream"


def test_an_element_whose_producer_failed_is_not_run_even_with_partial_input() -> None:
    step = Step(id="each", agent="pick", for_each="$read", inputs={"documents": ["$item"]})
    assert skipped(ready(step, failed("read[1]"), at="each[1]"))[0] == "upstream"


def test_the_rest_of_the_path_is_followed_into_a_slice() -> None:
    step = pick(documents=["$read[:2][1]"])
    assert titles(ready(step, A, B)) == ["B"]


def test_a_value_that_does_not_fit_after_all_is_told() -> None:
    step = Step(id="next", agent="find", inputs={"query": "q", "limit": "$find.total"})
    kind, message = skipped(ready(step, done("find", Found(total=0))))
    assert kind == "upstream"
    assert message.startswith("Its input limit does not fit: Input should be greater than")


# --- the law: an accepted plan runs, whatever its steps give ------------------------------------


@st.composite
def endings(draw: st.DrawFn, row: Instance) -> BaseModel | None:
    return draw(OUTPUTS[row.agent]) if draw(st.integers(0, 5)) else None


def run_any(plan: Plan, data: st.DataObject) -> None:
    rows = expand(plan, AGENTS)
    sizes = sizes_of(rows)
    assert set(estimate(rows, AGENTS, lambda *_: None).steps) == {row.id for row in rows}
    results = play(rows, sizes, lambda row: data.draw(endings(row)))
    assert set(results) == {row.id for row in rows}


@given(made_plans(), st.data())
def test_a_plan_that_is_right_by_construction_runs(made: Made, data: st.DataObject) -> None:
    run_any(made.plan, data)


@given(loose_plans(), st.data())
def test_a_plan_that_validate_accepts_runs(plan: Plan, data: st.DataObject) -> None:
    if not validate(plan, AGENTS, max_steps=10_000):
        run_any(plan, data)


@given(made_plans())
def test_with_rich_outputs_nothing_is_skipped(made: Made) -> None:
    """Every list long enough, every field filled: then each reference has its value."""
    items = tuple(Item(name=f"n{n}", size=5, label="l") for n in range(6))
    loose = [{"x": "x", "y": ["y"] * 3, "name": "n"}] * 6
    rich: dict[str, BaseModel] = {
        "find": Found(items=items, names=["n"] * 6, total=5, best=items[0], loose=loose),
        "read": Document(title="t", parts=("p",) * 6),
        "pick": Picked(claims=("c",) * 6),
        "write": Paper(body="b"),
    }
    rows = expand(made.plan, AGENTS)
    results = play(rows, sizes_of(rows), lambda row: rich[row.agent])
    untyped = ".loose" in str(made.plan)
    assert untyped or [row.status for row in results.values()] == ["done"] * len(rows)


@pytest.mark.parametrize("fault", ["failed", "absent"])
def test_one_bad_element_stops_its_own_chain_only(fault: str) -> None:
    steps = (
        FIND,
        READ,
        Step(id="each", agent="pick", for_each="$read", inputs={"documents": ["$item"]}),
        Step(id="end", agent="write", inputs={"claims": []}, depends_on=("each",)),
    )
    rows = expand(Plan(steps=steps), AGENTS)
    items = (Item(name="a"),) * (3 if fault == "failed" else 2)

    def perform(row: Instance) -> BaseModel | None:
        if row.id == "read[2]":
            return None
        return {"find": Found(items=items), "read": Document(title="t")}.get(row.agent, Picked())

    results = play(rows, sizes_of(rows), lambda row: perform(row) if row.id != "end" else Paper())
    ends = {name: result.status for name, result in results.items()}
    last = "failed" if fault == "failed" else "skipped"
    assert ends == {
        **dict.fromkeys(["find", "read[0]", "read[1]", "each[0]", "each[1]"], "done"),
        "read[2]": last,
        "each[2]": "skipped",
        "end": "skipped" if fault == "failed" else "done",
    }


def brief_of(brief: str, *results: StepResult, mapped: bool = False) -> str | Skip:
    """The brief that a step gets, or why it is skipped."""
    over = {"for_each": "$find.items[:3]"} if mapped else {}
    step = Step(id="each", agent="read", inputs={"name": "n"}, brief=brief, **over)
    plan = Plan(steps=(FIND, OTHER, READ, step))
    assert validate(plan, AGENTS) == ()
    rows = expand(plan, AGENTS)
    row = {row.id: row for row in rows}["each[1]" if mapped else "each"]
    known = {result.id: result for result in results}
    assert set(row.needs) == set(known)
    found = ready_inputs(row, AGENTS["read"], known, sizes_of(rows))
    return found if isinstance(found, Skip) else ready_brief(row, known, sizes_of(rows))


def test_a_brief_holds_the_values_that_it_refers_to() -> None:
    assert brief_of("For ${find.names[1]}, under $5 and $HOME.", FOUND) == (
        "For y, under $5 and $HOME."
    )
    assert brief_of("Read ${item.name}, at ${index}.", FOUND, mapped=True) == "Read b, at 1."
    assert brief_of("$find.names") == "$find.names"  # prose: only braces make a reference
    assert brief_of("For ${find.names[0]}.", done("find", Found(names=["${a.b} $x"]))) == (
        "For ${a.b} $x."
    )


def test_a_step_whose_brief_refers_to_nothing_is_not_needed() -> None:
    found = brief_of("For ${find.names[7]}.", FOUND)
    assert isinstance(found, Skip)
    assert found.kind == "absent"


@pytest.mark.parametrize(
    ("brief", "problem"),
    [
        ("For ${fnd.names}.", "There is no step 'fnd'"),
        ("For ${find.nams}.", "has no field 'nams'"),
        ("For ${find.", "is not a reference"),
        ("For ${item}.", "only in a step with for_each"),
    ],
)
def test_a_reference_in_a_brief_is_checked_like_any_other(brief: str, problem: str) -> None:
    step = Step(id="each", agent="read", inputs={"name": "n"}, brief=brief)
    (fault,) = validate(Plan(steps=(FIND, step)), AGENTS)
    assert (fault.step, fault.field) == ("each", "brief")
    assert problem in fault.message


@given(st.text(max_size=40).filter(lambda text: "${" not in text))
def test_prose_without_braces_comes_through_as_it_is(text: str) -> None:
    assert brief_of(text) == text
