"""The agent `compose`: writes one guide of the claims."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.evidence.assembling import (
    as_found,
    by_section,
    from_claims,
    from_draft,
    together,
    with_answer,
    with_claims,
)
from cliptrail.evidence.batches import (
    LONGEST_NAME,
    TOKENS_A_CLAIM,
    TYPICAL_CLAIMS,
    expected,
    room,
    size,
    split_rows,
)
from cliptrail.evidence.grounding import sentences_of
from cliptrail.evidence.matrix import Searched, matrix, unanswered, wanted
from cliptrail.evidence.objections import Doubted, doubted
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import compose as prompt
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import AnswerDraft, GuideDraft
from cliptrail.state.errors import BudgetExceeded, ModelError, ModelRejected, UsageError
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import Transcript
from cliptrail.state.plan import Cost

MOST_CLAIMS = 120
"""Of a prompt: the answer has no room for more."""


class ComposeInput(Frozen):
    """What the guide is made of."""

    claims: tuple[Claim, ...] = Field(default=())
    """Claims of one or several extract steps."""
    unanswered: tuple[str, ...] = ()
    """Wanted facts on which nothing was found."""


def _cost(sizes: Sizes) -> Cost:
    count = max(TYPICAL_CLAIMS, sizes.get("claims", 0))
    cost = expected("compose", count, TOKENS_A_CLAIM)
    return cost.model_copy(update={"seconds": 12.0 * cost.calls})


@agent(capabilities=("compose_guide",), cost=_cost, tier="capable", accept_partial=True)
async def compose(inputs: ComposeInput, ctx: AgentContext) -> Guide:
    """Write one guide of claims: the answer first, then explained as asked, conflicts side by side.

    One model call, or several where the claims do not fit into one: first parts, sorted by what
    was asked, and then the answer in short. None when there is nothing to compose.
    """
    after = doubted(inputs.claims)
    facts = wanted(ctx.notes.facts_wanted, ctx.request)
    guide = await _composed(after, facts, ctx) if after.sound else None
    if guide is None:
        guide = from_claims("", inputs.claims)
    rows = matrix(facts, (), guide.claims, guide.unverified, Searched())
    title = guide.title or ctx.notes.topic or "Guide"
    return guide.model_copy(update={"title": title, "unanswered": unanswered(rows)})


async def _composed(after: Doubted, facts: Sequence[str], ctx: AgentContext) -> Guide | None:
    """Return the guide that a model wrote; None where none could be had."""
    read = {
        row.video_id: await ctx.transcript(row.video_id)
        for claim in after.sound
        for row in claim.citations
    }
    try:
        guide = await _Composer(ctx, read, after, facts).guide()
    except (ModelError, UsageError) as error:
        ctx.lack(f"{error} The guide shows the claims as they were found.")
        return None
    if not guide.claims:
        ctx.lack("The composed guide was empty; it shows the claims as they were found.")
        return None
    return guide


class _Composer:
    """Composes claims that may be too many for one prompt."""

    def __init__(
        self,
        ctx: AgentContext,
        read: Mapping[str, Transcript],
        after: Doubted,
        facts: Sequence[str],
    ) -> None:
        self.ctx = ctx
        self.read = read
        self.after = after
        self.facts = facts
        self.most = ctx.gateway.settings.context_tokens
        self.space = room(self.asked([], after), GuideDraft, self.most)

    def asked(self, claims: Sequence[Claim], after: Doubted) -> list[BaseMessage]:
        return prompt.render(
            self.ctx.request,
            self.ctx.notes.facts_wanted,
            self.ctx.brief,
            self.shown(claims),
            constraints=self.ctx.notes.constraints,
            disputed=[row.claims for row in after.conflicts],
        )

    def shown(self, claims: Sequence[Claim]) -> list[dict[str, str]]:
        return [
            {
                "id": claim.id,
                "text": claim.text,
                "section": claim.section,
                "video": claim.citations[0].video_id,
                "channel": self.read[claim.citations[0].video_id].video.channel[:LONGEST_NAME],
            }
            for claim in claims
        ]

    async def guide(self) -> Guide:
        """Compose all at once where the claims fit, else in parts."""
        fit = [claim for claim in self.after.sound if self.size(claim) <= self.space]
        parts = self.parts(fit)
        if len(parts) > 1:
            self.ctx.note(
                f"The claims do not fit into one prompt and were composed in {len(parts)} parts; "
                "what claims of different parts share may stand twice."
            )
            made = together([await self.part(part) for part in parts])
            made = await self.answered(self.across(made))
        else:
            made = await self.once(parts[0]) if parts else Guide(title="")
        return self.with_long(made)

    def size(self, claim: Claim) -> int:
        return size(self.shown([claim])[0])

    def parts(self, claims: Sequence[Claim]) -> list[list[Claim]]:
        """Return the claims in parts that fit; those on one wanted fact together, if possible."""
        sizes = [self.size(claim) for claim in claims]
        if sum(sizes) <= self.space and len(claims) <= MOST_CLAIMS:
            return [list(claims)] if claims else []
        rows = by_section(claims, self.facts)
        return split_rows(rows, [self.size(claim) for claim in rows], self.space, MOST_CLAIMS)

    async def part(self, claims: Sequence[Claim]) -> Guide:
        """Compose one of several parts; what cannot be composed stays as it was found."""
        try:
            made = await self.once(claims)
        except ModelRejected:
            raise  # nor could the other parts
        except ModelError as error:
            self.ctx.lack(f"{error} {len(claims)} claims stand as they were found.")
            return self.found(claims)
        if made.claims:
            return made
        self.ctx.lack(f"A composed part was empty; its {len(claims)} claims stand as found.")
        return self.found(claims)

    def found(self, claims: Sequence[Claim]) -> Guide:
        """Return claims as they were found, under the sections that they have."""
        rows: dict[str, list[Claim]] = {}
        for claim in claims:
            rows.setdefault(claim.section, []).append(claim)
        made = self.after_of(claims)
        sections = tuple(as_found(name, own) for name, own in rows.items())
        guide = from_claims("", claims).model_copy(update={"sections": sections})
        return guide.model_copy(update={"conflicts": made.conflicts, "unverified": ()})

    def after_of(self, claims: Sequence[Claim]) -> Doubted:
        """Return what critics say on some of the claims."""
        names = {claim.id for claim in claims}
        conflicts = tuple(row for row in self.after.conflicts if set(row.claims) <= names)
        return Doubted(tuple(claims), self.after.unverified, conflicts, ())

    def across(self, guide: Guide) -> Guide:
        """Add what contradicts each other in different parts, used there or not."""
        known = {claim.id: claim for claim in (*self.after.sound, *guide.claims)}
        now = {name: row.id for row in guide.claims for name in (row.id, *row.joined)}
        added = [
            row.model_copy(update={"claims": tuple(now.get(name, name) for name in row.claims)})
            for row in self.after.conflicts
        ]
        shown = {frozenset(row.claims) for row in guide.conflicts}
        added = [row for row in added if not any(set(row.claims) <= names for names in shown)]
        made = guide.model_copy(update={"conflicts": (*guide.conflicts, *added)})
        made = with_claims(made, known.values())
        used = {claim.id for claim in made.claims}
        left = tuple(row for row in made.left_out if row.claim.id not in used)
        return made.model_copy(update={"left_out": left})

    async def answered(self, guide: Guide) -> Guide:
        """Add the answer in short, written from the parts; without one the parts stand alone."""
        try:
            draft = await self.ctx.ask("compose", self.asked_of_parts(guide), AnswerDraft)
        except (ModelError, BudgetExceeded, UsageError) as error:
            self.ctx.lack(f"{error} The guide has no answer in short.")
            return guide
        made, repairs = with_answer(guide, draft, self.read, self.ctx.request)
        for repair in repairs:
            self.ctx.note(repair)
        return made

    def asked_of_parts(self, guide: Guide) -> list[BaseMessage]:
        rows: list[dict[str, Any]] = [
            {"heading": section.heading, "claims": list(row.claims), "text": row.text}
            for section in guide.sections
            for block in section.blocks
            for row in sentences_of(block)
            if row.claims
        ]
        frame = prompt.render_answer(self.ctx.request, self.ctx.brief, [])
        fitting = split_rows(
            [row for row in rows if size(row) <= room(frame, AnswerDraft, self.most)],
            [size(row) for row in rows if size(row) <= room(frame, AnswerDraft, self.most)],
            room(frame, AnswerDraft, self.most),
            len(rows) + 1,
        )
        if len(fitting) > 1:
            left = len(rows) - len(fitting[0])
            self.ctx.note(f"The answer in short was written without {left} sentences of the guide.")
        return prompt.render_answer(self.ctx.request, self.ctx.brief, (fitting or [[]])[0])

    async def once(self, claims: Sequence[Claim]) -> Guide:
        after = self.after_of(claims)
        draft = await self.ctx.ask("compose", self.asked(claims, after), GuideDraft)
        facts, known = self.ctx.notes.facts_wanted, self.ctx.request
        guide, repairs = from_draft(draft, after, self.read, facts, known)
        for repair in repairs:
            self.ctx.note(repair)
        return guide

    def with_long(self, guide: Guide) -> Guide:
        """Add what no prompt held: claims that are too long for one, and what critics set apart."""
        long = [claim for claim in self.after.sound if self.size(claim) > self.space]
        for claim in long:
            self.ctx.note(f"{claim.id} is too long for a prompt and stands as it was found.")
        made = guide.model_copy(
            update={
                "unverified": self.after.unverified,
                "left_out": (*self.after.left_out, *guide.left_out),
            }
        )
        if not long:
            return made
        sections = (*made.sections, as_found("Further statements", long))
        made = made.model_copy(update={"sections": sections})
        return with_claims(made, [*guide.claims, *long])
