"""Where the steps of one dispatch meet, so that each starts when its own inputs are there.

LangGraph's super-steps are barriers: a step sent in the next one would wait for the slowest of
this one. So the dispatcher sends every pending step at once, and each waits here for the results
that it needs. What is handed over here is only ever a shortcut: the same result goes into the
state, and a step that does not get its input here is sent again with the input from the state.
"""

import asyncio
import time
from dataclasses import dataclass, field

from cliptrail.state.steps import StepResult
from cliptrail.tools.sharing import Recent

GRACE_S = 0.05
"""After a restart: how long a step waits for a producer that may have finished before it."""


@dataclass
class Meeting:
    """The steps of one dispatch within this process."""

    complete: bool = False
    """Did the dispatcher name all the steps? Not after a restart: then some are done already."""
    seats: dict[str, asyncio.Future[StepResult | None]] = field(default_factory=dict)

    def seat(self, step: str) -> asyncio.Future[StepResult | None]:
        """Take a step's seat; one that was left without a result is taken anew."""
        loop = asyncio.get_running_loop()
        seat = self.seats.get(step)
        if seat is None or seat.get_loop() is not loop or _left(seat):
            seat = self.seats[step] = loop.create_future()
        return seat

    async def outcome(self, step: str) -> StepResult | None:
        """Wait for a step's result; None if it will not come in this super-step.

        Only the step itself takes its seat anew: one that waited on a fresh seat for a step that
        has left already would wait for ever.
        """
        deadline = time.monotonic() + GRACE_S
        while step not in self.seats:
            if self.complete or time.monotonic() > deadline:
                return None
            await asyncio.sleep(GRACE_S / 10)
        seat = self.seats[step]
        if seat.done():
            return None if _left(seat) else seat.result()
        if seat.get_loop() is not asyncio.get_running_loop():
            return None
        return await asyncio.shield(seat)


def _left(seat: asyncio.Future[StepResult | None]) -> bool:
    return seat.cancelled() or (seat.done() and seat.result() is None)


def leave(seat: asyncio.Future[StepResult | None], result: StepResult | None = None) -> None:
    """Return the step's result to those who wait; None tells them that it is not coming now."""
    if not seat.done():
        seat.set_result(result)


def _goes_on(meeting: Meeting) -> bool:
    """Is a step of it still to come, in a loop that still runs?"""
    return any(not seat.done() and seat.get_loop().is_running() for seat in meeting.seats.values())


_MEETINGS: Recent[tuple[str, int], Meeting] = Recent(busy=_goes_on)


def convene(run: str, round_: int, steps: list[str]) -> None:
    """Name the steps of a dispatch before they start."""
    meeting = _MEETINGS.put((run, round_), Meeting(complete=True))
    for step in steps:
        meeting.seat(step)


def join(run: str, round_: int) -> Meeting:
    """Return the meeting of a dispatch; after a restart, one of which the steps are not known."""
    return _MEETINGS.get((run, round_), Meeting)


def adjourn(run: str) -> None:
    """Forget a run's meetings: it has come to its tail."""
    for key in _MEETINGS:
        if key[0] == run:
            _MEETINGS.drop(key)
