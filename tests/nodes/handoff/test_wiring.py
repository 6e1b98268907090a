"""Who gets which inputs: from what was handed on, by type, the new before the old."""

from typing import Any

import pytest

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.growing_plan import grown
from cliptrail.nodes.common.running import run_of
from cliptrail.nodes.handoff.wiring import MOST_READ, candidates, next_in_chain, step_for
from cliptrail.state.context import Context
from cliptrail.state.handoffs import Intent
from cliptrail.state.plan import InstanceId, Plan, Revision, Step
from cliptrail.state.request import Notes
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult
from tests.nodes.finish.endings import GOOD, composed, extracted, read

FIND = Step(id="search_1", agent="search", inputs={"query": "oil"})
FETCH = Step(
    id="transcript_1",
    agent="transcript",
    for_each="$search_1.videos[:2]",
    inputs={"video": "$item"},
)
EXTRACT = Step(id="extract_1", agent="extract", inputs={"transcripts": ["$transcript_1"]})
COMPOSE = Step(id="compose_1", agent="compose", inputs={"claims": ["$extract_1.claims"]})
ALL = (FIND, FETCH, EXTRACT, COMPOSE)


def renamed(row: StepResult, name: str) -> StepResult:
    return row.model_copy(update={"id": InstanceId.parse(name)})


def found(count: int, name: str = "search_1") -> StepResult:
    rows = [{"video_id": f"{name}_{number}", "title": "T"} for number in range(count)]
    return StepResult(id=name, agent="search", status="done", output={"videos": rows})


def results(*rows: StepResult) -> dict[str, StepResult]:
    return {row.id: row for row in rows}


def run(*steps: Step, notes: Notes = Notes(), **rows: StepResult) -> ResearchState:  # noqa: B008
    return ResearchState(plan=Plan(steps=steps), notes=notes, results=results(*rows.values()))


def wanted(capability: str, **more: Any) -> Intent:
    return Intent(words="Do it.", capability=capability, **more)


def made(capability: str, state: ResearchState, **more: Any) -> Step:
    handed = [step.id for step in state["plan"].steps]
    agent = candidates(wanted(capability))[0]
    return step_for(wanted(capability, **more), agent, handed, run_of(state))


FETCHED = {"b": renamed(read(), "transcript_1[0]"), "c": renamed(read(), "transcript_1[1]")}
EXTRACTED = {"d": renamed(extracted(GOOD), "extract_1")}


def test_the_chain_from_videos_to_a_guide() -> None:
    state = run(FIND, a=found(2))
    step = made("read_transcript", state)
    assert (step.id, step.for_each, step.inputs) == (
        "transcript_1",
        "$search_1.videos[:2]",
        {"video": "$item"},
    )
    state = run(FIND, FETCH, a=found(2), **FETCHED)
    assert made("extract_claims", state).inputs == {"transcripts": ["$transcript_1"]}
    state = run(*ALL[:3], a=found(2), **FETCHED, **EXTRACTED)
    assert made("compose_guide", state).inputs == {"claims": ["$extract_1.claims"]}


@pytest.mark.parametrize(("count", "limit"), [(1, 1), (MOST_READ, MOST_READ), (50, MOST_READ)])
def test_no_more_is_mapped_than_there_is_or_than_is_sensible(count: int, limit: int) -> None:
    step = made("read_transcript", run(FIND, a=found(count)))
    assert step.for_each == f"$search_1.videos[:{limit}]"


def test_what_is_named_stays_as_it_is() -> None:
    state = run(FIND, a=found(2))
    step = made("read_transcript", state, inputs={"video_id": "abc"})
    assert (step.inputs, step.for_each) == ({"video_id": "abc"}, None)
    step = made("find_videos", state, inputs={"query": "vinegar", "limit": 3})
    assert step.inputs == {"query": "vinegar", "limit": 3}


def test_a_search_without_words_takes_the_topic() -> None:
    assert made("find_videos", run(notes=Notes(topic="hot oil"))).inputs == {"query": "hot oil"}
    assert made("find_videos", run()).inputs == {"query": "Do it."}


def test_what_was_used_is_not_used_again_where_there_is_something_new() -> None:
    more = FIND.model_copy(update={"id": "search_2"})
    state = run(FIND, FETCH, more, a=found(2), **FETCHED, z=found(3, "search_2"))
    assert made("read_transcript", state).for_each == "$search_2.videos[:3]"
    again = run(FIND, FETCH, a=found(2), **FETCHED)
    assert made("read_transcript", again).for_each == "$search_1.videos[:2]"


def test_a_guide_is_made_of_all_claims_and_of_none_twice() -> None:
    other = EXTRACT.model_copy(update={"id": "extract_2"})
    doubted = Step(id="critic_1", agent="critic", inputs={"claims": "$extract_2.claims"})
    second = renamed(extracted(GOOD), "extract_2")
    checked = StepResult(id="critic_1", agent="critic", status="done", output=second.output)
    state = run(*ALL, other, doubted, a=found(2), **FETCHED, **EXTRACTED, e=second, f=checked)
    state["results"]["compose_1"] = renamed(composed(), "compose_1")
    assert made("compose_guide", state).inputs["claims"] == [
        "$extract_1.claims",
        "$critic_1.claims",
    ]


def test_single_and_mapped_results_are_one_list() -> None:
    one = Step(id="transcript_1", agent="transcript", inputs={"video_id": "x"})
    assert made("extract_claims", run(one, a=renamed(read(), "transcript_1"))).inputs == {
        "transcripts": ["$transcript_1"]
    }
    each = EXTRACT.model_copy(
        update={"for_each": "$transcript_1", "inputs": {"transcripts": ["$item"]}}
    )
    rows = {f"r{n}": renamed(extracted(GOOD), f"extract_1[{n}]") for n in range(2)}
    state = run(FIND, FETCH, each, a=found(2), **FETCHED, **rows)
    assert made("compose_guide", state).inputs["claims"] == [
        "$extract_1[0].claims",
        "$extract_1[1].claims",
    ]
    assert isinstance(
        grown(run_of(state), [made("compose_guide", state)], "router", "", Context()), Revision
    )


def test_only_what_is_handed_on_is_used() -> None:
    state = run(FIND, a=found(2))
    step = step_for(wanted("read_transcript"), agents()["transcript"], (), run_of(state))
    assert (step.inputs, step.for_each) == ({}, None)


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(0, None), (1, "read_transcript"), (2, "extract_claims"), (3, "compose_guide"), (4, None)],
)
def test_by_rule_the_next_of_the_chain_comes(ended: int, expected: str | None) -> None:
    rows = [found(2), *FETCHED.values(), *EXTRACTED.values(), renamed(composed(), "compose_1")]
    there = {0: 0, 1: 1, 2: 3, 3: 4, 4: 5}[ended]
    state = ResearchState(
        plan=Plan(steps=ALL[:ended]), notes=Notes(), results=results(*rows[:there])
    )
    intent = next_in_chain([step.id for step in ALL[:ended]], run_of(state))
    assert (intent.capability if intent else None) == expected
    assert not intent or intent.last == (expected == "compose_guide")


def test_by_rule_nothing_comes_of_nothing() -> None:
    empty = extracted()
    state = run(*ALL[:3], a=found(2), **FETCHED, d=renamed(empty, "extract_1"))
    assert next_in_chain(["search_1", "transcript_1", "extract_1"], run_of(state)) is None
    assert next_in_chain(["search_1"], run_of(run(FIND, a=found(0)))) is None


def test_who_is_excluded_is_no_candidate() -> None:
    assert [row.name for row in candidates(wanted("find_videos"))] == ["search"]
    assert candidates(wanted("find_videos"), ["search"]) == []
    assert candidates(wanted("join_results")) == []
    assert candidates(Intent(words="Anything.")) == []
