"""A LangSmith that is down, slow, or refuses the key: the run does not care, and says so once."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from cliptrail.tools.settings import settings
from cliptrail.tools.tracing import ANSWERS_WITHIN_S, SPANS_WITHIN_S, Line
from tests.cli.command import AUTO, command, environment, invoke, trail_in
from tests.limits import SOON
from tests.tracing.recorder import KEY, Recorder, recording

QUESTION = "How do I set the vents of a kamado?"
COMMAND = ("research", QUESTION, *AUTO, "--output", "o.md", "--overwrite")
SLACK_S = 8.0
"""For a busy machine."""


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def told(said: str) -> str:
    """The one line about tracing."""
    [line] = re.findall(r"^Tracing: .*$", said, re.MULTILINE)
    return str(line)


def test_one_that_is_down_is_told_once_and_costs_nothing(
    here: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody() as address:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", address)
        settings.cache_clear()
        ran = invoke(*COMMAND)
    assert ran.code == 0
    assert "does not answer" in told(ran.err)
    assert "Tracing" not in ran.out
    assert trail_in(here / "o.trail.json").status == "complete"


@pytest.mark.parametrize("status", [401, 403])
def test_one_that_refuses_the_key_is_told_once_and_asked_no_more(
    here: Path, recorder: Recorder, status: int
) -> None:
    recorder.status = status
    ran = invoke(*COMMAND)
    assert ran.code == 0
    assert f"refuses the key (HTTP {status})" in told(ran.err)
    assert len(recorder.requests) == 1


def test_one_that_fails_is_asked_once_more_and_then_left_alone(
    here: Path, recorder: Recorder
) -> None:
    recorder.status = 503
    ran = invoke(*COMMAND)
    assert ran.code == 0
    assert "fails (HTTP 503)" in told(ran.err)
    assert len(recorder.requests) == 2


def after_the_result(folder: Path, variables: dict[str, str]) -> tuple[float, str]:
    """Run the command in a process of its own.

    Returns:
        How many seconds it lives on, less what a machine as busy as this one may add, and what it
        says on stderr.
    """
    folder.mkdir()
    started_at = time.monotonic()
    pipe = subprocess.PIPE
    started = subprocess.Popen(
        command(*COMMAND),
        cwd=folder,
        env=environment(variables),
        stdout=pipe,
        stderr=pipe,
        text=True,
    )
    with started as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while ".trail.json" not in (line := process.stdout.readline()):
            assert line
        result_at = time.monotonic()
        assert process.wait(SOON) == 0
        slack = max(SLACK_S, result_at - started_at)
        return time.monotonic() - result_at - slack, process.stderr.read()


def test_one_that_is_slow_and_a_collector_that_is_down_cost_a_few_seconds_after_the_result(
    here: Path, recorder: Recorder
) -> None:
    with nobody() as address, recording() as slow, ThreadPoolExecutor() as pool:
        slow.delay_s = SOON
        otel = {"LANGSMITH_OTEL_ONLY": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": address}
        folders, cases = (here / "one", here / "other"), ({"LANGSMITH_ENDPOINT": slow.url}, otel)
        ended = pool.map(after_the_result, folders, cases)
        (waited, said), (waited_for_spans, said_of_spans) = ended
    assert "does not answer" in told(said)
    assert waited < ANSWERS_WITHIN_S
    assert "span" in told(said_of_spans)
    assert waited_for_spans < 2 * SPANS_WITHIN_S
    assert recorder.requests == []


def test_a_line_that_was_given_up_is_tried_again_after_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cliptrail.tools.tracing.PAUSE_S", 0.2)
    with recording() as recorder, Line() as line:
        recorder.status = 500
        assert line.request("POST", recorder.url).status_code == 500
        with pytest.raises(requests.ConnectionError):
            line.request("POST", recorder.url)
        recorder.status = 202
        recorder.until(lambda: answered(line, recorder.url))
        assert "fails (HTTP 500)" in line.trouble


def answered(line: Line, url: str) -> bool:
    try:
        return line.request("POST", url).ok
    except requests.ConnectionError:
        return False


def test_a_line_that_is_closed_sends_nothing_more() -> None:
    with recording() as recorder, Line() as line:
        line.closing_at = time.monotonic() - 1
        with pytest.raises(requests.ConnectionError):
            line.request("POST", recorder.url)
        assert recorder.requests == []
        assert "not sent in time" in line.trouble


def test_variables_that_cannot_be_are_told_before_anything_runs(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_RUNS_ENDPOINTS", "[]")
    ran = invoke(*COMMAND)
    assert ran.code == 2
    assert "\nError: Tracing: You cannot provide both" in ran.err
    assert recorder.requests == []


def test_an_address_with_a_password_is_told_without_it() -> None:
    with nobody() as address, Line() as line:
        with pytest.raises(requests.ConnectionError):
            line.request("GET", address.replace("//", "//me:passphrase@"))
        assert "passphrase" not in line.trouble
        assert KEY not in line.trouble
