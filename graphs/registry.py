"""The patterns: one list for the command line, the server and the tests."""

from collections.abc import Callable
from dataclasses import dataclass

from graphs.base import Builder
from graphs.planner import build as planner


@dataclass(frozen=True)
class Pattern:
    """A way of coordinating agents."""

    name: str
    summary: str
    """Who decides what comes next, and what it is good for."""
    build: Callable[[], Builder]
    decides: str = "dispatch"
    """The node that decides what is done: where a run that ended early goes on."""
    plans: bool = False
    """Does it show a plan, ask for approval, and carry out stored ones?"""


PATTERNS = {
    pattern.name: pattern
    for pattern in (
        Pattern(
            "planner",
            "One planning call and your approval, then nobody decides any more: for batches, "
            "audit and cost.",
            planner,
            decides="planner",
            plans=True,
        ),
    )
}
