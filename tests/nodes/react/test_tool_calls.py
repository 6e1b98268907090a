"""Tool calls as steps: whatever a model calls becomes valid steps, or all that is wrong with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.running import run_of
from cliptrail.nodes.react.tool_calls import TAKE_NOTES, TOOLS, Call, Desired, Outcome, refused
from cliptrail.plans.validation import validate
from cliptrail.state.plan import Plan, Step
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult
from tests.nodes.react.results import failed, found
from tests.plans.sample_agents import JSON

VIDEOS = ("one", "two", "three")


def desired(*steps: Step, request: str = "How?", **results: StepResult) -> Desired:
    state = ResearchState(request=request, plan=Plan(steps=steps), results=results)
    return Desired(run_of(state), may_note=not results)


def searched() -> Desired:
    """A plan with a search that found three videos."""
    step = Step(id="search_1", agent="search", inputs={"query": "oil"})
    return desired(step, search_1=found(*VIDEOS))


def take(wanted: Desired, name: str, **args: Any) -> Outcome:
    return wanted.take(Call("1", name, args))


def test_calls_become_steps_whose_references_fit() -> None:
    wanted = searched()
    rows = [
        take(wanted, "transcript", video_ids=["two", "one"]),
        take(wanted, "extract", facts=["heat"], limit=9),
        take(wanted, "compose"),
    ]
    assert [row.steps for row in rows] == [
        ("transcript_1", "transcript_2"),
        ("extract_1",),
        ("compose_1",),
    ]
    assert [step.inputs for step in wanted.new] == [
        {"video": "$search_1.videos[1]"},
        {"video": "$search_1.videos[0]"},
        {"transcripts": ["$transcript_1", "$transcript_2"], "limit": 9, "facts": ["heat"]},
        {"claims": ["$extract_1.claims"], "unanswered": "$extract_1.unanswered"},
    ]
    assert validate(Plan(steps=tuple(wanted.steps)), agents()) == ()


def test_what_one_extraction_missed_another_may_have_found() -> None:
    wanted = searched()
    for name in ("one", "two"):
        take(wanted, "transcript", video_ids=[name])
        take(wanted, "extract", video_ids=[name])
    take(wanted, "compose")
    assert wanted.new[-1].inputs == {"claims": ["$extract_1.claims", "$extract_2.claims"]}


def test_a_call_that_was_carried_out_becomes_no_new_step() -> None:
    wanted = searched()
    first = take(wanted, "transcript", video_ids=["one", "one"])
    assert take(wanted, "transcript", video_ids=["one"]).steps == first.steps == ("transcript_1",)
    assert take(wanted, "search", query="oil", limit=3).steps == ("search_2",)
    assert take(wanted, "search", query="oil", limit=3).steps == ("search_2",)
    assert len(wanted.new) == 2


def test_what_failed_may_be_tried_again() -> None:
    steps = (
        Step(id="search_1", agent="search", inputs={"query": "oil"}),
        Step(id="transcript_1", agent="transcript", inputs={"video": "$search_1.videos[0]"}),
    )
    wanted = desired(*steps, search_1=found("one"), transcript_1=failed("transcript_1"))
    (fault,) = take(wanted, "extract", video_ids=["one"]).faults
    assert "could not be read. It has no captions." in fault
    assert take(wanted, "transcript", video_ids=["one"]).steps == ("transcript_2",)
    assert take(wanted, "extract", video_ids=["one"]).steps == ("extract_1",)
    assert wanted.new[-1].inputs["transcripts"] == ["$transcript_2"]


def test_a_video_that_the_request_names_needs_no_search() -> None:
    wanted = desired(request="What does https://youtu.be/abc123 say?")
    assert take(wanted, "transcript", video_ids=["abc123"]).steps == ("transcript_1",)
    assert wanted.new[0].inputs == {"video_id": "abc123"}
    assert "no search found 'bc12'" in take(wanted, "transcript", video_ids=["bc12"]).faults[0]


@pytest.mark.parametrize(
    ("name", "args", "faults"),
    [
        ("search", {}, ["query: Field required"]),
        ("search", {"query": "  "}, ["no words"]),
        ("search", {"query": "a", "limit": 99, "by": 1}, ["limit: ", "by: Extra inputs"]),
        ("transcript", {"video_ids": ["x", "one", "y"]}, ["'x'", "'y'"]),
        ("transcript", {"video_ids": []}, ["video_ids: "]),
        ("extract", {}, ["call transcript first"]),
        ("extract", {"video_ids": ["one", "x"]}, ["'one' is not read", "'x' is not read"]),
        ("compose", {}, ["call extract first"]),
        ("compos", {}, ["did you mean 'compose'?"]),
        ("delete", {}, ["there are: search, transcript, extract, compose."]),
        (TAKE_NOTES, {"topic": "oil"}, ["The notes are taken"]),
    ],
)
def test_all_that_is_wrong_is_said_at_once(name: str, args: Any, faults: list[str]) -> None:
    wanted = searched()
    row = wanted.take(Call("1", name, args))
    assert (row.steps, row.notes, wanted.new) == ((), None, [])
    assert len(row.faults) == len(faults)
    assert all(part in fault for part, fault in zip(faults, row.faults, strict=True))


@pytest.mark.parametrize("args", ["{", None, [], 5])
def test_arguments_that_are_no_object_are_a_fault(args: object) -> None:
    assert searched().take(Call("1", "search", args)).faults


def test_notes_are_taken_only_before_anything_was_seen() -> None:
    notes = take(desired(), TAKE_NOTES, topic="oil", output_file="a.md").notes
    assert notes
    assert (notes.topic, notes.output_file) == ("oil", "a.md")
    assert take(searched(), TAKE_NOTES, topic="oil", output_file="../x").notes is None


def test_a_plan_that_cannot_take_the_new_steps_sends_them_back() -> None:
    wanted = searched()
    rows = [
        take(wanted, "search", query="oil"),
        take(wanted, "search", query="fat"),
        take(wanted, "delete"),
    ]
    new = [step.id for step in wanted.new]
    told = refused(rows, new[1:], ["61 steps; 60 are allowed."])
    assert [row.steps for row in told] == [("search_2",), (), ()]
    assert [len(row.faults) for row in told] == [0, 1, 1]


IDS = st.sampled_from([*VIDEOS, "four", "$one", "${search_1}"])
WORDS = st.sampled_from(["oil", "$5 oil", "${search_1.videos}", "$item", "a" * 501, ""])
ARGS = JSON | st.fixed_dictionaries(
    {},
    optional={
        "query": WORDS,
        "channel": WORDS,
        "limit": st.integers(-1, 60),
        "video_ids": st.lists(IDS, max_size=4),
        "facts": st.lists(WORDS, max_size=3),
        "topic": WORDS,
    },
)
CALLS = st.lists(
    st.builds(Call, st.just("1"), st.sampled_from([*TOOLS, TAKE_NOTES, "", "x"]), ARGS), max_size=8
)


@given(CALLS)
def test_whatever_is_called_the_plan_stays_valid(calls: list[Call]) -> None:
    wanted, again = searched(), searched()
    rows = [wanted.take(call) for call in calls]
    assert [again.take(call) for call in calls] == rows
    assert all(bool(row.faults) != bool(row.steps or row.notes) for row in rows)
    assert validate(Plan(steps=tuple(wanted.steps)), agents(), max_steps=1_000) == ()
    made = {name for row in rows for name in row.steps}
    assert {step.id for step in wanted.new} <= made


@given(CALLS)
def test_calling_the_same_again_adds_nothing(calls: list[Call]) -> None:
    wanted = searched()
    first = [wanted.take(call) for call in calls if call.name in ("search", "transcript")]
    size = len(wanted.steps)
    assert [wanted.take(row.call) for row in first] == first
    assert len(wanted.steps) == size
