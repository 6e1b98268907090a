"""For all tests: no connection beyond this machine, no real model, an empty installation."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cliptrail.tools.models.connections import close_connections
from cliptrail.tools.models.output_modes import OUTPUT_MODES
from cliptrail.tools.settings import Settings, settings
from tests.loopback import sitecustomize

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
