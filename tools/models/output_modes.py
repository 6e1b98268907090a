"""The ways to demand structured output, and which of them a server was found to know."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

METHODS = ("json_schema", "function_calling", "json_mode")
"""Best first. Servers differ in which they honour."""
MOST_PLACES = 64

Place = tuple[str, str]
"""A model's name, and the address where it is asked."""


MISFITS = 2
"""Misfit answers in a row after which a way counts as one that the server does not know."""


@dataclass
class OutputModes:
    """What worked last where a server refused the best way, for the models asked last.

    An answer that does not fit is the model's slip and no reason to ask otherwise from then on,
    unless it happens again and again.
    """

    worked: OrderedDict[Place, str] = field(default_factory=OrderedDict)
    misfits: OrderedDict[Place, int] = field(default_factory=OrderedDict)
    """Misfit answers in a row in the way that is tried first."""

    def order(self, place: Place) -> tuple[str, ...]:
        """Return the ways to try, the one that worked last time first."""
        first = self.worked.get(place, METHODS[0])
        return (first, *(method for method in METHODS if method != first))

    def fitted(self, place: Place) -> None:
        """Take note that the way that is tried first worked."""
        self.misfits.pop(place, None)

    def remember(self, place: Place, method: str, *, refused: bool = True) -> None:
        """Take note that a way worked after the one that is tried first had failed.

        Args:
            place: the model, and where it was asked.
            method: what worked.
            refused: did the server refuse or ignore the first way, or did the answer not fit?
        """
        if not refused:
            _count(self.misfits, place, self.misfits.get(place, 0) + 1)
        if refused or self.misfits[place] >= MISFITS:
            self.fitted(place)
            _count(self.worked, place, method)

    def forget(self) -> None:
        """Forget every server."""
        self.worked.clear()
        self.misfits.clear()


def _count(rows: OrderedDict[Place, T], place: Place, value: T) -> None:
    rows[place] = value
    rows.move_to_end(place)
    while len(rows) > MOST_PLACES:
        rows.popitem(last=False)


OUTPUT_MODES = OutputModes()
"""Of this process."""
