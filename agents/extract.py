"""The agent `extract`: finds what transcripts say about what was asked, as verified claims."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage
from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.evidence.batches import (
    CAREFUL,
    TOKENS_A_CLAIM,
    TOKENS_A_TRANSCRIPT,
    TYPICAL_FRAME,
    Batch,
    batches,
    expected,
    lines_size,
    room,
    size,
)
from cliptrail.evidence.repairing import Failed, corrected, neighborhood, shown
from cliptrail.evidence.verification import repaired
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import extract as prompt
from cliptrail.prompts import repair as repair_prompt
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import ClaimDraft, ExtractDraft, RepairsDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.evidence import Claim
from cliptrail.state.media import Transcript, TranscriptRef
from cliptrail.state.plan import Cost
from cliptrail.tools.text.tokens import content_words

TOLD = 80
"""Characters of a claim that the trail quotes."""
NEAR = 0.6
"""Share of words in common from which a section is meant to be a wanted fact."""


class ExtractInput(Frozen):
    """What to read, and for what."""

    transcripts: tuple[TranscriptRef, ...] = Field(min_length=1)
    """Transcripts in the library."""
    facts: tuple[str, ...] = ()
    """Kinds of fact to look for; empty for those of the notes."""
    limit: int = Field(default=20, ge=1, le=120)
    """Most claims for each wanted fact and video that the model is asked for; all that it gives are
    kept."""


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
    draft: ClaimDraft
    part: Batch

    @property
    def spoken(self) -> tuple[int, ...]:
        """Where it is said: the numbers of its first and last sentence."""
        known = [number for number in self.draft.sentences if number in self.part.places]
        return (min(known), max(known)) if known else (len(self.part.places), 0)


@agent(capabilities=("extract_claims",), cost=_cost, tier="capable", accept_partial=True)
async def extract(inputs: ExtractInput, ctx: AgentContext) -> ExtractOutput:
    """Find what transcripts say about the request, as claims with citations.

    One model call, or several where the transcripts do not fit into one. If claims fail the check,
    one more call asks to correct all of them, where the budget allows that and what comes after.
    Every claim goes on.
    """
    read = await _read(inputs.transcripts, ctx)
    facts = list(inputs.facts or ctx.notes.facts_wanted)

    def asked(shown: str) -> list[BaseMessage]:
        return prompt.render(ctx.request, facts, ctx.brief, shown, inputs.limit)

    space = room(asked(""), ExtractDraft, ctx.gateway.settings.context_tokens)
    parts = batches(read, space)
    drafts = await _drafts([asked(part.shown()) for part in parts], ctx)
    found = [
        _found(row, part, facts, ctx.request)
        for draft, part in zip(drafts, parts, strict=False)
        for row in draft.claims
    ]
    found = await _repaired(found, ctx)
    claims = _numbered(sorted(found, key=_order(facts)), ctx)
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


def _found(row: ClaimDraft, part: Batch, facts: Sequence[str], request: str) -> _Found:
    draft = row.model_copy(update={"section": _wanted(row.section, facts)})
    claim, repair = repaired(part.claim("", draft), part.transcripts, request)
    return _Found(claim, repair, draft, part)


def _wanted(section: str, facts: Sequence[str]) -> str:
    """Return the wanted fact that a section stands for; the section itself if it stands for none.

    Models shorten and re-word what they are told to copy.
    """
    words = set(content_words(section))

    def common(fact: str) -> float:
        own = set(content_words(fact))
        return len(words & own) / max(1, len(words | own))

    if section in facts or not words:
        return section
    best = max(facts, key=common, default="")
    return best if best and common(best) >= NEAR else section


async def _repaired(found: list[_Found], ctx: AgentContext) -> list[_Found]:
    """Have the claims that failed corrected in one call, where the budget allows it."""
    failed = [Failed(row.draft, row.claim, row.part) for row in found if not row.claim.verified]
    asked = _fitting(failed, ctx)
    if not asked:
        return found
    messages = repair_prompt.render(ctx.request, shown(asked), neighborhood(asked))
    composing = TYPICAL_FRAME + int(CAREFUL * TOKENS_A_CLAIM) * len(found)
    if not ctx.gateway.affords("extract", messages, RepairsDraft, then=("compose", composing)):
        ctx.note(
            f"{len(failed)} claims failed the check; the budget leaves no call to repair them."
        )
        return found
    try:
        answer = await ctx.ask("extract", messages, RepairsDraft)
    except (ModelError, BudgetExceeded) as error:
        ctx.note(f"{len(failed)} claims failed the check and could not be repaired: {error}")
        return found
    answers = zip(asked, corrected(answer, asked, ctx.request), strict=True)
    again = {id(row.claim): pair for row, pair in answers}
    return [
        replace(row, claim=again[id(row.claim)][0], repair=again[id(row.claim)][1])
        if id(row.claim) in again
        else row
        for row in found
    ]


def _fitting(failed: Sequence[Failed], ctx: AgentContext) -> Sequence[Failed]:
    """Return as many failed claims as one prompt holds, the first ones."""
    frame = repair_prompt.render(ctx.request, [], "")
    space = room(frame, RepairsDraft, ctx.gateway.settings.context_tokens)
    while failed and size(shown(failed)) + lines_size(neighborhood(failed)) > space:
        ctx.note(f"Too long to be asked about again: “{failed[-1].claim.text[:TOLD]}”")
        failed = failed[:-1]
    return failed


def _order(facts: Sequence[str]) -> Callable[[_Found], tuple[int, ...]]:
    """Order claims by what was asked, and then as they are spoken."""
    place = {fact: number for number, fact in enumerate(facts)}
    further, nowhere = len(facts), len(facts) + 1

    def order(row: _Found) -> tuple[int, ...]:
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


def _silent(facts: Sequence[str], drafts: Sequence[ExtractDraft]) -> Iterator[str]:
    """Return the facts on which no part says anything; parts off the topic have no say in it."""
    telling = [draft for draft in drafts if draft.claims] or drafts
    open_in = [{_wanted(text.strip(), facts) for text in draft.unanswered} for draft in telling]
    return (fact for fact in facts if all(fact in texts for texts in open_in))
