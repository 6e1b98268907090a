"""The door to a real model: each way to an answer, streams, usage, limits, a server that dies."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from langgraph.graph import START, StateGraph
from pydantic import BaseModel, Field

from cliptrail.state.context import Context
from cliptrail.state.errors import BadAnswer, ModelUnavailable
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.catalog import choose, connect
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.models.output_modes import METHODS, OutputModes
from cliptrail.tools.settings import Settings
from tests.limits import SOON
from tests.local_model.real_server import MODEL, Direct, RealServer
from tests.tools.models.model_server import Say, error, only, serving

QUESTION = [HumanMessage("How hot must the oil be, in degrees, and what colour is it?")]
LONG = [HumanMessage("Write a long story about a pan, with many chapters.")]


class Heat(BaseModel):
    degrees: int = Field(default=0, ge=0, le=999)
    colour: str = Field(default="", max_length=20)


class Story(BaseModel):
    chapters: list[str] = Field(min_length=50)


def door_to(settings: Settings) -> ModelGateway:
    """A door of a run of its own, which knows nothing of any server yet."""
    gateway = ModelGateway(Context(), settings, RunBudget(), "read", ways=OutputModes())
    gateway.on_incident = lambda row: gateway.budget.told.add(row.what)
    return gateway


def counted(said: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """Tokens in and out of each answer, as the server gave them."""
    usages = [answer["usage"] for answer in said]
    return [(usage["prompt_tokens"], usage["completion_tokens"]) for usage in usages]


def charged(gateway: ModelGateway) -> list[tuple[int, int]]:
    """Tokens in and out of each call that the ledger charges."""
    rows = [(call.input_tokens, call.output_tokens) for call in gateway.calls]
    return [row for row in rows if row != (0, 0)]


async def until_it_is(busy: bool, server: RealServer) -> None:
    async with asyncio.timeout(SOON):
        while await asyncio.to_thread(server.busy) != busy:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("works", METHODS)
async def test_each_way_gives_a_typed_answer_and_what_failed_before_it_is_told(
    real: RealServer, works: str, status: int
) -> None:
    answers = real.guided if works == "function_calling" else real.relay
    refused = error(status, "response_format is not supported")
    with serving(only(works, or_else=refused, then=answers)) as between:
        gateway = door_to(real.settings(between.url))
        assert isinstance(await gateway.ask("extract", QUESTION, Heat), Heat)
    tried = list(METHODS[: METHODS.index(works) + 1])
    assert between.methods == [call.method for call in gateway.calls] == tried
    assert counted(real.said) == charged(gateway)
    assert min(charged(gateway)[-1]) > 0
    for method in tried[1:]:
        assert any(what.endswith(f"Asked again by {method}.") for what in gateway.budget.told)


async def test_a_tool_that_the_server_ignores_leads_to_json_mode(real: RealServer) -> None:
    no_schema: Say = error(400, "response_format is not supported")
    with serving(
        only("function_calling", "json_mode", or_else=no_schema, then=real.relay)
    ) as between:
        gateway = door_to(real.settings(between.url))
        assert isinstance(await gateway.ask("extract", QUESTION, Heat), Heat)
    assert between.methods == list(METHODS)
    assert f"{MODEL} ignored the schema Heat. Asked again by json_mode." in gateway.budget.told
    assert counted(real.said) == charged(gateway)
    assert len(charged(gateway)) == 2  # the words that were no tool call are paid for


async def test_a_stream_comes_in_pieces_and_the_last_one_counts(
    real: RealServer, direct: Direct
) -> None:
    settings = direct(real)
    model = connect(choose("cheap", settings), settings)
    pieces = [piece async for piece in model.astream(QUESTION, max_tokens=12)]
    assert sum(bool(piece.content) for piece in pieces) > 1
    usages = [piece.usage_metadata for piece in pieces if isinstance(piece, AIMessageChunk)]
    (usage,) = filter(None, usages)
    assert usage["input_tokens"] > 0
    assert 0 < usage["output_tokens"] <= 12


class Watched(TypedDict, total=False):
    found: Heat


@pytest.mark.filterwarnings("ignore:(?s)Pydantic serializer warnings.*field_name='parsed'")
async def test_who_watches_the_tokens_come_changes_neither_answer_nor_count(
    real: RealServer, direct: Direct
) -> None:
    gateway, plain = door_to(direct(real)), door_to(direct(real))

    async def ask(_: Watched) -> Watched:
        return {"found": await gateway.ask("extract", QUESTION, Heat)}

    graph = StateGraph(Watched).add_node("ask", ask).add_edge(START, "ask").compile()
    shown, found = "", None
    async for mode, part in graph.astream({}, stream_mode=["messages", "values"]):
        if mode == "messages":
            shown += str(part[0].content)
        else:
            found = part.get("found")
    assert found == Heat.model_validate_json(shown) == await plain.ask("extract", QUESTION, Heat)
    assert charged(gateway) == charged(plain)
    assert len(charged(gateway)) == 1


async def test_an_answer_that_takes_too_long_is_left_at_the_limit_and_asked_no_other_way(
    real: RealServer, direct: Direct
) -> None:
    gateway = door_to(direct(real, limit_s=0.5, retries=1))
    before = time.monotonic()
    with pytest.raises(ModelUnavailable, match="did not answer in time"):
        await gateway.ask("extract", LONG, Story)
    assert time.monotonic() - before < 2 * 0.5 + 1.5 + 5  # two tries, the longest pause, slack
    assert [call.method for call in gateway.calls] == ["json_schema"] * 2
    assert all(0.4 < call.seconds < 5 for call in gateway.calls)
    assert gateway.budget.told == {f"{MODEL} did not answer in time. Tried again."}
    await until_it_is(busy=False, server=real)  # it does not go on for nobody
    assert isinstance(await door_to(direct(real)).ask("extract", QUESTION, Heat), Heat)


async def test_an_answer_that_is_cut_off_is_told_and_paid_for(
    another: Callable[[int], RealServer],
) -> None:
    server = another(20)
    with serving(server.relay) as between:
        gateway = door_to(server.settings(between.url))
        with pytest.raises(BadAnswer):
            await gateway.ask("extract", LONG, Story)
    assert "cut off before the end" in gateway.calls[0].error
    assert counted(server.said) == charged(gateway)
    assert [tokens for _, tokens in charged(gateway)] == [20, 20, 20]


async def test_a_server_that_dies_in_an_answer_is_told_at_once(
    another: Callable[[int], RealServer], direct: Direct
) -> None:
    server = another(2000)
    gateway = door_to(direct(server, retries=1))
    asking = asyncio.create_task(gateway.ask("extract", LONG, Story))
    await until_it_is(busy=True, server=server)
    server.kill()
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        async with asyncio.timeout(SOON):
            await asking
    assert len(gateway.calls) == 2
    assert gateway.budget.told == {f"{MODEL} cannot be reached. Tried again."}
    assert not gateway.budget.reserved
