"""Which claims of several answers are kept, where there are more than were asked for."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")


def best(
    answers: Sequence[Sequence[T]],
    limit: int,
    *,
    sound: Callable[[T], bool],
    group: Callable[[T], Hashable],
    relevance: Callable[[T], float],
) -> tuple[list[T], list[T]]:
    """Choose from several answers, each with its best first.

    What holds comes before what does not; among what holds, the best of each group comes first,
    so that none starves. Of equally relevant rows the first of each answer come before the
    second of each.

    Args:
        answers: rows of each answer, its best first.
        limit: most rows to keep.
        sound: does a row hold?
        group: what a row is about.
        relevance: how well it answers, on one scale for all answers.

    Returns:
        What is kept and what is left out, each in the order of choice.
    """
    ranked = sorted(_in_turn(answers), key=lambda row: -relevance(row))
    seen: set[Hashable] = set()
    firsts, others, unsound = [], [], []
    for row in ranked:
        if not sound(row):
            unsound.append(row)
        elif group(row) in seen:
            others.append(row)
        else:
            seen.add(group(row))
            firsts.append(row)
    chosen = [*firsts, *others, *unsound]
    return chosen[:limit], chosen[limit:]


def _in_turn(lists: Sequence[Sequence[T]]) -> list[T]:
    """Return the first of each list, then the second of each, and so on."""
    longest = max(map(len, lists), default=0)
    return [rows[place] for place in range(longest) for rows in lists if place < len(rows)]
