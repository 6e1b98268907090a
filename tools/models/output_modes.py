"""The ways to demand structured output, and which of them a server was found to know."""

from collections import OrderedDict
from dataclasses import dataclass, field

METHODS = ("json_schema", "function_calling", "json_mode")
"""Best first. Servers differ in which they honour."""
MOST_PLACES = 64

Place = tuple[str, str]
"""A model's name, and the address where it is asked."""


@dataclass
class OutputModes:
    """What worked last where the best way had failed, for the models asked last."""

    worked: OrderedDict[Place, str] = field(default_factory=OrderedDict)

    def order(self, place: Place) -> tuple[str, ...]:
        """Return the ways to try, the one that worked last time first."""
        first = self.worked.get(place, METHODS[0])
        return (first, *(method for method in METHODS if method != first))

    def remember(self, place: Place, method: str) -> None:
        """Take note that a way worked after another had failed."""
        self.worked[place] = method
        self.worked.move_to_end(place)
        while len(self.worked) > MOST_PLACES:
            self.worked.popitem(last=False)


OUTPUT_MODES = OutputModes()
"""Of this process."""
