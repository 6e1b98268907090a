"""Guides by program: from a composer's draft, or straight from claims when there is none."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from cliptrail.evidence.verification import verify
from cliptrail.state.drafts import GuideDraft, MergedDraft
from cliptrail.state.evidence import Citation, Claim, Conflict, Guide
from cliptrail.state.media import Transcript


def from_claims(title: str, claims: Sequence[Claim], unanswered: Sequence[str] = ()) -> Guide:
    """Return a guide of the verified claims as they are, in their order, without a model."""
    return Guide(
        title=title,
        claims=tuple(claim for claim in claims if claim.verified),
        unverified=tuple(claim for claim in claims if not claim.verified),
        unanswered=tuple(dict.fromkeys(unanswered)),
    )


def rechecked(guide: Guide, read: Mapping[str, Transcript], lost: Collection[str]) -> Guide:
    """Hold every claim of a guide against the transcripts once more, whoever made it.

    Agents of the user's own and stored plans can say of any claim that it is verified.

    Args:
        guide: as a step gave it.
        read: transcripts by video id.
        lost: videos that this run read and that cannot be read any more: their claims stay as
            they are.
    """
    sound: list[Claim] = []
    unsound: list[Claim] = []
    for claim in guide.claims:
        gone = claim.verified and any(row.video_id in lost for row in claim.citations)
        checked = claim if gone else verify(claim, read)
        (sound if checked.verified else unsound).append(checked)
    known = {claim.id for claim in sound}
    left = (
        conflict.model_copy(update={"claims": tuple(n for n in conflict.claims if n in known)})
        for conflict in guide.conflicts
    )
    return guide.model_copy(
        update={
            "claims": tuple(sound),
            "unverified": (*guide.unverified, *unsound),
            "conflicts": tuple(conflict for conflict in left if len(conflict.claims) > 1),
        }
    )


def left_out(claims: Iterable[Claim], guide: Guide) -> tuple[Claim, ...]:
    """Return the verified claims that a guide neither shows nor joined with one that it shows."""
    shown = {name for row in guide.claims for name in (row.id, *row.joined)}
    shown |= {row.id for row in guide.unverified}
    return tuple(claim for claim in claims if claim.verified and claim.id not in shown)


def together(guides: Sequence[Guide], facts: Sequence[str]) -> Guide:
    """Put guides of different claims together, by program.

    Args:
        guides: at least one; the first gives the title.
        facts: what was asked; sections of these names come first, in this order.

    Returns:
        All claims by section and all conflicts; unanswered is what no guide answers.
    """
    claims = [claim for guide in guides for claim in guide.claims]
    open_in = [set(guide.unanswered) for guide in guides]
    return guides[0].model_copy(
        update={
            "claims": tuple(by_section(claims, facts)),
            "conflicts": tuple(row for guide in guides for row in guide.conflicts),
            "unanswered": tuple(
                text for text in guides[0].unanswered if all(text in texts for texts in open_in)
            ),
        }
    )


def by_section(claims: Sequence[Claim], facts: Sequence[str]) -> list[Claim]:
    """Order claims by section: first those that were asked for, then as they come."""
    place: dict[str, int] = {}
    for section in (*facts, *(claim.section for claim in claims)):
        place.setdefault(section, len(place))
    return sorted(claims, key=lambda claim: place[claim.section])


def with_conflicts(guide: Guide, earlier: Iterable[Conflict]) -> Guide:
    """Add conflicts that were found among claims before those were joined."""
    now = {name: row.id for row in guide.claims for name in (row.id, *row.joined)}
    known = {frozenset(row.claims) for row in guide.conflicts}
    kept = [
        row.model_copy(update={"claims": ids})
        for row in earlier
        if len(ids := _placed(row.claims, now)) > 1 and frozenset(ids) not in known
    ]
    return guide.model_copy(update={"conflicts": (*guide.conflicts, *kept)})


def from_draft(
    draft: GuideDraft,
    claims: Sequence[Claim],
    transcripts: Mapping[str, Transcript],
) -> tuple[Guide, list[str]]:
    """Return the guide that a composer drafted, each statement checked again.

    A statement whose own words do not hold takes the words of its first claim, which do.

    Args:
        draft: what the model answered.
        claims: what it was given; verified.
        transcripts: of the videos that the claims cite, by id.

    Returns:
        The guide, and what was repaired on the way.
    """
    known = {claim.id: claim for claim in claims}
    made: list[Claim] = []
    notes: list[str] = []
    placed: dict[str, str] = {}
    for row in draft.statements:
        parts = [known[name] for name in dict.fromkeys(row.claims) if name in known]
        parts = [part for part in parts if part.id not in placed]
        if not parts:
            continue
        claim, note = _statement(row, parts, transcripts)
        made.append(claim)
        notes += [note] if note else []
        placed |= {part.id: claim.id for part in parts}
    conflicts = tuple(
        Conflict(topic=row.topic.strip(), claims=ids)
        for row in draft.conflicts
        if len(ids := _placed(row.claims, placed)) > 1
    )
    guide = Guide(
        title=draft.title.strip(),
        claims=tuple(made),
        conflicts=conflicts,
        unanswered=tuple(dict.fromkeys(text for row in draft.unanswered if (text := row.strip()))),
    )
    return guide, notes


def _statement(
    row: MergedDraft, parts: list[Claim], transcripts: Mapping[str, Transcript]
) -> tuple[Claim, str]:
    first = parts[0]
    section = row.section.strip() or first.section
    citations = _distinct(chain.from_iterable(part.citations for part in parts))
    ids = [name for part in parts for name in (part.id, *part.joined) if name != first.id]
    update = {"section": section, "citations": citations, "joined": tuple(dict.fromkeys(ids))}
    own = first.model_copy(update=update)
    text = " ".join(row.text.split())
    if not text or text == first.text:
        return own, ""
    checked = verify(own.model_copy(update={"text": text}), transcripts)
    if checked.verified:
        return checked, ""
    return own, f"A composed statement did not hold ({checked.reason}) and kept its claim's words."


def _distinct(citations: chain[Citation]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citations))


def _placed(names: Iterable[str], placed: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(placed[name] for name in names if name in placed))
