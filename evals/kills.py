"""Kills runs with signal 9 at random moments, resumes them, and checks that nothing was lost.

Each run is the command line in a process of its own, with SQLite checkpoints, on the bundled
library. It counts as right if it ends complete, if no step whose result was stored ran again, and
if its folder holds the guide and the trail and nothing else.
"""

import asyncio
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cliptrail.evals.repeat import FOUNDING
from cliptrail.graphs.registry import pattern_named
from cliptrail.state.trail import Trail
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.threads import Thread, Threads

SAME_MOMENT_S = 0.01
FILES = {"guide.md", "guide.trail.json"}
COMMAND = (sys.executable, "-m", "cliptrail.cli.main")
OPTIONS = ("--approve", "auto", "--output", "guide.md")


def research(pattern: str) -> tuple[str, ...]:
    """Return the command that asks the founding request in a pattern."""
    words = (*COMMAND, "research", FOUNDING, "--library", "samples", "--model", "offline:rules")
    return (*words, "--pattern", pattern)


@dataclass(frozen=True)
class Kill:
    """One run that was killed, and what became of it."""

    after: float
    """Seconds from its start to the signal."""
    ended: bool
    """It had ended before the signal came."""
    stored: int
    """Steps whose results were stored when it died."""
    problem: str
    """What was not right; empty if all was."""


def kill_once(folder: Path, after: float, pattern: str) -> Kill:
    """Start a run, kill it after so many seconds, resume it and look at what there is.

    Args:
        folder: an empty one.
        after: seconds.
        pattern: how the agents coordinate.
    """
    with start(folder, research(pattern)) as run:
        try:
            run.wait(after)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
    runs = folder / "data/runs.sqlite"
    threads = Threads(runs).all() if runs.exists() else []
    before = asyncio.run(_stored(runs, threads[0])) if threads else None
    command = research(pattern) if before is None else (*COMMAND, "resume")
    ended = run.returncode == 0
    with start(folder, command, OPTIONS if before is None else ()) as again:
        told = again.communicate()[1]
    problem = _problem(folder / "out", before or {}, told) if not ended else ""
    return Kill(after, ended, len(before or {}), problem)


def start(
    folder: Path, command: Sequence[str], options: Sequence[str] = OPTIONS
) -> subprocess.Popen[str]:
    """Start a command whose data and files lie in a folder."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(  # noqa: S603 - our own command
        [*command, *options],
        cwd=folder / "out",
        env={"CLIPTRAIL_DATA_DIR": str(folder / "data"), "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


async def _stored(runs: Path, thread: Thread) -> dict[str, float]:
    """Return when the steps started whose results are stored, by id."""
    async with open_saver(runs) as saver:
        graph = pattern_named(thread.pattern).build().compile(checkpointer=saver)
        snapshot = await graph.aget_state({"configurable": {"thread_id": thread.thread_id}})
    kept = dict(snapshot.values.get("results", {}))
    for task in snapshot.tasks:
        kept |= (task.result or {}).get("results", {})
    return {name: row.started for name, row in kept.items()}


def _problem(out: Path, before: dict[str, float], told: str) -> str:
    files = {path.name for path in out.iterdir()}
    if files != FILES:
        return f"files: {', '.join(sorted(files))}; {told[-300:]}"
    trail = Trail.model_validate_json((out / "guide.trail.json").read_bytes())
    if trail.status != "complete":
        return f"{trail.status}: {trail.stop_message}"
    began = {row.id: row.started for row in trail.audit if row.started is not None}
    repeated = [
        name
        for name, started in before.items()
        if name in began and abs(began[name] - (started - trail.timing.started)) > SAME_MOMENT_S
    ]
    return f"ran again: {', '.join(repeated)}" if repeated else ""


def durations(folder: Path, pattern: str) -> tuple[float, float]:
    """Return the seconds until a run tells its plan, and until it has ended."""
    clock = time.perf_counter()
    with start(folder, research(pattern)) as run:
        assert run.stderr is not None
        run.stderr.readline()
        planned = time.perf_counter() - clock
        run.stderr.read()
    return planned, time.perf_counter() - clock


def kill_many(kills: int, seed: int, pattern: str) -> list[Kill]:
    """Kill so many runs, each at a random moment from a little before its plan to its end.

    A signal that came too late killed nothing: an earlier moment takes its place, for the machine
    may have grown faster since the durations were taken.
    """
    dice = random.Random(seed)  # noqa: S311 - the same moments in every run
    rows: list[Kill] = []
    with tempfile.TemporaryDirectory() as name:
        planned, ended = durations(Path(name) / "whole", pattern)
        for at in range(5 * kills + 10):
            after = dice.uniform(0.9 * planned, ended)
            row = kill_once(Path(name) / str(at), after, pattern)
            if row.ended:
                ended = max(planned, row.after)
            else:
                rows.append(row)
            if len(rows) == kills:
                break
    return rows


def main(
    kills: Annotated[int, typer.Option(min=1, help="How many runs.")] = 50,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
    pattern: Annotated[str, typer.Option(help="How the agents coordinate.")] = "planner",
) -> None:
    """Kill runs at random moments and resume them; fails if one of them is not right."""
    rows = kill_many(kills, seed, pattern)
    typer.echo("| Kills | Before any step | Between | After all steps | Not right |")
    typer.echo("| --- | --- | --- | --- | --- |")
    wrong = [row for row in rows if row.problem]
    stored = [row.stored for row in rows]
    early, late = stored.count(0), stored.count(max(stored, default=0))
    cells = (len(rows), early, len(stored) - early - late, late)
    typer.echo(f"| {' | '.join(map(str, cells))} | {len(wrong)} |")
    for row in wrong:
        typer.echo(f"killed after {row.after:.2f} s: {row.problem}", err=True)
    if wrong:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
