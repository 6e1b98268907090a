"""The README's promises: its first example, and the lines of the guide that it shows."""

import re
from pathlib import Path

import pytest

from cliptrail.evals.repeat import FOUNDING
from cliptrail.evals.running import installation, trail_of_run
from cliptrail.state.research import ResearchInput

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def guide() -> str:
    with installation() as folder:
        trail_of_run(ResearchInput(request=FOUNDING), "planner", "samples", folder / "out")
        return (folder / "out/pork_loin_guide.md").read_text(encoding="utf-8")


def test_the_first_example_is_the_founding_request_on_one_line() -> None:
    first = re.search(r'"([^"\n]*)"', README)
    assert first is not None
    assert first[1] == FOUNDING


def test_the_demo_runs_the_same_request() -> None:
    assert f"REQUEST := {FOUNDING}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_lines_shown_stand_in_the_guide(guide: str) -> None:
    shown = re.search(r"(?:^  >.*\n)+", README, re.MULTILINE)
    assert shown is not None
    lines = shown[0].replace("  >", "").split("\n\n")
    assert len(lines) == 2
    for line in lines:
        assert flat(line) in flat(guide)
