"""For all tests: no connection beyond this machine, no real model, an empty installation."""

import os
import signal
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
hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs data that is not in the repository, unless it is asked for."""
    if "shared_data" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("shared_data")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that there is data missing for some tests."""
    if not SHARED.is_dir():
        terminalreporter.line("Without ../shared the tests of tests/recorded are left out.")


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
def unknown_servers() -> None:
    """Nothing is known of a model's server: the next one may have the port of the last one."""
    OUTPUT_MODES.worked.clear()


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
