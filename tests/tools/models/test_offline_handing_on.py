"""The offline engine hands on by what is there and by what was asked, whatever the topic."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import BaseMessage

from cliptrail.agents.registry import described, offered
from cliptrail.prompts import accept as accept_prompt
from cliptrail.prompts import goal_check as goal_prompt
from cliptrail.prompts import route as route_prompt
from cliptrail.prompts import synthesize as synthesis_prompt
from cliptrail.state.drafts import AcceptDraft, GoalDraft, RouteDraft, SynthesisDraft
from cliptrail.tools.models.offline.roles.handing_on import accept, judge, route, synthesis
from cliptrail.tools.models.offline.rules import Prompt

AGENTS = [described(agent) for agent in offered().values()]
CHANNELS = ["Quiet Forge", "Blue Anvil"]
WORDS = st.text(min_size=1, max_size=40)
VIDEO = {"id": "v", "title": "Quenching in hot oil", "channel": "Quiet Forge"}


def prompt(messages: list[BaseMessage]) -> Prompt:
    return Prompt(text="", last=str(messages[-1].content))


def begun(request: str) -> SynthesisDraft:
    messages = synthesis_prompt.render(request, CHANNELS, AGENTS)
    return SynthesisDraft.model_validate(synthesis(prompt(messages)))


def judged(request: str, gave: dict[str, Any], tries: int = 2, **row: Any) -> GoalDraft:
    done = [{"step": "s", "agent": "a", "status": "done", "gave": gave, **row}]
    inputs = {"query": "quench oil temperature thermometer", "limit": 3}
    task = {"words": "Do it.", "steps": ["s"], "inputs": inputs}
    notes = {"topic": "quench in oil"}
    messages = goal_prompt.render(request, notes, AGENTS, done, task, tries)
    return GoalDraft.model_validate(judge(prompt(messages)))


@pytest.mark.parametrize(
    ("request_", "searched"),
    [
        ("How hot must the oil be?", [""]),
        ("How hot must the oil be? Ask Quiet Forge.", ["Quiet Forge"]),
        ("How do I quench? Use Quiet Forge and Blue Anvil.", ["Quiet Forge", "Blue Anvil"]),
    ],
)
def test_one_search_for_each_channel(request_: str, searched: list[str]) -> None:
    parts = begun(request_).parts
    assert [{r.name: r.value for r in row.inputs}.get("channel", "") for row in parts] == searched
    assert {row.capability for row in parts} == {"find_videos"}


def test_one_search_for_each_thing_compared() -> None:
    parts = begun("Compare quenching in oil and quenching in brine").parts
    queries = [str({row.name: row.value for row in part.inputs}["query"]) for part in parts]
    assert ["oil" in queries[0], "brine" in queries[1]] == [True, True]
    assert "brine" not in queries[0]


@given(WORDS)
def test_whatever_is_asked_there_is_something_to_begin_with(request: str) -> None:
    draft = begun(request)
    assert draft.parts
    assert bool(draft.join) == (len(draft.parts) > 1)


@pytest.mark.parametrize(
    ("gave", "following"),
    [
        ({"videos": [VIDEO]}, "read_transcript"),
        ({"transcripts": [VIDEO]}, "extract_claims"),
        ({"claims": {"verified": 2}}, "compose_guide"),
    ],
)
def test_what_is_there_decides_what_follows(gave: dict[str, Any], following: str) -> None:
    draft = judged("How hot is the oil?", gave)
    assert draft.verdict == "go_on"
    assert [row.capability for row in draft.next] == [following]
    assert draft.next[0].last == (following == "compose_guide")


def test_who_asks_for_videos_gets_videos() -> None:
    assert judged("Find videos about quenching", {"videos": [VIDEO]}).verdict == "met"


def test_videos_whose_titles_do_not_name_the_topic_are_read() -> None:
    other = {**VIDEO, "title": "A boat in the rain"}
    draft = judged("Find videos about quenching", {"videos": [other]})
    assert [row.capability for row in draft.next] == ["read_transcript"]


@pytest.mark.parametrize(
    ("gave", "row"),
    [
        ({"claims": {"verified": 0, "unverified": 3}}, {}),
        ({"guide": "Oil", "statements": 0}, {}),
        ({}, {"status": "failed", "why": "No network."}),
    ],
)
def test_where_nothing_came_of_it_nothing_follows(
    gave: dict[str, Any], row: dict[str, Any]
) -> None:
    draft = judged("How hot is the oil?", gave, tries=0, **row)
    assert (draft.verdict, draft.next) == ("give_up", [])
    assert row.get("why", "") in draft.reason


def test_a_search_that_found_nothing_is_made_with_fewer_words() -> None:
    (again,) = judged("How hot is the oil?", {"videos": []}).next
    assert {row.name: row.value for row in again.inputs}["query"] == "temperature thermometer"
    assert judged("How hot is the oil?", {"videos": []}, tries=0).verdict == "give_up"


def test_a_guide_is_what_was_wanted() -> None:
    assert judged("How hot is the oil?", {"guide": "Oil", "statements": 3}).verdict == "met"


@pytest.mark.parametrize("agent", AGENTS, ids=lambda row: row["name"])
def test_the_router_goes_by_capability(agent: dict[str, Any]) -> None:
    task = {"words": "Do it.", "capability": agent["capabilities"][0]}
    messages = route_prompt.render("Oil?", task, AGENTS, [])
    assert RouteDraft.model_validate(route(prompt(messages))).agent == agent["name"]


def test_without_a_capability_the_router_goes_by_words() -> None:
    messages = route_prompt.render("Oil?", {"words": "Find videos on a topic."}, AGENTS, [])
    assert RouteDraft.model_validate(route(prompt(messages))).agent == "search"


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ({"words": "Find videos.", "capability": "find_videos"}, "yes"),
        ({"words": "Find videos.", "capability": "compose_guide"}, "no"),
        ({"words": "Find videos.", "capability": ""}, "yes"),
        ({"words": "Dance.", "capability": ""}, "unclear"),
    ],
)
def test_an_agent_takes_what_it_can_do(task: dict[str, str], answer: str) -> None:
    search = next(row for row in AGENTS if row["name"] == "search")
    messages = accept_prompt.render("Oil?", search, task, {})
    assert AcceptDraft.model_validate(accept(prompt(messages))).accept == answer
