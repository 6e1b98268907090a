"""`cliptrail serve`, as an installed user starts it: in any folder, without a key, offline."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from langgraph_sdk import get_client

from tests.docs.pages import ROOT, blocks
from tests.limits import SOON
from tests.server.conftest import environment, free_port, new_thread, stop

pytestmark = pytest.mark.slow

OWN_PATTERN = next(
    block.text for block in blocks(ROOT / "docs/extending.md") if block.title == "recipe.py"
)
"""The pattern that the docs show."""
GUARDED = "tests connect to this machine only"


@dataclass
class Served:
    """A server that said that it is ready."""

    url: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")


def variables(folder: Path) -> dict[str, str]:
    """The environment of a user who keeps all in a folder of theirs."""
    given = environment(folder) | {"CLIPTRAIL_DATA_DIR": "data", "CLIPTRAIL_OUTPUT_DIR": "guides"}
    for name in ("LANGGRAPH_CLI_NO_ANALYTICS", "LANGGRAPH_NO_VERSION_CHECK", "LANGSMITH_TRACING"):
        del given[name]  # the command sets them
    return given | {"PYTHONPATH": f"{given['PYTHONPATH']}{os.pathsep}{ROOT}"}


def command(port: int) -> list[str]:
    return [sys.executable, "-m", "cliptrail.cli.main", "serve", "--port", str(port)]


def refused(folder: Path, port: int) -> "subprocess.CompletedProcess[str]":
    """Start a server that ends by itself."""
    return subprocess.run(
        command(port),
        cwd=folder,
        env=variables(folder),
        capture_output=True,
        text=True,
        timeout=SOON,
        check=False,
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    (folder / ".env").write_text("CLIPTRAIL_PATTERNS=recipe.py\nCLIPTRAIL_MODEL=offline:rules\n")
    (folder / "recipe.py").write_text(OWN_PATTERN)
    port = free_port()
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command(port),
            cwd=folder,
            env=variables(folder),
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    found = Served(f"http://127.0.0.1:{port}", folder, process)
    try:
        deadline = time.monotonic() + SOON
        while "Ctrl-C" not in found.said:
            assert process.poll() is None, found.said
            assert time.monotonic() < deadline, found.said
            time.sleep(0.05)
        yield found
    finally:
        stop(process)


def test_it_says_what_to_open(served: Served) -> None:
    lines = dict(line.split(":", 1) for line in served.said.splitlines() if ":" in line)
    assert lines["API"].split()[0] == served.url
    assert lines["MCP"].strip() == f"{served.url}/mcp"
    assert lines["Studio"].strip().endswith(f"/studio/?baseUrl={served.url}")
    assert "this machine only" in lines["Keys"]
    assert lines["Files"].strip() == str(served.folder / "guides")
    with httpx.Client(trust_env=False) as http:
        assert http.get(f"{served.url}/openapi.json").json()["paths"]


async def test_it_serves_the_patterns_of_the_user_too(served: Served) -> None:
    async with get_client(url=served.url, api_key=None) as client:
        talk = await new_thread(client, "recipe")
        ended = await talk.run(
            input={"request": "How do I steam milk?", "output": "milk.md"},
            context={"library": "samples"},
        )
    assert ended["status"] == "complete"
    assert ended["files"][0] == str(served.folder / "guides" / "milk.md")


async def test_its_clients_may_not_name_any_file(served: Served) -> None:
    async with get_client(url=served.url, api_key=None) as client:
        talk = await new_thread(client)
        context = {"library": "samples", "output_dir": str(served.folder)}
        ended = await talk.run(input={"request": "How do I steam milk?"}, context=context)
    assert "not in this server's output folder" in ended["message"]


def test_a_second_one_is_refused_and_the_first_goes_on(served: Served) -> None:
    for port in (int(served.url.rpartition(":")[2]), free_port()):
        second = refused(served.folder, port)
        assert (second.returncode, second.stdout) == (2, "")
        assert second.stderr.startswith("Error: Another server runs with the data in ")
    with httpx.Client(trust_env=False) as http:
        assert http.get(f"{served.url}/ok").is_success


def test_a_list_of_threads_that_is_broken_is_told(tmp_path: Path) -> None:
    lists = tmp_path / "data/server/.langgraph_api"
    lists.mkdir(parents=True)
    (lists / ".langgraph_ops.pckl").write_bytes(b"no list")
    ended = refused(tmp_path, free_port())
    assert ended.returncode == 4
    assert f"move {lists} away" in ended.stderr
    assert "served.sqlite" in ended.stderr


def test_it_keeps_what_it_has_in_the_data_folder_and_connects_to_nobody(served: Served) -> None:
    assert (served.folder / "data" / "served.sqlite").is_file()
    assert (served.folder / "data" / "server" / ".langgraph_api").is_dir()
    assert not (served.folder / ".langgraph_api").exists()
    os.killpg(served.process.pid, signal.SIGINT)
    assert served.process.wait(20) in (0, 130, -signal.SIGINT)
    assert GUARDED not in served.said
    assert "Traceback" not in served.said
