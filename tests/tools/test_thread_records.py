"""The list of runs: found by the beginning of an id, held by one process, never a traceback."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, LibraryError, UsageError
from cliptrail.state.plan import Plan, Step, StoredPlan
from cliptrail.tools.threads import Thread, Threads, ThreadStatus

PLAN = Plan(goal="oil", steps=(Step(id="search", agent="search", inputs={"query": "oil"}),))
HOLDER = """
import sys
from pathlib import Path
from cliptrail.tools.threads import Threads
with Threads(Path(sys.argv[1])).lock("abcd"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def threads(tmp_path: Path) -> Threads:
    return Threads(tmp_path / "data" / "runs.sqlite")


def thread(thread_id: str, status: ThreadStatus = "running") -> Thread:
    return Thread(
        thread_id=thread_id,
        request="Wie heiß wird das Öl?",
        pattern="planner",
        status=status,
        context=Context(library="samples", max_calls=7, budget_usd=0.5),
        output="oil.md",
        stored=StoredPlan(plan=PLAN),
        created=1.5,
        updated=0,
    )


class TestWhatIsKept:
    def test_a_thread_comes_back_as_it_was_with_the_time_of_its_writing(
        self, threads: Threads
    ) -> None:
        before = time.time()
        kept = threads.put(thread("abcd"))
        assert before <= kept.updated <= time.time()
        with threads.lock("abcd"):
            assert Threads(threads.file).all() == [kept]
        assert kept.model_copy(update={"updated": 0}) == thread("abcd")

    def test_written_again_it_is_replaced_and_comes_first(self, threads: Threads) -> None:
        threads.put(thread("one"))
        threads.put(thread("two"))
        threads.put(thread("one", "failed"))
        rows = [(row.thread_id, row.status) for row in threads.all()]
        assert rows == [("one", "failed"), ("two", "stopped")]

    def test_a_run_that_nobody_runs_any_more_is_stopped(self, threads: Threads) -> None:
        threads.put(thread("one"))
        with threads.lock("one"):
            assert [row.status for row in threads.all()] == ["running"]
        assert [row.status for row in threads.all()] == ["stopped"]

    @pytest.mark.parametrize(
        ("status", "ended"),
        [
            ("running", False),
            ("waiting", False),
            ("stopped", False),
            ("complete", True),
            ("partial", True),
            ("failed", True),
        ],
    )
    def test_when_it_has_ended(self, status: ThreadStatus, ended: bool) -> None:
        assert thread("one", status).ended is ended


class TestFinding:
    @pytest.fixture(autouse=True)
    def some(self, threads: Threads) -> None:
        threads.put(thread("abc1", "partial"))
        threads.put(thread("abd2", "waiting"))
        threads.put(thread("xyz3", "complete"))

    @pytest.mark.parametrize(
        ("name", "found"),
        [("abc1", "abc1"), ("abd", "abd2"), ("x", "xyz3"), ("", "abd2")],
        ids=["whole", "beginning", "one letter", "the last that can go on"],
    )
    def test_found(self, threads: Threads, name: str, found: str) -> None:
        assert threads.find(name).thread_id == found

    @pytest.mark.parametrize(
        ("name", "message", "next_step"),
        [
            ("ab", "2 threads begin with 'ab'.", "Give more of its id."),
            ("q", "There is no thread 'q'.", "See: cliptrail threads"),
            ("%", "There is no thread '%'.", "See: cliptrail threads"),
        ],
    )
    def test_not_found(self, threads: Threads, name: str, message: str, next_step: str) -> None:
        with pytest.raises(UsageError) as caught:
            threads.find(name)
        assert (caught.value.message, caught.value.next_step) == (message, next_step)

    def test_a_whole_id_is_found_although_another_begins_with_it(self, threads: Threads) -> None:
        threads.put(thread("abc12"))
        assert threads.find("abc1").thread_id == "abc1"


def test_nothing_can_go_on_where_all_is_complete(threads: Threads) -> None:
    threads.put(thread("xyz3", "complete"))
    with pytest.raises(UsageError, match="There is nothing to resume"):
        threads.find("")


@contextmanager
def held_elsewhere(threads: Threads) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(threads.file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


class TestHolding:
    @pytest.mark.slow
    def test_what_another_process_holds_is_refused_until_it_dies(self, threads: Threads) -> None:
        with held_elsewhere(threads) as holder:
            with pytest.raises(UsageError, match="abcd is running in another process"):
                threads.lock("abcd").__enter__()
            with threads.lock("another"):
                pass
            holder.kill()
            holder.wait(30)
            with threads.lock("abcd"):
                pass

    def test_it_is_free_again_after_an_error(self, threads: Threads) -> None:
        with pytest.raises(ZeroDivisionError), threads.lock("abcd"):
            raise ZeroDivisionError
        with threads.lock("abcd"):
            pass

    def test_it_is_held_once_in_a_process_too(self, threads: Threads) -> None:
        with threads.lock("abcd"), pytest.raises(UsageError, match="is running"):
            Threads(threads.file).lock("abcd").__enter__()


USES: dict[str, Callable[[Threads], object]] = {
    "put": lambda threads: threads.put(thread("abcd")),
    "all": Threads.all,
    "find": lambda threads: threads.find("abcd"),
    "lock": lambda threads: threads.lock("abcd").__enter__(),
}


class TestBroken:
    @staticmethod
    def told(use: Callable[[Threads], object], threads: Threads) -> None:
        with pytest.raises(CliptrailError) as caught:
            use(threads)
        assert isinstance(caught.value, LibraryError)
        assert str(threads.file) in caught.value.message
        assert caught.value.next_step == "Check CLIPTRAIL_DATA_DIR, or move the file away."

    @pytest.mark.parametrize("use", USES.values(), ids=USES)
    def test_a_folder_that_is_a_file(
        self, tmp_path: Path, use: Callable[[Threads], object]
    ) -> None:
        (tmp_path / "data").write_text("")
        self.told(use, Threads(tmp_path / "data" / "runs.sqlite"))

    @pytest.mark.parametrize("use", [row for name, row in USES.items() if name != "lock"])
    def test_a_file_that_is_no_database(
        self, threads: Threads, use: Callable[[Threads], object]
    ) -> None:
        threads.file.parent.mkdir()
        threads.file.write_text("charcoal " * 1000)
        self.told(use, threads)
        assert threads.file.read_text().startswith("charcoal")

    @pytest.mark.parametrize("data", ["{", "{}", '{"later": 1}'])
    def test_a_row_of_another_version(self, threads: Threads, data: str) -> None:
        threads.put(thread("abcd"))
        with sqlite3.connect(threads.file) as db:
            db.execute("UPDATE cliptrail_threads SET data = ?", (data,))
        db.close()
        self.told(Threads.all, threads)


def test_options_that_are_no_more_do_not_hide_a_thread(threads: Threads) -> None:
    threads.put(thread("abcd"))
    with sqlite3.connect(threads.file) as db:
        db.execute(
            "UPDATE cliptrail_threads SET data = json_set(data, '$.context.gone', 1, '$.new', 2)"
        )
    db.close()
    assert threads.find("abcd").context == thread("abcd").context
