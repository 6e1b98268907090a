"""What critics object to: contradictions are shown side by side, what was misread is set apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cliptrail.state.evidence import Claim, Conflict, LeftOut

ABOUT_CLAIMS = frozenset({"misread", "not_supported"})
"""Objections that set a claim apart."""


@dataclass(frozen=True)
class Doubted:
    """Claims after the objections among them."""

    sound: tuple[Claim, ...]
    """Verified claims that nobody sets apart."""
    unverified: tuple[Claim, ...]
    """Claims that failed the check, or of which a critic says that they were misread."""
    conflicts: tuple[Conflict, ...]
    """Claims that contradict each other."""
    left_out: tuple[LeftOut, ...]
    """Objections that say no more than why a claim is set apart."""


def doubted(claims: Sequence[Claim]) -> Doubted:
    """Sort claims by the objections to them.

    What contradicts a verified claim is shown beside it. What says that a claim was misread, or
    is not supported, sets it apart; what was misread may state what was said instead, so it stays
    a claim of its own.
    """
    verified = {claim.id: claim for claim in claims if claim.verified}
    # What is said about a claim, and not about the world, needs no citation to be heard.
    against = [
        row
        for row in claims
        if row.objects_to in verified and (row.verified or row.objection in ABOUT_CLAIMS)
    ]
    apart = {row.objects_to: row for row in against if row.objection in ABOUT_CLAIMS}
    reasons = {row.id for row in against if row.objection == "not_supported" or not row.verified}
    sound = tuple(row for name, row in verified.items() if name not in {*apart, *reasons})
    return Doubted(
        sound=sound,
        unverified=tuple(
            _set_apart(row, apart[row.id]) if row.id in apart else row
            for row in claims
            if row.id in apart or not (row.verified or row.id in reasons)
        ),
        conflicts=contradictions(sound),
        left_out=tuple(
            LeftOut(claim=row, reason=f"It says why {row.objects_to} was set apart.")
            for row in verified.values()
            if row.id in reasons and row.id not in apart
        ),
    )


def _set_apart(claim: Claim, by: Claim) -> Claim:
    how = "was misread" if by.objection == "misread" else "is not supported by its sources"
    reason = f"The critic says that it {how}: {by.objection_reason or by.reason or by.text}"
    return claim.model_copy(update={"verified": False, "reason": reason})


def contradictions(claims: Iterable[Claim]) -> tuple[Conflict, ...]:
    """Return a conflict for each claim that others contradict."""
    rows = {claim.id: claim for claim in claims}
    against: dict[str, list[str]] = {}
    for row in rows.values():
        if row.objects_to in rows and row.objection in {"", "contradicts"}:
            against.setdefault(row.objects_to, []).append(row.id)
    return tuple(
        Conflict(topic=rows[name].section, claims=(name, *others))
        for name, others in against.items()
    )


def merged(conflicts: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """Return conflicts without those whose claims another one shows together."""
    rows = list(conflicts)
    sets = [set(row.claims) for row in rows]
    return tuple(
        row
        for place, row in enumerate(rows)
        if not any(sets[place] < other for other in sets) and sets[place] not in sets[:place]
    )
