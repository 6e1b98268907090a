"""`threads remove` and `threads prune`: what goes, what stays, and that it is asked before."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads, ThreadStatus
from tests.cli.command import AUTO, REQUEST, invoke, record, statuses

DAY_S = 86_400
KINDS: tuple[ThreadStatus, ...] = ("complete", "partial", "failed", "waiting", "running")


def aged(days: float, *names: ThreadStatus) -> None:
    """Runs of so many days, each named by its status."""
    for name in names:
        record(name, name)
    threads = Threads(settings().runs_file)
    rows = [row for row in threads.all() if row.thread_id in names]
    with closing(sqlite3.connect(threads.file)) as db, db:
        for row in rows:
            old = row.model_copy(update={"updated": time.time() - days * DAY_S})
            values = (old.updated, old.model_dump_json(), old.thread_id)
            db.execute("UPDATE cliptrail_threads SET updated=?, data=? WHERE thread_id=?", values)


def test_a_run_is_removed_and_its_guide_stays(tmp_path: Path) -> None:
    assert invoke("research", REQUEST, *AUTO, "--output", "g.md").code == 0
    (name,) = statuses()
    before = settings().runs_file.stat().st_size
    ran = invoke("threads", "remove", name[:6], "--yes")
    assert ran.code == 0
    assert ran.out.startswith("Removed 1 run. 0.")
    assert settings().runs_file.stat().st_size < before
    assert statuses() == {}
    assert (tmp_path / "g.md").exists()
    assert invoke("trail", "g.md").code == 0


@pytest.mark.parametrize(("answer", "left"), [("y\n", []), ("n\n", ["aaaa"]), ("", ["aaaa"])])
def test_before_it_is_asked(answer: str, left: list[str]) -> None:
    record("aaaa", "complete", "Which loin?")
    ran = invoke("threads", "remove", "aaaa", answers=answer)
    assert "Which loin?" in ran.err
    assert "Remove 1 run? They cannot be resumed then." in ran.err
    assert list(statuses()) == left
    assert (ran.code == 0) == (not left)


def test_one_unknown_name_removes_nothing() -> None:
    record("aaaa", "complete")
    ran = invoke("threads", "remove", "aaaa", "bbbb", "--yes")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "There is no thread 'bbbb'." in ran.err
    assert list(statuses()) == ["aaaa"]


def test_a_run_under_way_is_kept_and_named() -> None:
    record("aaaa", "running")
    record("bbbb", "complete")
    with Threads(settings().runs_file).lock("aaaa"):
        ran = invoke("threads", "remove", "aaaa", "bbbb", "--yes")
    assert ran.code == 3
    assert ran.err == "Kept, because they are running: aaaa.\n"
    assert list(statuses()) == ["aaaa"]


def test_of_old_runs_those_that_ended_go() -> None:
    aged(31, *KINDS)
    record("new", "complete")
    ran = invoke("threads", "prune", "--older-than", "30", "--yes")
    assert ran.code == 0
    assert ran.out.startswith("Removed 3 runs.")
    assert set(statuses()) == {"new", "waiting", "running"}


def test_all_takes_those_that_wait_and_were_interrupted_too_but_none_under_way() -> None:
    aged(31, *KINDS)
    with Threads(settings().runs_file).lock("running"):
        ran = invoke("threads", "prune", "--older-than", "30", "--all", "--yes")
    assert ran.code == 0
    assert list(statuses()) == ["running"]
    assert invoke("threads", "prune", "--older-than", "30", "--all", "--yes").code == 0
    assert statuses() == {}


def test_days_may_be_parts_and_nothing_old_is_said() -> None:
    aged(0.5, "complete")
    ran = invoke("threads", "prune", "--older-than", "0.6")
    assert (ran.code, ran.out, ran.err) == (0, "", "There is nothing to remove.\n")
    assert invoke("threads", "prune", "--older-than", "0.4", answers="y\n").code == 0
    assert statuses() == {}


@pytest.mark.parametrize("arguments", [["prune"], ["prune", "--older-than", "-1"], ["remove"]])
def test_what_is_missing_or_wrong_is_told(arguments: list[str]) -> None:
    assert invoke("threads", *arguments).code == 2
