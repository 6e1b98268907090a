"""What a coordinator remembers: as much as fits, the newest longest, the same every time."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cliptrail.nodes.common.prompt_memory import Blocks, Piece, fitted, result, turn

ROWS = st.dictionaries(st.sampled_from(["brief", "why"]), st.text(max_size=60), max_size=2)
PIECES = st.lists(
    st.builds(
        lambda block, number, row: Piece(
            block, {"step": str(number), **row}, {"step": str(number)}
        ),
        st.sampled_from(["conversation", "earlier", "found"]),
        st.integers(0, 99),
        ROWS,
    ),
    max_size=12,
)


def length(blocks: Blocks) -> int:
    return len(json.dumps(blocks))


@given(PIECES, st.integers(0, 1500))
def test_it_keeps_to_the_limit_or_says_that_it_cannot(pieces: list[Piece], limit: int) -> None:
    memory = fitted(pieces, lambda blocks: length(blocks) <= limit)
    if memory is not None:
        assert length(memory.blocks) <= limit
        assert memory == fitted(pieces, lambda blocks: length(blocks) <= limit)
    else:
        nothing = {piece.block: [{"left_out": 1}] for piece in pieces}
        assert limit < length(nothing) + 5 * len(nothing)


@given(PIECES, st.integers(0, 1500))
def test_every_piece_is_told_or_counted_the_oldest_the_shortest(
    pieces: list[Piece], limit: int
) -> None:
    memory = fitted(pieces, lambda blocks: length(blocks) <= limit)
    if memory is None:
        return
    gone, short = memory.left_out, memory.shortened
    assert gone == 0 or gone + short == len(pieces)
    for block, rows in memory.blocks.items():
        told = [row for row in rows if "left_out" not in row]
        counted = sum(row.get("left_out", 0) for row in rows)
        own = [place for place, piece in enumerate(pieces) if piece.block == block]
        assert counted == sum(place < gone for place in own)
        assert told == [
            pieces[place].short if place < gone + short else pieces[place].whole
            for place in own
            if place >= gone
        ]


@given(PIECES)
def test_what_fits_is_told_whole(pieces: list[Piece]) -> None:
    memory = fitted(pieces, lambda _: True)
    assert memory
    assert (memory.shortened, memory.left_out) == (0, 0)
    assert sum(map(len, memory.blocks.values())) == len(pieces)


def test_a_turn_in_short_is_its_request() -> None:
    row = {"request": "How? " * 100, "question": "What?", "status": "complete", "answer": "So."}
    piece = turn(row)
    assert (piece.block, piece.whole) == ("conversation", row)
    assert set(piece.short) == {"request", "status"}
    assert len(piece.short["request"]) == 80


def test_a_result_in_short_still_names_what_can_be_referred_to() -> None:
    videos = [{"id": "one", "title": "Oil", "minutes": 3}, "and 4 more"]
    row = {"step": "search_1", "agent": "search", "brief": "Look.", "status": "done"}
    found = result("earlier", {**row, "gave": {"videos": videos}})
    assert found.short == {
        "step": "search_1",
        "agent": "search",
        "status": "done",
        "gave": {"videos": [{"id": "one"}]},
    }
    claims: dict[str, Any] = {"verified": 3, "sections": {"oil": 3}, "first": ["55 °C"]}
    said = result("found", {**row, "gave": {"claims": claims}, "why": "slow"})
    assert said.short["gave"] == {"claims": {"verified": 3}}
    assert "why" not in said.short
    assert result("found", {**row, "gave": {"answer": "oil"}}).short.get("gave") is None
