"""Whether the channels that the user named are cited, and if not, why not."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import ValidationError

from cliptrail.state.base import Frozen, Later
from cliptrail.state.evidence import Claim, Coverage
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Plan
from cliptrail.state.steps import StepResult
from cliptrail.tools.text.channels import same_channel

Kind = TypeVar("Kind", bound=Frozen)


def coverage(
    named: Iterable[str],
    claims: Iterable[Claim],
    channel_of: Mapping[str, str],
    results: Mapping[str, StepResult],
) -> tuple[Coverage, ...]:
    """Return one entry for each channel that the user named.

    Args:
        named: the channels.
        claims: what the guide says.
        channel_of: channel by video id, for the videos that are cited.
        results: how the steps ended: what was found and read, or why not.
    """
    cited = {channel_of.get(row.video_id, "") for claim in claims for row in claim.citations}
    return tuple(_entry(name, cited, results) for name in dict.fromkeys(named))


def _entry(name: str, cited: set[str], results: Mapping[str, StepResult]) -> Coverage:
    if any(same_channel(name, channel) for channel in cited):
        return Coverage(channel=name, cited=True)
    return Coverage(channel=name, cited=False, reason=_why_not(name, results))


def _why_not(name: str, results: Mapping[str, StepResult]) -> str:
    read = [row for row in transcripts_read(results) if same_channel(row.channel, name)]
    if read:
        return f"{len(read)} of its videos were read; none answers the request."
    failures = [row.failure.message for row in results.values() if row.failure]
    if any(same_channel(video.channel, name) for video in videos_found(results)):
        return " ".join(["Its videos were found but could not be read.", *failures[:1]])
    return " ".join(["The search found no video of it.", *failures[:1]])


def transcripts_read(results: Mapping[str, StepResult]) -> list[TranscriptRef]:
    """Return the transcripts that the steps read."""
    return read_as(TranscriptRef, outputs(results))


def videos_found(results: Mapping[str, StepResult]) -> list[Video]:
    """Return the videos that the steps' searches found."""
    return read_as(Video, field_of(results, "videos"))


def in_plan_order(results: Mapping[str, StepResult], plan: Plan | None) -> dict[str, StepResult]:
    """Return results in the order of the plan's steps; they come in the order in which steps ended.

    Args:
        results: by instance id.
        plan: the last revision; None where there is none.
    """
    place = {step.id: number for number, step in enumerate(plan.steps if plan else ())}

    def order(name: str) -> tuple[int, int]:
        step, _, index = name.partition("[")
        return place.get(step, len(place)), int(index.rstrip("]") or 0)

    return {name: results[name] for name in sorted(results, key=order)}


def outputs(results: Mapping[str, StepResult]) -> list[dict[str, Any]]:
    """Return what the steps that are done gave."""
    return [row.output for row in results.values() if row.status == "done" and row.output]


def field_of(results: Mapping[str, StepResult], name: str) -> list[Any]:
    """Return the elements of every list that the steps gave in a field."""
    found = [row[name] for row in outputs(results) if isinstance(row.get(name), list)]
    return [element for rows in found for element in rows]


def read_as(kind: type[Kind], rows: Iterable[object]) -> list[Kind]:
    """Return those rows that are complete values of a type, of this version or an earlier one.

    A user's own agent may use the same names for something else: that is left out.
    """
    known = set(kind.model_fields)
    later = {name for name, row in kind.model_fields.items() if Later() in row.metadata}
    wanted = known - later
    found: list[Kind] = []
    for row in rows:
        if isinstance(row, dict) and wanted <= set(row) <= known:
            with suppress(ValidationError):
                found.append(kind.model_validate(row))
    return found
