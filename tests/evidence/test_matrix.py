"""The matrix of wanted facts and named sources: what is answered, and the three ways it is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.matrix import Searched, coverage, gaps, matrix, unanswered, wanted
from cliptrail.state.evidence import Claim, Coverage, Standing
from cliptrail.state.request import NamedSource
from tests.nodes.spoken import claim, said, talk

ONE = talk("heat the oil to 55 degrees", "leave it for ten minutes", video_id="one")
TWO = talk("bring the oil to 60 degrees", video_id="two", channel="Loud Anvil")
HEAT, TIME = said("a", ONE, 0, "temperature"), said("b", ONE, 1, "time")
LOUD = said("c", TWO, 0, "temperature")
DOUBTFUL = claim("x", "Wait 99 minutes.", *TIME.citations, section="time")
FACTS = ("temperature", "time")
BOTH = {"one": "Quiet Forge", "two": "Loud Anvil"}


def named(*names: str) -> list[NamedSource]:
    return [NamedSource(name=name, kind="unknown") for name in names]


def standing(claims: list[Claim], failed: list[Claim], **known: Any) -> list[Standing]:
    """How temperature and time stand, with Loud Anvil named: all sources, Loud Anvil; again."""
    rows = matrix(FACTS, named("@loudanvil"), claims, failed, Searched(**known))
    assert [row.fact for row in rows] == list(FACTS)
    assert [[cell.source for cell in row.cells] for row in rows] == [["", "@loudanvil"]] * 2
    return [cell.standing for row in rows for cell in row.cells]


@pytest.mark.parametrize(
    ("claims", "failed", "known", "stand"),
    [
        (
            [HEAT, TIME, LOUD],
            [],
            {"channel_of": BOTH},
            ["answered", "answered", "answered", "silent"],
        ),
        ([HEAT], [DOUBTFUL], {}, ["answered", "not_found", "unverified", "not_found"]),
        (
            [HEAT],
            [],
            {"channel_of": BOTH, "silent": ("Time:",)},
            ["answered", "silent", "silent", "silent"],
        ),
        # Who forgot a fact did not say that there is nothing on it.
        ([HEAT], [], {"channel_of": BOTH}, ["answered", "silent", "not_found", "not_found"]),
        # Nothing was read, so nobody can know.
        ([HEAT], [], {"silent": FACTS}, ["answered", "not_found", "not_found", "not_found"]),
        # What failed may have been what would have answered.
        (
            [HEAT],
            [],
            {"channel_of": BOTH, "trouble": "It broke."},
            ["answered", "not_found", "not_found", "not_found"],
        ),
    ],
)
def test_how_each_fact_stands(
    claims: list[Claim], failed: list[Claim], known: dict[str, Any], stand: list[Standing]
) -> None:
    assert standing(claims, failed, **known) == stand


def test_cells_name_the_claims_that_answer() -> None:
    rows = matrix(FACTS, named("Loud Anvil"), [HEAT, TIME, LOUD], [], Searched())
    assert [[cell.claims for cell in row.cells] for row in rows] == [
        [("a", "c"), ("c",)],
        [("b",), ()],
    ]


def test_without_wanted_facts_the_request_is_what_is_wanted() -> None:
    facts = wanted((), " How  hot? ")
    assert facts == ("How hot?",)
    assert unanswered(matrix(facts, (), [HEAT], (), Searched())) == ()
    assert unanswered(matrix(facts, (), [], (), Searched())) == ("How hot?",)
    assert wanted(("a", " a ", "", "b"), "How?") == ("a", "b")


def test_a_series_or_a_speaker_is_cited_by_its_videos() -> None:
    lecturer = NamedSource(name="Dr. Q", kind="speaker", videos=("one",))
    nobody = NamedSource(name="Dr. Z", kind="unknown")
    rows = coverage([lecturer, nobody], [HEAT], [], Searched())
    assert [(row.channel, row.cited) for row in rows] == [("Dr. Q", True), ("Dr. Z", False)]


CLAIMS = st.lists(st.sampled_from([HEAT, TIME, LOUD, DOUBTFUL]), unique_by=lambda row: row.id)


@given(CLAIMS, CLAIMS, st.sampled_from([{}, BOTH]), st.sampled_from([(), FACTS]))
def test_a_fact_is_answered_by_a_verified_claim_and_by_nothing_else(
    claims: list[Claim], failed: list[Claim], read: dict[str, str], silent: tuple[str, ...]
) -> None:
    searched = Searched(channel_of=read, silent=silent)
    rows = matrix(FACTS, named("Quiet Forge"), claims, failed, searched)
    for row in rows:
        ids = {found.id for found in claims if found.verified and found.section == row.fact}
        assert set(row.cells[0].claims) == ids
        assert (row.standing == "answered") == bool(ids)
        assert (row.fact in gaps(rows)) == (row.standing in {"not_found", "unverified"})
    assert set(gaps(rows)) <= set(unanswered(rows))


NAME = "Quiet Forge"


@pytest.mark.parametrize(
    "name", [NAME, "quiet forge", "@QuietForge", " Quiet-Forge! ", "quiet_forge"]
)
def test_a_cited_channel_is_covered_however_it_is_spelled(name: str) -> None:
    (row,) = coverage(named(name, name), [HEAT], [], Searched())
    assert row == Coverage(channel=name, cited=True, standing="answered")


@pytest.mark.parametrize(
    ("known", "stand", "why"),
    [
        ({}, "not_found", "The search found no video of it."),
        ({"found": {"x": "Loud Anvil"}}, "not_found", "The search found no video of it."),
        (
            {"found": {"x": NAME}, "trouble": "YouTube refuses."},
            "not_found",
            "Its videos were found but could not be read. YouTube refuses.",
        ),
        (
            {"channel_of": BOTH},
            "silent",
            "1 of its videos were read; none answers the request.",
        ),
    ],
)
def test_what_is_not_cited_has_a_reason(known: dict[str, Any], stand: str, why: str) -> None:
    (row,) = coverage(named(NAME), [LOUD], [], Searched(**known))
    assert (row.cited, row.standing, row.reason) == (False, stand, why)


def test_a_source_of_which_nothing_could_be_verified_says_so() -> None:
    (row,) = coverage(named(NAME), [DOUBTFUL], [DOUBTFUL], Searched(channel_of=BOTH))
    assert (row.cited, row.standing) == (False, "unverified")


def test_a_claim_of_an_earlier_version_knows_its_channel_by_the_video() -> None:
    old = tuple(row.model_copy(update={"channel": ""}) for row in HEAT.citations)
    stored = HEAT.model_copy(update={"citations": old})
    assert coverage(named(NAME), [stored], [], Searched(channel_of=BOTH))[0].cited
    assert not coverage(named(NAME), [stored], [], Searched())[0].cited
