"""The agent `critic`: holds claims against the transcripts, and looks for what contradicts them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.evidence.batches import (
    LONGEST_NAME,
    TOKENS_A_TRANSCRIPT,
    Batch,
    batches,
    expected,
    room,
    size,
    split_rows,
)
from cliptrail.evidence.verification import repaired, verify
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import critic as prompt
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import CritiqueDraft
from cliptrail.state.errors import SourceError
from cliptrail.state.evidence import Claim
from cliptrail.state.media import LONGEST_QUERY, Transcript, TranscriptRef
from cliptrail.state.plan import Cost

MOST_VIDEOS = 5
"""Further videos in which it looks where the plan names none."""


class CriticInput(Frozen):
    """What to doubt, and where to look."""

    claims: tuple[Claim, ...]
    """Claims of one or several extract steps."""
    transcripts: tuple[TranscriptRef, ...] = ()
    """Where to look for what contradicts; none to search for further videos on the topic."""


class CriticOutput(Frozen):
    """The claims, as they stand after the doubts."""

    claims: tuple[Claim, ...] = ()
    """Each checked again, and after them the objections: what contradicts, with its own citations;
    and what says that a claim is misread or not supported, with the reason."""


def _cost(sizes: Sizes) -> Cost:
    count = sizes.get("transcripts", 0) or MOST_VIDEOS
    cost = expected("critic", count, TOKENS_A_TRANSCRIPT)
    return cost.model_copy(update={"seconds": 6.0 * cost.calls + 2.0 * count})


@agent(capabilities=("check_claims",), cost=_cost, tier="capable", accept_partial=True)
async def critic(inputs: CriticInput, ctx: AgentContext) -> CriticOutput:
    """Hold claims against their transcripts and look for what contradicts or misreads them.

    One model call, or several where claims and transcripts do not fit into one: then every claim
    meets every transcript. None without claims.
    """
    cited = {row.video_id for claim in inputs.claims for row in claim.citations}
    read = {name: await ctx.transcript(name) for name in sorted(cited)}
    claims = [verify(claim, read, ctx.request) for claim in inputs.claims]
    sound = {claim.id: claim for claim in claims if claim.verified}
    if not sound:
        return CriticOutput(claims=tuple(claims))
    where = await _where(inputs, ctx)
    found: dict[tuple[str, str], Claim] = {}
    for rows, part in _prompts(list(sound.values()), where, read, ctx):
        messages = prompt.render(ctx.request, _shown(rows, read), part.shown())
        draft = await ctx.ask("critic", messages, CritiqueDraft)
        for claim in _objections(draft, part, sound, ctx):
            number = f"{ctx.step}.{len(found) + 1}"
            key = (claim.objects_to, claim.text)
            found.setdefault(key, claim.model_copy(update={"id": number}))
    return CriticOutput(claims=(*claims, *found.values()))


def _prompts(
    claims: Sequence[Claim],
    where: Mapping[str, Transcript],
    read: Mapping[str, Transcript],
    ctx: AgentContext,
) -> Iterator[tuple[list[Claim], Batch]]:
    """Return claims and parts of transcripts, in each prompt as many as fit."""
    space = room(
        prompt.render(ctx.request, [], ""), CritiqueDraft, ctx.gateway.settings.context_tokens
    )
    sizes = {claim.id: size(row) for claim, row in zip(claims, _shown(claims, read), strict=True)}
    half = space // 2
    for claim in claims:
        if sizes[claim.id] > half:
            ctx.note(f"{claim.id} is too long for a prompt and was not doubted.")
    fitting = [claim for claim in claims if sizes[claim.id] <= half]
    for rows in split_rows(fitting, [sizes[claim.id] for claim in fitting], half, len(claims)):
        left = space - sum(sizes[claim.id] for claim in rows)
        for part in batches(where, left):
            yield rows, part


async def _where(inputs: CriticInput, ctx: AgentContext) -> dict[str, Transcript]:
    """The transcripts to look in: those of the plan, or those of further videos on the topic."""
    if inputs.transcripts:
        return {row.video_id: await ctx.transcript(row.video_id) for row in inputs.transcripts}
    query = ctx.notes.topic or ctx.request
    where: dict[str, Transcript] = {}
    for video in await ctx.search(query[:LONGEST_QUERY], "", MOST_VIDEOS):
        try:
            where[video.video_id] = await ctx.transcript(video.video_id, video)
        except SourceError as error:
            ctx.note(f"Not looked into: {error}")
    return where


def _shown(claims: Sequence[Claim], read: Mapping[str, Transcript]) -> list[dict[str, Any]]:
    return [
        {
            "id": claim.id,
            "text": claim.text,
            "channel": read[claim.citations[0].video_id].video.channel[:LONGEST_NAME],
            "quotes": [row.quote for row in claim.citations],
        }
        for claim in claims
    ]


def _objections(
    draft: CritiqueDraft, part: Batch, sound: Mapping[str, Claim], ctx: AgentContext
) -> Iterator[Claim]:
    """Return each objection to a sound claim; one that contradicts must hold itself.

    An objection that says nothing which can be verified has the reason that its critic gives.
    """
    for row in draft.objections:
        objected = sound.get(row.claim)
        if objected is None:
            continue
        why = " ".join(row.reason.split())
        against = {
            "section": objected.section,
            "objects_to": objected.id,
            "objection": row.objection,
            "objection_reason": why,
        }
        claim = part.claim("", row).model_copy(update=against)
        checked, repair = repaired(claim, part.transcripts, ctx.request)
        if checked.verified and checked.text:
            if repair:
                ctx.note(repair)
            yield checked
        elif row.objection != "contradicts" and why:
            # Says something about a claim and nothing about the world: nothing needs a citation.
            yield claim.model_copy(update={"text": claim.text or why, "reason": why})
        else:
            ctx.note(f"An objection to {row.claim} did not hold: {checked.reason}")
