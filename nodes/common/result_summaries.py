"""What a coordinator sees of finished work: results in short, never transcripts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from cliptrail.evidence.matrix import Searched, matrix
from cliptrail.plans.audit import in_short
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Step
from cliptrail.state.request import Notes
from cliptrail.state.results import Results
from cliptrail.state.steps import StepResult
from cliptrail.tools.sources.names import named_sources

MOST_ROWS = 10
"""Elements of a list that are named; of the rest only the number is told."""
LONGEST_TEXT = 120
"""Characters of a title or a statement."""
STATEMENTS = 3
"""Claims that are quoted of each step."""


def result_summaries(
    steps: Iterable[Step], results: Results, notes: Notes | None = None
) -> list[dict[str, Any]]:
    """Return how each step ended and what it gave, in short.

    Args:
        steps: of the plan, in its order.
        results: by instance id.
        notes: what was asked: claims are then told by the wanted facts that they answer, and what
            is open is named.

    Returns:
        One entry a step that has ended: id, agent, brief, status, why it is not done or what it
        lacks, and what it gave. Values can be referred to by the step's id.
    """
    wanted = notes or Notes()
    return [_entry(step, own, wanted) for step in steps if (own := results.of_steps([step.id]))]


def _entry(step: Step, own: Results, notes: Notes) -> dict[str, Any]:
    rows, done = list(own.values()), own.json_outputs()
    why = list(dict.fromkeys(row.reason for row in rows if row.reason and not _is_absent(row)))
    entry: dict[str, Any] = {
        "step": step.id,
        "agent": step.agent,
        "brief": step.brief[:LONGEST_TEXT],
        "status": "done" if done else rows[0].status,
    }
    if why:
        entry["why"] = " ".join(why[:STATEMENTS])
    if done:
        entry["gave"] = _gave(own, notes)
    return entry


def _is_absent(row: StepResult) -> bool:
    return row.skip is not None and row.skip.kind == "absent"


def _gave(own: Results, notes: Notes) -> Any:
    outputs = own.outputs()
    if transcripts := [row for row in outputs.values() if isinstance(row, TranscriptRef)]:
        return {"transcripts": _listed([_transcript(row) for row in transcripts])}
    if guides := [row for row in outputs.values() if isinstance(row, Guide)]:
        return _guide(guides[-1])
    gave: dict[str, Any] = {}
    for place, output in own.json_outputs().items():
        for name, rows in output.items():
            if isinstance(rows, list):
                gave[name] = _list(getattr(outputs.get(place), name, rows), notes)
        gave |= {name: row for name, row in in_short(output).items() if name not in gave}
    return gave


def _list(rows: Sequence[Any], notes: Notes) -> Any:
    if claims := [row for row in rows if isinstance(row, Claim)]:
        return _claims(claims, notes)
    if videos := [row for row in rows if isinstance(row, Video)]:
        return _listed([_video(row) for row in videos])
    if transcripts := [row for row in rows if isinstance(row, TranscriptRef)]:
        return _listed([_transcript(row) for row in transcripts])
    return _listed([row[:LONGEST_TEXT] for row in rows if isinstance(row, str)]) or len(rows)


def _listed(rows: list[Any]) -> list[Any]:
    more = len(rows) - MOST_ROWS
    return rows if more <= 0 else [*rows[:MOST_ROWS], f"and {more} more"]


def _video(row: Video) -> dict[str, Any]:
    return {
        "id": row.video_id,
        "title": row.title[:LONGEST_TEXT],
        "channel": row.channel[:LONGEST_TEXT],
        "minutes": round(row.duration_s / 60),
    }


def _transcript(row: TranscriptRef) -> dict[str, Any]:
    return {
        "id": row.video_id,
        "title": row.title[:LONGEST_TEXT],
        "channel": row.channel[:LONGEST_TEXT],
        "words": row.words,
    }


def _claims(rows: list[Claim], notes: Notes) -> dict[str, Any]:
    verified = [row for row in rows if row.verified]
    videos = {quote.video_id for row in verified for quote in row.citations}
    return {
        "verified": len(verified),
        "unverified": len(rows) - len(verified),
        "videos": len(videos),
        **(_answers(verified, notes) if notes.facts_wanted else _sections(verified)),
        **(_cited(verified, notes) if notes.channels else {}),
        "first": [row.text[:LONGEST_TEXT] for row in verified[:STATEMENTS]],
    }


def _sections(rows: list[Claim]) -> dict[str, Any]:
    return {"sections": dict(Counter(row.section[:LONGEST_TEXT] for row in rows))}


def _answers(rows: list[Claim], notes: Notes) -> dict[str, Any]:
    """How many verified claims answer each wanted fact."""
    table = matrix(notes.facts_wanted, (), rows, (), Searched())
    return {"answers": {row.fact[:LONGEST_TEXT]: len(row.cells[0].claims) for row in table}}


def _cited(rows: list[Claim], notes: Notes) -> dict[str, Any]:
    """How many verified claims cite each source that the user named."""
    table = matrix(("",), named_sources(notes), rows, (), Searched())
    return {"cited": {cell.source: len(cell.claims) for cell in table[0].cells[1:]}}


def _guide(guide: Guide) -> dict[str, Any]:
    return {
        "guide": guide.title[:LONGEST_TEXT],
        "statements": len(guide.claims),
        "videos": len({quote.video_id for row in guide.claims for quote in row.citations}),
        "unanswered": [row[:LONGEST_TEXT] for row in guide.unanswered[:MOST_ROWS]],
        "conflicts": len(guide.conflicts),
    }
