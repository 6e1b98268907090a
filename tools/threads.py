"""The list of runs on this machine: what was asked, with which options, and how it stands."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import ConfigDict, ValidationError, field_validator

from cliptrail.state.base import Frozen
from cliptrail.state.context import Context
from cliptrail.state.errors import LibraryError, UsageError
from cliptrail.state.plan import StoredPlan

ThreadStatus = Literal["running", "waiting", "stopped", "complete", "partial", "failed"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS cliptrail_threads (
    thread_id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    data TEXT NOT NULL
)
"""

TABLES_OF_THREADS = """
SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
WHERE t.type = 'table' AND c.name = 'thread_id'
"""
"""Our own, and those of LangGraph's checkpoints."""


_NEXT_STEPS = {
    sqlite3.SQLITE_BUSY: "Wait until the other program is done.",
    sqlite3.SQLITE_FULL: "Make room on the disk.",
    sqlite3.SQLITE_IOERR: "Make room on the disk, and check it.",
}


def unusable(file: Path, why: Exception | str) -> LibraryError:
    """Return the error for a file with saved runs that cannot be used.

    Args:
        file: the SQLite file.
        why: what SQLite or the system says.
    """
    code = getattr(why, "sqlite_errorcode", 0) & 0xFF  # the rest says where in SQLite it arose
    return LibraryError(
        f"The saved runs in {file} cannot be used: {why}.",
        _NEXT_STEPS.get(code, "Check CLIPTRAIL_DATA_DIR, or move the file away."),
    )


GLANCE_S = 0.3
"""Seconds within which a lock that was only looked at is free again."""


class Thread(Frozen):
    """A run that can be looked up and resumed."""

    model_config = ConfigDict(extra="ignore")

    thread_id: str
    request: str
    pattern: str
    status: ThreadStatus
    """stopped: ended before its tail; stored as running, and told by its lock."""
    context: Context
    output: str = ""
    """File name that the user gave."""
    run: str = ""
    """Id of the run in its trail; empty until it ended."""
    trace: str = ""
    """Id of the trace in which it ended; empty where it was not traced."""
    stored: StoredPlan | None = None
    """Stored plan that it runs; None where a planner makes one."""
    created: float
    """Seconds since the epoch."""
    updated: float
    """Seconds since the epoch."""

    @field_validator("context", mode="before")
    @classmethod
    def _known_options(cls, context: object) -> object:
        """Leave out options that this version no longer has: its other runs must stay readable."""
        if not isinstance(context, dict):
            return context
        return {name: value for name, value in context.items() if name in Context.model_fields}

    @property
    def ended(self) -> bool:
        """Did it come to its tail?"""
        return self.status in ("complete", "partial", "failed")


class Threads:
    """The threads of an installation, in the same SQLite file as their checkpoints."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def put(self, thread: Thread) -> Thread:
        """Write a thread, with the time of now as its update."""
        now = thread.model_copy(update={"updated": time.time()})
        with self._db() as db:
            db.execute(
                "INSERT OR REPLACE INTO cliptrail_threads VALUES (?, ?, ?, ?)",
                (now.thread_id, now.created, now.updated, now.model_dump_json()),
            )
        return now

    def all(self) -> list[Thread]:
        """Return every thread, the last one first."""
        with self._db() as db:
            rows = db.execute("SELECT data FROM cliptrail_threads ORDER BY updated DESC")
            threads = [Thread.model_validate_json(row[0]) for row in rows]
        return [self._as_it_stands(thread) for thread in threads]

    def _as_it_stands(self, thread: Thread) -> Thread:
        """Return a thread that nobody runs any more as stopped: by Ctrl-C, an error, or a kill."""
        if thread.status != "running":
            return thread
        with ExitStack() as locks:
            killed = _entered(locks, self.lock(thread.thread_id))
        return thread.model_copy(update={"status": "stopped"}) if killed else thread

    def find(self, name: str) -> Thread:
        """Return a thread by its id or the beginning of it, or by that of its run or trace.

        Args:
            name: empty for the last that can go on.

        Raises:
            UsageError: there is none, or several.
        """
        rows = self.all()
        if name:
            found = [row for row in rows if name in (row.run, row.trace)]
            found += [row for row in rows if row.thread_id.startswith(name)]
            found = [row for row in found if row.thread_id == name] or found
        else:
            found = [row for row in rows if row.status != "complete"][:1]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{len(found)} threads begin with {name!r}.", "Give more of its id.")
        what = f"no thread {name!r}" if name else "nothing to resume"
        raise UsageError(f"There is {what}.", "See: cliptrail threads")

    def remove(self, names: Iterable[str]) -> set[str]:
        """Forget threads with all their checkpoints, in one go.

        Returns:
            The ids of those that were removed: all that no process runs at the moment.
        """
        with ExitStack() as locks:
            held = {name for name in names if _entered(locks, self.lock(name))}
            with self._db() as db:
                for (table,) in db.execute(TABLES_OF_THREADS).fetchall():
                    # The name comes from the file's own catalogue.
                    rows = ((name,) for name in held)
                    db.executemany(f'DELETE FROM "{table}" WHERE thread_id = ?', rows)  # noqa: S608
            for name in held:
                with suppress(OSError):  # some systems keep open files; one left behind is harmless
                    self._lock_file(name).unlink()
        return held

    def compact(self) -> bool:
        """Return the space of what was removed back to the disk.

        Returns:
            False if another process uses the file: then it keeps its size, and is filled again.
        """
        try:
            with closing(sqlite3.connect(self.file, timeout=1, isolation_level=None)) as db:
                db.execute("VACUUM")
                (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise unusable(self.file, error) from error
            return False
        except sqlite3.Error as error:
            raise unusable(self.file, error) from error
        return not busy

    def size(self) -> int:
        """Return the bytes that the saved runs take on the disk."""
        files = (self.file, self.file.with_name(f"{self.file.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def _lock_file(self, thread_id: str) -> Path:
        return self.file.parent / "locks" / f"{thread_id}.lock"

    @contextmanager
    def lock(self, thread_id: str) -> Iterator[None]:
        """Hold a thread, so that no other process runs it at the same time.

        Raises:
            UsageError: another process holds it.
            LibraryError: the folder for locks cannot be used.
        """
        file = self._lock_file(thread_id)
        # Who only looks whether a thread runs holds it for an instant.
        lock = FileLock(file, timeout=GLANCE_S)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise UsageError(
                f"The thread {thread_id} is running in another process.", "Wait until it ends."
            ) from error
        except OSError as error:
            raise unusable(self.file, error) from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _db(self) -> Iterator[sqlite3.Connection]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.file, timeout=10)
        except (OSError, sqlite3.Error) as error:
            raise unusable(self.file, error) from error
        try:
            with db:
                db.execute(SCHEMA)
                yield db
        except sqlite3.Error as error:
            raise unusable(self.file, error) from error
        except ValidationError as error:
            raise unusable(self.file, "a run in it is of another version") from error
        finally:
            db.close()


def _entered(stack: ExitStack, lock: AbstractContextManager[None]) -> bool:
    try:
        stack.enter_context(lock)
    except UsageError:  # another process holds it
        return False
    return True
