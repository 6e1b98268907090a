"""One real `langgraph dev` for all tests of this folder, without a key and without the internet."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from tests.limits import SOON
from tests.loopback import sitecustomize
from tests.server import held
from tests.server.slow_models import SlowModels, slow_models

ROOT = Path(__file__).resolve().parents[2]
STOPPED_WITHIN_S = 30
"""How long a server may take to end in good order, before it is killed."""
ADDRESS = re.compile(r"API: \S*?(http://127\.0\.0\.1:\d+)")
FOREIGN = ("CLIPTRAIL_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_")
"""Settings of the machine that runs the tests: the server does not see them."""

Payload = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    url: str
    checkout: Path
    """Where it runs: what a fresh clone looks like to it."""
    outputs: Path
    log_file: Path
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """End it as a power cut would, with whatever it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(SOON)

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")


@dataclass
class Conversation:
    """One thread with a pattern, the planner unless told otherwise."""

    client: LangGraphClient
    thread_id: str
    pattern: str = "planner"

    async def ask(self, given: Any, **context: Any) -> Payload:
        """Start a run with an input; from the bundled samples unless told otherwise."""
        return await self.run(input=given, context={"library": "samples"} | context)

    async def answer(self, resume: Any, **context: Any) -> Payload:
        """Answer the question that the run waits with."""
        return await self.run(command={"resume": resume}, context={"library": "samples"} | context)

    async def decide(self, **decision: Any) -> Payload:
        """Answer as LangChain's human-in-the-loop clients do."""
        return await self.answer({"decisions": [decision]})

    async def state(self) -> Payload:
        found = await self.client.threads.get_state(self.thread_id)
        return dict(found["values"])  # type: ignore[arg-type]

    async def held(self, place: Path) -> Payload:
        """Wait until the run is held and what it did before is stored; the results of that."""
        await held.held_at(place)
        deadline = time.monotonic() + SOON
        while True:  # a checkpoint is written while the run goes on
            results: Payload = (await self.state())["results"]
            if any(row["agent"] == "transcript" for row in results.values()):
                return results
            assert time.monotonic() < deadline, "nothing was stored"
            await asyncio.sleep(0.05)

    async def run(self, **kwargs: Any) -> Payload:
        """Run until the end or the next question."""
        wait = self.client.runs.wait
        ended = await wait(self.thread_id, self.pattern, raise_error=False, **kwargs)
        assert isinstance(ended, dict)
        return ended


def checkout(folder: Path) -> Path:
    """Make a folder that looks like a fresh clone: the server leaves its own files beside links."""
    if folder.exists():  # a server that starts again
        return folder
    folder.mkdir()
    packages = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    for name in ("langgraph.json", *packages):
        (folder / name).symlink_to(ROOT / name)
    return folder


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return the server's environment: no key, an empty installation, loopback only."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {
        "PYTHONPATH": str(Path(sitecustomize.__file__).parent),
        "CLIPTRAIL_DATA_DIR": str(folder / "data"),
        "CLIPTRAIL_OUTPUT_DIR": str(folder / "out"),
        "CLIPTRAIL_AGENTS": str(Path(held.__file__)),
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGGRAPH_NO_VERSION_CHECK": "1",
        "LANGSMITH_TRACING": "false",
        "NO_COLOR": "1",
        **settings,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, port: int = 0, **settings: str) -> Iterator[Server]:
    """Run a server until the end of the block, in its own process group.

    Args:
        folder: holds all that it keeps; a second server there takes up where the first one ended.
        port: where it listens; 0 for any.
        settings: of its environment.
    """
    place, log_file = checkout(folder / "checkout"), folder / "server.log"
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"]
    where = ["--host", "127.0.0.1", "--port", str(port or free_port()), "--n-jobs-per-worker", "20"]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*command, *where],
            cwd=place,
            env=environment(folder, **settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Server(ready(process, log_file), place, folder / "out", log_file, process)
        finally:
            stop(process)


def ready(process: subprocess.Popen[bytes], log_file: Path) -> str:
    """Wait until the server answers; its address as it says it, should the port be taken."""
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline and process.poll() is None:
        said = ADDRESS.search(log_file.read_text(encoding="utf-8", errors="replace"))
        if said and answers(said[1]):
            return said[1]
        time.sleep(0.05)
    log = log_file.read_text(encoding="utf-8", errors="replace")
    pytest.fail(f"langgraph dev was not ready within {SOON:g} s:\n{log}")


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ok", trust_env=False).is_success
    except httpx.TransportError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started, unless it has ended."""
    if process.poll() is not None:
        return
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, kind)
            process.wait(STOPPED_WITHIN_S if kind is signal.SIGTERM else SOON)
        except ProcessLookupError:
            process.wait()
        except subprocess.TimeoutExpired:
            continue
        return


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the tests of this folder share."""
    with running(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlowModels]:
    """Models that hold runs, or say what a test wants."""
    with slow_models(tmp_path_factory.mktemp("models")) as started:
        yield started


@pytest.fixture(scope="session")
def modelled(models: SlowModels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose runs may name such a model; without one the offline engine answers."""
    with running(tmp_path_factory.mktemp("modelled"), **reaching(models)) as started:
        yield started


def reaching(models: SlowModels) -> dict[str, str]:
    """The settings of a server whose runs may name such a model."""
    return {
        "CLIPTRAIL_BASE_URL": models.url,
        "CLIPTRAIL_MODEL": "offline:rules",
        "CLIPTRAIL_MODEL_TIMEOUT_S": str(SOON),
    }


@pytest.fixture
async def client(server: Server) -> AsyncIterator[LangGraphClient]:
    async with get_client(url=server.url, api_key=None) as sdk:
        yield sdk


async def new_thread(client: LangGraphClient, pattern: str = "planner") -> Conversation:
    thread = await client.threads.create()
    return Conversation(client, thread["thread_id"], pattern)


async def at_once(
    client: LangGraphClient, cases: Iterable[tuple[Any, Payload]], pattern: str = "planner"
) -> list[Payload]:
    """Run inputs with their options, each on a thread of its own.

    The server looks for new runs twice a second: one after the other would mostly wait.
    """
    rows = list(cases)
    talks = [await new_thread(client, pattern) for _ in rows]
    asked = [talk.ask(given, **options) for talk, (given, options) in zip(talks, rows, strict=True)]
    return list(await asyncio.gather(*asked))


@pytest.fixture
async def talk(client: LangGraphClient) -> Conversation:
    return await new_thread(client)
