"""The list of runs, written by several processes at once."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from cliptrail.tools.threads import Threads
from tests.limits import SOON

WRITER = """
import sys
from pathlib import Path
from cliptrail.state.context import Context
from cliptrail.tools.threads import Thread, Threads

threads = Threads(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(10):
    threads.put(Thread(thread_id=f"{sys.argv[2]}-{number}", request="?", pattern="planner",
                       status="running", context=Context(), created=1.0, updated=0.0))
"""


def started(file: Path, name: str) -> subprocess.Popen[str]:
    """A process that will write ten threads when it is told to."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", WRITER, str(file), name]
    writer = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert writer.stdout
    assert writer.stdout.readline() == "ready\n"
    return writer


def go(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin
    writer.stdin.write("go\n")
    writer.stdin.flush()


@pytest.mark.slow
def test_writers_in_several_processes_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "data" / "runs.sqlite"
    with ExitStack() as stack:
        writers = [stack.enter_context(started(file, name)) for name in "abc"]
        for writer in writers:
            go(writer)
        ended = [(*writer.communicate(timeout=SOON), writer.returncode) for writer in writers]
    assert ended == [("", "", 0)] * 3
    names = {row.thread_id for row in Threads(file).all()}
    assert names == {f"{name}-{number}" for name in "abc" for number in range(10)}
