"""The agent `compose`: makes one guide of the claims."""

from pydantic import Field

from nodes.desk import Desk
from nodes.evidence.assemble import from_claims, from_draft
from nodes.registry import Sizes, agent
from prompts import compose as prompt
from state.base import Frozen
from state.drafts import GuideDraft
from state.errors import ModelError
from state.evidence import Claim, Guide
from state.media import Transcript
from state.plan import Cost


class ComposeInput(Frozen):
    """What the guide is made of."""

    claims: tuple[Claim, ...] = Field(default=())
    """Claims of one or several extract steps."""
    unanswered: tuple[str, ...] = ()
    """Wanted facts on which nothing was found."""


def _cost(_: Sizes) -> Cost:
    return Cost(calls=1, input_tokens=3_000, output_tokens=2_000, seconds=12.0)


@agent(capabilities=("compose_guide",), cost=_cost, tier="capable", accept_partial=True)
async def compose(inputs: ComposeInput, desk: Desk) -> Guide:
    """Make one guide of claims: joined, ordered as asked, conflicts side by side.

    One model call; none when there is nothing to compose.
    """
    verified = [claim for claim in inputs.claims if claim.verified]
    title = desk.notes.topic or "Guide"
    plain = from_claims(title, inputs.claims, inputs.unanswered)
    if not verified:
        return plain
    read = {
        row.video_id: await desk.transcript(row.video_id)
        for claim in verified
        for row in claim.citations
    }
    facts = list(desk.notes.facts_wanted)
    messages = prompt.render(desk.request, facts, desk.brief, _shown(verified, read))
    try:
        draft = await desk.ask("compose", messages, GuideDraft)
    except ModelError as error:
        desk.note(f"{error} The guide shows the claims as they were found.")
        return plain
    guide, repairs = from_draft(draft, verified, read)
    for repair in repairs:
        desk.note(repair)
    if not guide.claims:
        desk.note("The composed guide was empty; it shows the claims as they were found.")
        return plain
    silent = dict.fromkeys([*guide.unanswered, *inputs.unanswered])
    return guide.model_copy(
        update={
            "title": guide.title or title,
            "unverified": plain.unverified,
            "unanswered": tuple(silent),
        }
    )


def _shown(claims: list[Claim], read: dict[str, Transcript]) -> list[dict[str, str]]:
    return [
        {
            "id": claim.id,
            "text": claim.text,
            "section": claim.section,
            "video": claim.citations[0].video_id,
            "channel": read[claim.citations[0].video_id].video.channel,
        }
        for claim in claims
    ]
