"""The first finishing node: decides how the run ended and writes guide and trail."""

import asyncio
import glob
import json
import time
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from cliptrail.agents.registry import agents
from cliptrail.evidence.assembling import rechecked
from cliptrail.nodes.common.run_scope import run_scope
from cliptrail.nodes.common.running import (
    calls_made,
    event_writer,
    options,
    owner_of,
    run_of,
    show_run,
    thread_of,
)
from cliptrail.nodes.finish.markdown import render
from cliptrail.nodes.finish.outcome import Outcome, conclude
from cliptrail.plans.audit import audit
from cliptrail.plans.expansion import expand
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, Incident
from cliptrail.state.events import FileWritten
from cliptrail.state.evidence import Guide, SourceRef
from cliptrail.state.media import Transcript, TranscriptRef
from cliptrail.state.plan import Estimate, Revision
from cliptrail.state.research import ResearchState
from cliptrail.state.results import Results
from cliptrail.state.run import Run
from cliptrail.state.trail import StepAudit, Timing, Trail
from cliptrail.state.usage import ModelCall, usage
from cliptrail.tools.files import (
    confined,
    numbered,
    safe_name,
    slug,
    trail_path,
    write_atomically,
    write_new,
)
from cliptrail.tools.settings import settings
from cliptrail.tools.tracing import trace_id
from cliptrail.tools.workspace import Workspace, open_workspace, output_folder


async def save(state: ResearchState, *, runtime: Runtime[Context]) -> dict[str, Any]:
    """Decide how the run ended and write its files; a file that cannot be written is reported."""
    run = run_of(state)
    context = options(run, runtime)
    notices: list[Incident] = []
    trail = await _conclude(run, context, thread_of(runtime), notices)
    status, reason, message = trail.status, trail.stop_reason, trail.stop_message
    files: tuple[str, ...] = ()
    try:
        folder = await asyncio.to_thread(output_folder, context, settings(), owner_of(runtime))
        files = await asyncio.to_thread(write, trail, run, context, folder)
    except CliptrailError as error:
        notices.insert(0, Incident(where="save", what=str(error)))
    if not files:  # the first notice says why
        status, reason = "failed", "failure"
        message = " ".join(dict.fromkeys(filter(None, [message, notices[0].what])))
    show_run(run, runtime, status=status, stop_reason=reason, revision=_carried_out(run))
    for path in files:
        event_writer(runtime)(FileWritten(path=path))
    return {
        "status": status,
        "stop_reason": reason,
        "message": message,
        "guide": trail.guide,
        "ledger": trail.ledger,
        "usage": trail.usage,
        "files": files,
        "trace": trail.trace,
        # In the state only where there is no trail to tell them: a retry decides anew.
        "incidents": () if files else tuple(notices),
    }


def _carried_out(run: Run) -> int:
    """The number of the plan that was carried out; 0 where there was none."""
    revision = run.in_force
    return revision.number if revision else 0


async def trail_of(state: ResearchState, context: Context, thread_id: str) -> Trail:
    """Return the trail of a run from its state alone, for when none could be written."""
    run = run_of(state)
    trail = await _conclude(run, context, thread_id, [])
    return trail.model_copy(
        update={
            "status": run.status,
            "stop_reason": run.stop_reason,
            "stop_message": run.message,
        }
    )


async def _conclude(
    run: Run,
    context: Context,
    thread_id: str,
    notices: list[Incident],
) -> Trail:
    read = await _read(run, context, notices)
    known = {row.video_id: row for row in run.results.transcripts()}
    sources = {name: _source(name, known, read) for name in _cited_by_any(run)}
    outcome = conclude(
        _in_plan_order(run, run.own_results),
        run.stop,
        run.notes,
        {name: source.channel for name, source in sources.items()},
        earlier=run.results,
        planned=_planned(run),
        request=run.request,
        check=lambda guide: rechecked(guide, read, set(known) - set(read), _asked(run)),
        where=await _searched(run, context, notices),
    )
    if outcome.note:
        notices.append(Incident(where="save", what=outcome.note))
    return _trail(run, context, thread_id, outcome, sources, notices)


def _asked(run: Run) -> str:
    return f"{run.request} {run.notes.question}"


def _in_plan_order(run: Run, results: Results) -> Results:
    """The results in the order of the plan's steps; they are stored in the order of their ends."""
    revision = run.in_force
    return results.in_order_of(step.id for step in revision.plan.steps) if revision else results


def _cited_by_any(run: Run) -> list[str]:
    claims = _in_plan_order(run, run.results).claims()
    return list(dict.fromkeys(row.video_id for claim in claims for row in claim.citations))


async def _read(run: Run, context: Context, notices: list[Incident]) -> dict[str, Transcript]:
    """The cited transcripts that the library still has; nothing is fetched for this."""
    cited = _cited_by_any(run)
    if not cited:  # a library that is locked would be waited for in vain
        return {}
    try:
        return await asyncio.to_thread(_stored, cited, context, run)
    except CliptrailError as error:
        notices.append(Incident(where="save", what=str(error)))
        return {}


async def _searched(run: Run, context: Context, notices: list[Incident]) -> str:
    """The library in which nothing was found; empty where something was, or something failed."""
    results = run.own_results.values()
    if run.stop or _cited_by_any(run) or any(row.failure for row in results):
        return ""  # not asked then: a library that is locked would be waited for in vain
    try:
        workspace = await asyncio.to_thread(_workspace, context, run)
        return await asyncio.to_thread(workspace.searched)
    except CliptrailError as error:
        notices.append(Incident(where="save", what=str(error)))
        return ""


def _workspace(context: Context, run: Run) -> Workspace:
    return open_workspace(context, settings(), run_scope(run.id).sources)


def _stored(names: list[str], context: Context, run: Run) -> dict[str, Transcript]:
    shelf = _workspace(context, run).transcripts.shelf
    found = {name: shelf.get(name) for name in names}
    return {name: row for name, row in found.items() if row is not None}


def _source(name: str, known: dict[str, TranscriptRef], read: dict[str, Transcript]) -> SourceRef:
    """A cited video; what the library no longer tells is taken from the step that read it."""
    about = read[name].video if name in read else known.get(name)
    if about is None:
        return SourceRef(video_id=name, title=name)
    return SourceRef(video_id=name, title=about.title, channel=about.channel, url=about.url)


def _planned(run: Run) -> int:
    """How many steps the plan in force has, mapped ones counted by element; 0 without a plan."""
    revision, results = run.in_force, run.results
    earlier = len(results) - len(run.own_results)
    return len(expand(revision.plan, agents())) - earlier if revision else 0


def engine(run: Run) -> str:
    """Name the model or models that answered; the offline engine says what it is."""
    names = dict.fromkeys(call.model for call in calls_made(run) if not call.error)
    if not names:
        return "no model"
    said = (
        "the offline engine (rules, not a language model)" if name.startswith("offline:") else name
        for name in names
    )
    return ", ".join(said)


def _trail(
    run: Run,
    context: Context,
    thread_id: str,
    outcome: Outcome,
    sources: dict[str, SourceRef],
    notices: list[Incident],
) -> Trail:
    ledger, revision = calls_made(run), run.in_force
    timing = _timing(run.started or time.time(), revision)
    return Trail(
        thread_id=thread_id,
        run_id=run.id,
        trace=trace_id() or run.trace,
        request=run.request,
        pattern=run.pattern,
        status=outcome.status,
        stop_reason=outcome.reason,
        stop_message=outcome.message,
        engine=engine(run),
        options=context.model_dump(mode="json"),
        notes=run.notes,
        guide=outcome.guide,
        left_out=outcome.left_out,
        sources=tuple(_cited(outcome.guide, sources)),
        plan=revision.plan if revision else None,
        revisions=run.revisions,
        estimate=revision.estimate if revision else None,
        audit=_audited(run, revision, ledger, timing.started),
        path=run.path,
        incidents=(*run.incidents, *notices),
        ledger=ledger,
        usage=usage(ledger),
        timing=timing,
    )


def _timing(started: float, revision: Revision | None) -> Timing:
    estimate, ended = revision.estimate if revision else Estimate(), time.time()
    return Timing(
        started=started,
        ended=ended,
        seconds=round(ended - started, 3),
        planned_seconds=estimate.seconds,
        critical_path=estimate.critical_path,
    )


def _audited(
    run: Run,
    revision: Revision | None,
    ledger: tuple[ModelCall, ...],
    started: float,
) -> tuple[StepAudit, ...]:
    if revision is None:
        return ()
    return audit(
        run.revisions,
        revision.number,
        agents(),
        run.results,
        run.superseded,
        ledger,
        started=started,
    )


def _cited(guide: Guide | None, sources: dict[str, SourceRef]) -> list[SourceRef]:
    if guide is None:
        return []
    used = {row.video_id for claim in guide.claims for row in claim.citations}
    return [source for name, source in sources.items() if name in used]


def write(trail: Trail, run: Run, context: Context, folder: Path) -> tuple[str, ...]:
    """Write the trail, and the guide if there is one.

    The trail comes first: it names the run, so that a run that was killed in between
    recognises its own files and completes them instead of writing them a second time.

    Returns:
        The paths written.

    Raises:
        UsageError: the name leads out of the folder.
        OutputError: the folder or the disk refuses.
    """
    path = _trail_written(trail, run, context, folder)
    written = [trail_path(path)]
    if trail.guide is not None:
        sources = {source.video_id: source for source in trail.sources}
        write_atomically(path, render(trail.guide, sources, engine=trail.engine))
        written.insert(0, path)
    return tuple(map(str, written))


def _trail_written(trail: Trail, run: Run, context: Context, folder: Path) -> Path:
    """Write the trail under the first free name, or its own, and return the guide's path."""
    given = run.file_name
    name = safe_name(given or trail.notes.output_file, default=slug(trail.request))
    path, text = confined(folder, name), trail.model_dump_json(indent=1) + "\n"
    own = path if context.overwrite else _own(path, trail, run.files)
    if own is not None:
        write_atomically(trail_path(own), text)
        return own
    free = (row for row in numbered(path) if not row.exists())
    return next(row for row in free if write_new(trail_path(row), text))


def _own(path: Path, trail: Trail, before: tuple[str, ...]) -> Path | None:
    """The file that an earlier try of this very run wrote, under this name or a numbered one."""
    suffix = trail_path(path).name.removeprefix(path.stem)
    for written in sorted(path.parent.glob(f"{glob.escape(path.stem)}*{suffix}")):
        run, calls = _told_by(written)
        # A fork of a run has its id too, but went another way: what the first way gave stays.
        same_way = str(written) in before or calls == {call.id for call in trail.ledger}
        if run == trail.run_id and same_way:
            return written.with_name(f"{written.name.removesuffix(suffix)}{path.suffix}")
    return None


def _told_by(trail: Path) -> tuple[str, set[str]]:
    """The run that wrote a trail, and its model calls; nothing if that cannot be told."""
    try:
        told = json.loads(trail.read_bytes())
        return str(told["run_id"]), {str(call["id"]) for call in told["ledger"]}
    except (OSError, ValueError, LookupError, TypeError):
        return "", set()
