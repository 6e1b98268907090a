"""How a command is stopped from outside: by Ctrl-C, or by SIGTERM, which does no less."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

EXIT_INTERRUPTED = 130
"""Stopped by Ctrl-C."""
EXIT_TERMINATED = 143
"""Stopped by SIGTERM, as a service manager or a time limit sends it."""


@dataclass
class Stopped:
    """Whether SIGTERM came: then nothing goes on."""

    for_good: bool = False


@contextmanager
def stoppable() -> Iterator[Stopped]:
    """Let SIGTERM stop what is done as Ctrl-C does: the terminal is left as it was found.

    Raises:
        SystemExit: it was stopped; with 130 or 143.
    """
    stopped = Stopped()

    def stop(_: int, frame: FrameType | None) -> None:
        if stopped.for_good:
            return  # it is stopping already, and must come to the end of that
        stopped.for_good = True
        # The loop's own way, if it has one; a job in the background ignores Ctrl-C.
        interrupt = signal.getsignal(signal.SIGINT)
        if not callable(interrupt):
            raise KeyboardInterrupt
        interrupt(signal.SIGINT, frame)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield stopped
    except KeyboardInterrupt:
        code = EXIT_TERMINATED if stopped.for_good else EXIT_INTERRUPTED
        raise SystemExit(code) from None
    finally:
        signal.signal(signal.SIGTERM, stop if stopped.for_good else before)
