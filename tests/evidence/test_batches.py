"""Splitting: every prompt fits, nothing is lost, order stays, and estimates split the same way."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import BaseModel

from cliptrail.evals.repeat import FOUNDING
from cliptrail.evidence.batches import (
    LEAST_ROOM,
    TOKENS_A_TRANSCRIPT,
    Batch,
    batches,
    expected,
    lines_size,
    room,
    split,
)
from cliptrail.evidence.speech import speech
from cliptrail.prompts import extract
from cliptrail.state.drafts import CritiqueDraft, ExtractDraft
from cliptrail.state.errors import UsageError
from cliptrail.state.media import Segment, Transcript, Video
from cliptrail.tools.library.bundled import bundled_transcripts
from cliptrail.tools.models.gateway import count_tokens
from cliptrail.tools.models.roles import role
from cliptrail.tools.settings import settings
from tests.nodes.spoken import TALKS

GROUPS = st.lists(st.lists(st.integers(1, 50), max_size=8), max_size=8)


@given(GROUPS, st.integers(60, 300), st.integers(0, 10), st.none() | st.integers(1, 5))
def test_every_item_stands_in_one_part_that_holds_it_in_order(
    groups: list[list[int]], space: int, head: int, most: int | None
) -> None:
    parts = split(groups, space, heads=[head] * len(groups), most=most)
    everything = [(place, n) for place, group in enumerate(groups) for n in range(len(group))]
    assert [item for part in parts for item in part] == everything
    for part in parts:
        assert part
        assert most is None or len(part) <= most
        heads = head * len({place for place, _ in part})
        assert heads + sum(groups[place][number] for place, number in part) <= space


@given(GROUPS, st.integers(60, 300))
def test_what_can_stay_together_does(groups: list[list[int]], space: int) -> None:
    for before, after in pairwise(split(groups, space)):
        last, first = before[-1][0], after[0][0]
        assert last != first or sum(groups[last]) > space


def texts(parts: list[Batch]) -> dict[tuple[str, int], str]:
    """The sentences that the parts show, put together again."""
    found: dict[tuple[str, int], str] = {}
    for part in parts:
        for piece in part.pieces:
            place = (piece.place.video_id, piece.place.sentence)
            found[place] = found.get(place, "") + piece.text
    return found


def long_talk(words: str) -> Transcript:
    segments = tuple(Segment(start=n, duration=1, text=words) for n in range(3))
    return Transcript(
        video=Video(video_id="long", title="Any", channel="频道" * 80), segments=segments
    )


@given(
    st.lists(TALKS, min_size=1, max_size=3),
    st.sampled_from(["猪里脊", "heat it ", "🔥", "<", "x" * 40]),
    st.integers(0, 600),
    st.integers(700, 3_000),
)
def test_transcripts_are_split_and_never_cut(
    talks: list[Transcript], words: str, times: int, space: int
) -> None:
    read = {str(place): row for place, row in enumerate([*talks, long_talk(words * times)])}
    parts = batches(read, space)
    assert all(lines_size(part.shown()) <= space for part in parts)
    said = {
        (name, place): spoken.text[sentence.begin : sentence.stop]
        for name, row in read.items()
        for spoken in [speech(row)]
        for place, sentence in enumerate(spoken.sentences)
    }
    assert texts(parts) == said
    seen = [piece.number for part in parts for piece in part.pieces]
    assert seen == sorted(seen)
    assert set(seen) == set(range(1, len(said) + 1))
    assert [part.shown() for part in batches(read, space)] == [part.shown() for part in parts]


def test_without_room_it_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="CLIPTRAIL_CONTEXT_TOKENS"):
        room([HumanMessage("how " * 3_000)], CritiqueDraft, 3_000)
    with pytest.raises(UsageError, match="CLIPTRAIL_CONTEXT_TOKENS"):
        batches({"long": long_talk("a")}, LEAST_ROOM)


@given(st.integers(2_000, 9_000), st.integers(0, 300))
def test_room_is_what_the_frame_leaves(context: int, words: int) -> None:
    frame = [HumanMessage("word " * words)]
    left = room(frame, CritiqueDraft, context)
    assert LEAST_ROOM <= left < context - count_tokens(frame, None)


def test_estimates_split_as_runs_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def calls(rows: int, context: int) -> float:
        monkeypatch.setenv("CLIPTRAIL_CONTEXT_TOKENS", str(context))
        settings.cache_clear()
        cost = expected("extract", rows, 4_000)
        assert cost.output_tokens == cost.calls * role("extract").output_tokens
        assert cost.input_tokens > rows * 4_000
        return cost.calls

    assert [calls(rows, 100_000) for rows in (0, 1, 8, 24)] == [1, 1, 1, 2]
    assert calls(8, 6_000) > 8 > calls(8, 30_000) > 1


def sent(messages: Sequence[BaseMessage], answer: type[BaseModel]) -> float:
    """Tokens of a prompt and its schema where four characters make one, as in English prose."""
    text = "".join(str(row.content) for row in messages)
    return (len(text) + len(json.dumps(answer.model_json_schema()))) / 4


@pytest.mark.parametrize("rows", [1, 3, 6, 20])
def test_an_estimate_is_near_what_is_sent(rows: int) -> None:
    """Between half and twice of it, for the founding request on any of the bundled transcripts."""
    spoken = sorted(bundled_transcripts(), key=lambda row: row.video.channel not in FOUNDING)[:rows]
    parts = batches({row.video.video_id: row for row in spoken}, 90_000)
    facts = ["temperatures", "timing", "grill set-up"]
    real = sum(
        sent(extract.render(FOUNDING, facts, "Find them.", part.shown(), 20), ExtractDraft)
        for part in parts
    )
    estimate = expected("extract", rows, TOKENS_A_TRANSCRIPT)
    assert estimate.calls == len(parts)
    assert 0.5 < estimate.input_tokens / real < 2
    counted = sum(
        count_tokens(extract.render(FOUNDING, facts, "Find them.", part.shown(), 20), ExtractDraft)
        for part in parts
    )
    assert 1 < counted / real < 2
