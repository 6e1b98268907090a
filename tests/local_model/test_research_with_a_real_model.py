"""Whole runs with a real model: nonsense and death end in the tail, with a trail, never worse."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cliptrail.cli.errors import EXIT_FAILURE, EXIT_PARTIAL
from cliptrail.state.trail import Trail
from tests.cli.command import AUTO, Process, cliptrail, in_background, trail_in, wait_until
from tests.local_model.real_server import MODEL, RealServer

REQUEST = "How hot is a pork loin?"
OPTIONS = (*AUTO, "--model", MODEL, "--output", "g.md")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands run and write."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLIPTRAIL_OUTPUT_DIR", ".")
    return tmp_path


def asking(server: RealServer, retries: int = 0) -> dict[str, str]:
    """What makes a command ask this server, as the README says."""
    return {"CLIPTRAIL_BASE_URL": server.url, "CLIPTRAIL_MODEL_RETRIES": str(retries)}


def killed_while_busy(server: RealServer, run: Process) -> int:
    """Kill the server in the middle of an answer; give the exit code of the command."""
    wait_until(server.busy)
    server.kill()
    return run.end()


def why(trail: Trail) -> str:
    """Everything that the trail says went wrong."""
    rows = [row.error for row in trail.ledger] + [row.what for row in trail.incidents]
    return json.dumps([trail.stop_message, *rows])


def test_nonsense_ends_in_the_tail(real: RealServer, here: Path) -> None:
    bounded = ("--max-revisions", "0")
    with in_background("research", REQUEST, *OPTIONS, *bounded, **asking(real)) as run:
        code = run.end()
    trail = trail_in(here / "g.trail.json")
    assert code in (EXIT_PARTIAL, EXIT_FAILURE)
    assert trail.status in ("partial", "failed")
    assert trail.stop_reason in ("failure", "invalid_plan", "no_evidence")
    assert trail.stop_message
    assert {row.model for row in trail.ledger} == {MODEL}
    assert all(row.input_tokens > 0 for row in trail.ledger)
    assert any(row.output_tokens > 0 for row in trail.ledger)


def test_a_server_that_dies_while_it_plans_leaves_a_trail(
    another: Callable[[int], RealServer], here: Path
) -> None:
    server = another(2000)
    with in_background("research", REQUEST, *OPTIONS, **asking(server, retries=1)) as run:
        assert killed_while_busy(server, run) == EXIT_FAILURE
    trail = trail_in(here / "g.trail.json")
    assert (trail.status, trail.stop_reason) == ("failed", "failure")
    assert f"{MODEL} cannot be reached" in trail.stop_message
    assert f"{MODEL} cannot be reached" in run.shown
    assert [bool(row.error) for row in trail.ledger] == [True, True]
    assert "Tried again." in why(trail)


def test_a_server_that_dies_while_it_reads_loses_nothing_that_was_found(
    another: Callable[[int], RealServer], here: Path
) -> None:
    planned = cliptrail(
        "plan", REQUEST, *AUTO[:2], "--model", "offline:rules", "--output", "p.yaml"
    )
    assert planned.code == 0
    server = another(2000)
    small = {"CLIPTRAIL_CONTEXT_TOKENS": "2000"}  # of the 4096 that the server has
    with in_background("run", "p.yaml", *OPTIONS, **asking(server), **small) as run:
        assert killed_while_busy(server, run) in (EXIT_PARTIAL, EXIT_FAILURE)
    trail = trail_in(here / "g.trail.json")
    outcomes = {(row.planned_agent, row.outcome) for row in trail.audit}
    assert {("search", "done"), ("transcript", "done"), ("extract", "failed")} <= outcomes
    assert f"{MODEL} cannot be reached" in why(trail)
    assert trail.status in ("partial", "failed")
