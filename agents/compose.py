"""The agent `compose`: makes one guide of the claims."""

from collections.abc import Mapping, Sequence

from langchain_core.messages import BaseMessage
from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.evidence.assembling import (
    by_section,
    from_claims,
    from_draft,
    together,
    with_conflicts,
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
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import compose as prompt
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import GuideDraft
from cliptrail.state.errors import ModelError, ModelRejected, UsageError
from cliptrail.state.evidence import Claim, Conflict, Guide
from cliptrail.state.media import Transcript
from cliptrail.state.plan import Cost

MOST_CLAIMS = 120
"""Of a prompt: the answer has no room for more statements."""


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
    """Make one guide of claims: joined, ordered as asked, conflicts side by side.

    One model call, or several where the claims do not fit into one: first parts, sorted by what
    was asked, and then what is left of them. None when there is nothing to compose.
    """
    verified = [claim for claim in inputs.claims if claim.verified]
    title = ctx.notes.topic or "Guide"
    plain = from_claims(title, inputs.claims, inputs.unanswered)
    if not verified:
        return plain
    read = {
        row.video_id: await ctx.transcript(row.video_id)
        for claim in verified
        for row in claim.citations
    }
    try:
        guide = await _Composer(ctx, read).guide(verified)
    except (ModelError, UsageError) as error:
        ctx.lack(f"{error} The guide shows the claims as they were found.")
        return plain
    if not guide.claims:
        ctx.lack("The composed guide was empty; it shows the claims as they were found.")
        return plain
    silent = dict.fromkeys([*guide.unanswered, *inputs.unanswered])
    return guide.model_copy(
        update={
            "title": guide.title or title,
            "unverified": plain.unverified,
            "unanswered": tuple(silent),
        }
    )


class _Composer:
    """Composes claims that may be too many for one prompt."""

    def __init__(self, ctx: AgentContext, read: Mapping[str, Transcript]) -> None:
        self.ctx = ctx
        self.read = read
        self.facts = list(ctx.notes.facts_wanted)
        self.space = room(self.asked([]), GuideDraft, ctx.gateway.settings.context_tokens)

    def asked(self, claims: Sequence[Claim]) -> list[BaseMessage]:
        return prompt.render(self.ctx.request, self.facts, self.ctx.brief, self.shown(claims))

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

    async def guide(self, claims: Sequence[Claim]) -> Guide:
        """Compose: all at once where they fit, else in rounds, as long as a round joins enough."""
        fit = [claim for claim in claims if self.size(claim) <= self.space]
        parts = self.parts(fit)
        conflicts: tuple[Conflict, ...] = ()
        made = Guide(title="")
        while len(parts) > 1:
            made = together([await self.part(part) for part in parts], self.facts)
            conflicts = with_conflicts(made, conflicts).conflicts
            count, parts = len(parts), self.parts(made.claims)
            if len(parts) >= count:
                self.ctx.note(
                    f"The claims do not fit into one prompt and were composed in {count} parts; "
                    "what claims of different parts share or dispute may stand unjoined."
                )
                break
        else:
            made = await self.last(parts[0], made) if parts else made
        return self.with_long(with_conflicts(made, conflicts), claims)

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
            return from_claims("", claims)
        if made.claims:
            return made
        self.ctx.lack(f"A composed part was empty; its {len(claims)} claims stand as found.")
        return from_claims("", claims)

    async def last(self, claims: Sequence[Claim], before: Guide) -> Guide:
        """Compose what is to be the guide; where that fails, the parts before it are there."""
        try:
            made = await self.once(claims)
        except ModelError as error:
            if not before.claims:
                raise
            self.ctx.lack(f"{error} The guide is put together of its parts.")
            return before
        return made if made.claims else before

    async def once(self, claims: Sequence[Claim]) -> Guide:
        draft = await self.ctx.ask("compose", self.asked(claims), GuideDraft)
        guide, repairs = from_draft(draft, claims, self.read)
        for repair in repairs:
            self.ctx.note(repair)
        return guide

    def with_long(self, guide: Guide, claims: Sequence[Claim]) -> Guide:
        """Add the claims that are too long for any prompt, as they were found."""
        long = [claim for claim in claims if self.size(claim) > self.space]
        for claim in long:
            self.ctx.note(f"{claim.id} is too long for a prompt and stands as it was found.")
        return guide.model_copy(update={"claims": (*guide.claims, *long)})
