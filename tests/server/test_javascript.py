"""The same server through the JavaScript SDK, as a page in a browser would use it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import PAGES, blocks
from tests.server.conftest import Server
from tests.server.held import begun, held_run

HERE = Path(__file__).parent / "js"
NODE, NPM = shutil.which("node"), shutil.which("npm")
WITHIN_S = 90
DEFAULT_URL = "http://127.0.0.1:2024"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (NODE and NPM), reason="needs node and npm: apt-get install nodejs npm"),
]


def run(words: list[str], place: Path) -> str:
    done = subprocess.run(
        words, cwd=place, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == 0, f"{words[:2]}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the SDK is installed."""
    place = tmp_path_factory.mktemp("js")
    for name in ("package.json", "package-lock.json", ".npmrc", "client.mjs"):
        shutil.copy(HERE / name, place)
    run([str(NPM), "ci", "--ignore-scripts", "--silent"], place)
    return place


@pytest.fixture(scope="module")
def seen(server: Server, node: Path) -> Any:
    """What the client in JavaScript saw."""
    place = node
    held = held_run(place / "held", "js_background.md")
    told = run([str(NODE), "client.mjs", server.url, "planner", json.dumps(held)], place)
    assert begun(place / "held") == 2  # once before it was cancelled, once after
    return json.loads(told)


def test_the_example_of_the_docs_gets_a_guide(seen: Any, node: Path, server: Server) -> None:
    (example,) = [
        block.text for page in PAGES for block in blocks(page) if block.language == "javascript"
    ]
    assert DEFAULT_URL in example
    (node / "example.mjs").write_text(example.replace(DEFAULT_URL, server.url))
    told = run([str(NODE), "example.mjs"], node)
    assert "claim_found" in told
    assert "The guide is complete." in told


def test_a_stream_tells_events_and_nodes(seen: Any) -> None:
    assert seen["streamed"]["status"] == "complete"
    assert {"search", "extract", "compose", "save"} <= set(seen["streamed"]["nodes"])
    assert {"step_started", "model_called", "run_ended"} <= set(seen["streamed"]["kinds"])


def test_an_edit_is_the_persons(seen: Any) -> None:
    assert seen["edited"] == {"status": "complete", "revisions": ["planner", "person"]}


def test_a_rejection_with_a_reason_asks_again_and_one_without_ends(seen: Any) -> None:
    assert seen["rejected"] == {"asked": 1, "stop_reason": "rejected"}


def test_a_thread_forks(seen: Any) -> None:
    assert seen["forked"] == {"status": "complete"}


def test_a_background_run_is_cancelled_and_goes_on(seen: Any) -> None:
    assert seen["background"] == {"cancelled": "interrupted", "status": "complete"}
