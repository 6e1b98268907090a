"""The same server through the JavaScript SDK, as a page in a browser would use it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cliptrail.graphs.registry import OURS
from tests.docs.pages import PAGES, blocks
from tests.limits import SOON
from tests.server.conftest import Server
from tests.server.held import begun
from tests.server.slow_models import SlowModels

HERE = Path(__file__).parent / "js"
NODE, NPM = shutil.which("node"), shutil.which("npm")
DEFAULT_URL = "http://127.0.0.1:2024"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (NODE and NPM), reason="needs node and npm: apt-get install nodejs npm"),
]
every_pattern = pytest.mark.parametrize("pattern", OURS)


def run(words: list[str], place: Path) -> str:
    done = subprocess.run(
        words, cwd=place, capture_output=True, text=True, timeout=SOON, check=False
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
def seen(modelled: Server, models: SlowModels, node: Path) -> Any:
    """What the client in JavaScript saw of each pattern."""
    patterns = [
        {
            "name": pattern.name,
            "decides": pattern.decides,
            "plans": pattern.plans,
            "remembers": pattern.name == "supervisor",
            "place": str(models.place(f"js_background_{pattern.name}")),
        }
        for pattern in OURS.values()
    ]
    told = run([str(NODE), "client.mjs", modelled.url, json.dumps(patterns)], node)
    for pattern in patterns:  # once before it was cancelled, once after
        assert begun(Path(str(pattern["place"]))) == 2
    return json.loads(told)


def test_the_example_of_the_docs_gets_a_guide(node: Path, modelled: Server) -> None:
    (example,) = [
        block.text for page in PAGES for block in blocks(page) if block.language == "javascript"
    ]
    assert DEFAULT_URL in example
    (node / "example.mjs").write_text(example.replace(DEFAULT_URL, modelled.url))
    told = run([str(NODE), "example.mjs"], node)
    assert "claim_found" in told
    assert "The guide is complete." in told


@every_pattern
def test_a_stream_tells_events_and_nodes(seen: Any, pattern: str) -> None:
    streamed = seen[pattern]["streamed"]
    assert streamed["status"] == "complete"
    own = {"search", "transcript", "extract", "compose", OURS[pattern].decides}
    assert {"begin", *own, "save", "summary"} <= set(streamed["nodes"])
    told = {"plan_made", "step_started", "step_ended", "model_called", "claim_found", "run_ended"}
    assert told <= set(streamed["kinds"])


@every_pattern
def test_a_background_run_refuses_a_second_one_is_cancelled_and_goes_on(
    seen: Any, pattern: str
) -> None:
    assert seen[pattern]["background"] == {
        "before": "running",
        "cancelled": "interrupted",
        "status": "complete",
    }


@every_pattern
def test_a_thread_forks_where_it_was_decided(seen: Any, pattern: str) -> None:
    forked = seen[pattern]["forked"]
    assert forked["statuses"] == ["complete", "complete"]
    assert len(set(forked["files"])) == 2


def test_a_follow_up_uses_what_was_read(seen: Any) -> None:
    first, second = seen["supervisor"]["followed"]
    assert (first["status"], second["status"]) == ("complete", "complete")
    assert (first["turns"], second["turns"]) == (1, 2)
    assert first["read"]
    assert second["read"] == first["read"]


def test_an_approved_plan_becomes_a_guide(seen: Any) -> None:
    assert seen["planner"]["approved"] == {"status": "complete"}


def test_an_edit_is_the_persons(seen: Any) -> None:
    assert seen["planner"]["edited"] == {
        "status": "complete",
        "revisions": ["planner", "person"],
    }


def test_a_rejection_with_a_reason_asks_again_and_one_without_ends(seen: Any) -> None:
    assert seen["planner"]["rejected"] == {"asked": 1, "stop_reason": "rejected"}


def test_another_answer_makes_another_history(seen: Any) -> None:
    assert seen["planner"]["reconsidered"] == {"status": "complete"}
