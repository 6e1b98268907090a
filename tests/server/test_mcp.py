"""`/mcp` through the MCP project's own client: research as a tool that gives the guide."""

import ast
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from cliptrail.graphs.registry import OURS
from cliptrail.state.research import ResearchInput
from tests.server.conftest import Server

pytestmark = pytest.mark.slow


@asynccontextmanager
async def session(server: Server) -> AsyncIterator[ClientSession]:
    async with (
        create_mcp_http_client() as http,
        streamable_http_client(f"{server.url}/mcp", http_client=http) as streams,
        ClientSession(*streams[:2]) as opened,
    ):
        await opened.initialize()
        yield opened


async def test_every_pattern_is_a_tool_that_wants_little(server: Server) -> None:
    async with session(server) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert {name: tool.description for name, tool in tools.items()} == {
        pattern.name: pattern.summary for pattern in OURS.values()
    }
    for tool in tools.values():
        assert set(tool.input_schema["properties"]) == set(ResearchInput.__annotations__)
        assert "$defs" not in tool.input_schema
        assert all(row["description"] for row in tool.input_schema["properties"].values())


@pytest.mark.parametrize("pattern", OURS)
async def test_a_call_gives_the_guide(server: Server, pattern: str) -> None:
    """Nobody can be asked there, so nobody is."""
    given = {"request": "How do I rest a brisket?", "output": f"tool_{pattern}.md"}
    async with session(server) as client:
        (told,) = (await client.call_tool(pattern, given)).content
    answer: Any = ast.literal_eval(told.text)  # type: ignore[union-attr]
    assert answer["status"] == "complete"
    assert all(claim["citations"] for claim in answer["guide"]["claims"])
    assert (server.outputs / f"tool_{pattern}.md").is_file()


async def test_a_call_without_a_request_says_what_is_missing(server: Server) -> None:
    async with session(server) as client:
        (told,) = (await client.call_tool("planner", {})).content
    assert "Ask a question" in told.text  # type: ignore[union-attr]
