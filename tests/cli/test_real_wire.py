"""The whole command line over a real connection to a model, approval in the middle included."""

from pathlib import Path

import pytest

from cliptrail.state.plan import Plan
from tests.cli.command import SAMPLES, invoke, trail_in
from tests.graphs.playing import steps
from tests.nodes.guides import listing
from tests.nodes.scripted_model import as_answer, served

SAID = "The bottom vent stands at one finger."


def test_a_connection_that_is_kept_serves_before_and_after_the_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = as_answer(Plan(goal="Vents", steps=steps("kamado vents")), topic="kamado vents")
    found = {"claims": [{"text": SAID, "section": "vents", "sentences": [1, 2]}]}
    guide = listing("read.1", title="Vents")
    with served(monkeypatch, plan, found, guide) as server:
        ran = invoke(
            "research", "How do I set the vents?", *SAMPLES, "--output", "v.md", answers="a\n"
        )
    assert "Event loop is closed" not in ran.out + ran.err
    assert len(server.asked) >= 2  # planned before the approval, extracted after it
    trail = trail_in(tmp_path / "v.trail.json")
    assert [row.error for row in trail.ledger] == [""] * len(trail.ledger)
    assert trail.engine == "openai:scripted"
