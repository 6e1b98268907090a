"""How a run ended: its guide, its status and the typed reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cliptrail.evidence.assembling import from_claims, left_out
from cliptrail.evidence.coverage import coverage
from cliptrail.plans.types import paths_to
from cliptrail.state.errors import Failure
from cliptrail.state.evidence import Claim, Guide, LeftOut, SourceRef
from cliptrail.state.media import Video
from cliptrail.state.request import STOPPED_BY, Notes, Status, Stop, StopReason
from cliptrail.state.results import Results
from cliptrail.state.steps import StepResult


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: Status
    reason: StopReason
    message: str
    guide: Guide | None
    note: str = ""
    """A fallback that was taken; empty if none."""
    left_out: tuple[LeftOut, ...] = ()
    """Verified claims that the guide does not show."""


def conclude(
    results: Results,
    stop: Stop | None,
    notes: Notes,
    channel_of: Mapping[str, str],
    *,
    planned: int,
    check: Callable[[Guide], Guide] = lambda guide: guide,
    searched: str = "",
    earlier: Results | None = None,
) -> Outcome:
    """Return a run's outcome from what its steps left.

    Args:
        results: by instance id, in the plan's order: of several guides the last counts.
        stop: set if the run was ended early.
        notes: what was asked.
        channel_of: channel by video id, of the videos that the claims cite.
        planned: how many steps the plan had.
        check: holds a guide against the transcripts once more.
        searched: the library in which videos were looked for; empty if in none.
        earlier: what earlier runs of the thread left: read already, but found for them.
    """
    guide, note = _guide(results, notes)
    guide = check(guide) if guide else None
    reason, message = _reason(results, stop, planned)
    if reason == "done" and guide is None and (listed := _listing(results, notes)):
        return Outcome("complete", reason, message, listed, note)
    if guide is None or not guide.claims:
        if reason == "done":
            reason, message = (
                "no_evidence",
                _nothing(guide.unverified if guide else results.claims(), searched),
            )
        return Outcome("failed", reason, message, None, note)
    left = _left_out(results, guide)
    covered = coverage(notes.channels, guide.claims, channel_of, results.after(earlier))
    guide = guide.model_copy(update={"coverage": covered})
    if reason == "done" and all(row.cited for row in covered):
        return Outcome("complete", reason, message, guide, note, left)
    missing = [f"{row.channel} is not cited: {row.reason}" for row in covered if not row.cited]
    return Outcome("partial", reason, " ".join([message, *missing]).strip(), guide, note, left)


def _left_out(results: Results, guide: Guide) -> tuple[LeftOut, ...]:
    by = [name for name, row in results.outputs().items() if isinstance(row, Guide)]
    reason = f"The step {by[-1]} placed it in no statement." if by else "It is in no statement."
    return tuple(LeftOut(claim=row, reason=reason) for row in left_out(results.claims(), guide))


def _listing(results: Results, notes: Notes) -> Guide | None:
    """The videos themselves, where nothing but searches was wanted; None if more was."""
    outputs = results.outputs()
    wanted = all(name in outputs and paths_to(type(outputs[name]), Video) for name in results)
    open_ = any(getattr(row, "unanswered", ()) for row in outputs.values())
    if not wanted or results.claims() or results.transcripts() or open_:
        return None
    videos = {row.video_id: row for row in results.videos()}
    refs = tuple(
        SourceRef(video_id=name, title=row.title, channel=row.channel, url=row.url)
        for name, row in videos.items()
    )
    return Guide(title=notes.topic or "Videos", videos=refs) if refs else None


def _guide(results: Results, notes: Notes) -> tuple[Guide | None, str]:
    """The composed guide; failing that, the claims as they were found."""
    guides = results.guides()
    if guides:
        more = f"{len(guides)} guides were composed; the plan's last one is shown."
        return guides[-1], more if len(guides) > 1 else ""
    claims = results.claims()
    if not any(claim.verified for claim in claims):
        return None, ""
    note = "No guide was composed; it shows the claims as they were found."
    return from_claims(notes.topic or "Guide", claims), note


def _reason(results: Results, stop: Stop | None, planned: int) -> tuple[StopReason, str]:
    if stop is not None:
        return stop.reason, f"{stop.message} {stop.next_step}".strip()
    failures = [row.failure for row in results.values() if row.failure]
    for failure in failures:
        if failure.kind in STOPPED_BY:
            return STOPPED_BY[failure.kind], _said(failure)
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return "failure", f"{_said(failures[0])}{more}"
    lost = [row for row in results.values() if row.skip and row.skip.kind == "upstream"]
    if lost:
        return "failure", f"{lost[0].id}: {lost[0].reason}"
    if len(results) < planned:
        return "failure", f"{planned - len(results)} steps did not run."
    short = [row for row in results.values() if row.reason and row.status == "done"]
    if short:
        return "inadequate", " ".join(map(_fell_short, short))
    return "done", ""


def _fell_short(row: StepResult) -> str:
    return f"{row.id} fell short: {row.reason.rstrip('.')}."


def _said(failure: Failure) -> str:
    return f"{failure.message} {failure.next_step}".strip()


def _nothing(claims: Iterable[Claim], searched: str) -> str:
    rejected = [claim for claim in claims if not claim.verified]
    if rejected:
        return f"{len(rejected)} claims were found, but none could be verified."
    where = f" in {searched}" if searched else ""
    return (
        f"No video{where} says anything on this. "
        "Ask in other words, name another library or source, or import transcripts."
    )
