"""Each benchmark runs, as its command says, and gives the rows that it promises."""

import subprocess
import sys

import pytest

from cliptrail.benchmarks.startup import COMMANDS
from cliptrail.graphs.registry import OURS

SMALL = [
    ("cliptrail.benchmarks.dispatch", ["--plans", "2", "--typical", "0.01"], ["eager", "levels"]),
    ("cliptrail.benchmarks.overhead", ["--length", "5", "--rounds", "1"], ["in memory", "SQLite"]),
    ("cliptrail.benchmarks.checkpoints", ["--times", "2"], ["1 ×", "2 ×"]),
    (
        "cliptrail.benchmarks.library",
        ["--number", "50", "--words", "90", "--searches", "20"],
        ["50"],
    ),
    ("cliptrail.benchmarks.startup", ["--rounds", "1"], list(COMMANDS)),
    *(("cliptrail.evals.kills", ["--kills", "1", "--pattern", name], ["1"]) for name in OURS),
]


@pytest.mark.parametrize(("module", "options", "rows"), SMALL)
def test_the_command_gives_its_rows(module: str, options: list[str], rows: list[str]) -> None:
    command = [sys.executable, "-m", module, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first = [line.split("|")[1].strip() for line in done.stdout.splitlines()]
    assert first[2:] == rows
