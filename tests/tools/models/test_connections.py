"""Connections to model servers: kept while a loop works, none of them open when it has ended."""

import asyncio
import gc

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from cliptrail.state.context import Context
from cliptrail.tools.models.budget import RunBudget
from cliptrail.tools.models.connections import closing, http_client, work_loop
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.settings import Settings
from tests.tools.models.model_server import answer, serving


class Heat(BaseModel):
    degrees: int


async def ask(url: str) -> Heat:
    gateway = ModelGateway(
        Context(), Settings(base_url=url, model="openai:gpt-5.4-mini"), RunBudget()
    )
    return await gateway.ask("extract", [HumanMessage("How hot?")], Heat)


def test_a_loop_leaves_nothing_open_and_the_next_one_asks_anew() -> None:
    with serving(answer({"degrees": 55})) as server:
        for _ in range(2):
            assert asyncio.run(closing(ask(server.url))) == Heat(degrees=55)
        with work_loop() as loop:
            assert [loop.run(ask(server.url)) for _ in range(2)] == [Heat(degrees=55)] * 2
    gc.collect()  # what is open yet is told here, and warnings are errors


def test_what_fails_is_closed_too() -> None:
    async def fail() -> None:
        http_client()
        raise ValueError

    with pytest.raises(ValueError), work_loop() as loop:
        loop.run(fail())


async def test_one_loop_has_one_client() -> None:
    assert http_client() is http_client()


def test_without_a_loop_there_is_none() -> None:
    assert http_client() is None
