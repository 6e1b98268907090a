"""Objections: contradictions stand side by side, what was misread is set apart with the reason."""

from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.objections import doubted, merged
from cliptrail.state.evidence import Claim, Conflict

Kind = Literal["", "contradicts", "misread", "not_supported"]
KINDS: list[Kind] = ["", "contradicts", "misread", "not_supported"]


def row(name: str, against: str = "", how: Kind = "", *, verified: bool = True) -> Claim:
    return Claim(
        id=name,
        text=f"It is {name}.",
        section="heat",
        verified=verified,
        reason="" if verified else "No.",
        objects_to=against,
        objection=how,
    )


def ids(rows: Sequence[Claim]) -> list[str]:
    return [found.id for found in rows]


@pytest.mark.parametrize("how", ["", "contradicts"])
def test_what_contradicts_a_claim_is_a_conflict(how: Kind) -> None:
    after = doubted([row("a"), row("b", "a", how), row("c", "a", how)])
    assert ids(after.sound) == ["a", "b", "c"]
    assert after.conflicts == (Conflict(topic="heat", claims=("a", "b", "c")),)


def test_what_was_misread_is_set_apart_and_what_was_said_instead_stays() -> None:
    after = doubted([row("a"), row("b", "a", "misread")])
    assert ids(after.sound) == ["b"]
    assert (after.conflicts, after.left_out) == ((), ())
    (apart,) = after.unverified
    assert not apart.verified
    assert apart.reason == "The critic says that it was misread: It is b."


@pytest.mark.parametrize("verified", [False, True])
def test_what_nothing_supports_is_set_apart_and_its_reason_is_no_statement(verified: bool) -> None:
    after = doubted([row("a"), row("b", "a", "not_supported", verified=verified)])
    assert (ids(after.sound), ids(after.unverified)) == ([], ["a"])
    assert after.unverified[0].reason.startswith("The critic says that it is not supported")
    assert [found.claim.id for found in after.left_out] == (["b"] if verified else [])


def test_what_does_not_hold_itself_sets_nothing_apart() -> None:
    rows = [row("a"), row("b", "a", "contradicts", verified=False), row("c", "gone", "misread")]
    after = doubted(rows)
    assert (ids(after.sound), ids(after.unverified)) == (["a", "c"], ["b"])
    assert after.conflicts == ()


def test_a_critic_who_says_why_without_a_citation_is_heard_and_is_no_statement() -> None:
    after = doubted([row("a"), row("b", "a", "misread", verified=False)])
    assert (ids(after.sound), ids(after.unverified)) == ([], ["a"])
    assert after.unverified[0].reason == "The critic says that it was misread: No."


CLAIMS = st.lists(
    st.builds(
        row,
        st.sampled_from("abcd"),
        st.sampled_from(["", "a", "b", "c", "d"]),
        st.sampled_from(KINDS),
        verified=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda found: found.id,
)


@given(CLAIMS)
def test_every_verified_claim_goes_to_one_place(claims: list[Claim]) -> None:
    after = doubted(claims)
    left = [found.claim.id for found in after.left_out]
    places = [*ids(after.sound), *ids(after.unverified), *left]
    assert len(places) == len(set(places))
    assert {found.id for found in claims if found.verified} <= set(places)
    assert all(set(found.claims) <= set(ids(after.sound)) for found in after.conflicts)


def test_a_conflict_within_another_is_not_told_twice() -> None:
    rows = [Conflict(topic=name, claims=tuple(name)) for name in ("ab", "abc", "ba", "cd", "dc")]
    assert [found.topic for found in merged(rows)] == ["abc", "cd"]
