"""For all tests: no connection beyond this machine, no real model, an empty installation."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck

from cliptrail.agents import registry
from cliptrail.tools.models.connections import close_connections
from cliptrail.tools.models.output_modes import OUTPUT_MODES
from cliptrail.tools.settings import Settings, settings
from tests.loopback import sitecustomize
from tests.recorded.shared_data import SHARED

os.environ["PYTHONPATH"] = str(Path(sitecustomize.__file__).parent)
os.environ |= {
    "CLIPTRAIL_ALLOW_MODEL_REQUESTS": "false",
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "1",
    "NO_COLOR": "1",
}
Settings.model_config["env_file"] = None
# A job in the background is started with SIGINT ignored, and would hand that on to its children.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes, or is made, says what else the machine does.
hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "quick", hypothesis.settings.get_profile("tests"), max_examples=15
)
hypothesis.settings.load_profile("tests")

TESTS = Path(__file__).parent
QUICK = frozenset({"agents", "evidence", "nodes", "plans", "prompts", "tools"})
"""Folders whose tests are quick unless they are marked as slow: they start no process."""
SLOW_FIRST = ("web", "server", "benchmarks", "cli", "tracing", "graphs", "docs", "evals")
"""Folders in the order in which several workers take them: what takes longest does not end last."""
STARTED: list[str] = []
"""Processes that the present test has started."""


def note_processes(event: str, args: tuple[object, ...]) -> None:
    """Note, as an audit hook, which processes a test starts; `platform` asks uname once for all."""
    if event == "subprocess.Popen" and args[0] != "uname":
        STARTED.append(str(args[0]))


sys.addaudithook(note_processes)


def folder_of(path: Path) -> str:
    """Return the folder of the tests that a file lies in; empty for one outside."""
    parts = path.relative_to(TESTS).parts if path.is_relative_to(TESTS) else ()
    return parts[0] if len(parts) > 1 else ""


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples where a first answer is wanted soon."""
    if config.option.markexpr == "quick":
        hypothesis.settings.load_profile("quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what is not quick if only that is wanted."""
    if config.option.markexpr == "quick" and collection_path.suffix == ".py":
        return folder_of(collection_path) not in QUICK or None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is quick; leave out what needs a model or data from elsewhere, unless asked for."""
    if hasattr(config, "workerinput"):
        places = {name: number for number, name in enumerate(SLOW_FIRST)}
        items.sort(key=lambda item: places.get(folder_of(item.path), len(places)))
    for item in items:
        if folder_of(item.path) in QUICK and not item.get_closest_marker("slow"):
            item.add_marker("quick")
    left_out = {
        "local_model": not os.environ.get("MODEL_PYTHON"),
        "recorded": "shared_data" not in config.option.markexpr,
    }
    rows = [item for item in items if left_out.get(folder_of(item.path))]
    if rows:
        config.hook.pytest_deselected(items=rows)
        items[:] = [item for item in items if item not in rows]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that there is data missing for some tests."""
    if not SHARED.is_dir():
        terminalreporter.line("Left out: tests/recorded, for there is no ../shared/data.")


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty machine without keys, for this process and those it starts; its data folder."""
    kept = "CLIPTRAIL_ALLOW_MODEL_REQUESTS"
    for name in [name for name in os.environ if name.startswith("CLIPTRAIL_") and name != kept]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("LANGSMITH_API_KEY", raising=False)
    monkeypatch.setenv("CLIPTRAIL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", str(tmp_path / "out"))
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()


@pytest.fixture
def own_agents(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Agent]:
    """The agents of one test: what it changes is gone afterwards."""
    copy = registry.agents()
    monkeypatch.setattr(registry, "_AGENTS", copy)
    return copy


@pytest.fixture(autouse=True)
def no_process_in_quick_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that counts as quick and starts a process."""
    STARTED.clear()
    yield
    if request.node.get_closest_marker("quick"):
        assert not STARTED, "it starts a process: mark it with pytest.mark.slow"


@pytest.fixture(autouse=True)
def unknown_servers() -> None:
    """Nothing is known of a model's server: the next one may have the port of the last one."""
    OUTPUT_MODES.forget()


@pytest.fixture(autouse=True)
async def closed_connections() -> AsyncIterator[None]:
    """What a test has open towards model servers is closed on the loop that opened it."""
    yield
    await close_connections()


@pytest.fixture(autouse=True)
def only_this_machine() -> Iterator[None]:
    """Fail a test that wanted to leave this machine, even if it caught the refusal."""
    sitecustomize.REFUSED.clear()
    yield
    assert not sitecustomize.REFUSED
