"""The check of claims: what does not stand in the transcript is told, and mended if it can be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.citations import Place, cite
from cliptrail.evidence.verification import problem, repaired, verify
from cliptrail.state.evidence import Citation, Claim
from cliptrail.tools.text.tokens import STOP_WORDS
from cliptrail.tools.text.units import UNITS
from tests.nodes.spoken import by_id, citation, claim, said, talk
from tests.work import counted

ROW = talk(
    "heat the oil to 55 degrees",
    "and leave the blade in it",
    "for ten minutes at the most",
    "after that the steel is soft again",
    "so do not answer the phone",
    "once I ruined 3 knives in a week",
)
READ = by_id(ROW)
Change = Callable[[Claim], Claim]


def placed(**changes: object) -> Change:
    """A change of the claim's first citation."""

    def change(row: Claim) -> Claim:
        wrong = row.citations[0].model_copy(update=changes)
        return row.model_copy(update={"citations": (wrong, *row.citations[1:])})

    return change


def worded(text: str) -> Change:
    return lambda row: row.model_copy(update={"text": text})


def test_words_of_the_transcript_hold() -> None:
    row = said("c", ROW, 0)
    assert (row.verified, row.reason) == (True, "")
    assert repaired(row, READ) == (row, "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (worded("Heat the oil to 65 degrees"), "The cited words do not say 65."),
        (worded("Heat it to 55 or 60 for 90 s"), "The cited words do not say 60, 90."),
        (worded("Heat it to fifty six degrees"), "The cited words do not say fifty six."),
        (placed(quote="heat the water to 55 degrees"), "The quoted words do not stand there."),
        (placed(quote="heat oil to 55 degrees"), "The quoted words do not stand there."),
        (placed(quote="55 degrees"), "The quote is too short to say anything."),
        (placed(quote=""), "The quote is too short to say anything."),
        (placed(start=900.0, end=910.0), "Nothing is said in one from 900 s on."),
        (placed(start=5.0, end=0.0), "Nothing is said in one from 5 s on."),
        (placed(start=10.0, end=15.0), "The quoted words do not stand there."),
        (placed(video_id="two"), "The video two was not read."),
        (lambda row: row.model_copy(update={"citations": ()}), "It cites nothing."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_change_makes_it_unverified_with_the_reason(change: Change, reason: str) -> None:
    wrong = change(said("c", ROW, 0))
    checked = verify(wrong, READ)
    assert (checked.verified, checked.reason) == (False, reason)
    assert checked.text == wrong.text


@given(st.sampled_from(range(len(ROW.segments))), st.integers(0, 6), st.sampled_from(["lava", "7"]))
def test_no_other_word_passes_for_a_quoted_one(segment: int, at: int, other: str) -> None:
    row = said("c", ROW, segment)
    words = row.citations[0].quote.split()
    words[at % len(words)] = other
    wrong = placed(quote=" ".join(words))(row)
    assert problem(wrong, READ) == "The quoted words do not stand there."


@pytest.mark.parametrize(
    "text",
    [
        "Heat the oil to fifty-five degrees",
        "Heat the oil to 55 °F",
        "Heat the oil to 55.0 degrees",
        "One blade, 55 degrees",
    ],
)
def test_numbers_agree_however_they_are_written(text: str) -> None:
    assert verify(claim("c", text, *citation(ROW, 0)), READ).verified


@pytest.mark.parametrize("text", ["Leave it in for 10 minutes", "Leave it in for ten minutes"])
def test_a_number_in_the_next_sentence_is_taken_in(text: str) -> None:
    row, repair = repaired(claim("c", text, *citation(ROW, 1)), READ)
    assert row.verified
    assert [one.quote for one in row.citations] == [
        f"{ROW.segments[1].text} {ROW.segments[2].text}"
    ]
    assert "cited too, at 0:05" in repair


def test_a_number_is_cited_where_it_is_said_of_the_same_thing() -> None:
    row = talk(
        "let the crust brown well",
        "it took 45 minutes",
        "the grill was fine",
        "the log burns at 45 too",
    )
    found, _ = repaired(claim("c", "The log burns at 45.", *citation(row, 0)), by_id(row))
    assert found.citations[-1].quote == "the log burns at 45 too"


def test_a_number_from_far_away_gets_a_citation_of_its_own_the_nearest_one() -> None:
    lines = [f"we talk about something else in place {n} of it" for n in range(500, 800)]
    read = by_id(row := talk("set the oven to 350 then", *lines, "set the oven to 350 now", *lines))
    far, how = repaired(claim("c", "The oven is at 350 degrees", *citation(row, 250)), read)
    assert far.verified
    assert [one.quote for one in far.citations] == [
        row.segments[250].text,
        "set the oven to 350 now",
    ]
    assert "The cited words do not say 350. The nearest words" in how


def test_what_no_sentence_says_fails() -> None:
    row, how = repaired(claim("c", "Four knives", *citation(ROW, 3)), READ)
    assert (row.verified, row.reason, how) == (False, "The cited words do not say Four.", "")
    assert row.citations == citation(ROW, 3)


NAMED = talk(
    "so this plug is an rj 45 and it clicks",
    "the plug has eight pins and it is cheap",
    "the release removes one old module for good",
    "we use Anna and Anna 7 to measure it",
    video_id="two",
)


@pytest.mark.parametrize(
    "text",
    [
        "The RJ-45 plug has pins.",
        "Under § 8 the plug has pins.",
        "Chapter 12 says that the plug has pins.",
        "GPT-4 says that the plug has pins.",
        "The FR4 board and its 3D model have pins.",
        "The plug of Formula 1 cars has pins.",
        "The Boeing 737-800 has pins.",
        "With Python 3.12 the plug has pins.",
        "The Anna 7 plug has pins.",
    ],
)
def test_a_number_in_a_name_needs_no_words(text: str) -> None:
    assert problem(claim("c", text, *citation(NAMED, 1)), by_id(NAMED)) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The RJ-46 plug has pins.", "46"),  # it is known with another number only
        ("The Anna 9 plug has pins.", "9"),
        ("Heat 2 pins of the plug.", "2"),
        ("In May 2019 the plug had pins.", "2019"),
        ("The plug has sub-20 pins.", "20"),
        ("On the plug, Anna 40 minutes late found pins.", "40"),
        ("The plug is 4x better than the pins.", "4"),
    ],
)
def test_a_quantity_does_not_pass_for_a_name(text: str, number: str) -> None:
    why = problem(claim("c", text, *citation(NAMED, 1)), by_id(NAMED))
    assert why == f"The cited words do not say {number}."


def test_a_name_of_the_title_or_the_request_is_a_name() -> None:
    row = claim("c", "Django 5 removes a module.", *citation(NAMED, 2))
    assert problem(row, by_id(NAMED)) == "The cited words do not say 5."
    assert problem(row, by_id(NAMED), "what is new in django 5?") == ""
    video = NAMED.video.model_copy(update={"title": "Django 5, explained"})
    assert problem(row, {"two": NAMED.model_copy(update={"video": video})}) == ""


@given(
    st.from_regex(r"[A-Z][a-z]{2,8}|[A-Z]{2,4}", fullmatch=True),
    st.integers(2, 9999) | st.floats(0.1, 99).map(lambda n: round(n, 2)),
    st.sampled_from([" ", "-", ""]),
)
def test_whatever_the_video_calls_a_thing_is_its_name(word: str, number: float, joint: str) -> None:
    if word.casefold() in STOP_WORDS or word.casefold() in UNITS:
        return
    read = by_id(row := talk(f"so the {word} {number} is a fine thing", "they sell it in blue"))
    text = f"{word}{joint}{number} is sold in blue."
    assert repaired(claim("c", text, *citation(row, 1)), read)[0].verified


MEASURED = talk(
    "bake the loaf for 45 minutes at least",
    "then weigh out 30 grams of salt",
    "it runs at 60 miles per hour",
    "that is 200 degrees in here",
    "and the pipe is 12 long",
    "minute 98 so that is 98 minutes for it",
)


@pytest.mark.parametrize(
    ("text", "segment", "reason"),
    [
        ("Bake it for 45 hours.", 0, "The cited words say 45 minutes, not 45 hours."),
        ("Use 30 ounces of salt.", 1, "The cited words say 30 grams, not 30 ounces."),
        ("Use 30 % salt.", 1, "The cited words say 30 grams, not 30 %."),
        ("It costs $45.", 0, "The cited words say 45 minutes, not $45."),
        ("It took 98 hours.", 5, "The cited words say 98 minutes, not 98 hours."),
    ],
)
def test_units_that_contradict_fail(text: str, segment: int, reason: str) -> None:
    row = claim("c", text, *citation(MEASURED, segment))
    assert problem(row, by_id(MEASURED)) == reason
    assert not repaired(row, by_id(MEASURED))[0].verified


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("Bake it 45.", 0),
        ("30 g of salt", 1),
        ("It does 60 mph", 2),
        ("Heat it to 200 °F", 3),
        ("Heat it to 200 °C", 3),
        ("The pipe is 12 inches long", 4),
    ],
)
def test_units_that_are_left_out_or_said_otherwise_do_not(text: str, segment: int) -> None:
    assert problem(claim("c", text, *citation(MEASURED, segment)), by_id(MEASURED)) == ""


def test_the_work_of_checking_grows_with_the_claims_and_not_with_their_product() -> None:
    def work(count: int) -> int:
        lines = [f"and so in place {n + 100} we wait for {n + 100} minutes" for n in range(count)]
        row = talk(*lines)
        read = by_id(row)
        claims = [claim("c", lines[n], *cite([Place("one", n)], read)) for n in range(count)]
        claims += [
            claim("c", "We wait 107 minutes", *cite([Place("one", n)], read)) for n in range(count)
        ]
        return counted(lambda: [repaired(each, read) for each in claims])

    assert work(400) / work(100) < 6


@pytest.mark.parametrize("change", [placed(start=900.0, end=910.0), placed(video_id="two")])
def test_what_cannot_be_repaired_stays_as_it_was(change: Change) -> None:
    wrong = change(said("c", ROW, 0))
    row, repair = repaired(wrong, READ)
    assert not row.verified
    assert row.reason
    assert (row.citations, repair) == (wrong.citations, "")


def test_a_repair_does_not_drop_a_citation_of_an_unknown_video() -> None:
    unknown = Citation(video_id="two", start=0, end=5, quote="leave it for ten minutes")
    row, _ = repaired(claim("c", "Ten minutes", *citation(ROW, 1), unknown), READ)
    assert not row.verified
    assert unknown in row.citations


def test_each_citation_must_hold_and_numbers_may_come_from_any() -> None:
    both = claim("c", "55 degrees for ten minutes", *citation(ROW, 0), *citation(ROW, 2))
    assert problem(both, READ) == ""
    assert problem(placed(quote="never said at all here")(both), READ)


CUT = talk(
    "coming down from 350 back to 250",
    "took 1 hour",
    "and 10 minutes so it is slower",
    "bake the loaf for 20 to 25 minutes and then",
    "rest it 2 hours and a half or",
    "in winter 3 hours is what it takes",
    "but 3 hours 20 minutes on the balcony",
)


@pytest.mark.parametrize(
    ("text", "segment", "mended"),
    [
        ("Coming down took 1 hour.", 1, "Coming down took 1 hour and 10 minutes."),
        ("1 hour it took.", 2, "1 hour and 10 minutes it took."),
        ("Bake it for 20 minutes.", 3, "Bake it for 20 to 25 minutes."),
        ("Minutes in the oven: 20", 3, "Minutes in the oven: 20 to 25 minutes"),
        ("Rest for 2 hours, then shape.", 4, "Rest for 2 hours and a half, then shape."),
        ("It takes 3 hours outside.", 6, "It takes 3 hours 20 minutes outside."),
    ],
)
def test_a_quantity_that_was_cut_short_gets_its_rest(text: str, segment: int, mended: str) -> None:
    cut = claim("c", text, *citation(CUT, segment))
    assert not verify(cut, by_id(CUT)).verified
    row, repair = repaired(cut, by_id(CUT))
    assert (row.verified, row.text) == (True, mended)
    assert "The statement was completed." in repair
    assert verify(row, by_id(CUT)).verified


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("It took 1 hour and 10 minutes.", 1),
        ("Bake it for 20 to 25 minutes.", 3),
        ("Bake it for 25 minutes at most.", 3),
        ("Rest for 2 hours and a half.", 4),
        ("3 hours in winter.", 5),
    ],
)
def test_a_whole_quantity_is_left_alone(text: str, segment: int) -> None:
    row, _ = repaired(claim("c", text, *citation(CUT, segment)), by_id(CUT))
    assert (row.verified, row.text) == (True, text)


@given(
    st.sampled_from([("hours", "minutes"), ("minutes", "seconds"), ("pounds", "ounces")]),
    st.integers(2, 99),
    st.integers(2, 59),
    st.sampled_from([" and ", ", ", " "]),
)
def test_no_part_of_a_compound_passes_for_the_whole(
    units: tuple[str, str], large: int, small: int, joint: str
) -> None:
    whole = f"{large} {units[0]}{joint}{small} {units[1]}"
    read = by_id(row := talk(f"we let it sit for {whole} in all"))
    part = claim("c", f"Let it sit for {large} {units[0]}.", *citation(row, 0))
    if small == large:
        return
    assert whole in problem(part, read)
    assert repaired(part, read)[0].text == f"Let it sit for {whole}."


@given(st.integers(2, 99), st.integers(1, 50), st.sampled_from([" to ", "-", " or "]))
def test_no_end_of_a_range_passes_for_the_whole(low: int, more: int, joint: str) -> None:
    read = by_id(row := talk(f"you roast it for {low}{joint}{low + more} minutes in all"))
    part = claim("c", f"Roast for {low} minutes.", *citation(row, 0))
    assert not verify(part, read).verified
    mended = repaired(part, read)[0]
    assert (mended.verified, mended.text) == (True, f"Roast for {low}{joint}{low + more} minutes.")


def test_what_is_said_after_a_silence_continues_nothing() -> None:
    late = CUT.segments[2].model_copy(update={"start": 40.0})
    apart = CUT.model_copy(update={"segments": (*CUT.segments[:2], late)})
    row = claim("c", "Coming down took 1 hour.", *citation(apart, 0, 1))
    assert verify(row, by_id(apart)).verified
