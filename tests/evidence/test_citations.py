"""Citations: the words of the segments, all of the places, and nothing from elsewhere."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cliptrail.evidence.citations import (
    LONGEST_S,
    SHORTEST_QUOTE,
    Place,
    cite,
    quote,
    runs,
    widened,
)
from cliptrail.evidence.verification import problem
from cliptrail.state.evidence import Citation
from cliptrail.state.media import Transcript
from cliptrail.tools.text.tokens import contains_run, tokens
from tests.nodes.spoken import TALKS, by_id, citation, claim, talk

PLACES = st.lists(st.builds(Place, st.sampled_from("ab"), st.integers(0, 9)), max_size=12)
Cited = tuple[Transcript, list[Place]]


@st.composite
def cited(draw: st.DrawFn) -> Cited:
    row = draw(TALKS)
    numbers = st.lists(st.integers(0, len(row.segments) - 1), min_size=1, max_size=8)
    return row, [Place(row.video.video_id, number) for number in draw(numbers)]


def within(found: Citation, row: Transcript) -> list[str]:
    """The words of the segments that lie wholly within a citation's time."""
    inside = (
        segment.text
        for segment in row.segments
        if found.start <= segment.start and segment.end <= found.end
    )
    return tokens(" ".join(inside))


def stands_in(text: str, words: list[str]) -> bool:
    return not tokens(text) or contains_run(words, tokens(text)) is not None


def as_said(found: Citation, row: Transcript) -> bool:
    """Are its words and times those of one run of segments?"""
    count = range(len(row.segments))
    return any(
        found == quote_of(row, first, last) for first in count for last in count if first <= last
    )


def quote_of(row: Transcript, first: int, last: int) -> Citation:
    rows = row.segments[first : last + 1]
    return Citation(
        video_id=row.video.video_id,
        start=min(segment.start for segment in rows),
        end=max(segment.end for segment in rows),
        quote=" ".join(" ".join(segment.text.split()) for segment in rows),
    )


@given(PLACES)
def test_runs_are_unbroken_apart_and_hold_every_place(places: list[Place]) -> None:
    found = runs(places)
    held = [Place(name, number) for name, first, last in found for number in range(first, last + 1)]
    assert len(held) == len(set(held))
    assert set(held) == set(places)
    assert found == sorted(found)
    starts = {(name, first) for name, first, _ in found}
    assert not any((name, last + 1) in starts for name, _, last in found)


@given(PLACES.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations([*rows, *rows]))))
def test_runs_do_not_depend_on_order_or_repeats(rows: tuple[list[Place], list[Place]]) -> None:
    assert runs(rows[0]) == runs(rows[1])


@given(cited())
def test_a_citation_is_made_of_segments_and_not_too_long(row: Cited) -> None:
    transcript, places = row
    for found in cite(places, by_id(transcript)):
        assert as_said(found, transcript)
        alone = any(
            (segment.start, segment.end) == (found.start, found.end)
            for segment in transcript.segments
        )
        assert found.end - found.start <= LONGEST_S or alone


@given(cited())
def test_every_place_is_cited(row: Cited) -> None:
    transcript, places = row
    found = cite(places, by_id(transcript))
    for place in places:
        segment = transcript.segments[place.segment]
        assert any(
            one.start <= segment.start
            and segment.end <= one.end
            and stands_in(segment.text, tokens(one.quote))
            for one in found
        )


@given(cited())
def test_what_is_cited_stands_there(row: Cited) -> None:
    transcript, places = row
    found = cite(places, by_id(transcript))
    assume(all(len(tokens(one.quote)) >= SHORTEST_QUOTE for one in found))
    assert problem(claim("c", "It is so.", *found), by_id(transcript)) == ""


@given(cited(), st.integers(1, 3))
def test_a_wider_citation_holds_the_narrow_one(row: Cited, by: int) -> None:
    transcript, places = row
    for found in cite(places, by_id(transcript)):
        wider = widened(found, transcript, by)
        assert wider.start <= found.start <= found.end <= wider.end
        assert wider == found or wider.end - wider.start <= LONGEST_S
        assert stands_in(found.quote, tokens(wider.quote))
        assert stands_in(wider.quote, within(wider, transcript))


@pytest.mark.parametrize(
    ("segments", "quotes"),
    [
        ((0,), ["heat the blade in the oven"]),
        ((0, 1), ["heat the blade in the oven then quench it in oil"]),
        (
            (0, 2),
            ["heat the blade in the oven", "then quench it in oil Good. never use cold water"],
        ),
        ((2,), ["then quench it in oil Good. never use cold water"]),
        ((), []),
    ],
    ids=["one", "neighbours", "apart", "too short alone", "none"],
)
def test_places_become_quotes(segments: tuple[int, ...], quotes: list[str]) -> None:
    row = talk(
        "heat the blade in the oven", "then  quench it\nin oil", "Good.", "never use cold water"
    )
    assert [found.quote for found in citation(row, *segments)] == quotes


def test_a_long_run_is_cut_into_several_citations() -> None:
    row = talk(*[f"this is line number {place}" for place in range(50)])
    found = citation(row, *range(50))
    assert [(one.start, one.end) for one in found] == [(0, 100), (100, 200), (200, 250)]


def test_a_short_quote_takes_no_neighbour_from_beyond_a_long_silence() -> None:
    row = talk("Good.", "never use cold water")
    late = row.segments[1].model_copy(update={"start": 500.0})
    apart = row.model_copy(update={"segments": (row.segments[0], late)})
    assert quote(apart, 0, 0).quote == "Good."


def test_a_caption_that_outlasts_the_next_is_quoted_whole() -> None:
    row = talk("heat the blade in the oven", "then quench it in oil")
    long = row.segments[0].model_copy(update={"duration": 30.0})
    over = row.model_copy(update={"segments": (long, row.segments[1])})
    found = citation(over, 0, 1)
    assert [(one.start, one.end) for one in found] == [(0, 30)]
    assert problem(claim("c", "Quench it.", *found), by_id(over)) == ""


def test_where_nothing_is_said_nothing_can_be_widened() -> None:
    beyond = Citation(video_id="one", start=900, end=910, quote="then quench it in oil")
    assert widened(beyond, talk("then quench it in oil"), 2) == beyond
