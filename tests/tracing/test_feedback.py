"""What a person thinks of a run, all the way to LangSmith's feedback API."""

import time
from pathlib import Path

import pytest

from cliptrail.state.errors import CliptrailError, UsageError
from cliptrail.tools.feedback import LONGEST_COMMENT, give_feedback
from cliptrail.tools.masking import HIDDEN
from cliptrail.tools.settings import settings
from tests.cli.command import AUTO, SAMPLES, invoke, record, trail_in
from tests.limits import SOON
from tests.tracing.conftest import TOLD
from tests.tracing.recorder import KEY, PROJECT_ID, Recorder

QUESTION = "How do I set the vents of a kamado?"
TRACE = "01a1fe46-3da0-7384-85e6-4a462acca955"


def test_a_verdict_reaches_the_runs_trace(here: Path, recorder: Recorder) -> None:
    invoke("research", QUESTION, *AUTO, "--output", "o.md")
    trail = trail_in(here / "o.trail.json")
    names = (trail.thread_id, trail.thread_id[:4], trail.run_id, trail.trace)
    for name, verdict, score in zip(
        names, ("good", "bad", "good", "bad"), (1, 0, 1, 0), strict=True
    ):
        ran = invoke("feedback", name, verdict, f"All of it, and {TOLD}")
        assert ran.code == 0, ran.err
        assert f"{trail.thread_id}: {verdict}" in ran.out
        given = recorder.feedback[-1]
        assert given["run_id"] == trail.trace == recorder.roots()[0].id
        assert given["session_id"] == PROJECT_ID
        assert (given["key"], given["score"], given["value"]) == ("user_score", score, verdict)
        assert given["comment"] == f"All of it, and {HIDDEN}"
        assert recorder.requests[-1].key == KEY
    assert len({row["id"] for row in recorder.feedback}) == len(names)


def test_a_run_that_nobody_knows(recorder: Recorder) -> None:
    ran = invoke("feedback", "abcdef", "good")
    assert ran.code == 2
    assert "There is no thread 'abcdef'" in ran.err
    assert recorder.requests == []


@pytest.mark.parametrize("verdict", ["", "maybe"])
def test_a_verdict_that_is_none(recorder: Recorder, verdict: str) -> None:
    assert invoke("feedback", "abcdef", verdict).code == 2


def test_a_run_without_a_name(recorder: Recorder) -> None:
    assert "No run is named" in invoke("feedback", "", "good").err


def test_a_run_that_was_not_traced(recorder: Recorder) -> None:
    record("abcdef", "complete")
    ran = invoke("feedback", "abcdef", "good")
    assert ran.code == 2
    assert "This run was not traced." in ran.err
    assert recorder.requests == []


def test_a_run_that_has_not_ended(recorder: Recorder) -> None:
    invoke("research", QUESTION, *SAMPLES, "--output", "o.md", answers="q\n")
    [trace] = recorder.roots()
    thread = trace.metadata["thread"]
    ran = invoke("feedback", thread, "good")
    assert ran.code == 2
    assert f"Go on with: cliptrail resume {thread}" in ran.err


def test_where_tracing_is_off(here: Path) -> None:
    record("abcdef", "complete")
    ran = invoke("feedback", "abcdef", "good")
    assert ran.code == 2
    assert "Tracing is off" in ran.err
    assert "LANGSMITH_TRACING=true" in ran.err


def test_a_trace_that_langsmith_does_not_know(recorder: Recorder) -> None:
    recorder.status = 404
    with pytest.raises(CliptrailError, match=r"does not know the trace .* 'cliptrail'.*try"):
        give_feedback(TRACE, "good")
    assert recorder.paths.count("POST /feedback") == 3


@pytest.mark.parametrize(("status", "said"), [(401, "refuses the key"), (500, "fails")])
def test_a_langsmith_that_refuses(recorder: Recorder, status: int, said: str) -> None:
    recorder.project_status = status
    with pytest.raises(CliptrailError, match=f"{said} .HTTP {status}.*LANGSMITH_API_KEY"):
        give_feedback(TRACE, "good")


def test_a_langsmith_that_is_slow(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cliptrail.tools.tracing.ANSWERS_WITHIN_S", 0.3)
    recorder.delay_s = SOON
    started = time.monotonic()
    with pytest.raises(CliptrailError, match="does not answer"):
        give_feedback(TRACE, "good")
    assert time.monotonic() - started < SOON / 2


def test_something_that_is_no_langsmith(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_ENDPOINT", f"{recorder.url}/nowhere")
    settings.cache_clear()
    with pytest.raises(CliptrailError, match="does not know the trace"):
        give_feedback(TRACE, "good")


def test_what_is_no_trace_or_too_much(recorder: Recorder) -> None:
    with pytest.raises(UsageError, match="is no id of a trace"):
        give_feedback("../../runs", "good")
    with pytest.raises(UsageError, match="longer than"):
        give_feedback(TRACE, "good", "x" * (LONGEST_COMMENT + 1))
    assert recorder.requests == []


def test_feedback_goes_where_the_traces_go(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_PROJECT", "another one")
    settings.cache_clear()
    give_feedback(TRACE, "bad")
    assert "name=another+one" in recorder.requests[0].path
    assert "comment" not in recorder.feedback[0]
