"""Guides by program: every claim once, with all its citations, in words that hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.assembling import (
    from_claims,
    from_draft,
    left_out,
    together,
    with_conflicts,
)
from cliptrail.evidence.verification import verify
from cliptrail.state.drafts import ConflictDraft, GuideDraft, MergedDraft
from cliptrail.state.evidence import Claim, Conflict, Guide
from tests.nodes.spoken import by_id, claim, said, talk

ONE = talk("heat the oil to 55 degrees", "leave it for ten minutes", video_id="one")
TWO = talk("bring the oil to 60 degrees", "never use cold water for it", video_id="two")
READ = by_id(ONE, TWO)
CLAIMS = {
    row.id: row
    for row in (
        said("a", ONE, 0, "temperature"),
        said("b", ONE, 1, "time"),
        said("c", TWO, 0, "temperature"),
        said("d", TWO, 1, ""),
    )
}
IDS = st.lists(st.sampled_from([*CLAIMS, "unknown", ""]), max_size=5)
TEXTS = st.sampled_from(["", "  ", "Heat the oil.", "Heat it to 55 degrees.", "Heat it to 99."])
DRAFTS = st.builds(
    GuideDraft,
    title=st.just("T"),
    statements=st.lists(
        st.builds(MergedDraft, claims=IDS, text=TEXTS, section=st.sampled_from(["", "x"])),
        max_size=5,
    ),
    conflicts=st.lists(st.builds(ConflictDraft, topic=st.just("t"), claims=IDS), max_size=4),
)


def merged(*ids: str, text: str = "", section: str = "") -> MergedDraft:
    return MergedDraft(claims=list(ids), text=text, section=section)


def made(*statements: MergedDraft, **more: Any) -> tuple[Guide, list[str]]:
    draft = GuideDraft(title=" Oil ", statements=list(statements), **more)
    return from_draft(draft, list(CLAIMS.values()), READ)


def quotes(row: Claim) -> list[str]:
    return [found.quote for found in row.citations]


def test_a_join_cites_what_every_part_cites() -> None:
    guide, notes = made(merged("c", "a", "c", text="Heat the oil.", section=" heat "))
    (row,) = guide.claims
    assert quotes(row) == [*quotes(CLAIMS["c"]), *quotes(CLAIMS["a"])]
    assert (row.text, row.section, row.verified, notes) == ("Heat the oil.", "heat", True, [])
    assert (guide.title, row.id, row.joined) == ("Oil", "c", ("a",))


def test_what_was_joined_before_stays_known() -> None:
    before = CLAIMS["a"].model_copy(update={"joined": ("x", "c")})
    rows = [CLAIMS["c"], before]
    guide, _ = from_draft(GuideDraft(title="", statements=[merged("c", "a")]), rows, READ)
    assert guide.claims[0].joined == ("a", "x")


def test_left_out_is_what_holds_and_is_neither_shown_nor_joined_nor_set_apart() -> None:
    doubtful = claim("x", "Heat it to 99.")
    guide, _ = made(merged("a", "b"))
    guide = guide.model_copy(update={"unverified": (CLAIMS["d"],)})
    assert left_out([*CLAIMS.values(), doubtful], guide) == (CLAIMS["c"],)


def test_guides_are_put_together_by_section_and_what_one_answers_is_answered() -> None:
    one, _ = made(merged("b"), merged("d"), unanswered=["why", "when"])
    other, _ = made(merged("a"), merged("c"), unanswered=["when"])
    guide = together([one, other], ["temperature", "time"])
    assert [row.id for row in guide.claims] == ["a", "c", "b", "d"]
    assert (guide.title, guide.unanswered) == ("Oil", ("when",))


def test_conflicts_of_parts_are_kept_among_what_their_claims_became() -> None:
    guide, _ = made(merged("a", "b"), merged("c"), merged("d"))
    earlier = [
        Conflict(topic="heat", claims=("b", "c")),
        Conflict(topic="joined since", claims=("a", "b")),
        Conflict(topic="left out since", claims=("c", "gone")),
    ]
    found = with_conflicts(guide, earlier)
    assert found.conflicts == (Conflict(topic="heat", claims=("a", "c")),)
    assert with_conflicts(found, earlier) == found


@pytest.mark.parametrize("text", ["", "  \n ", CLAIMS["a"].text])
def test_without_other_words_it_keeps_those_of_its_first_claim(text: str) -> None:
    guide, notes = made(merged("a", "c", text=text))
    assert (guide.claims[0].text, guide.claims[0].section) == (CLAIMS["a"].text, "temperature")
    assert notes == []


def test_words_that_do_not_hold_are_not_taken_and_that_is_told() -> None:
    guide, notes = made(merged("a", "b", text="Heat the oil to 65 degrees for ten minutes."))
    (row,) = guide.claims
    assert (row.text, row.verified) == (CLAIMS["a"].text, True)
    assert quotes(row) == [*quotes(CLAIMS["a"]), *quotes(CLAIMS["b"])]
    assert len(notes) == 1
    assert "do not say 65" in notes[0]


def test_unknown_ids_and_empty_statements_are_dropped() -> None:
    guide, _ = made(merged("zz", "d"), merged("yy"), merged())
    assert [row.id for row in guide.claims] == ["d"]


def test_no_claim_is_shown_twice() -> None:
    guide, _ = made(merged("a", "b"), merged("b", "c"), merged("a"))
    assert [(row.id, len(row.citations)) for row in guide.claims] == [("a", 2), ("c", 1)]


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        (["a", "c"], ("a", "c")),
        (["b", "c"], ("a", "c")),
        (["a", "b"], None),
        (["a", "a"], None),
        (["a", "d"], None),
        (["a", "zz"], None),
        ([], None),
    ],
    ids=["two", "by the joined one", "same statement", "itself", "not placed", "unknown", "none"],
)
def test_a_conflict_needs_two_statements_of_the_guide(
    ids: list[str], shown: tuple[str, ...] | None
) -> None:
    conflict = ConflictDraft(topic=" heat ", claims=ids)
    guide, _ = made(merged("a", "b"), merged("c"), conflicts=[conflict])
    assert [(row.topic, row.claims) for row in guide.conflicts] == (
        [("heat", shown)] if shown else []
    )


def test_open_questions_are_told_once() -> None:
    guide, _ = made(merged("a"), unanswered=["when", " when ", "", "why"])
    assert guide.unanswered == ("when", "why")


@given(DRAFTS)
def test_whatever_a_model_drafts_the_guide_holds(draft: GuideDraft) -> None:
    guide, _ = from_draft(draft, list(CLAIMS.values()), READ)
    shown = [row.id for row in guide.claims]
    cited = [quote for row in guide.claims for quote in quotes(row)]
    assert len(shown) == len(set(shown))
    assert len(cited) == len(set(cited))
    assert all(verify(row, READ) == row and row.verified for row in guide.claims)
    assert all(
        len(set(row.claims)) > 1 and set(row.claims) <= set(shown) for row in guide.conflicts
    )


def test_without_a_draft_the_claims_stand_as_they_are() -> None:
    doubtful = claim("x", "Heat it to 99.")
    guide = from_claims("T", [CLAIMS["b"], doubtful, CLAIMS["a"]], ["why", "why"])
    assert guide == Guide(
        title="T",
        claims=(CLAIMS["b"], CLAIMS["a"]),
        unverified=(doubtful,),
        unanswered=("why",),
    )
