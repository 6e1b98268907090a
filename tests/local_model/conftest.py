"""For tests against a real model: its server, if `make test-local-model` names where it runs."""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from langchain_openai import ChatOpenAI

from cliptrail.tools.models.catalog import choose, connect
from cliptrail.tools.settings import Settings
from tests.local_model.real_server import Direct, RealServer, started

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def model_python() -> str:
    """The interpreter that has a model; only `make test-local-model` promises one."""
    python = os.environ.get("MODEL_PYTHON", "")
    if not python:
        pytest.skip("needs a real model: run `make test-local-model`")
    return python


@pytest.fixture(scope="session")
def shared(model_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """One server for all tests that leave it alive."""
    with started(model_python, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def real(shared: RealServer) -> RealServer:
    """The server, with nothing said yet."""
    shared.said.clear()
    return shared


@pytest.fixture
def another(model_python: str, tmp_path: Path) -> Iterator[Callable[[int], RealServer]]:
    """Starts a server of the test's own, with the longest answer that it gives."""
    with ExitStack() as running:
        yield lambda longest: running.enter_context(started(model_python, tmp_path, longest))


@pytest.fixture
async def direct() -> AsyncIterator[Direct]:
    """Gives settings that reach a server with nothing in between; ends the connections they kept.

    LangChain keeps connections by address and time limit, beyond the event loop of a test: so no
    two tests have the same limit.
    """
    given: list[Settings] = []

    def settings(server: RealServer, limit_s: float = 60.0, retries: int = 0) -> Settings:
        own = limit_s + next(NUMBERS) / 1e6
        given.append(server.settings(model_timeout_s=own, model_retries=retries))
        return given[-1]

    yield settings
    for row in given:
        model = connect(choose("cheap", row), row)
        assert isinstance(model, ChatOpenAI)
        await model.root_async_client.close()
