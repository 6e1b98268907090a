"""A model server that answers as the offline engine would, but for one question that fails."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    convert_to_openai_messages,
)

from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.settings import settings
from tests.limits import SOON
from tests.tools.models.model_server import (
    Asked,
    ModelServer,
    Reply,
    Say,
    answer,
    completion,
    serving,
)

MODEL = "openai:gpt-5.4-mini"
"""A name whose price is known, so that a budget in dollars can run out."""
_ANSWERS: dict[tuple[str, str], Any] = {}


@dataclass
class Wire:
    """What was asked over the wire, each question once however often it was tried."""

    fail: int = -1
    """Number of the question that fails, from 0; -1 for none."""
    fault: Say | None = None
    bill: int = 120
    """Tokens that the failing question is said to have used, if it is answered."""
    questions: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        question = str(asked.body["messages"][-1]["content"])
        if question not in self.questions:
            self.questions.append(question)
        fails = self.questions.index(question) == self.fail
        if fails and self.fault:
            return self.fault(asked)
        reply = (
            _said(asked, question) if is_free(asked) else answer(_answered(asked, question))(asked)
        )
        return _billed(reply, self.bill) if fails else reply

    @property
    def failed(self) -> bool:
        """Was the question that shall fail asked at all?"""
        return 0 <= self.fail < len(self.questions)


def _billed(reply: Reply, tokens: int) -> Reply:
    body = json.loads(reply.body)
    body["usage"] = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
    return replace(reply, body=json.dumps(body))


def is_free(asked: Asked) -> bool:
    """May the model choose among tools?"""
    return "tools" in asked.body and "tool_choice" not in asked.body


def _said(asked: Asked, question: str) -> Reply:
    """What the offline engine says in a conversation with tools."""
    rows = convert_to_messages(_readable(asked.body["messages"]))
    for row in rows:
        if isinstance(row, ToolMessage):  # its name is not sent
            row.name = next(
                call["name"]
                for turn in rows
                if isinstance(turn, AIMessage)
                for call in turn.tool_calls
                if call["id"] == row.tool_call_id
            )
    key = "", json.dumps(asked.body["messages"])
    if key not in _ANSWERS:
        _ANSWERS[key] = OfflineChatModel().bind_tools(asked.body["tools"]).invoke(rows)
    (message,) = convert_to_openai_messages([_ANSWERS[key]])
    return completion(message, finish="tool_calls" if "tool_calls" in message else "stop")


def _readable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages without arguments that are no JSON: the model's own fault, given back to it."""
    for row in rows:
        for call in row.get("tool_calls") or []:
            try:
                json.loads(call["function"]["arguments"])
            except ValueError:
                call["function"]["arguments"] = "{}"
    return rows


def _answered(asked: Asked, question: str) -> Any:
    function = _schema(asked.body)
    key = function["name"], question
    if key not in _ANSWERS:
        tool = {"type": "function", "function": function}
        model = OfflineChatModel().bind_tools([tool], tool_choice=function["name"])
        kinds = {"system": SystemMessage, "user": HumanMessage}
        rows = [kinds[row["role"]](row["content"]) for row in asked.body["messages"]]
        _ANSWERS[key] = model.invoke(rows).tool_calls[0]["args"]
    return json.loads(json.dumps(_ANSWERS[key]))


def _schema(body: dict[str, Any]) -> dict[str, Any]:
    if "tools" in body:
        function = body["tools"][0]["function"]
        return {"name": function["name"], "parameters": function["parameters"]}
    wanted = body["response_format"]["json_schema"]
    return {"name": wanted["name"], "parameters": wanted["schema"]}


@contextmanager
def wired(
    patch: pytest.MonkeyPatch, wire: Wire, *, timeout_s: float = SOON
) -> Iterator[ModelServer]:
    """Make this installation ask the server, once a call."""
    with serving(wire) as server:
        patch.setenv("CLIPTRAIL_BASE_URL", server.url)
        patch.setenv("CLIPTRAIL_MODEL", MODEL)
        patch.setenv("CLIPTRAIL_MODEL_RETRIES", "0")
        patch.setenv("CLIPTRAIL_MODEL_TIMEOUT_S", str(timeout_s))
        settings.cache_clear()
        yield server
