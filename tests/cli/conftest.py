"""For tests of the command line: a folder to be in, and one run that many tests look at."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from cliptrail.state.trail import Trail
from tests.cli.command import AUTO, REQUEST, Ran, cliptrail, trail_in
from tests.engine import one_thought_a_question
from tests.recorded_youtube import captioned, replay, tls, youtube

__all__ = ["captioned", "one_thought_a_question", "replay", "tls", "youtube"]


@pytest.fixture(autouse=True)
def here(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands run and, by default, write."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", ".")
    monkeypatch.setenv("CLIPTRAIL_ANY_PATH", "true")  # as `main` does, for commands in this process
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@dataclass(frozen=True)
class Example:
    """The main request, answered in a process of its own."""

    ran: Ran
    guide: Path
    trail: Trail


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    folder = tmp_path_factory.mktemp("example")
    guide = folder / "out.md"
    options = (*AUTO, "--output", "out.md", "--json", "--model", "offline:rules")
    own = {"CLIPTRAIL_DATA_DIR": str(folder / "data")}
    ran = cliptrail("research", REQUEST, *options, folder=folder, variables=own)
    return Example(ran, guide, trail_in(folder / "out.trail.json"))
