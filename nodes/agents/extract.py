"""The agent `extract`: finds what transcripts say about what was asked, as verified claims."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from nodes.desk import Desk
from nodes.evidence.citations import Place, cite
from nodes.evidence.verify import repaired
from nodes.registry import Sizes, agent
from prompts import extract as prompt
from state.base import Frozen
from state.drafts import ClaimDraft, ExtractDraft
from state.evidence import Claim
from state.media import Transcript, TranscriptRef
from state.plan import Cost

TOKENS_A_TRANSCRIPT = 4_000
"""Typical length of one, for estimates."""
CHARACTERS_A_TOKEN = 4


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


@dataclass(frozen=True)
class Batch:
    """The transcripts, or parts of them, that one prompt holds."""

    places: Mapping[str, Place]
    """Segments by the id that the model sees, e.g. "v1.12"."""
    transcripts: Mapping[str, Transcript]

    def shown(self) -> list[dict[str, Any]]:
        """Give the transcripts as the prompt shows them."""
        videos: dict[str, dict[str, Any]] = {}
        for name, place in self.places.items():
            video = self.transcripts[place.video_id].video
            about = {
                "id": name.split(".")[0],
                "title": video.title,
                "channel": video.channel,
                "segments": [],
            }
            row = self.transcripts[place.video_id].segments[place.segment]
            entry = videos.setdefault(place.video_id, about)
            entry["segments"].append([name, round(row.start, 1), row.text])
        return list(videos.values())


def batches(transcripts: Mapping[str, Transcript], most_tokens: int) -> Iterator[Batch]:
    """Split transcripts so that each part fits into one prompt; nothing is cut off.

    Args:
        transcripts: by video id.
        most_tokens: of a prompt; a part takes at most three quarters of it.
    """
    room = most_tokens * CHARACTERS_A_TOKEN * 3 // 4
    places: dict[str, Place] = {}
    used = 0
    for number, (video_id, row) in enumerate(transcripts.items(), 1):
        for index, segment in enumerate(row.segments):
            size = len(segment.text) + 20
            if places and used + size > room:
                yield Batch(places, transcripts)
                places, used = {}, 0
            places[f"v{number}.{index}"] = Place(video_id, index)
            used += size
    if places:
        yield Batch(places, transcripts)


def _claims(
    draft: ExtractDraft,
    part: Batch,
    read: Mapping[str, Transcript],
    desk: Desk,
    start: int,
) -> list[Claim]:
    rows = []
    for number, row in enumerate(draft.claims, start + 1):
        claim = _claim(row, part, read, f"{desk.step}.{number}")
        checked, repair = repaired(claim, read)
        if repair:
            desk.note(f"{claim.id}: {repair}")
        rows.append(checked)
    return rows


def _claim(row: ClaimDraft, part: Batch, read: Mapping[str, Transcript], claim_id: str) -> Claim:
    places = [part.places[name] for name in row.segments if name in part.places]
    return Claim(
        id=claim_id,
        text=" ".join(row.text.split()),
        section=" ".join(row.section.split()),
        citations=cite(places, read),
    )
