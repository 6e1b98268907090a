"""The check of claims: what does not stand in the transcript is told, and mended if it can be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.verification import problem, repaired, verify
from cliptrail.state.evidence import Citation, Claim
from tests.nodes.spoken import by_id, citation, claim, said, talk

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
def test_a_number_in_the_next_segment_is_taken_in(text: str) -> None:
    row, repair = repaired(claim("c", text, *citation(ROW, 1)), READ)
    assert row.verified
    assert row.citations[0].quote == " ".join(part.text for part in ROW.segments[:3])
    assert "widened by 1 segments" in repair


def test_it_is_widened_no_further_than_two_segments() -> None:
    near, how = repaired(claim("c", "Three knives", *citation(ROW, 3)), READ)
    assert near.verified
    assert "widened by 2 segments" in how
    far, nothing = repaired(claim("c", "Three knives", *citation(ROW, 2)), READ)
    assert (far.verified, far.reason, nothing) == (False, "The cited words do not say Three.", "")
    assert far.citations == citation(ROW, 2)


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
