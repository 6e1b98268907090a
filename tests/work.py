"""How much work something is, counted so that it does not depend on the machine."""

import sys
from collections.abc import Callable


def counted(work: Callable[[], object]) -> int:
    """How many lines of Python a piece of work takes: it does not depend on the machine."""
    lines = 0

    def trace(_frame: object, event: str, _arg: object) -> object:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        work()
    finally:
        sys.settrace(before)
    return lines
