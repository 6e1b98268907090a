"""A machine that fails around a run: told in one sentence, nothing lost, `resume` ends it."""

import signal
import time

import pytest

from tests.cli.command import in_background, wait_until
from tests.recorded_youtube import SEARCH, WATCH, Replay

QUESTION = "How long does a brisket take?"


@pytest.mark.parametrize("path", [SEARCH, WATCH])
def test_ctrl_c_does_not_wait_for_youtube(youtube: Replay, path: str) -> None:
    good = youtube.replies[path]
    youtube.on(path, manner="stall")
    given = ("research", QUESTION, "--source", "youtube", "--approve", "auto", "--output", "x.md")
    with in_background(*given) as process:
        wait_until(lambda: path in youtube.paths)
        process.send(signal.SIGINT)
        sent = time.monotonic()
        assert process.end() == 130
        print("TOOK", time.monotonic() - sent)
        assert "Stopped. Go on with: cliptrail resume" in process.shown
