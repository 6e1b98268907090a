"""The offline engine with tools: a policy where there is one for them, else as it always did."""

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from cliptrail.nodes.react.langchain_agent import tools_for
from cliptrail.prompts import agent as prompt
from cliptrail.state.errors import UsageError
from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.models.offline.roles.reading import are_the_answer
from cliptrail.tools.models.offline.rules import POLICIES, policy

REQUEST = "How hot is a pan for eggs? Ask Quiet Forge and Slow Lane. Save to eggs.md"
CHANNELS = ["Quiet Forge", "Slow Lane", "Third"]
Row = dict[str, Any]


def first(request: str = REQUEST, notes: Row | None = None) -> list[BaseMessage]:
    return prompt.render(request, CHANNELS, notes)


def asked(messages: list[BaseMessage], *, noting: bool = True) -> AIMessage:
    return OfflineChatModel().bind_tools(tools_for(noting=noting)).invoke(messages)


def went(messages: list[BaseMessage], **gave: Any) -> list[BaseMessage]:
    """Let the engine call, and give each call a result: by its tool's name, else a failure."""
    said = asked(messages)
    results = [
        ToolMessage(
            prompt.result([{"status": "done", "gave": gave[call["name"]]}])
            if call["name"] in gave
            else prompt.returned(["It failed."]),
            tool_call_id=call["id"],
            name=call["name"],
        )
        for call in said.tool_calls
    ]
    return [*messages, said, *results]


def called(messages: list[BaseMessage]) -> list[tuple[str, Row]]:
    return [(call["name"], call["args"]) for call in asked(messages).tool_calls]


FOUND = {"videos": [{"id": "one"}, {"id": "two"}, "and 3 more"]}
READ = {"transcripts": [{"id": "one"}]}


def test_it_takes_notes_and_searches_each_channel_that_is_named() -> None:
    notes, *searches = called(first())
    assert (notes[0], notes[1]["channels"], notes[1]["output_file"]) == (
        "take_notes",
        ["Quiet Forge", "Slow Lane"],
        "eggs.md",
    )
    assert [(name, args["channel"]) for name, args in searches] == [
        ("search", "Quiet Forge"),
        ("search", "Slow Lane"),
    ]
    ids = [call["id"] for call in asked(first()).tool_calls]
    assert len(set(ids)) == 3
    assert ids == [call["id"] for call in asked(first()).tool_calls]


def test_notes_that_are_there_are_taken_at_their_word() -> None:
    given = {"topic": "eggs", "channels": ["Third"]}
    (search,) = asked(first(notes=given), noting=False).tool_calls
    assert search["args"]["channel"] == "Third"


def test_it_reads_extracts_composes_and_ends() -> None:
    messages = went(first(), search=FOUND)
    assert called(messages) == [("transcript", {"video_ids": ["one", "two", "one", "two"]})]
    messages = went(messages, transcript=READ)
    assert called(messages) == [("extract", {})]
    messages = went(messages, extract={"claims": {"verified": 1}})
    assert called(messages) == [("compose", {})]
    messages = went(messages, compose={"guide": "Eggs"})
    assert (asked(messages).tool_calls, asked(messages).text) == ([], "The guide is composed.")


@pytest.mark.parametrize(
    "gave",
    [
        [],
        [{"search": {"videos": []}}],
        [{"search": {"videos": 0}}],
        [{"search": FOUND}, {}],
        [{"search": FOUND}, {"transcript": READ}, {"extract": {"claims": 0}}],
        [{"search": FOUND}, {"transcript": READ}, {"extract": {"claims": {"verified": 0}}}],
    ],
)
def test_it_ends_where_nothing_leads_on(gave: list[Row]) -> None:
    messages = first()
    for results in gave or [{}]:
        messages = went(messages, **results)
    assert asked(messages).text == "Nothing further is likely."


@pytest.mark.parametrize(
    ("request_", "alone"),
    [
        ("Find videos about quenching in oil", True),
        ("Please list all videos on how to quench. Save to list.md", True),
        ("Which clips are there on quenching?", True),
        ("Please recommend three short videos on quenching.", True),
        ("Can you show me some good videos about hot oil", True),
        ("Find videos on painting a boat", False),
        ("Find videos about quenching and summarize what they say", False),
        ("Find videos about oil and then tell me the temperatures", False),
        ("Find videos about oil. How hot is it?", False),
        ("Find out how steel is quenched", False),
        ("What do videos say about oil?", False),
        ("How hot is the oil?", False),
        ("How do I cut videos about quenching?", False),
    ],
)
def test_videos_are_the_answer_where_no_more_is_asked_and_a_title_names_the_topic(
    request_: str, alone: bool
) -> None:
    videos = [{"id": "one", "title": "Quenching in hot oil"}, "and 3 more"]
    assert are_the_answer(videos, request_) == alone
    assert (called(went(first(request_), search={"videos": videos})) == []) == alone


def test_other_tools_are_chosen_as_before() -> None:
    other = {
        "type": "function",
        "function": {"name": "weigh", "parameters": {"type": "object", "properties": {}}},
    }
    model = OfflineChatModel().bind_tools([other])
    assert model.invoke("Weigh it.").tool_calls[0]["name"] == "weigh"
    assert model.invoke("Good day.").tool_calls == []


def test_a_choice_that_is_made_for_it_is_kept() -> None:
    model = OfflineChatModel().bind_tools(tools_for(noting=True), tool_choice="compose")
    assert [call["name"] for call in model.invoke(first()).tool_calls] == ["compose"]


def test_streamed_calls_are_those_that_are_given_at_once() -> None:
    bound = OfflineChatModel().bind_tools(tools_for(noting=True))
    whole, *rest = bound.stream(first())
    for chunk in rest:
        whole += chunk
    assert json.dumps(whole.tool_calls) == json.dumps(asked(first()).tool_calls)  # type: ignore[attr-defined]


def test_there_is_one_policy_for_the_same_tools() -> None:
    asked(first())
    (names,) = POLICIES
    with pytest.raises(UsageError, match="two offline policies"):
        policy(*names)(POLICIES[names])


def test_the_request_is_the_last_word_of_a_person() -> None:
    again = [HumanMessage("Hello."), AIMessage("Good day."), first()[1]]
    assert called([*again])[0][0] == "take_notes"
