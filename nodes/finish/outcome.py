"""How a run ended: its guide, its status and the typed reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cliptrail.evidence.assembling import from_claims, left_out
from cliptrail.evidence.coverage import searched
from cliptrail.evidence.matrix import Searched, coverage, gaps, matrix, unanswered, wanted
from cliptrail.plans.types import paths_to
from cliptrail.state.errors import Failure
from cliptrail.state.evidence import Claim, Guide, LeftOut, SourceRef
from cliptrail.state.media import Video
from cliptrail.state.request import STOPPED_BY, Notes, Status, Stop, StopReason
from cliptrail.state.results import Results
from cliptrail.state.steps import StepResult
from cliptrail.tools.sources.names import named_sources


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
    request: str = "",
    check: Callable[[Guide], Guide] = lambda guide: guide,
    where: str = "",
    earlier: Results | None = None,
) -> Outcome:
    """Return a run's outcome from what its steps left.

    Args:
        results: by instance id, in the plan's order: of several guides the last counts.
        stop: set if the run was ended early.
        notes: what was asked.
        channel_of: channel by video id, of the videos that the claims cite.
        planned: how many steps the plan had.
        request: in the user's own words.
        check: holds a guide against the transcripts once more.
        where: the library in which videos were looked for; empty if in none.
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
                _nothing(guide.unverified if guide else results.claims(), where),
            )
        return Outcome("failed", reason, message, None, note)
    known = searched(results.after(earlier))
    known = replace(known, channel_of={**known.channel_of, **channel_of})
    left = _left_out(results, guide)
    guide = _with_matrix(guide, notes, request, known, _failed(results, guide))
    missing = _missing(guide)
    status: Status = "complete" if reason == "done" and not missing else "partial"
    return Outcome(status, reason, " ".join(filter(None, [message, *missing])), guide, note, left)


def _with_matrix(
    guide: Guide, notes: Notes, request: str, known: Searched, failed: Sequence[Claim]
) -> Guide:
    """Return a guide with what the sources say on each wanted fact.

    Args:
        guide: as it was composed. What it leaves out is told in the trail and not here.
        notes: what was asked.
        request: in the user's own words.
        known: what was found and read.
        failed: claims that could not be verified.
    """
    facts = wanted(notes.facts_wanted, notes.question or request)
    rows = matrix(facts, named_sources(notes), guide.claims, failed, known)
    return guide.model_copy(
        update={
            "facts": rows,
            "unanswered": unanswered(rows),
            "coverage": coverage(named_sources(notes), guide.claims, failed, known),
            "left_out": (),
        }
    )


def _failed(results: Results, guide: Guide) -> tuple[Claim, ...]:
    """Return the claims that were found and could not be verified, in the guide or not."""
    shown = {name for row in guide.claims for name in (row.id, *row.joined)}
    claims = (*guide.unverified, *results.claims())
    rows = {row.id: row for row in claims if not row.verified}
    return tuple(row for name, row in rows.items() if name not in shown)


def _missing(guide: Guide) -> list[str]:
    """Say what keeps a guide from being complete."""
    how = {row.fact: row.standing for row in guide.facts}
    said = {
        "not_found": "Nothing was found on",
        "unverified": "What was found could not be verified on",
    }
    return [
        *(f"{said[how[fact]]} “{fact}”." for fact in gaps(guide.facts)),
        *(f"{row.channel} is not cited: {row.reason}" for row in guide.coverage if not row.cited),
    ]


def _left_out(results: Results, guide: Guide) -> tuple[LeftOut, ...]:
    """Return every verified claim of the run that the guide does not use, with the reason."""
    found = {row.id: row for row in results.claims()}
    told = tuple(row for row in guide.left_out if row.claim.verified)
    reason = "It was not given to who composed the guide, or the guide uses it nowhere."
    rest = (LeftOut(claim=row, reason=reason) for row in left_out(found.values(), guide))
    return (*told, *rest)


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
    title = notes.topic or "Videos"
    return Guide(title=title, kind="videos", videos=refs) if refs else None


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


def _nothing(claims: Iterable[Claim], where: str) -> str:
    rejected = [claim for claim in claims if not claim.verified]
    if rejected:
        return f"{len(rejected)} claims were found, but none could be verified."
    place = f" in {where}" if where else ""
    return (
        f"No video{place} says anything on this. "
        "Ask in other words, name another library or source, or import transcripts."
    )
