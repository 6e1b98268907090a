"""What a command costs before it works: CPU time and memory against `pip --version`, side by side.

Single times say more about the machine than about the program, so each round measures every
command once, and the medians are given as ratios to pip in the same rounds.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

REQUEST = "How do I cook a pork loin on a kamado? I need temperatures and timing."
PIP = "pip --version"
RUN = ("--library", "samples", "--model", "offline:rules", "--approve", "auto", "--overwrite")
COMMANDS: dict[str, tuple[str, ...]] = {
    PIP: ("-m", "pip", "--version"),
    "cliptrail --help": ("-m", "cliptrail.cli.main", "--help"),
    "cliptrail patterns": ("-m", "cliptrail.cli.main", "patterns"),
    "cliptrail threads": ("-m", "cliptrail.cli.main", "threads"),
    "cliptrail research": ("-m", "cliptrail.cli.main", "research", REQUEST, *RUN),
}
"""What is measured, by how it is called in the table: arguments of Python."""


@dataclass(frozen=True)
class Cost:
    """What one call cost."""

    cpu_s: float
    """CPU seconds, user and system, of the process and its children."""
    first_line_s: float
    """Wall seconds until the first character of output."""
    peak_mb: float
    """Largest resident memory, in MB."""


def measure(arguments: tuple[str, ...], environment: Mapping[str, str]) -> Cost:
    """Run Python with some arguments and return what it cost.

    Args:
        arguments: of Python.
        environment: of the process.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    clock = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - Python with arguments of our own
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**environment, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        first_line = time.perf_counter() - clock
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Cost(usage.ru_utime + usage.ru_stime, first_line, _megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes on Linux
    return usage.ru_maxrss * unit / 1e6


@contextmanager
def empty_installation() -> Iterator[Mapping[str, str]]:
    """Return the environment of an installation without a library, keys or runs."""
    with tempfile.TemporaryDirectory() as folder:
        ours = {name: value for name, value in os.environ.items() if "CLIPTRAIL_" not in name}
        places = {
            "CLIPTRAIL_DATA_DIR": str(Path(folder) / "data"),
            "CLIPTRAIL_OUTPUT_DIR": folder,
        }
        yield {**ours, **places, "LANGSMITH_TRACING": "false"}


def medians(rounds: int) -> dict[str, Cost]:
    """Return the median cost of each command; the first call, with cold caches, is left out.

    Args:
        rounds: how often each command is measured.
    """
    with empty_installation() as environment:
        for arguments in COMMANDS.values():
            measure(arguments, environment)
        measured: dict[str, list[Cost]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, arguments in COMMANDS.items():
                measured[name].append(measure(arguments, environment))
    return {name: _median(costs) for name, costs in measured.items()}


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu_s for cost in costs),
        statistics.median(cost.first_line_s for cost in costs),
        statistics.median(cost.peak_mb for cost in costs),
    )


def main(
    rounds: Annotated[int, typer.Option(min=1, help="How often; the median counts.")] = 5,
) -> None:
    """Print what each command costs against pip."""
    costs = medians(rounds)
    pip = costs[PIP]
    typer.echo("| Command | CPU | CPU / pip | First output / pip | Memory |")
    typer.echo("| --- | --- | --- | --- | --- |")
    for name, cost in costs.items():
        cpu, first = cost.cpu_s / pip.cpu_s, cost.first_line_s / pip.first_line_s
        row = (f"{cost.cpu_s:.2f} s", f"{cpu:.1f}", f"{first:.1f}", f"{cost.peak_mb:.0f} MB")
        typer.echo(f"| {name} | {' | '.join(row)} |")


if __name__ == "__main__":
    typer.run(main)
