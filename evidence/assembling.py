"""Guides by program: from a composer's draft, or straight from claims when there is none."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from cliptrail.evidence.drafts import Drafted
from cliptrail.evidence.grounding import Grounding, used_in, used_in_order
from cliptrail.evidence.objections import Doubted, doubted, merged
from cliptrail.evidence.verification import verify
from cliptrail.state.drafts import AnswerDraft, ConflictDraft, GuideDraft
from cliptrail.state.evidence import (
    Bullets,
    Claim,
    Conflict,
    Guide,
    GuideKind,
    GuideSection,
    LeftOut,
    Sentence,
)
from cliptrail.state.media import Transcript
from cliptrail.tools.text.facts import facts_of
from cliptrail.tools.text.tokens import tokens

NOT_USED = "The composer used it nowhere."
"""Why a claim is left out of which a draft says nothing."""


def from_claims(title: str, claims: Sequence[Claim]) -> Guide:
    """Return a guide of the claims as they are, in their order, without a model."""
    after = doubted(claims)
    return Guide(
        title=title,
        kind=kind_of(after.sound),
        claims=after.sound,
        conflicts=after.conflicts,
        unverified=after.unverified,
        left_out=after.left_out,
    )


def kind_of(claims: Iterable[Claim]) -> GuideKind:
    """Return whether claims that stand as they were found are the speakers' own words."""
    return "excerpts" if all(map(_in_own_words, claims)) else "found"


def _in_own_words(claim: Claim) -> bool:
    """Is a claim nothing but words of its citations, in their order, some of them left out?"""
    said = iter(tokens(" ".join(row.quote for row in claim.citations)))
    return all(word in said for word in tokens(claim.text))


def from_draft(
    draft: GuideDraft,
    after: Doubted,
    transcripts: Mapping[str, Transcript],
    facts: Sequence[str] = (),
    known: str = "",
) -> tuple[Guide, list[str]]:
    """Return the guide that a composer drafted, each sentence checked again.

    A sentence whose own words do not hold takes those of its claims, which do. A wanted fact whose
    claims the draft forgot gets a section of them.

    Args:
        draft: what the model answered.
        after: the claims that it was given, sorted by what critics object to.
        transcripts: of the videos that the claims cite, by id.
        facts: the wanted facts.
        known: the request: headings may take numbers from it.

    Returns:
        The guide, and what was repaired on the way.
    """
    drafted = Drafted(draft, {claim.id: claim for claim in after.sound})
    check = Grounding(drafted.claims, transcripts, known)
    conflicts = _conflicts(draft.conflicts, after.conflicts, drafted)
    sections = [row for made in drafted.sections() if (row := check.section(made))]
    answer = check.sentences(drafted.answer())
    title = check.heading(draft.title, drafted.claims)
    reasons = {
        name: " ".join(row.reason.split())
        for row in draft.left_out
        for name in drafted.ids(row.claims)
    }
    used = {*_shown(answer, sections, conflicts), *reasons}
    sections += _forgotten(check, used, facts)
    guide = Guide(
        title=title,
        kind="composed" if drafted.has_words else kind_of(drafted.claims.values()),
        answer=answer,
        sections=tuple(sections),
        conflicts=conflicts,
        unverified=after.unverified,
    )
    shown = with_claims(guide, drafted.claims.values())
    left = left_out(drafted.claims.values(), shown)
    told = tuple(LeftOut(claim=row, reason=reasons.get(row.id) or NOT_USED) for row in left)
    return shown.model_copy(update={"left_out": (*after.left_out, *told)}), check.notes


def _conflicts(
    drafts: Iterable[ConflictDraft], found: Iterable[Conflict], drafted: Drafted
) -> tuple[Conflict, ...]:
    """Return the conflicts of a draft and of the critics, each once."""
    made = [
        Conflict(topic=" ".join(row.topic.split()), claims=drafted.ids(row.claims))
        for row in drafts
    ]
    made += [row.model_copy(update={"claims": drafted.ids(row.claims)}) for row in found]
    return merged(row for row in made if len(row.claims) > 1)


def _forgotten(
    check: Grounding, used: Collection[str], facts: Sequence[str]
) -> Iterator[GuideSection]:
    """Yield a section for each wanted fact of which a draft uses no claim and says no reason."""
    about = {name: facts_of(row.section, facts) for name, row in check.claims.items()}
    for fact in facts:
        own = [name for name in about if fact in about[name]]
        if own and not set(own) & set(used):
            check.notes.append(f"The draft forgot what was found on {fact}; it was added.")
            yield as_found(fact, [check.claims[name] for name in own])


def as_found(heading: str, claims: Iterable[Claim]) -> GuideSection:
    """Return a section of claims in their own words."""
    rows = tuple(Sentence(text=row.text, claims=(row.id,)) for row in claims)
    return GuideSection(heading=heading, blocks=(Bullets(items=rows),))


def _shown(
    answer: Iterable[Sentence], sections: Iterable[GuideSection], conflicts: Iterable[Conflict]
) -> list[str]:
    """Return the ids of the claims that parts of a guide use, each once."""
    blocks = chain.from_iterable(row.blocks for row in sections)
    disputed = chain.from_iterable(row.claims for row in conflicts)
    return list(dict.fromkeys([*used_in(blocks), *disputed, *used_in_order(answer)]))


def with_claims(guide: Guide, claims: Iterable[Claim]) -> Guide:
    """Return a guide with those of some claims that it uses, in the order of its sections."""
    known = {claim.id: claim for claim in claims}
    names = _shown(guide.answer, guide.sections, guide.conflicts)
    return guide.model_copy(
        update={"claims": tuple(known[name] for name in names if name in known)}
    )


def rechecked(
    guide: Guide, read: Mapping[str, Transcript], lost: Collection[str], known: str = ""
) -> Guide:
    """Hold every claim and every sentence of a guide against the transcripts once more.

    Agents of the user's own and stored plans can say of any claim that it is verified.

    Args:
        guide: as a step gave it.
        read: transcripts by video id.
        lost: videos that this run read and that cannot be read any more: what rests on them
            stays as it is.
        known: the request: headings may take numbers from it.
    """
    gone = {
        claim.id
        for claim in guide.claims
        if claim.verified and any(row.video_id in lost for row in claim.citations)
    }
    checked = [row if row.id in gone else verify(row, read, known) for row in guide.claims]
    sound = {row.id: row for row in checked if row.verified}
    check = Grounding(sound, read, known, frozenset(gone))
    left = (
        row.model_copy(update={"claims": tuple(name for name in row.claims if name in sound)})
        for row in guide.conflicts
    )
    held = (check.section(row) for row in guide.sections)
    return guide.model_copy(
        update={
            "title": check.heading(guide.title, sound) or "Guide",
            "answer": check.sentences(guide.answer),
            "sections": tuple(row for row in held if row),
            "claims": tuple(sound.values()),
            "unverified": (*guide.unverified, *(row for row in checked if not row.verified)),
            "conflicts": tuple(row for row in left if len(row.claims) > 1),
        }
    )


def left_out(claims: Iterable[Claim], guide: Guide) -> tuple[Claim, ...]:
    """Return the verified claims that a guide neither uses nor joined with one that it uses.

    Those of which it says itself why it leaves them out are not among them.
    """
    shown = {name for row in guide.claims for name in (row.id, *row.joined)}
    shown |= {name for row in guide.left_out for name in (row.claim.id, *row.claim.joined)}
    shown |= {row.id for row in guide.unverified}
    return tuple(claim for claim in claims if claim.verified and claim.id not in shown)


def together(guides: Sequence[Guide]) -> Guide:
    """Put guides of different claims together, by program.

    Args:
        guides: at least one; the first gives the title, and none has an answer in short.
    """
    sections: dict[str, GuideSection] = {}
    for row in chain.from_iterable(guide.sections for guide in guides):
        key = row.heading.casefold()
        before = sections[key].blocks if key in sections else ()
        sections[key] = row.model_copy(update={"blocks": (*before, *row.blocks)})
    kinds = {guide.kind for guide in guides}
    return guides[0].model_copy(
        update={
            "kind": kinds.pop() if len(kinds) == 1 else "composed",
            "answer": (),
            "sections": tuple(sections.values()),
            "claims": tuple(row for guide in guides for row in guide.claims),
            "conflicts": merged(row for guide in guides for row in guide.conflicts),
            "left_out": tuple(row for guide in guides for row in guide.left_out),
        }
    )


def with_answer(
    guide: Guide, draft: AnswerDraft, transcripts: Mapping[str, Transcript], known: str = ""
) -> tuple[Guide, list[str]]:
    """Add an answer in short, and conflicts between its parts, to a guide that was put together.

    Returns:
        The guide, and what was repaired on the way.
    """
    check = Grounding({claim.id: claim for claim in guide.claims}, transcripts, known)
    drafted = Drafted(GuideDraft(answer=draft.answer, title=draft.title), check.claims)
    made = guide.model_copy(
        update={
            "title": check.heading(draft.title, check.claims),
            "answer": check.sentences(drafted.answer()),
            "conflicts": _conflicts(draft.conflicts, guide.conflicts, drafted),
        }
    )
    return made, check.notes


def by_section(claims: Sequence[Claim], facts: Sequence[str]) -> list[Claim]:
    """Order claims by the wanted fact that they answer; what answers none comes last."""
    place = {fact: number for number, fact in enumerate(facts)}

    def order(claim: Claim) -> int:
        found = facts_of(claim.section, facts) if facts else ()
        return place[found[0]] if found else len(place)

    return sorted(claims, key=order)
