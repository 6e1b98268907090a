"""Passages keep every word, respect their bounds and cut where speech allows it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.errors import UsageError
from cliptrail.state.media import Segment
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.passages import LONG_PAUSE_S, passages
from tests.talks import FILES, segments_in

SPOKEN = (
    "heat the oven to 225 degrees and wait. Dr. Who says um, no! five hundred 3 1/2 cups then "
    "is that it? mm … e.g. salt, not"
)
vocabulary = st.sampled_from(SPOKEN.split())


@st.composite
def captions(draw):
    """Segments in order, some empty, with pauses of up to twice the longest."""
    now, segments = 0.0, []
    for words in draw(st.lists(st.lists(vocabulary, max_size=9), max_size=25)):
        now += draw(st.sampled_from([0.0, 0.0, 0.2, 1.5, 2 * LONG_PAUSE_S]))
        segments.append(Segment(start=now, duration=2.0, text=" ".join(words)))
        now += 2.0
    return segments


bounds = st.tuples(st.integers(1, 20), st.integers(0, 30)).map(lambda b: (b[0], b[0] + b[1]))


@given(captions(), bounds)
def test_no_word_is_lost_or_repeated(segments, limits):
    cut = passages(segments, *limits)
    said = [word for segment in segments for word in segment.text.split()]
    assert [word for passage in cut for word in passage.text.split()] == said


@given(captions(), bounds)
def test_ranges_are_ordered_and_name_what_they_touch(segments, limits):
    cut = passages(segments, *limits)
    for passage in cut:
        assert 0 <= passage.first <= passage.last < len(segments)
        assert passage.start == segments[passage.first].start <= passage.end
        inside = " ".join(s.text for s in segments[passage.first : passage.last + 1])
        assert f" {passage.text} " in f" {' '.join(inside.split())} "
    for left, right in pairwise(cut):
        assert left.last <= right.first


@given(captions(), bounds)
def test_word_bounds_are_kept_where_the_neighbours_allow(segments, limits):
    low, high = limits
    cut = passages(segments, low, high)
    sizes = [len(passage.text.split()) for passage in cut]
    assert all(1 <= size <= high for size in sizes)
    for (a, size_a), (b, size_b) in pairwise(zip(cut, sizes, strict=True)):
        apart = segments[b.first].start - segments[a.last].end >= LONG_PAUSE_S
        assert size_a + size_b > high or min(size_a, size_b) >= low or apart


def captioned(*texts, pause=0.0):
    return [Segment(start=i * (2 + pause), duration=2, text=text) for i, text in enumerate(texts)]


def test_sentences_stay_whole():
    cut = passages(
        captioned("Heat the oven first. Then add the", "flour and the salt. Wait a bit."), 3, 9
    )
    assert [p.text for p in cut] == [
        "Heat the oven first.",
        "Then add the flour and the salt.",
        "Wait a bit.",
    ]
    assert [(p.first, p.last) for p in cut] == [(0, 0), (0, 1), (1, 1)]


def test_abbreviations_do_not_end_sentences():
    cut = passages(captioned("Dr. Chuck says e.g. at 5 p.m. it ends. That is it."), 2, 10)
    assert [p.text for p in cut] == ["Dr. Chuck says e.g. at 5 p.m. it ends.", "That is it."]


def test_unpunctuated_speech_is_cut_at_its_pauses():
    first = "so we take the board out and turn it over"
    second = "here you can see the burnt part quite clearly"
    third = "it comes off with a little hot air now"
    cut = passages(captioned(first, second, third, pause=1.0), 5, 12)
    assert [p.text for p in cut] == [first, second, third]


def test_a_number_stays_with_its_unit():
    number = "two hundred and fifty degrees"
    cut = passages(captioned("word " * 12 + number + " word" * 12), 5, 16)
    assert numbers(number)[0] in [n for p in cut for n in numbers(p.text)]


def test_a_long_silence_always_cuts():
    cut = passages(captioned("one thing", "another thing", pause=LONG_PAUSE_S))
    assert [p.text for p in cut] == ["one thing", "another thing"]


def test_nothing_said_gives_nothing():
    assert passages([]) == []
    assert passages(captioned("", "  ")) == []


def test_impossible_bounds_are_refused():
    with pytest.raises(UsageError, match="5 to 4"):
        passages([], 5, 4)


def test_all_styles_of_speech_give_passages_of_the_wanted_size():
    spaced = [file for file in FILES if "_ja" not in file.stem]  # Japanese has no spaces
    sizes = [len(row.text.split()) for file in spaced for row in passages(segments_in(file))]
    assert sum(12 <= size <= 32 for size in sizes) >= 0.9 * len(sizes)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        (
            "coming down from 350 back to 250 | took 1 hour | and 10 minutes so it is slow",
            "1 hour and",
        ),
        (
            "I put in a clean jar | 25 g of flour | and 25 g of water then it goes back",
            "flour and 25",
        ),
        ("the bottom stays at position 2 | fingers and the top is open a quarter", "2 fingers"),
    ],
)
def test_no_cut_falls_where_speech_can_be_seen_to_go_on(said: str, whole: str) -> None:
    parts = [part.strip() for part in said.split("|")]
    assert any(whole in row.text for row in passages(captioned(*parts), 5, 14))


def test_a_sentence_that_points_back_stays_with_the_one_before_it() -> None:
    tight = "Tighten the two spokes on the right side by a quarter turn each."
    loose = "And loosen the two ones next to them by a quarter turn each."
    assert [row.text for row in passages(captioned(tight, loose))] == [f"{tight} {loose}"]
    apart = "And this wheel has a rim of light metal from a shop in town."
    assert len(passages(captioned(tight, apart))) == 2
