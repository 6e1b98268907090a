"""The results of the steps of one dispatch, so that each starts when its own inputs are there.

LangGraph's super-steps are barriers: a step sent in the next one would wait for the slowest of
this one. So the dispatcher sends every pending step at once, and each waits here for the results
that it needs. This is only ever a shortcut: the same result goes into the state, and a step that
does not get its input here is sent again with the input from the state.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from cliptrail.state.steps import StepResult

GRACE_S = 0.05
"""After a restart: how long a step waits for a producer that may have finished before it."""

Pending = asyncio.Future[StepResult | None]
"""A result that is to come; None when it is not coming in this round."""


@dataclass
class RoundResults:
    """The results of one round of dispatch within this process."""

    complete: bool = False
    """Did the dispatcher name all the steps? Not after a restart: then some have ended already."""
    steps: dict[str, Pending] = field(default_factory=dict)

    def expect(self, step: str) -> Pending:
        """Return the place for a step's result; a step that starts again gets a new one."""
        loop = asyncio.get_running_loop()
        pending = self.steps.get(step)
        if pending is None or pending.get_loop() is not loop or _gave_nothing(pending):
            pending = self.steps[step] = loop.create_future()
        return pending

    async def wait_for(self, step: str) -> StepResult | None:
        """Wait for a step's result; None if it will not come in this round.

        Only the step itself gets a new place: whoever waited at a new one for a step that has
        ended already would wait for ever.
        """
        deadline = time.monotonic() + GRACE_S
        while step not in self.steps:
            if self.complete or time.monotonic() > deadline:
                return None
            await asyncio.sleep(GRACE_S / 10)
        pending = self.steps[step]
        if pending.done():
            return None if _gave_nothing(pending) else pending.result()
        if pending.get_loop() is not asyncio.get_running_loop():
            return None
        return await asyncio.shield(pending)

    @property
    def in_use(self) -> bool:
        """Is a step still to end, in a loop that still runs?"""
        pending = self.steps.values()
        return any(not row.done() and row.get_loop().is_running() for row in pending)


def _gave_nothing(pending: Pending) -> bool:
    return pending.cancelled() or (pending.done() and pending.result() is None)


def publish(pending: Pending, result: StepResult | None = None) -> None:
    """Give a step's result to those who wait for it; None says that it is not coming now."""
    if not pending.done():
        pending.set_result(result)


@dataclass
class Rounds:
    """The rounds of one run, by number."""

    by_number: dict[int, RoundResults] = field(default_factory=dict)

    @property
    def in_use(self) -> bool:
        """Is a step of any round still to end?"""
        return any(row.in_use for row in self.by_number.values())

    def open(self, number: int, steps: Iterable[str]) -> RoundResults:
        """Begin a round: name its steps before they start."""
        self.by_number[number] = made = RoundResults(complete=True)
        for step in steps:
            made.expect(step)
        return made

    def get(self, number: int) -> RoundResults:
        """Return a round; after a restart, one of which not all steps are known."""
        return self.by_number.setdefault(number, RoundResults())
