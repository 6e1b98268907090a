"""A model server that answers as the offline engine would, but for one question that fails."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from tests.tools.models.model_server import Asked, ModelServer, Reply, Say, answer, serving
from tools.models.offline import OfflineChatModel
from tools.settings import settings

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
        reply = answer(_answered(asked, question))(asked)
        return _billed(reply, self.bill) if fails else reply

    @property
    def failed(self) -> bool:
        """Was the question that shall fail asked at all?"""
        return 0 <= self.fail < len(self.questions)


def _billed(reply: Reply, tokens: int) -> Reply:
    body = json.loads(reply.body)
    body["usage"] = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
    return replace(reply, body=json.dumps(body))


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
def wired(patch: pytest.MonkeyPatch, wire: Wire, *, timeout_s: float = 60) -> Iterator[ModelServer]:
    """Make this installation ask the server, once a call."""
    with serving(wire) as server:
        patch.setenv("CLIPTRAIL_BASE_URL", server.url)
        patch.setenv("CLIPTRAIL_MODEL", MODEL)
        patch.setenv("CLIPTRAIL_MODEL_RETRIES", "0")
        patch.setenv("CLIPTRAIL_MODEL_TIMEOUT_S", str(timeout_s))
        settings.cache_clear()
        yield server
