"""Where a run can be forked: the points of its history at which somebody decided."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError

from cliptrail.graphs.registry import patterns
from cliptrail.state.base import Frozen
from cliptrail.state.errors import UsageError
from cliptrail.state.path import Move
from cliptrail.web.access import Called

router = APIRouter(prefix="/runs")

MOST = 300
"""Checkpoints that are looked through, the last ones."""
APPROVAL = "approve"
ALWAYS = frozenset({APPROVAL, "goal_check"})
"""Nodes of which it is known that they decide, beside the one that a pattern names."""
MOVES = TypeAdapter(tuple[Move, ...])

Row = dict[str, Any]


class Point(Frozen):
    """A checkpoint at which a decision was about to be taken."""

    checkpoint_id: str
    kind: Literal["approval", "decision"]
    """approval: of a plan by a person; decision: by whatever coordinates."""
    by: str
    """The node that decides."""
    request: str
    """What the run was asked: a thread can have several."""
    number: int
    """Of the plan that is decided on; of the decision in its run, from 1."""
    moves: tuple[Move, ...] = ()
    """What was decided there; empty where it was a plan, or where nothing is decided yet."""
    created: str


@router.get("/{thread_id}/points")
async def points(thread_id: str, caller: Called) -> tuple[Point, ...]:
    """Return where a run can be gone on from otherwise, the newest first.

    Args:
        thread_id: of the run.
        caller: only their own.
    """
    rows = await caller.history(thread_id, MOST)
    try:
        return tuple(reversed(list(_points(_lineage(rows)))))
    except ValidationError as error:
        raise UsageError("The run is of another version.", "Ask again.") from error


def _lineage(rows: Sequence[Row]) -> list[Row]:
    """Return the checkpoints that led to the newest one, the oldest first, each state once."""
    known = {row["checkpoint"]["checkpoint_id"]: row for row in rows}
    here, led = next(iter(rows), None), []
    while here is not None:
        if here["metadata"].get("source") != "fork":  # those repeat the one that they go on from
            led.append(here)
        parent = here["parent_checkpoint"] or {}
        here = known.get(parent.get("checkpoint_id"))
    return led[::-1]


def _points(rows: Sequence[Row]) -> Iterable[Point]:
    """Return the points among checkpoints that follow each other."""
    deciders = ALWAYS | {row.decides for row in patterns().values()}
    decisions: Counter[str] = Counter()
    for place, row in enumerate(rows):
        values, (by, *others) = row["values"], row["next"] or [""]
        if by not in deciders or others:
            continue
        run, moves = str(values.get("run")), _decided(row, rows[place + 1 :], deciders)
        if values.get("path") and not moves:
            continue  # nothing was left to decide
        asks = by == APPROVAL
        decisions[run] += not asks
        yield Point(
            checkpoint_id=row["checkpoint"]["checkpoint_id"],
            kind="approval" if asks else "decision",
            by=by,
            request=values.get("request", ""),
            number=len(values.get("revisions") or ()) if asks else decisions[run],
            moves=moves,
            created=row["created_at"],
        )


def _decided(point: Row, later: Sequence[Row], deciders: frozenset[str]) -> tuple[Move, ...]:
    """Return the moves from a point to the next one of its run."""
    before = len(point["values"].get("path") or ())
    path: Sequence[Any] = ()
    for row in later:
        if row["values"].get("run") != point["values"].get("run"):
            break
        path = row["values"].get("path") or ()
        if deciders & set(row["next"]):
            break
    return MOVES.validate_python(path[before:])
