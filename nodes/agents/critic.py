"""The agent `critic`: holds claims against the transcripts, and looks for what contradicts them."""

from collections.abc import Iterator, Mapping, Sequence

from nodes.desk import Desk
from nodes.evidence.batches import TOKENS_A_TRANSCRIPT, Batch, batches
from nodes.evidence.verify import repaired, verify
from nodes.registry import Sizes, agent
from prompts import critic as prompt
from state.base import Frozen
from state.drafts import CritiqueDraft
from state.errors import SourceError
from state.evidence import Claim
from state.media import Transcript, TranscriptRef
from state.plan import Cost

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
    """Each checked again, and after them what contradicts, each with its own citations."""


def _cost(sizes: Sizes) -> Cost:
    count = sizes.get("transcripts", 0) or MOST_VIDEOS
    return Cost(
        calls=1,
        input_tokens=TOKENS_A_TRANSCRIPT * count,
        output_tokens=400,
        seconds=6.0 + 2.0 * count,
    )


@agent(capabilities=("check_claims",), cost=_cost, tier="capable", accept_partial=True)
async def critic(inputs: CriticInput, desk: Desk) -> CriticOutput:
    """Hold claims against their transcripts and look for statements that contradict them.

    One model call, or several where the transcripts do not fit into one; none without claims.
    """
    cited = {row.video_id for claim in inputs.claims for row in claim.citations}
    read = {name: await desk.transcript(name) for name in sorted(cited)}
    claims = [verify(claim, read) for claim in inputs.claims]
    sound = {claim.id: claim for claim in claims if claim.verified}
    if not sound:
        return CriticOutput(claims=tuple(claims))
    where = await _where(inputs, desk)
    found: dict[str, Claim] = {}
    for part in batches(where, desk.door.settings.context_tokens):
        messages = prompt.render(desk.request, _shown(list(sound.values()), read), part.shown())
        draft = await desk.ask("critic", messages, CritiqueDraft)
        for claim in _objections(draft, part, sound, desk):
            number = f"{desk.step}.{len(found) + 1}"
            found.setdefault(claim.text, claim.model_copy(update={"id": number}))
    return CriticOutput(claims=(*claims, *found.values()))


async def _where(inputs: CriticInput, desk: Desk) -> dict[str, Transcript]:
    """The transcripts to look in: those of the plan, or those of further videos on the topic."""
    if inputs.transcripts:
        return {row.video_id: await desk.transcript(row.video_id) for row in inputs.transcripts}
    query = desk.notes.topic or desk.request
    where: dict[str, Transcript] = {}
    for video in await desk.search(query[:500], "", MOST_VIDEOS):
        try:
            where[video.video_id] = await desk.transcript(video.video_id, video)
        except SourceError as error:
            desk.note(f"Not looked into: {error}")
    return where


def _shown(claims: Sequence[Claim], read: Mapping[str, Transcript]) -> list[dict[str, str]]:
    return [
        {
            "id": claim.id,
            "text": claim.text,
            "channel": read[claim.citations[0].video_id].video.channel,
        }
        for claim in claims
    ]


def _objections(
    draft: CritiqueDraft, part: Batch, sound: Mapping[str, Claim], desk: Desk
) -> Iterator[Claim]:
    """Give each statement against a sound claim that holds itself."""
    for row in draft.objections:
        objected = sound.get(row.claim)
        if objected is None:
            continue
        claim, repair = repaired(part.claim("", row), part.transcripts)
        if not claim.verified:
            desk.note(f"An objection to {row.claim} did not hold: {claim.reason}")
            continue
        if repair:
            desk.note(repair)
        section = {"section": claim.section or objected.section}
        yield claim.model_copy(update=section)
