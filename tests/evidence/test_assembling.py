"""Guides by program: sentences that hold, every claim accounted for, what was asked not lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.assembling import (
    from_claims,
    from_draft,
    left_out,
    rechecked,
    together,
    with_answer,
)
from cliptrail.evidence.grounding import sentences_of
from cliptrail.evidence.objections import doubted
from cliptrail.evidence.verification import verify
from cliptrail.state.drafts import (
    AnswerDraft,
    BlockDraft,
    ConflictDraft,
    GuideDraft,
    LeftOutDraft,
    RowDraft,
    SectionDraft,
    SentenceDraft,
)
from cliptrail.state.evidence import Bullets, Conflict, Guide, GuideSection, Sentence
from tests.nodes.guides import block, listing, section, sentence
from tests.nodes.spoken import by_id, claim, said, talk

ONE = talk("heat the oil to 55 degrees", "leave it for ten minutes", video_id="one")
TWO = talk("bring the oil to 60 degrees", "never use cold water for it", video_id="two")
READ = by_id(ONE, TWO)
AGAINST = said("e", TWO, 0, "temperature").model_copy(
    update={"objects_to": "a", "objection": "contradicts"}
)
CLAIMS = {
    row.id: row
    for row in (
        said("a", ONE, 0, "temperature"),
        said("b", ONE, 1, "time"),
        said("c", TWO, 0, "temperature"),
        said("d", TWO, 1, ""),
        AGAINST,
    )
}
FACTS = ("temperature", "time")
IDS = st.lists(st.sampled_from([*CLAIMS, "unknown", ""]), max_size=5)
TEXTS = st.sampled_from(["", "  ", "Heat the oil.", "Heat it to 55 degrees.", "Heat it to 99."])
SENTENCES = st.builds(SentenceDraft, claims=IDS, text=TEXTS)
ROWS = st.builds(
    RowDraft, label=st.sampled_from(["", "A", "At 99"]), cells=st.lists(SENTENCES, max_size=3)
)
BLOCKS = st.builds(
    BlockDraft,
    kind=st.sampled_from(["paragraph", "steps", "bullets", "table", "code", "quote"]),
    sentences=st.lists(SENTENCES, max_size=3),
    columns=st.lists(st.sampled_from(["", "Heat", "At 99"]), max_size=4),
    rows=st.lists(ROWS, max_size=3),
)
DRAFTS = st.builds(
    GuideDraft,
    title=st.sampled_from(["T", "The 99 ways"]),
    sections=st.lists(
        st.builds(
            SectionDraft,
            heading=st.sampled_from(["", "Heat", "At 99 degrees"]),
            blocks=st.lists(BLOCKS, max_size=3),
        ),
        max_size=3,
    ),
    answer=st.lists(SENTENCES, max_size=3),
    conflicts=st.lists(st.builds(ConflictDraft, topic=st.just("t"), claims=IDS), max_size=4),
    left_out=st.lists(st.builds(LeftOutDraft, reason=st.just("off"), claims=IDS), max_size=2),
)


def made(answer: dict[str, Any], *names: str, facts: tuple[str, ...] = ()) -> tuple[Guide, str]:
    claims = [CLAIMS[name] for name in names or "abcd"]
    draft = GuideDraft.model_validate(answer)
    guide, notes = from_draft(draft, doubted(claims), READ, facts)
    return guide, " ".join(notes)


def said_in(guide: Guide) -> list[Sentence]:
    rows = [row for part in guide.sections for one in part.blocks for row in sentences_of(one)]
    return [*rows, *guide.answer]


# --- nothing is lost -----------------------------------------------------------------------------


@given(DRAFTS, st.sets(st.sampled_from([*CLAIMS]), min_size=1), st.booleans())
def test_whatever_a_model_drafts_the_guide_holds_and_no_claim_is_lost(
    draft: GuideDraft, names: set[str], wanted: bool
) -> None:
    claims = [CLAIMS[name] for name in sorted(names)]
    guide, _ = from_draft(draft, doubted(claims), READ, FACTS if wanted else ())
    used = {row.id for row in guide.claims}
    joined = {name for row in guide.claims for name in row.joined}
    left = {name for row in guide.left_out for name in (row.claim.id, *row.claim.joined)}
    assert used | joined | left == names
    assert not left & (used | joined)
    shown = {name for row in said_in(guide) for name in row.claims}
    assert shown | {name for row in guide.conflicts for name in row.claims} == used
    assert all(row.verified and verify(row, READ) == row for row in guide.claims)
    assert all(row.claims for row in guide.conflicts)
    assert "99" not in guide.model_dump_json(exclude={"left_out"})
    assert all(row.reason for row in guide.left_out)
    assert rechecked(guide, READ, ()) == guide.model_copy(update={"title": guide.title or "Guide"})


@given(DRAFTS)
def test_what_a_critic_found_stands_side_by_side_whatever_is_drafted(draft: GuideDraft) -> None:
    guide, _ = from_draft(draft, doubted(list(CLAIMS.values())), READ)
    now = {name: row.id for row in guide.claims for name in (row.id, *row.joined)}
    assert any({now["a"], now["e"]} <= set(row.claims) for row in guide.conflicts)


def test_claims_that_are_only_in_a_conflict_are_shown_there() -> None:
    answer = {
        "title": "Oil",
        "sections": [],
        "conflicts": [{"topic": " heat ", "claims": ["a", "c"]}],
    }
    guide, _ = made(answer, "a", "c")
    assert guide.conflicts == (Conflict(topic="heat", claims=("a", "c")),)
    assert [row.id for row in guide.claims] == ["a", "c"]
    assert guide.left_out == ()


def test_what_is_not_used_is_told_with_the_reason() -> None:
    guide, _ = made(listing("a", left_out=[{"claims": ["b"], "reason": "Off the topic."}]))
    assert [(row.claim.id, row.reason) for row in guide.left_out] == [
        ("b", "Off the topic."),
        ("c", "The composer used it nowhere."),
        ("d", "The composer used it nowhere."),
    ]


def test_what_was_found_on_a_wanted_fact_is_added_where_a_draft_forgets_it() -> None:
    guide, notes = made(listing("a"), facts=FACTS)
    assert guide.sections[-1] == GuideSection(
        heading="time", blocks=(Bullets(items=(Sentence(text=CLAIMS["b"].text, claims=("b",)),)),)
    )
    assert "forgot what was found on time" in notes
    meant = listing("a", left_out=[{"claims": ["b"], "reason": "About tea."}])
    assert len(made(meant, facts=FACTS)[0].sections) == 1


def test_left_out_is_what_is_neither_used_nor_joined_nor_told_nor_set_apart() -> None:
    doubtful = claim("x", "Heat it to 99.")
    guide, _ = made(listing(("a", "b")), "a", "b", "d")
    guide = guide.model_copy(update={"unverified": (CLAIMS["e"],)})
    rows = left_out([*CLAIMS.values(), doubtful], guide)
    assert rows == (CLAIMS["c"],)


# --- sentences -----------------------------------------------------------------------------------


def test_a_sentence_of_several_claims_rests_on_all_their_citations() -> None:
    words = "Heat the oil to 55 degrees for ten minutes."
    guide, notes = made(
        {"title": "Oil", "sections": [section(block(sentence("a", "b", text=words)))]}
    )
    assert said_in(guide) == [Sentence(text=words, claims=("a", "b"))]
    assert [row.id for row in guide.claims] == ["a", "b"]
    assert (guide.kind, notes) == ("composed", "")


def test_words_that_do_not_hold_give_way_to_the_claims_own_and_that_is_told() -> None:
    words = "Heat the oil to 65 degrees for ten minutes."
    guide, notes = made(
        {"title": "Oil", "sections": [section(block(sentence("a", "b", text=words)))]}
    )
    assert said_in(guide) == [
        Sentence(text=CLAIMS["a"].text, claims=("a",)),
        Sentence(text=CLAIMS["b"].text, claims=("b",)),
    ]
    assert "do not say 65" in notes


def test_a_sentence_that_names_no_claim_is_left_out_and_that_is_told() -> None:
    rows = block(sentence("a"), sentence("zz", text="Oil is fun."), sentence(text="So."))
    guide, notes = made({"title": "Oil", "sections": [section(rows)]})
    assert [row.claims for row in said_in(guide)] == [("a",)]
    assert "“Oil is fun.”" in notes
    assert "“So.”" in notes


def test_headings_and_titles_take_numbers_only_from_what_is_below_or_asked() -> None:
    parts = [section(block(sentence("a")), heading="Heat it to 70"), section(heading="Empty")]
    guide, notes = made({"title": "Oil at 55", "sections": parts})
    assert (guide.title, [row.heading for row in guide.sections]) == ("Oil at 55", ["temperature"])
    assert "Heat it to 70" in notes


# --- claims that say the same --------------------------------------------------------------------


def test_claims_under_one_claims_words_are_joined() -> None:
    guide, notes = made(listing(("c", "a", "c"), "a", "b"))
    first, second = guide.claims
    assert (first.id, first.joined, second.id, notes) == ("c", ("a",), "b", "")
    assert first.citations == (*CLAIMS["c"].citations, *CLAIMS["a"].citations)
    assert guide.kind == "excerpts"


def test_what_was_joined_before_stays_known() -> None:
    before = CLAIMS["a"].model_copy(update={"joined": ("x", "c")})
    draft = GuideDraft.model_validate(listing(("c", "a")))
    guide, _ = from_draft(draft, doubted([CLAIMS["c"], before]), READ)
    assert guide.claims[0].joined == ("a", "x")


def test_what_objects_to_a_claim_is_not_joined_with_it() -> None:
    guide, _ = made(listing(("a", "e")), "a", "e")
    assert [row.joined for row in guide.claims] == [(), ()]


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        (["a", "c"], ("a", "c")),
        (["b", "c"], ("a", "c")),
        (["a", "b"], None),
        (["a", "a"], None),
        (["a", "zz"], None),
        ([], None),
    ],
    ids=["two", "by the joined one", "same statement", "itself", "unknown", "none"],
)
def test_a_conflict_needs_two_claims(ids: list[str], shown: tuple[str, ...] | None) -> None:
    conflict = {"topic": "heat", "claims": ids}
    guide, _ = made(listing(("a", "b"), "c", conflicts=[conflict]))
    assert [row.claims for row in guide.conflicts] == ([shown] if shown else [])


# --- without a draft, in parts, and once more ----------------------------------------------------


def test_without_a_draft_the_claims_stand_as_they_are() -> None:
    doubtful = claim("x", "Heat it to 99.")
    guide = from_claims("T", [CLAIMS["b"], doubtful, CLAIMS["a"], CLAIMS["e"]])
    assert [row.id for row in guide.claims] == ["b", "a", "e"]
    assert (guide.kind, guide.unverified) == ("excerpts", (doubtful,))
    assert guide.conflicts == (Conflict(topic="temperature", claims=("a", "e")),)


def test_only_the_speakers_own_words_are_called_excerpts() -> None:
    other = CLAIMS["a"].model_copy(update={"text": "The oil must be hot."})
    assert from_claims("T", [CLAIMS["b"], other]).kind == "found"


def test_guides_of_parts_are_put_together_and_get_one_answer() -> None:
    one, _ = made(listing("b", title="One"), "b", "d")
    other, _ = made(listing("a", "c", title="Two"), "a", "c")
    guide = together([one, other])
    assert [row.id for row in guide.claims] == ["b", "a", "c"]
    assert [row.claim.id for row in guide.left_out] == ["d"]
    draft = AnswerDraft(
        title="Oil",
        answer=[SentenceDraft(claims=["a"], text="Heat it to 55 degrees.")],
        conflicts=[ConflictDraft(topic="heat", claims=["a", "c"])],
    )
    guide, notes = with_answer(guide, draft, READ)
    assert (guide.title, notes) == ("Oil", [])
    assert [row.text for row in guide.answer] == ["Heat it to 55 degrees."]
    assert guide.conflicts == (Conflict(topic="heat", claims=("a", "c")),)


def test_a_guide_of_an_agent_of_the_users_own_is_held_against_the_transcripts() -> None:
    false = CLAIMS["a"].model_copy(update={"id": "f", "text": "Heat the oil to 75 degrees."})
    rows = (
        Sentence(text="Heat the oil to 75 degrees.", claims=("f",)),
        Sentence(text="Wait ninety minutes.", claims=("b",)),
    )
    given = Guide(
        title="At 75",
        claims=(false, CLAIMS["b"]),
        answer=rows,
        sections=(GuideSection(heading="75", blocks=(Bullets(items=rows),)),),
        conflicts=(Conflict(topic="t", claims=("f", "b")),),
    )
    guide = rechecked(given, READ, ())
    assert [row.id for row in guide.claims] == ["b"]
    assert [row.id for row in guide.unverified] == ["f"]
    assert {row.text for row in said_in(guide)} == {CLAIMS["b"].text}
    assert (guide.conflicts, guide.title) == ((), "Guide")
    kept = rechecked(given, {}, {"one"})
    assert kept.claims == given.claims
    assert kept.answer == rows
