"""The door lets a model converse with tools: reserved, retried, capped and booked as any call."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from cliptrail.state.context import Context
from cliptrail.state.errors import (
    BadAnswer,
    BudgetExceeded,
    CliptrailError,
    Incident,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
)
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.gateway import ModelGateway, count_tokens
from cliptrail.tools.settings import Settings
from tests.tools.models.model_server import (
    CUT,
    USED,
    ModelServer,
    Say,
    completion,
    error,
    refusal,
    serving,
)

FUNCTION = {
    "name": "heat",
    "description": "Look.",
    "parameters": {"type": "object", "properties": {}},
}
TOOLS = [{"type": "function", "function": FUNCTION}]
CALL = {"id": "7", "type": "function", "function": {"name": "heat", "arguments": '{"a": 1}'}}
MADE = {"name": "heat", "args": {"a": 1}, "id": "7", "type": "tool_call"}
DIALOGUE = [
    HumanMessage("How hot?"),
    AIMessage("", tool_calls=[MADE]),
    ToolMessage("55", tool_call_id="7"),
]


def calls(*rows: Any) -> Say:
    return lambda _: completion({"content": None, "tool_calls": [*rows]}, finish="tool_calls")


@dataclass
class Talk:
    server: ModelServer
    gateway: ModelGateway
    told: list[Incident]
    said: AIMessage | None = None
    error: CliptrailError | None = None


async def talk(*says: Say, limits: Context | None = None, **options: Any) -> Talk:
    given = {"model": "openai:gpt-5.4-mini", "model_retries": 0, **options}
    with serving(*says) as server:
        gateway = ModelGateway(
            limits or Context(), Settings(base_url=server.url, **given), RunBudget()
        )
        came = Talk(server, gateway, [])
        gateway.on_incident = came.told.append
        try:
            came.said = await gateway.converse("agent", DIALOGUE, TOOLS)
        except CliptrailError as failed:
            came.error = failed
    assert not gateway.budget.reserved
    return came


async def test_a_call_of_a_tool_comes_back_as_it_was_made_and_is_booked() -> None:
    came = await talk(calls(CALL, {**CALL, "id": "8"}))
    assert came.said
    assert [row["id"] for row in came.said.tool_calls] == ["7", "8"]
    assert came.said.tool_calls[0] == MADE
    (asked,) = came.server.asked
    assert asked.body["tools"][0]["function"]["name"] == "heat"
    assert "tool_choice" not in asked.body
    assert [row["role"] for row in asked.body["messages"]] == ["user", "assistant", "tool"]
    (call,) = came.gateway.calls
    assert (call.role, call.kind, call.method, call.error) == (
        "agent",
        "coordination",
        "tool_calls",
        "",
    )
    assert (call.input_tokens, call.output_tokens) == (
        USED["prompt_tokens"],
        USED["completion_tokens"],
    )
    assert call.usd


async def test_words_and_tools_that_are_not_there_are_the_callers_to_judge() -> None:
    other = {**CALL, "function": {"name": "fly", "arguments": "{"}}
    came = await talk(calls(other))
    assert came.said
    assert [row["name"] for row in came.said.invalid_tool_calls] == ["fly"]
    came = await talk(lambda _: completion({"content": "Hot."}))
    assert came.said
    assert (came.said.text, came.said.tool_calls) == ("Hot.", [])


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (refusal("No."), ModelRefused),
        (lambda _: completion({"content": "Ho"}, finish="length"), BadAnswer),
        (error(400, "no tools here"), BadAnswer),
        (error(401), ModelRejected),
        (error(500), ModelUnavailable),
        (CUT, ModelUnavailable),
    ],
)
async def test_what_fails_is_typed_and_booked(say: Say, kind: type[CliptrailError]) -> None:
    came = await talk(say)
    assert isinstance(came.error, kind)
    (call,) = came.gateway.calls
    assert call.error == came.error.message


async def test_what_deserves_it_is_tried_again() -> None:
    came = await talk(error(429, **{"Retry-After": "0"}), calls(CALL), model_retries=1)
    assert came.said
    assert len(came.gateway.calls) == 2
    assert "Tried again" in came.told[0].what


@pytest.mark.parametrize("limits", [{"max_calls": 0}, {"max_tokens": 100}, {"budget_usd": 1e-6}])
async def test_a_call_that_the_budget_does_not_allow_is_not_made(limits: Any) -> None:
    came = await talk(calls(CALL), limits=Context(**limits))
    assert isinstance(came.error, BudgetExceeded)
    assert (came.server.asked, came.gateway.calls) == ([], [])


async def test_an_answer_may_be_as_long_as_the_budget_allows() -> None:
    came = await talk(calls(CALL), limits=Context(max_tokens=1_000))
    assert came.said
    assert 300 <= came.server.asked[0].body["max_completion_tokens"] < 1_000


def test_calls_and_tools_count_as_a_part_of_the_prompt() -> None:
    bare = [row.model_copy(update={"tool_calls": []}) for row in DIALOGUE]
    assert count_tokens(DIALOGUE, None) >= count_tokens(bare, None) + len(json.dumps([MADE])) // 8
