"""The check of claims: what does not stand in the transcript is told, and mended if it can be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.evidence.verify import problem, repaired, verify
from state.evidence import Citation, Claim
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
