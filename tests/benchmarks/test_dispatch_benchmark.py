"""The benchmark of dispatch runs, as its command says."""

import subprocess
import sys


def test_the_command_gives_a_row_a_plan() -> None:
    command = [sys.executable, "-m", "benchmarks.dispatch"]
    small = ["--plans", "2", "--branches", "2", "--depth", "2", "--slowest", "0.02"]
    done = subprocess.run([*command, *small], capture_output=True, text=True, check=True)
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines()]
    assert rows == ["Plan", "---", "0", "1"]
