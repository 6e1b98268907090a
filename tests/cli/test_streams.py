"""Closed and full streams: a sentence and an exit code, and the run can go on."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import (
    AUTO,
    SAMPLES,
    Ran,
    command,
    environment,
    record,
    statuses,
    trail_in,
)
from tests.limits import SOON

FULL = Path("/dev/full")


def shell(redirection: str, *arguments: str, encoding: str = "utf-8") -> Ran:
    """Run a command as a shell does that was told to close or redirect a stream."""
    script = f'exec "$@" {redirection}'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *command(*arguments)],
        capture_output=True,
        encoding=encoding,
        env=environment({"PYTHONIOENCODING": f"{encoding}:strict"}),
        timeout=SOON,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_a_closed_output_does_no_harm() -> None:
    assert shell(">&-", "library", "list", *SAMPLES) == Ran(0, "", "")


def test_without_an_input_a_run_waits() -> None:
    ran = shell("<&-", "research", "How do I steam milk?", *SAMPLES)
    assert ran.code == 3
    assert statuses() == {ran.thread: "waiting"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letters_that_the_output_lacks_are_escaped_and_json_stays_json(encoding: str) -> None:
    given = ("Crème brûlée → how?", *AUTO, "--json", "--overwrite")
    ran = shell("", "research", *given, encoding=encoding)
    assert (ran.code, json.loads(ran.out)["request"]) == (4, given[0])


def test_bytes_that_are_no_text_are_no_reason_to_fail(here: Path) -> None:
    (here / "answers").write_bytes(b"r only \xff one video each\na\n")
    given = ("research", "How do I steam milk?", *SAMPLES, "--output", "x.md")
    ran = shell("<answers", *given)
    assert ran.code == 0
    reasons = [row.reason for row in trail_in(here / "x.trail.json").revisions]
    assert reasons == ["", "only \ufffd one video each"]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments", [["threads", "--json"], ["research", "How do I steam milk?", *AUTO, "--json"]]
)
def test_an_output_that_is_full_is_told(here: Path, arguments: list[str]) -> None:
    record("abcd", "failed")
    ran = shell(f">{FULL}", *arguments)
    assert ran.code == 4
    assert ran.err.endswith("Error: The output cannot be written: its disk is full. Make room.\n")
    assert {*statuses().values()} <= {"failed", "complete"}


def test_ctrl_c_while_it_starts_shows_no_traceback(here: Path) -> None:
    """An agent file of one's own is loaded when a run starts; this one says so, and waits."""
    (here / "slow.py").write_text("import time; print('loading', flush=True); time.sleep(60)")
    with subprocess.Popen(
        command("research", "How do I steam milk?", *AUTO),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment({"CLIPTRAIL_AGENTS": "slow.py"}),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(signal.SIGINT)
        _, shown = process.communicate(timeout=SOON)
    assert process.returncode == 130
    assert b"Traceback" not in shown


def test_who_reads_no_further_ends_it_in_silence() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            command("library", "list", *SAMPLES),
            stdout=writing,
            stderr=subprocess.PIPE,
            env=environment({}),
            timeout=SOON,
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")
