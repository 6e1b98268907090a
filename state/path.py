"""The path of a run: who decided what, and why, where a run decides as it goes."""

from collections.abc import Iterable
from typing import Literal

from cliptrail.state.base import Frozen

Turn = Literal[
    "assign", "handoff", "fan_out", "join", "complete", "reject", "retry", "finish", "close"
]
"""assign: gave work to others; handoff: handed on; fan_out: to several at once; join: put their
results together; complete: the goal is met; reject: did not take the work; retry: once more, in
other words; finish: nothing more is needed; close: brought to an end by a limit."""


class Move(Frozen):
    """One decision on the way."""

    by: str
    """Who decided: a coordinator, or the agent whose work was judged."""
    turn: Turn
    to: tuple[str, ...] = ()
    """Agents, or ids of steps, that go on."""
    intent: str = ""
    """What should be done, in words."""
    reason: str = ""


def path_text(path: Iterable[Move]) -> str:
    """Return a path on one line: "search(handoff) → transcript(handoff) → extract(complete)"."""
    return " → ".join(f"{row.by}({row.turn})" for row in path)
