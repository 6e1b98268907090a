"""Killed, interrupted, or run twice at once: `cliptrail resume` ends it, and nothing is redone."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.cli.command import (
    AUTO,
    CHOICES,
    REQUEST,
    SAMPLES,
    Process,
    at_terminal,
    cliptrail,
    in_background,
    invoke,
    statuses,
    steps_saved,
    trail_in,
    wait_until,
)

AGENTS = '''
"""Agents that write down when they run; one holds the run until a file is there."""
import asyncio
from pathlib import Path

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.state.base import Frozen
from cliptrail.state.plan import Cost


class Nothing(Frozen):
    """No input, no output."""


def note(line: str) -> None:
    with open("log.txt", "a") as log:
        log.write(f"{line}\\n")


@agent(capabilities=("test",), cost=Cost(seconds=1))
async def noted(inputs: Nothing, ctx: AgentContext) -> Nothing:
    """Write down that it ran."""
    note(ctx.step)
    return Nothing()


@agent(capabilities=("test",), cost=Cost(seconds=1))
async def held(inputs: Nothing, ctx: AgentContext) -> Nothing:
    """Wait for the file."""
    note("held")
    while not Path("released").exists():
        await asyncio.sleep(0.02)
    note("let go")
    return Nothing()
'''
PLAN = """
request: How do I cook a pork loin on a kamado?
steps:
- {id: early, agent: noted}
- {id: search, agent: search, inputs: {query: pork loin kamado, channel: Smoke Ledger, limit: 2}}
- {id: read, agent: transcript, inputs: {video: $item}, for_each: "$search.videos[:2]"}
- {id: extract, agent: extract, inputs: {transcripts: $read}}
- {id: gate, agent: held, depends_on: [early]}
- {id: late, agent: noted, depends_on: [gate]}
- {id: compose, agent: compose, inputs: {claims: $extract.claims}, depends_on: [gate]}
"""
BEFORE_GATE = {"early", "search", "read[0]", "read[1]", "extract"}
OWN = {"CLIPTRAIL_AGENTS": "agents.py"}
TRAIL = Path("out.trail.json")


@pytest.fixture
def log(here: Path) -> Path:
    (here / "agents.py").write_text(AGENTS)
    (here / "plan.yaml").write_text(PLAN)
    return here / "log.txt"


@contextmanager
def held_at_gate(log: Path) -> Iterator[tuple[Process, str]]:
    """A run that waits at its gate, and its thread; all that comes before is on the disk."""
    with in_background("run", "plan.yaml", *AUTO, "--output", "out.md", **OWN) as process:
        wait_until(lambda: log.exists() and "held" in log.read_text())
        (thread,) = statuses()
        wait_until(lambda: asyncio.run(steps_saved(thread)) >= BEFORE_GATE)
        yield process, thread


def test_a_killed_run_goes_on_where_it_was(log: Path) -> None:
    with held_at_gate(log) as (process, thread):
        process.send(signal.SIGKILL)
        assert process.end() == -signal.SIGKILL
    assert statuses() == {thread: "stopped"}
    Path("released").touch()
    ran = cliptrail("resume", variables=OWN)
    assert ran.code == 0
    assert log.read_text().split("\n")[:-1] == ["early", "held", "held", "let go", "late"]
    assert ran.err.count(": done in ") == 3  # gate, late, compose
    trail = trail_in(TRAIL)
    assert trail.status == "complete"
    assert [row.role for row in trail.ledger] == ["extract", "compose"]
    assert {row.outcome for row in trail.audit} == {"done"}


@pytest.mark.parametrize("at", [in_background, at_terminal])
def test_a_run_that_is_terminated_tells_how_to_go_on(
    log: Path, at: Callable[..., AbstractContextManager[Process]]
) -> None:
    with at("run", "plan.yaml", *AUTO, "--output", "out.md", **OWN) as process:
        wait_until(lambda: log.exists() and "held" in log.read_text())
        process.send(signal.SIGTERM)
        assert process.end() == 143
        (thread,) = statuses()
        assert f"Stopped. Go on with: cliptrail resume {thread}" in process.shown
    assert statuses() == {thread: "stopped"}


def test_while_a_run_goes_on_no_other_process_resumes_it_and_ctrl_c_keeps_what_is_done(
    log: Path,
) -> None:
    with held_at_gate(log) as (process, thread):
        assert statuses() == {thread: "running"}
        second = invoke("resume", thread)
        assert (second.code, second.out) == (2, "")
        assert second.err.endswith(
            f"Error: The thread {thread} is running in another process. Wait until it ends.\n"
        )
        process.send(signal.SIGINT)
        assert process.end() == 130
        assert f"Stopped. Go on with: cliptrail resume {thread}" in process.shown
    assert not TRAIL.exists()
    assert statuses() == {thread: "stopped"}
    Path("released").touch()
    assert cliptrail("resume", thread, variables=OWN).code == 0
    assert log.read_text().split("\n")[:-1] == ["early", "held", "held", "let go", "late"]
    assert [row.role for row in trail_in(TRAIL).ledger] == ["extract", "compose"]


def test_at_a_terminal_a_resumed_run_shows_what_was_done_before(log: Path) -> None:
    with held_at_gate(log) as (process, thread):
        process.send(signal.SIGKILL)
        process.end()
    with at_terminal("resume", thread, **OWN) as process:
        shown = process.until("● gate")
        Path("released").touch()
        assert process.end() == 0
    assert "✓ early" in shown
    assert "1 model call, " in process.shown
    assert "planning …" not in process.shown


def test_a_run_killed_while_it_asks_asks_again() -> None:
    given = ("research", REQUEST, *SAMPLES, "--output", "out.md")
    with in_background(*given) as process:
        process.until(CHOICES)
        process.send(signal.SIGKILL)
        assert process.end() == -signal.SIGKILL
    (thread,) = statuses()
    assert statuses() == {thread: "waiting"}
    ran = invoke("resume", answers="a\n")
    assert (ran.code, ran.err.count(CHOICES)) == (0, 1)
    assert [row.role for row in trail_in(TRAIL).ledger] == ["planner", "extract", "compose"]
