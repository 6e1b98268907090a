"""Input that the planner's server cannot use: told to the caller, never a server error."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk.client import LangGraphClient

from tests.server.conftest import Conversation, Payload, Server, at_once

pytestmark = pytest.mark.slow

REQUEST = {"request": "How do I rest a brisket?"}
REFUSED: dict[str, tuple[Any, Payload, str]] = {
    "empty request": ({"request": "  "}, {}, "Ask a question"),
    "no request": ({}, {}, "Ask a question"),
    "long request": ({"request": "x" * 8_001}, {}, "Ask more briefly"),
    "foreign library": (REQUEST, {"library": "/etc/passwd"}, "data folder"),
    "library by dots": (REQUEST, {"library": "../x.sqlite"}, "data folder"),
    "foreign folder": (REQUEST, {"output_dir": "/tmp"}, "output folder"),
    "home folder": (REQUEST, {"output_dir": "~"}, "output folder"),
    "unknown model": (REQUEST, {"model": "nonsense:x"}, "provider:model"),
    "no key": (REQUEST, {"model": "openai:gpt-5-mini"}, "no key"),
    "no plan": (REQUEST | {"stored": "x"}, {}, "stored plan"),
    "wrong plan": (REQUEST | {"stored": {"plan": 1}}, {}, "stored plan"),
}
"""By what is wrong: input, options, and what the message says."""
WRONG_OPTIONS: list[Payload] = [{"max_calls": "many"}, {"approval": "never"}, {"budget_usd": -1}]


async def test_what_cannot_be_done_is_told(client: LangGraphClient) -> None:
    runs = await at_once(client, [(given, options) for given, options, _ in REFUSED.values()])
    for (name, (*_, told)), run in zip(REFUSED.items(), runs, strict=True):
        outcome = (run.get("status"), run.get("stop_reason"), run.get("guide"))
        assert outcome == ("failed", "failure", None), name
        assert told in run["message"], name


async def test_a_wrong_option_is_named(client: LangGraphClient) -> None:
    runs = await at_once(client, [(REQUEST, options) for options in WRONG_OPTIONS])
    for options, run in zip(WRONG_OPTIONS, runs, strict=True):
        assert run["__error__"]["error"] == "ValidationError", options
        assert next(iter(options)) in run["__error__"]["message"]


async def test_input_of_another_shape_ends_the_run_with_an_error(client: LangGraphClient) -> None:
    runs = await at_once(client, [("just text", {}), (None, {}), ([1], {})])
    assert all(run["__error__"]["message"] for run in runs)


async def test_the_server_drops_options_that_there_are_not(talk: Conversation) -> None:
    asked = await talk.ask(REQUEST, max_call=0)
    assert "__interrupt__" in asked


async def test_a_file_name_stays_in_the_output_folder(talk: Conversation, server: Server) -> None:
    ended = await talk.ask(REQUEST | {"output": "../../escaped.md"}, approval="auto")
    names = ("escaped.md", "escaped.trail.json")
    assert [Path(path) for path in ended["files"]] == [server.outputs / name for name in names]


async def test_a_thread_stays_usable_after_a_refusal(talk: Conversation) -> None:
    await talk.ask(REQUEST, approval="never")
    await talk.ask({"request": ""})
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
