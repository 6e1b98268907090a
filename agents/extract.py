"""The agent `extract`: finds what transcripts say about what was asked, as verified claims."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.evidence.batches import TOKENS_A_TRANSCRIPT, Batch, batches, expected, room
from cliptrail.evidence.ranking import best
from cliptrail.evidence.verification import repaired
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import extract as prompt
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import ExtractDraft, FindingDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.evidence import Claim
from cliptrail.state.media import Transcript, TranscriptRef
from cliptrail.state.plan import Cost
from cliptrail.tools.text.channels import same_channel

TOLD = 10
"""Claims that were not kept and are quoted in the trail; longer transcripts must not swell it."""


class ExtractInput(Frozen):
    """What to read, and for what."""

    transcripts: tuple[TranscriptRef, ...] = Field(min_length=1)
    """Transcripts in the library."""
    facts: tuple[str, ...] = ()
    """Kinds of fact to look for; empty for those of the notes."""
    limit: int = Field(default=40, ge=1, le=120)
    """Most claims."""


class ExtractOutput(Frozen):
    """What was found."""

    claims: tuple[Claim, ...] = ()
    """Checked against the transcripts; those that failed say why."""
    unanswered: tuple[str, ...] = ()
    """Wanted facts on which nothing is said."""


def _cost(sizes: Sizes) -> Cost:
    count = sizes.get("transcripts", 1)
    cost = expected("extract", count, TOKENS_A_TRANSCRIPT)
    return cost.model_copy(update={"seconds": 6.0 * cost.calls + 2.0 * count})


@dataclass(frozen=True)
class _Found:
    """A claim of one part of the transcripts."""

    claim: Claim
    repair: str
    relevance: float
    spoken: tuple[float, ...]
    """Where it is said: video, first and last segment."""


@agent(capabilities=("extract_claims",), cost=_cost, tier="capable", accept_partial=True)
async def extract(inputs: ExtractInput, ctx: AgentContext) -> ExtractOutput:
    """Find what transcripts say about the request, as claims with citations.

    One model call, or several where the transcripts do not fit into one: each may then give as
    many claims as the limit allows, and the best of all are kept.
    """
    read = await _read(inputs.transcripts, ctx)
    facts = list(inputs.facts or ctx.notes.facts_wanted)

    def asked(shown: list[dict[str, Any]]) -> list[BaseMessage]:
        return prompt.render(ctx.request, facts, ctx.brief, shown, inputs.limit)

    space = room(asked([]), ExtractDraft, ctx.gateway.settings.context_tokens)
    parts = batches(read, space)
    drafts = await _drafts([asked(part.shown()) for part in parts], ctx)
    answers = [
        [_found(row, part, list(read)) for row in draft.claims]
        for draft, part in zip(drafts, parts, strict=False)
    ]
    kept, left = best(
        answers,
        inputs.limit,
        sound=lambda row: row.claim.verified,
        group=lambda row: _subject(row.claim, read, ctx.notes.channels),
        relevance=lambda row: row.relevance,
    )
    if left:
        ctx.note(_left_out(left, inputs.limit, len(parts)))
    claims = _numbered(sorted(kept, key=_order(facts)), ctx)
    silent = _silent(facts, drafts) if len(drafts) == len(parts) else ()
    return ExtractOutput(claims=claims, unanswered=tuple(silent))


async def _read(rows: Sequence[TranscriptRef], ctx: AgentContext) -> dict[str, Transcript]:
    read: dict[str, Transcript] = {}
    for number, row in enumerate(rows, 1):
        read[row.video_id] = await ctx.transcript(row.video_id)
        ctx.progress(number, len(rows), "transcripts read")
    return read


async def _drafts(prompts: Sequence[list[BaseMessage]], ctx: AgentContext) -> list[ExtractDraft]:
    """Ask about each part; where one fails, what the parts before it gave is kept."""
    drafts: list[ExtractDraft] = []
    for messages in prompts:
        try:
            drafts.append(await ctx.ask("extract", messages, ExtractDraft))
            ctx.progress(len(drafts), len(prompts), "parts searched for claims")
        except (ModelError, BudgetExceeded) as error:
            if not drafts:
                raise
            unread = len(prompts) - len(drafts)
            ctx.lack(f"{error} {unread} of {len(prompts)} parts were not read.")
            break
    return drafts


def _found(row: FindingDraft, part: Batch, videos: list[str]) -> _Found:
    places = part.cited(row)
    segments = [place.segment for place in places]
    first = min((videos.index(place.video_id) for place in places), default=len(videos))
    claim, repair = repaired(part.claim("", row), part.transcripts)
    spoken = (first, min(segments, default=0), max(segments, default=0))
    return _Found(claim, repair, min(1.0, max(0.0, row.relevance)), spoken)


def _subject(
    claim: Claim, read: Mapping[str, Transcript], named: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """What a claim is on, and which of the channels that the user named say it."""
    said_by = [read[row.video_id].video.channel for row in claim.citations]
    own = (name for name in named if any(same_channel(name, other) for other in said_by))
    return claim.section.casefold(), tuple(own)


def _order(facts: Sequence[str]) -> Callable[[_Found], tuple[float, ...]]:
    """Order claims by what was asked, and then as they are spoken."""
    place = {fact: number for number, fact in enumerate(facts)}
    further, nowhere = len(facts), len(facts) + 1

    def order(row: _Found) -> tuple[float, ...]:
        section = row.claim.section
        return (place.get(section, further if section else nowhere), *row.spoken)

    return order


def _numbered(rows: Sequence[_Found], ctx: AgentContext) -> tuple[Claim, ...]:
    claims = []
    for number, row in enumerate(rows, 1):
        claim = row.claim.model_copy(update={"id": f"{ctx.step}.{number}"})
        if row.repair:
            ctx.note(f"{claim.id}: {row.repair}")
        ctx.found(claim)
        claims.append(claim)
    return tuple(claims)


def _left_out(rows: Sequence[_Found], limit: int, parts: int) -> str:
    texts = " ".join(f"“{row.claim.text}”" for row in rows[:TOLD])
    more = f" and {len(rows) - TOLD} more" if len(rows) > TOLD else ""
    read = f"in {parts} parts" if parts > 1 else "in one part"
    return (
        f"Read {read}; of {limit + len(rows)} claims the best {limit} are kept, not: {texts}{more}"
    )


def _silent(facts: Sequence[str], drafts: Sequence[ExtractDraft]) -> Iterator[str]:
    """Return the facts on which no part says anything; parts off the topic have no say in it."""
    telling = [draft for draft in drafts if draft.claims] or drafts
    open_in = [{text.strip() for text in draft.unanswered} for draft in telling]
    return (fact for fact in facts if all(fact in texts for texts in open_in))
