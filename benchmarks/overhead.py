"""What a step costs beyond its own work: a chain of steps that do nothing, in memory and SQLite."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import typer
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

from cliptrail.benchmarks.dispatch import makespan
from cliptrail.benchmarks.waiting import chain
from cliptrail.evals.running import installation
from cliptrail.tools.checkpoints import open_saver, serializer


async def in_memory(length: int) -> float:
    """Return the seconds of a whole run of a chain, with checkpoints in memory."""
    return await _seconds(length, InMemorySaver(serde=serializer()))


async def in_sqlite(length: int) -> float:
    """Return the seconds of a whole run of a chain, with checkpoints in a file."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_saver(Path(folder) / "runs.sqlite") as saver:
            return await _seconds(length, saver)


async def _seconds(length: int, saver: BaseCheckpointSaver[str]) -> float:
    clock = time.perf_counter()
    await makespan(chain(length), "eager", saver)
    return time.perf_counter() - clock


def overhead(run: Callable[[int], Coroutine[None, None, float]], length: int, rounds: int) -> float:
    """Return the milliseconds that one step more costs: the median over some rounds.

    Whole runs are compared, one of `length` steps and one of a single step, so that nothing that
    happens between or after the steps is left out.
    """
    spent = [(asyncio.run(run(length)) - asyncio.run(run(1))) / (length - 1) for _ in range(rounds)]
    return 1000 * statistics.median(spent)


def main(
    length: Annotated[int, typer.Option(min=2, help="Steps of the chain.")] = 100,
    rounds: Annotated[int, typer.Option(min=1, help="How often; the median counts.")] = 5,
) -> None:
    """Print the milliseconds a step."""
    typer.echo("| Checkpoints | Steps | Overhead a step |")
    typer.echo("| --- | --- | --- |")
    with installation():
        for name, run in (("in memory", in_memory), ("SQLite", in_sqlite)):
            typer.echo(f"| {name} | {length} | {overhead(run, length, rounds):.2f} ms |")


if __name__ == "__main__":
    typer.run(main)
