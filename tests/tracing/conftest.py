"""For tests of traces: a recorder in LangSmith's place, and one run that many tests look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cliptrail.state.trail import Trail
from cliptrail.tools.settings import settings
from cliptrail.tools.tracing import finish_tracing
from tests.cli.command import AUTO, REQUEST, Ran, cliptrail, trail_in
from tests.tracing.recorder import KEY, Recorder, recording

SECRETS = {
    "OPENAI_API_KEY": "own-made-openai-key-of-no-known-form",
    "CLIPTRAIL_YOUTUBE_API_KEY": "AIzaSy" + "Ab1" * 11,
    "CLIPTRAIL_PROXY": "http://somebody:proxy-passphrase@127.0.0.1:9",
}
TOLD = "sk-proj-" + "9" * 40
"""A key that somebody typed into the request."""


def tracing_to(recorder: Recorder) -> dict[str, str]:
    """The variables that send traces to a recorder."""
    return {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": KEY,
        "LANGSMITH_ENDPOINT": recorder.url,
        "LANGSMITH_PROJECT": "cliptrail",
    }


@pytest.fixture(autouse=True)
def here(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which commands run and write; nothing is traced when the test is over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", ".")
    monkeypatch.setenv("CLIPTRAIL_ANY_PATH", "true")
    yield tmp_path
    finish_tracing(0)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A recorder that this process, and those that it starts, send their traces to."""
    with recording() as started:
        for name, value in tracing_to(started).items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield started


@dataclass(frozen=True)
class Traced:
    """A run in a process of its own, with its trace."""

    recorder: Recorder
    """In LangSmith's place."""
    collector: Recorder
    """In that of an OpenTelemetry collector."""
    ran: Ran
    trail: Trail


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """The main request, with secrets about."""
    folder = tmp_path_factory.mktemp("traced")
    request = f"{REQUEST} By the way, my key is {TOLD}"
    options = (*AUTO, "--output", "out.md", "--model", "offline:rules")
    with recording() as recorder, recording() as collector:
        given = {
            "CLIPTRAIL_DATA_DIR": str(folder / "data"),
            "LANGSMITH_OTEL_ENABLED": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            **SECRETS,
            **tracing_to(recorder),
        }
        ran = cliptrail("research", request, *options, folder=folder, variables=given)
        yield Traced(recorder, collector, ran, trail_in(folder / "out.trail.json"))
