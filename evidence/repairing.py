"""The second chance of claims that failed the check: one question about all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cliptrail.evidence.batches import Batch
from cliptrail.evidence.citations import Place
from cliptrail.evidence.speech import speech
from cliptrail.evidence.verification import repaired
from cliptrail.state.drafts import ClaimDraft, RepairDraft, RepairsDraft
from cliptrail.state.evidence import Claim
from cliptrail.state.media import Transcript

AROUND = 4
"""Sentences on either side of what a failed claim cites that the model sees."""


@dataclass(frozen=True)
class Failed:
    """A claim that failed the check, as its model drafted it."""

    draft: ClaimDraft
    claim: Claim
    part: Batch
    """The batch whose sentences it cites."""


def shown(failed: Sequence[Failed]) -> list[dict[str, Any]]:
    """Return failed claims as the prompt shows them, numbered from 1."""
    return [
        {
            "claim": number,
            "text": row.claim.text,
            "sentences": row.draft.sentences,
            "why": row.claim.reason,
        }
        for number, row in enumerate(failed, 1)
    ]


def neighborhood(failed: Sequence[Failed]) -> str:
    """Return the sentences that failed claims cite, and those around them, as a prompt shows them.

    Sentences have the numbers by which the claims cite them. A claim that cites nothing known adds
    none.
    """
    parts: dict[int, tuple[Batch, set[Place]]] = {}
    for row in failed:
        _, wanted = parts.setdefault(id(row.part), (row.part, set()))
        wanted.update(_around(row.part.cited(row.draft.sentences), row.part.transcripts))
    texts = (part.only(wanted).shown() for part, wanted in parts.values())
    return "\n".join(text for text in texts if text)


def _around(places: Sequence[Place], transcripts: Mapping[str, Transcript]) -> set[Place]:
    found: set[Place] = set()
    for place in places:
        count = len(speech(transcripts[place.video_id]).sentences)
        first, last = max(0, place.sentence - AROUND), min(count, place.sentence + AROUND + 1)
        found.update(Place(place.video_id, number) for number in range(first, last))
    return found


def corrected(
    answer: RepairsDraft, failed: Sequence[Failed], request: str
) -> list[tuple[Claim, str]]:
    """Return each failed claim as it stands after the repair, and what was done to it.

    A correction that does not hold either leaves the claim as it was, with its first reason.

    Args:
        answer: what the model answered.
        failed: what it was asked about, in the same order.
        request: the user's.
    """
    by_number = {row.claim: row for row in reversed(answer.repairs)}
    return [_corrected(by_number.get(number), row, request) for number, row in enumerate(failed, 1)]


def _corrected(repair: RepairDraft | None, failed: Failed, request: str) -> tuple[Claim, str]:
    why = failed.claim.reason
    if repair is None or repair.do == "drop" or not repair.text.strip():
        return failed.claim, f"{why} Asked again, the model gave it up."
    row = ClaimDraft(
        sentences=repair.sentences or failed.draft.sentences,
        section=failed.draft.section,
        text=repair.text,
    )
    claim, note = repaired(failed.part.claim("", row), failed.part.transcripts, request)
    if not claim.verified:
        return failed.claim, f"{why} The correction did not hold either: {claim.reason}"
    return claim, " ".join(filter(None, [why, "The model corrected it.", note]))
