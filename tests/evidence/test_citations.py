"""Citations: the words of the segments, all of the places, and nothing from elsewhere."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cliptrail.evidence.citations import (
    BRIDGED,
    LONGEST_S,
    SHORTEST_QUOTE,
    Place,
    cite,
    runs,
    with_further,
)
from cliptrail.evidence.speech import speech
from cliptrail.evidence.verification import problem
from cliptrail.state.media import Transcript
from cliptrail.tools.text.tokens import contains_run, tokens
from tests.nodes.spoken import TALKS, by_id, citation, claim, talk

PLACES = st.lists(st.builds(Place, st.sampled_from("ab"), st.integers(0, 9)), max_size=12)
Cited = tuple[Transcript, list[Place]]


@st.composite
def cited(draw: st.DrawFn) -> Cited:
    row = draw(TALKS.filter(lambda talk: speech(talk).sentences))
    numbers = st.lists(st.integers(0, len(speech(row).sentences) - 1), min_size=1, max_size=8)
    return row, [Place(row.video.video_id, number) for number in draw(numbers)]


def stands_in(text: str, words: list[str]) -> bool:
    return not tokens(text) or contains_run(words, tokens(text)) is not None


@given(PLACES)
def test_runs_are_unbroken_apart_and_hold_every_place(places: list[Place]) -> None:
    found = runs(places)
    held = [Place(name, number) for name, first, last in found for number in range(first, last + 1)]
    assert len(held) == len(set(held))
    bridges = set(held) - set(places)
    assert set(places) <= set(held)
    assert all(
        {Place(row.video_id, row.sentence - 1), Place(row.video_id, row.sentence + 1)}
        <= set(places)
        for row in bridges
    )
    assert found == sorted(found)
    starts = {(name, first) for name, first, _ in found}
    near = range(1, BRIDGED + 2)
    assert not any((name, last + step) in starts for name, _, last in found for step in near)


@given(PLACES.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations([*rows, *rows]))))
def test_runs_do_not_depend_on_order_or_repeats(rows: tuple[list[Place], list[Place]]) -> None:
    assert runs(rows[0]) == runs(rows[1])


@given(cited())
def test_a_citation_has_the_words_of_its_sentences_and_the_times_of_their_captions(
    row: Cited,
) -> None:
    transcript, places = row
    said = speech(transcript)
    for found in cite(places, by_id(transcript)):
        assert said.text.count(found.quote)
        starts = {segment.start for segment in transcript.segments}
        ends = {segment.end for segment in transcript.segments}
        assert found.start in starts
        assert found.end in ends
        alone = found.quote in {said.text[s.begin : s.stop] for s in said.sentences}
        assert found.end - found.start <= LONGEST_S or alone


@given(cited())
def test_every_sentence_is_cited_whole(row: Cited) -> None:
    transcript, places = row
    said = speech(transcript)
    found = cite(places, by_id(transcript))
    for place in places:
        sentence = said.sentences[place.sentence]
        words = tokens(said.text[sentence.begin : sentence.stop])
        assert any(not words or contains_run(tokens(one.quote), words) is not None for one in found)


@given(cited())
def test_what_is_cited_stands_there(row: Cited) -> None:
    transcript, places = row
    found = cite(places, by_id(transcript))
    assume(all(len(tokens(one.quote)) >= SHORTEST_QUOTE for one in found))
    assert problem(claim("c", "It is so.", *found), by_id(transcript)) == ""


@given(cited(), st.data())
def test_a_further_sentence_is_cited_and_none_is_lost(row: Cited, data: st.DataObject) -> None:
    transcript, places = row
    said = speech(transcript)
    before = cite(places, by_id(transcript))
    further = data.draw(st.integers(0, len(said.sentences) - 1))
    after = with_further(before, said, further)
    for quote in [*(one.quote for one in before), said.cite(said.range_of(further, further)).quote]:
        assert any(stands_in(quote, tokens(one.quote)) for one in after)


def test_a_part_of_a_caption_is_quoted_alone() -> None:
    row = talk(
        "We are back at the forge. Heat the oil to 220 degrees. Then quench the blade in it. Bye!"
    )
    assert [one.quote for one in cite([Place("one", 1)], by_id(row))] == [
        "Heat the oil to 220 degrees."
    ]
    assert problem(claim("c", "220 °F", *cite([Place("one", 1)], by_id(row))), by_id(row)) == ""


@pytest.mark.parametrize(
    ("segments", "quotes"),
    [
        ((0,), ["heat the blade in the oven"]),
        ((0, 1), ["heat the blade in the oven then quench it in oil"]),
        ((0, 2), ["heat the blade in the oven then quench it in oil Good."]),
        ((0, 3), ["heat the blade in the oven", "never use cold water"]),
        ((2,), ["then quench it in oil Good. never use cold water"]),
        ((), []),
    ],
    ids=["one", "neighbours", "bridged", "apart", "too short alone", "none"],
)
def test_places_become_quotes(segments: tuple[int, ...], quotes: list[str]) -> None:
    row = talk(
        "heat the blade in the oven", "then  quench it\nin oil", "Good.", "never use cold water"
    )
    assert [found.quote for found in citation(row, *segments)] == quotes


def test_a_long_run_is_cut_into_several_citations() -> None:
    row = talk(*[f"this is line number {place}" for place in range(50)])
    found = citation(row, *range(50))
    assert [(one.start, one.end) for one in found] == [(0, 99), (100, 199), (200, 249)]


def test_a_short_quote_takes_no_neighbour_from_beyond_a_long_silence() -> None:
    row = talk("Good.", "never use cold water")
    late = row.segments[1].model_copy(update={"start": 500.0})
    apart = row.model_copy(update={"segments": (row.segments[0], late)})
    assert [one.quote for one in citation(apart, 0)] == ["Good."]


def test_a_caption_that_outlasts_the_next_is_quoted_whole() -> None:
    row = talk("heat the blade in the oven", "then quench it in oil")
    long = row.segments[0].model_copy(update={"duration": 30.0, "text": "Heat the blade now."})
    over = row.model_copy(update={"segments": (long, row.segments[1])})
    found = citation(over, 0, 1)
    assert [(one.start, one.end) for one in found] == [(0, 30)]
    assert problem(claim("c", "Quench it.", *found), by_id(over)) == ""
