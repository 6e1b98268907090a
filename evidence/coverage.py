"""What the steps of a run found and read, taken from their results."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import ValidationError

from cliptrail.evidence.matrix import Searched
from cliptrail.state.base import Frozen, Later
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Plan
from cliptrail.state.steps import StepResult

Kind = TypeVar("Kind", bound=Frozen)


def searched(results: Mapping[str, StepResult]) -> Searched:
    """Return what steps found and read, and on what they say that there is nothing.

    Args:
        results: how the steps ended, those of a thread's earlier runs among them.
    """
    failures = [row.failure.message for row in results.values() if row.failure]
    silent = (row for row in field_of(results, "unanswered") if isinstance(row, str))
    return Searched(
        channel_of={row.video_id: row.channel for row in transcripts_read(results)},
        found=tuple(dict.fromkeys(row.channel for row in videos_found(results))),
        silent=tuple(dict.fromkeys(silent)),
        trouble=next(iter(failures), ""),
    )


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
