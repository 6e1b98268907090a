"""Runs `cliptrail` for tests: as a process of its own, in this one, or at a pseudo-terminal."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from typer.testing import CliRunner

from cliptrail.cli.app import app
from cliptrail.running import new_thread
from cliptrail.state.context import Context
from cliptrail.state.trail import Trail
from cliptrail.tools.checkpoints import open_saver
from cliptrail.tools.settings import settings
from cliptrail.tools.threads import Threads, ThreadStatus
from tests.limits import SOON

REQUEST = (
    "How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. "
    "I need temperatures, timing and the grill set-up. Save to pork_loin_guide.md"
)
SAMPLES = ("--library", "samples")
AUTO = (*SAMPLES, "--approve", "auto")
CHOICES = "[a]pprove, [e]dit, [r]eject with a reason, [q]uit and decide later"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.out + self.err, self.err

    @property
    def thread(self) -> str:
        """The thread that it says how to resume."""
        found = re.search(r"cliptrail resume (\w+)", self.err)
        assert found, self.err
        return found[1]


def invoke(*arguments: str, answers: str = "") -> Ran:
    """Run a command in this process, where a process of its own would show nothing more."""
    result = CliRunner().invoke(app, list(arguments), input=answers)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def is_one_error(ran: Ran, code: int, *words: str) -> None:
    """Check that a command ended with an error of one line, which says these words.

    A run first says what is asked; what only its engine can find wrong comes after that.
    """
    assert ran.code == code
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert lines.pop().startswith("Error: ")
    assert all(line.startswith("Looking for answers ") for line in lines)
    for part in words:
        assert part in ran.err


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cliptrail.cli.main", *arguments]


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What a process of its own gets; it must allow itself any path."""
    ours = {name: value for name, value in os.environ.items() if name != "CLIPTRAIL_ANY_PATH"}
    return {**ours, **variables}


def cliptrail(
    *arguments: str,
    answers: str = "",
    folder: Path = Path(),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Ran:
    """Run a command in a process of its own, to its end."""
    done = subprocess.run(
        command(*arguments),
        input=answers,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(variables),
        timeout=SOON,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def trail_in(file: Path) -> Trail:
    return Trail.model_validate_json(file.read_bytes())


def finished(trail: Trail) -> dict[str, Any]:
    """What is known of each step that is done: the same later, if it did not run again."""
    return {row.id: row.model_dump() for row in trail.audit if row.outcome == "done"}


def statuses() -> dict[str, str]:
    """How each thread stands, the last one first."""
    rows = json.loads(invoke("threads", "--json").out)
    return {row["thread_id"]: row["status"] for row in rows}


def record(thread_id: str, status: ThreadStatus = "running", request: str = "Which loin?") -> None:
    """Note a run, as a process that started it would."""
    thread = new_thread(request, "planner", Context(library="samples"), "", None)
    changed = thread.model_copy(update={"thread_id": thread_id, "status": status})
    Threads(settings().runs_file).put(changed)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def steps_saved(thread: str) -> set[str]:
    """The steps of a dispatch under way whose results lie on the disk already."""
    async with open_saver(settings().runs_file) as saver:
        saved = await saver.aget_tuple({"configurable": {"thread_id": thread}})
    rows = (saved and saved.pending_writes) or []
    return {name for _, channel, value in rows if channel == "results" for name in value}


@dataclass
class Process:
    """A command that goes on while the test looks at it."""

    process: subprocess.Popen[bytes]
    screen: int
    """Descriptor from which comes what it shows."""
    keyboard: IO[bytes]
    shown: str = ""
    read: int = field(default=0)
    """How much of `shown` an earlier `until` took."""

    def until(self, text: str) -> str:
        """Wait until a text is shown; give what was shown since the last one, with it."""
        deadline = time.monotonic() + SOON
        while text not in self.shown[self.read :]:
            assert time.monotonic() < deadline, self.shown
            assert self._more() or text in self.shown[self.read :], self.shown
        start, self.read = self.read, self.shown.index(text, self.read) + len(text)
        return self.shown[start : self.read]

    def _more(self) -> bool:
        """Read what there is; False at the end."""
        if not select.select([self.screen], [], [], 1)[0]:
            return True
        try:
            data = os.read(self.screen, 65536)
        except OSError:  # how a pseudo-terminal says that nobody is there any more
            return False
        self.shown += _plain(data)
        return bool(data)

    def type(self, line: str) -> None:
        self.keyboard.write(f"{line}\n".encode())
        self.keyboard.flush()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C, or send another signal, until it ends, and give its exit code.

        One that comes between Python's look for signals and the reading of a line is seen only
        when the next one ends the reading.
        """
        deadline = time.monotonic() + SOON
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self.send(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(2)
        return self.end()

    def end(self) -> int:
        """Wait for its end and give its exit code."""
        while self._more():
            pass
        assert "Traceback" not in self.shown, self.shown
        return self.process.wait(SOON)


def _plain(data: bytes) -> str:
    """What a terminal would show, without its control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode(errors="replace"))


@contextmanager
def in_background(*arguments: str, **variables: str) -> Iterator[Process]:
    """A command with pipes at both ends; `shown` is what it says on stderr."""
    started = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(variables),
    )
    assert started.stdin is not None
    assert started.stderr is not None
    with started, _ended(started):
        yield Process(started, started.stderr.fileno(), started.stdin)


@contextmanager
def at_terminal(*arguments: str, **variables: str) -> Iterator[Process]:
    """A command at a pseudo-terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (60, 200))
    started = subprocess.Popen(
        command(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment({"TERM": "xterm", **variables}),
    )
    os.close(theirs)
    with started, _ended(started), os.fdopen(ours, "r+b", buffering=0) as terminal:
        yield Process(started, ours, terminal)


@contextmanager
def _ended(started: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        if started.poll() is None:
            started.kill()
