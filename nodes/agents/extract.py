"""The agent `extract`: finds what transcripts say about what was asked, as verified claims."""

from collections.abc import Mapping

from pydantic import Field

from nodes.desk import Desk
from nodes.evidence.batches import TOKENS_A_TRANSCRIPT, Batch, batches
from nodes.evidence.verify import repaired
from nodes.registry import Sizes, agent
from prompts import extract as prompt
from state.base import Frozen
from state.drafts import ExtractDraft
from state.evidence import Claim
from state.media import Transcript, TranscriptRef
from state.plan import Cost


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
    return Cost(
        calls=1,
        input_tokens=TOKENS_A_TRANSCRIPT * count,
        output_tokens=400 * count,
        seconds=6.0 + 2.0 * count,
    )


@agent(capabilities=("extract_claims",), cost=_cost, tier="capable", accept_partial=True)
async def extract(inputs: ExtractInput, desk: Desk) -> ExtractOutput:
    """Find what transcripts say about the request, as claims with citations.

    One model call, or several where the transcripts do not fit into one.
    """
    read = {row.video_id: await desk.transcript(row.video_id) for row in inputs.transcripts}
    facts = list(inputs.facts or desk.notes.facts_wanted)
    claims: list[Claim] = []
    unanswered: list[set[str]] = []
    parts = list(batches(read, desk.door.settings.context_tokens))
    for part in parts:
        limit = max(5, inputs.limit // len(parts))
        messages = prompt.render(desk.request, facts, desk.brief, part.shown(), limit)
        draft = await desk.ask("extract", messages, ExtractDraft)
        claims += _claims(draft, part, read, desk, start=len(claims))
        unanswered.append({text.strip() for text in draft.unanswered if text.strip()})
    silent = set.intersection(*unanswered) if unanswered else set()
    return ExtractOutput(
        claims=tuple(claims), unanswered=tuple(fact for fact in facts if fact in silent)
    )


def _claims(
    draft: ExtractDraft,
    part: Batch,
    read: Mapping[str, Transcript],
    desk: Desk,
    start: int,
) -> list[Claim]:
    rows = []
    for number, row in enumerate(draft.claims, start + 1):
        claim = part.claim(f"{desk.step}.{number}", row)
        checked, repair = repaired(claim, read)
        if repair:
            desk.note(f"{claim.id}: {repair}")
        rows.append(checked)
    return rows
