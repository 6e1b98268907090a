"""A machine that fails around a run: told in one sentence, nothing lost, `resume` ends it."""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cliptrail.agents import registry
from cliptrail.state.trail import Trail
from cliptrail.tools.settings import settings
from tests.cli.command import (
    AUTO,
    SAMPLES,
    environment,
    in_background,
    invoke,
    statuses,
    steps_saved,
    trail_in,
    wait_until,
)
from tests.faults import became_a_file, files_of_at_most, locked
from tests.graphs.contract import replaced
from tests.graphs.playing import BRISKET
from tests.limits import SOON
from tests.recorded_youtube import SEARCH, WATCH, Replay

pytestmark = pytest.mark.usefixtures("own_agents")

ASK = ("research", BRISKET, *AUTO, "--output", "x.md")


def test_ctrl_c_does_not_wait_for_youtube(youtube: Replay) -> None:
    good = youtube.replies[WATCH]
    youtube.on(WATCH, manner="stall")
    given = ("research", "A test?", "--source", "youtube", "--approve", "auto")
    with in_background(*given) as process:
        wait_until(lambda: WATCH in youtube.paths)
        process.send(signal.SIGINT)
        sent = time.monotonic()
        assert process.end() == 130
        took = time.monotonic() - sent
    assert took < SOON / 2  # a request may take that long, and the others come after it
    (thread,) = statuses()
    assert f"Stopped. Go on with: cliptrail resume {thread}" in process.shown
    youtube.replies[WATCH] = good
    resumed = invoke("resume")
    assert "transcript[0]: done" in resumed.err
    assert resumed.code in (0, 4)  # whether a talk answers "A test?" is not the question here
    assert youtube.paths.count(SEARCH) == 1


def test_saved_runs_that_another_process_holds_are_told_and_gone_on_with(
    own_agents: dict[str, registry.Agent], here: Path
) -> None:
    with ExitStack() as stack:

        def hold() -> None:
            stack.enter_context(locked(settings().runs_file))

        compose = own_agents["compose"]
        replaced(own_agents, "compose", hold, then_work=True)
        ran = invoke(*ASK)
        assert ran.code == 4
        (error,) = [line for line in ran.err.splitlines() if line.startswith("Error: ")]
        assert "runs.sqlite cannot be used: database is locked. Wait until the other" in error
    (thread,) = statuses()
    assert error.endswith(f"Then: cliptrail resume {thread}")
    assert not list(here.glob("x*"))
    saved = asyncio.run(steps_saved(thread))
    assert "compose" not in saved
    own_agents["compose"] = compose
    own_agents |= {name: replace(own_agents[name], run=never) for name in ("search", "transcript")}
    assert {"search", "transcript[0]"} <= saved
    assert invoke("resume").code == 0
    assert trail_in(Path("x.trail.json")).status == "complete"


async def never(*_: object) -> Any:
    raise AssertionError("this was done")


@pytest.mark.parametrize("size", [20_000, 120_000, 250_000])
def test_saved_runs_that_cannot_grow_are_told_and_gone_on_with(size: int, here: Path) -> None:
    invoke("search", "brisket", "--source", "library", *SAMPLES)  # unpacks the samples
    with files_of_at_most(size):
        ran = invoke(*ASK)
    assert (ran.code, ran.out) == (4, "")
    assert "runs.sqlite cannot be used: disk I/O error. Make room on the disk" in ran.err
    (thread,) = statuses()
    assert ran.err.endswith(f"Then: cliptrail resume {thread}\n")
    assert not list(here.glob("x*"))
    assert invoke("resume").code == 0
    trail = trail_in(Path("x.trail.json"))
    assert (trail.thread_id, trail.status) == (thread, "complete")


FULL_DISK = """
mount -t tmpfs -o size=360k x "$DATA" && cp -r seed/. "$DATA" || exit 99
"$PYTHON" -m cliptrail.cli.main "$@"
code=$?
cp -r "$DATA" kept
exit $code
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="this system has no unshare")
def test_a_disk_that_is_really_full_and_is_given_room(installation: Path, here: Path) -> None:
    invoke("search", "brisket", "--source", "library", *SAMPLES)  # unpacks the samples
    installation.rename(here / "seed")
    installation.mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, "sh", *ASK],
        capture_output=True,
        text=True,
        env=environment({"DATA": str(installation), "PYTHON": sys.executable}),
        timeout=SOON,
    )
    if not (here / "kept").exists():
        pytest.skip(f"this machine lets nobody mount a disk: {done.stderr.strip()}")
    assert (done.returncode, done.stdout) == (4, "")
    assert "Traceback" not in done.stderr
    assert "disk is full. Make room on the disk. Then: cliptrail resume" in done.stderr
    installation.rmdir()
    (here / "kept").rename(installation)
    assert invoke("resume").code == 0
    assert trail_in(Path("x.trail.json")).status == "complete"


@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_output_folder_that_is_gone_costs_no_answer(
    elsewhere: bool, own_agents: dict[str, registry.Agent], here: Path
) -> None:
    (here / "out").mkdir()
    with ExitStack() as stack:
        spoil = partial(became_a_file, here / "out", stack)
        replaced(own_agents, "compose", spoil, then_work=True)
        ran = invoke("research", BRISKET, *AUTO, "--output", "out/x.md", "--json")
    assert ran.code == 4
    told = Trail.model_validate_json(ran.out)  # what could not be written is printed
    assert told.guide
    assert told.guide.claims
    assert "cliptrail resume --output FILE.md" in told.stop_message
    ran = invoke("resume", *(("--output", "y.md") if elsewhere else ()))
    assert ran.code == 0
    trail = trail_in(Path("y.trail.json" if elsewhere else "out/x.trail.json"))
    assert (trail.guide, trail.ledger, trail.run_id) == (told.guide, told.ledger, told.run_id)
