"""What a coordinator remembers, made to fit into its prompt: what is older is shortened first.

The same memory and the same limit always give the same prompt.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Blocks = dict[str, list[Row]]
LONGEST_REQUEST = 80
"""Characters of a request that is told in short."""


@dataclass(frozen=True)
class Piece:
    """Something older, as a prompt may show it."""

    block: str
    """The part of the prompt that it belongs to."""
    whole: Row
    short: Row


@dataclass(frozen=True)
class Fitted:
    """A memory that fits."""

    blocks: Blocks
    shortened: int
    """Pieces that are shown in short."""
    left_out: int
    """Pieces of which only the number is shown."""

    def told(self, who: str) -> str:
        """Return, for the trail, what a coordinator was not told in full; empty if nothing."""
        if not self.shortened and not self.left_out:
            return ""
        return (
            f"Of what is older the {who} was told {self.shortened} in short and "
            f"{self.left_out} not at all, to keep its prompt within the limit."
        )


LONGER = "Raise --max-context, or ask more briefly."
"""What can be done about a prompt that cannot be short enough."""


def too_long(who: str, size: int, limit: int) -> str:
    """Return the message that a prompt cannot be made short enough; sizes in tokens."""
    return f"The {who}'s prompt needs {size} tokens without anything older; {limit} are allowed."


def fitted(pieces: Sequence[Piece], fits: Callable[[Blocks], bool]) -> Fitted | None:
    """Shorten a memory as little as necessary: first to short pieces, then to none.

    Args:
        pieces: the oldest first.
        fits: is the prompt within its limit with these?

    Returns:
        What the prompt should hold; None if it does not fit even without any of them.
    """
    stages = range(2 * len(pieces) + 1)
    # Each stage is shorter than the one before, but for the number of what was left out.
    first = bisect_left(stages, True, key=lambda stage: fits(_shown(pieces, stage)))
    stage = next((row for row in stages[first:] if fits(_shown(pieces, row))), None)
    if stage is None:
        return None
    gone = max(0, stage - len(pieces))
    return Fitted(_shown(pieces, stage), min(stage, len(pieces)) - gone, gone)


def _shown(pieces: Sequence[Piece], stage: int) -> Blocks:
    """The memory after so many steps of shortening, the oldest piece first in each round."""
    blocks: Blocks = {}
    gone = stage - len(pieces)
    for place, piece in enumerate(pieces):
        rows = blocks.setdefault(piece.block, [])
        if place >= gone:
            rows.append(piece.short if place < stage else piece.whole)
        elif rows:
            rows[0] = {"left_out": rows[0]["left_out"] + 1}
        else:
            rows.append({"left_out": 1})
    return blocks


def turn(row: Row) -> Piece:
    """Return an earlier turn of a conversation as a piece: in short, its request."""
    short = {**row, "request": row["request"][:LONGEST_REQUEST]}
    kept = {name: value for name, value in short.items() if name in ("request", "status")}
    return Piece("conversation", row, kept)


def result(block: str, row: Row) -> Piece:
    """Return how a step ended as a piece: in short, which videos it holds or how many claims.

    Args:
        block: the part of the prompt that it belongs to.
        row: as `result_summaries` returns it.
    """
    short: Row = {name: row[name] for name in ("step", "agent", "status") if name in row}
    if gave := _in_short(row.get("gave")):
        short["gave"] = gave
    return Piece(block, row, short)


def _in_short(gave: Any) -> Row:
    if not isinstance(gave, dict):
        return {}
    short: Row = {}
    for name in ("videos", "transcripts"):
        if isinstance(rows := gave.get(name), list):
            short[name] = [{"id": row["id"]} for row in rows if isinstance(row, dict)]
    if isinstance(claims := gave.get("claims"), dict):
        short["claims"] = {"verified": claims.get("verified", 0)}
    return short
