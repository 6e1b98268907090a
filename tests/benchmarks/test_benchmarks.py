"""Each benchmark runs, as its command says, and gives the rows that it promises."""

import subprocess
import sys

import pytest

from cliptrail.benchmarks.prompt_tokens import as_captions, as_sentences, of_founding
from cliptrail.benchmarks.startup import COMMANDS
from cliptrail.graphs.registry import OURS
from cliptrail.tools.text.length import most_tokens

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
    ("cliptrail.benchmarks.prompt_tokens", [], ["founding request, bundled"]),
    *(("cliptrail.evals.kills", ["--kills", "1", "--pattern", name], ["1"]) for name in OURS),
]


@pytest.mark.parametrize(("module", "options", "rows"), SMALL)
def test_the_command_gives_its_rows(module: str, options: list[str], rows: list[str]) -> None:
    command = [sys.executable, "-m", module, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first = [line.split("|")[1].strip() for line in done.stdout.splitlines()]
    assert first[2:] == rows


def test_sentences_take_a_third_less_than_captions_did() -> None:
    founding = of_founding()
    assert len(founding) > 3
    assert most_tokens(as_sentences(founding)) < 0.65 * most_tokens(as_captions(founding))
