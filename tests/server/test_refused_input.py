"""Input that no pattern can use: told to the caller, never a server error."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient

from cliptrail.graphs.registry import OURS
from tests.server.conftest import Conversation, Payload, Server, at_once, new_thread

pytestmark = pytest.mark.slow

REQUEST = {"request": "How do I rest a brisket?"}
REFUSED: dict[str, tuple[Any, Payload, str]] = {
    "empty request": ({"request": "  "}, {}, "Ask a question"),
    "no request": ({}, {}, "Ask a question"),
    "long request": ({"request": "x" * 8_001}, {}, "Shorten it"),
    "foreign library": (REQUEST, {"library": "/etc/passwd"}, "data folder"),
    "library by dots": (REQUEST, {"library": "../x.sqlite"}, "data folder"),
    "foreign folder": (REQUEST, {"output_dir": "/tmp"}, "output folder"),
    "home folder": (REQUEST, {"output_dir": "~"}, "output folder"),
    "unknown model": (REQUEST, {"model": "nonsense:x"}, "provider:model"),
    "no key": (REQUEST, {"model": "openai:gpt-5-mini"}, "no key"),
    "no file name": (REQUEST | {"output": [1]}, {}, "not a file name"),
    "number for a file name": (REQUEST | {"output": 5}, {}, "not a file name"),
    "long file name": (REQUEST | {"output": "y" * 1_001}, {}, "Use a shorter file name"),
    "request of another type": ({"request": [1]}, {}, "Ask a question"),
    "no plan": (REQUEST | {"stored": "x"}, {}, "stored plan"),
    "wrong plan": (REQUEST | {"stored": {"plan": 1}}, {}, "stored plan"),
}
"""By what is wrong: input, options, and what the message says."""
LONG = "y" * 1_000_000
UNFIT: dict[str, tuple[Payload, str]] = {
    "text": ({"input": "just text"}, "The input is no object."),
    "list": ({"input": [1]}, "The input is no object."),
    "number": ({"input": 3}, "The input is no object."),
    "long text": ({"input": LONG}, "The input is no object."),
    "empty command": ({"command": {"resume": None}}, "The command says nothing."),
    "unknown option": ({"context": {"max_call": 0}}, "Did you mean max_calls?"),
    "text for a number": ({"context": {"max_calls": "many"}}, "The option max_calls"),
    "number out of bounds": ({"context": {"max_steps": 10**9}}, "less than or equal to 1000"),
    "negative number": ({"context": {"budget_usd": -1}}, "The option budget_usd"),
    "no number": ({"context": {"budget_usd": "nan"}}, "finite number"),
    "unknown choice": ({"context": {"approval": "never"}}, "'ask' or 'auto'"),
    "long option": ({"context": {"model": LONG}}, "at most 200 characters"),
    "list for a text": ({"context": {"library": [1]}}, "valid string"),
    "as configuration": ({"config": {"configurable": {"max_calls": -1}}}, "The option max_calls"),
}
"""By what is wrong: the body of a call that starts a run, and what the answer says."""

every_pattern = pytest.mark.parametrize("pattern", OURS)


@every_pattern
async def test_what_cannot_be_done_is_told(client: LangGraphClient, pattern: str) -> None:
    asked = [(given, options) for given, options, _ in REFUSED.values()]
    runs = await at_once(client, asked, pattern)
    for (name, (*_, told)), run in zip(REFUSED.items(), runs, strict=True):
        outcome = (run.get("status"), run.get("stop_reason"), run.get("guide"))
        assert outcome == ("failed", "failure", None), name
        assert told in run["message"], name


@every_pattern
def test_what_no_run_can_be_started_with_is_refused_before_there_is_one(
    server: Server, pattern: str
) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        thread = http.post("/threads", json={}).json()["thread_id"]
        for name, (body, told) in UNFIT.items():
            body = {"assistant_id": pattern, "input": REQUEST} | body
            for path in ("runs", "runs/wait", "runs/stream"):
                answer = http.post(f"/threads/{thread}/{path}", json=body)
                assert answer.status_code == 422, (name, answer.text)
                assert told in answer.json()["detail"], name
                assert len(answer.text) < 500, name
        assert http.get(f"/threads/{thread}/runs").json() == []


async def test_an_answer_with_a_wrong_option_leaves_the_question(talk: Conversation) -> None:
    await talk.ask(REQUEST)
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        await talk.answer({"decisions": [{"type": "approve"}]}, max_calls=-1)
    assert (await talk.decide(type="approve"))["status"] == "complete"


async def test_options_in_the_old_place_count(talk: Conversation) -> None:
    """`thread_id` and the like stand beside them there."""
    config = {"configurable": {"library": "samples", "max_calls": 0, "thread_id": "x"}}
    ended = await talk.run(input=REQUEST, config=config)
    assert ended["stop_reason"] == "budget"


async def test_a_run_on_an_empty_thread_ends_with_an_error(talk: Conversation) -> None:
    assert (await talk.run(input=None))["__error__"]["message"]


@every_pattern
async def test_a_request_that_is_far_too_long_does_not_swell_the_thread(
    client: LangGraphClient, pattern: str
) -> None:
    thread = await new_thread(client, pattern)
    for given in ({"request": LONG}, REQUEST | {"output": LONG}):
        assert "are allowed" in (await thread.ask(given))["message"]
    assert len(json.dumps(await thread.state())) < 50_000
    ended = await thread.ask(REQUEST, approval="auto")
    assert ended["status"] == "complete"


async def test_a_file_name_stays_in_the_output_folder(talk: Conversation, server: Server) -> None:
    ended = await talk.ask(REQUEST | {"output": "../../escaped.md"}, approval="auto")
    names = ("escaped.md", "escaped.trail.json")
    assert [Path(path) for path in ended["files"]] == [server.outputs / name for name in names]


async def test_a_thread_stays_usable_after_a_refusal(talk: Conversation) -> None:
    await talk.ask({"request": ""})
    await talk.ask(REQUEST, model="nonsense:x")
    assert (await talk.ask(REQUEST, approval="auto"))["status"] == "complete"


def test_a_malformed_call_gets_a_client_error(server: Server) -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        codes = [
            http.post("/runs/wait", json={"assistant_id": "nobody", "input": REQUEST}).status_code,
            http.get(f"/threads/{nothing}/state").status_code,
            http.post("/runs/wait", content=b"{").status_code,
        ]
    assert all(400 <= code < 500 for code in codes), codes
