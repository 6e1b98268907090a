"""The tail's first node: decides how the run ended and writes guide and trail."""

import asyncio
import glob
import json
import time
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from cliptrail.agents.registry import agents
from cliptrail.evidence.assembling import rechecked
from cliptrail.evidence.coverage import in_plan_order, transcripts_read
from cliptrail.nodes.common.growing_plan import of_this_run
from cliptrail.nodes.common.running import calls_made, options, owner_of, show_run, thread_of, voice
from cliptrail.nodes.finish.markdown import render
from cliptrail.nodes.finish.outcome import Outcome, claims_of, conclude
from cliptrail.plans.audit import audit
from cliptrail.plans.expansion import expand
from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, Incident
from cliptrail.state.events import FileWritten
from cliptrail.state.evidence import Guide, SourceRef
from cliptrail.state.media import Transcript, TranscriptRef
from cliptrail.state.plan import Estimate, Revision
from cliptrail.state.request import Notes
from cliptrail.state.research import ResearchState, in_force
from cliptrail.state.steps import StepResult
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
from cliptrail.tools.workspace import open_workspace, output_folder


async def save(state: ResearchState, *, runtime: Runtime[Context]) -> dict[str, Any]:
    """Conclude the run and write its files; what cannot be written is told, not raised."""
    context = options(state, runtime)
    notices: list[Incident] = []
    trail = await _conclude(state, context, thread_of(runtime), notices)
    status, reason, message = trail.status, trail.stop_reason, trail.stop_message
    files: tuple[str, ...] = ()
    try:
        folder = await asyncio.to_thread(output_folder, context, settings(), owner_of(runtime))
        files = await asyncio.to_thread(write, trail, state, context, folder)
    except CliptrailError as error:
        notices.insert(0, Incident(where="save", what=str(error)))
    if not files:  # the first notice says why
        status, reason = "failed", "failure"
        message = " ".join(dict.fromkeys(filter(None, [message, notices[0].what])))
    show_run(state, runtime, status=status, stop_reason=reason, revision=_carried_out(state))
    for path in files:
        voice(runtime)(FileWritten(path=path))
    return {
        "status": status,
        "stop_reason": reason,
        "message": message,
        "guide": trail.guide,
        "ledger": trail.ledger,
        "usage": trail.usage,
        "files": files,
        "trace": trail.trace,
        # In the state only where there is no trail to tell them: a second try concludes anew.
        "incidents": () if files else tuple(notices),
    }


def _carried_out(state: ResearchState) -> int:
    """The number of the plan that was carried out; 0 where there was none."""
    revision = in_force(state)
    return revision.number if revision else 0


async def trail_of(state: ResearchState, context: Context, thread_id: str) -> Trail:
    """Return the trail of a run from its state alone, for when none could be written."""
    trail = await _conclude(state, context, thread_id, [])
    return trail.model_copy(
        update={
            "status": state["status"],
            "stop_reason": state["stop_reason"],
            "stop_message": state["message"],
        }
    )


async def _conclude(
    state: ResearchState,
    context: Context,
    thread_id: str,
    notices: list[Incident],
) -> Trail:
    read = await _read(state, context, notices)
    known = {row.video_id: row for row in transcripts_read(state.get("results", {}))}
    sources = {name: _source(name, known, read) for name in _cited_by_any(state)}
    outcome = conclude(
        _results(state, of_this_run(state)),
        state.get("stop"),
        state.get("notes", Notes()),
        {name: source.channel for name, source in sources.items()},
        earlier=state.get("results", {}),
        planned=_planned(state),
        request=state.get("request", ""),
        check=lambda guide: rechecked(guide, read, set(known) - set(read), _asked(state)),
        where=await _searched(state, context, notices),
    )
    if outcome.note:
        notices.append(Incident(where="save", what=outcome.note))
    return _trail(state, context, thread_id, outcome, sources, notices)


def _asked(state: ResearchState) -> str:
    return f"{state.get('request', '')} {state.get('notes', Notes()).question}"


def _results(state: ResearchState, results: dict[str, StepResult]) -> dict[str, StepResult]:
    revision = in_force(state)
    return in_plan_order(results, revision.plan if revision else None)


def _cited_by_any(state: ResearchState) -> list[str]:
    claims = claims_of(_results(state, state.get("results", {})))
    return list(dict.fromkeys(row.video_id for claim in claims for row in claim.citations))


async def _read(
    state: ResearchState, context: Context, notices: list[Incident]
) -> dict[str, Transcript]:
    """The cited transcripts that the library still has; nothing is fetched for this."""
    cited = _cited_by_any(state)
    if not cited:  # a library that is locked would be waited for in vain
        return {}
    try:
        return await asyncio.to_thread(_stored, cited, context, state["run"])
    except CliptrailError as error:
        notices.append(Incident(where="save", what=str(error)))
        return {}


async def _searched(state: ResearchState, context: Context, notices: list[Incident]) -> str:
    """The library in which nothing was found; empty where something was, or something failed."""
    results = of_this_run(state).values()
    if state.get("stop") or _cited_by_any(state) or any(row.failure for row in results):
        return ""  # not asked then: a library that is locked would be waited for in vain
    try:
        workspace = await asyncio.to_thread(open_workspace, context, settings(), state["run"])
        return await asyncio.to_thread(workspace.searched)
    except CliptrailError as error:
        notices.append(Incident(where="save", what=str(error)))
        return ""


def _stored(names: list[str], context: Context, run: str) -> dict[str, Transcript]:
    shelf = open_workspace(context, settings(), run).transcripts.shelf
    found = {name: shelf.get(name) for name in names}
    return {name: row for name, row in found.items() if row is not None}


def _source(name: str, known: dict[str, TranscriptRef], read: dict[str, Transcript]) -> SourceRef:
    """A cited video; what the library no longer tells is taken from the step that read it."""
    about = read[name].video if name in read else known.get(name)
    if about is None:
        return SourceRef(video_id=name, title=name)
    return SourceRef(video_id=name, title=about.title, channel=about.channel, url=about.url)


def _planned(state: ResearchState) -> int:
    """How many steps the plan in force has, mapped ones counted by element; 0 without a plan."""
    revision, results = in_force(state), state.get("results", {})
    earlier = len(results) - len(of_this_run(state))
    return len(expand(revision.plan, agents())) - earlier if revision else 0


def engine(state: ResearchState) -> str:
    """Name the model or models that answered; the offline engine says what it is."""
    names = dict.fromkeys(call.model for call in calls_made(state) if not call.error)
    if not names:
        return "no model"
    said = (
        "the offline engine (rules, not a language model)" if name.startswith("offline:") else name
        for name in names
    )
    return ", ".join(said)


def _trail(
    state: ResearchState,
    context: Context,
    thread_id: str,
    outcome: Outcome,
    sources: dict[str, SourceRef],
    notices: list[Incident],
) -> Trail:
    ledger, revision = calls_made(state), in_force(state)
    timing = _timing(state.get("started", time.time()), revision)
    return Trail(
        thread_id=thread_id,
        run_id=state["run"],
        trace=trace_id() or state.get("trace", ""),
        request=state.get("request", ""),
        pattern=state.get("pattern", ""),
        status=outcome.status,
        stop_reason=outcome.reason,
        stop_message=outcome.message,
        engine=engine(state),
        options=context.model_dump(mode="json"),
        notes=state.get("notes", Notes()),
        guide=outcome.guide,
        left_out=outcome.left_out,
        sources=tuple(_cited(outcome.guide, sources)),
        plan=revision.plan if revision else None,
        revisions=state.get("revisions", ()),
        estimate=revision.estimate if revision else None,
        audit=_audited(state, revision, ledger, timing.started),
        path=state.get("path", ()),
        incidents=(*state.get("incidents", ()), *notices),
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
    state: ResearchState,
    revision: Revision | None,
    ledger: tuple[ModelCall, ...],
    started: float,
) -> tuple[StepAudit, ...]:
    if revision is None:
        return ()
    return audit(
        state["revisions"],
        revision.number,
        agents(),
        state.get("results", {}),
        state.get("superseded", ()),
        ledger,
        started=started,
    )


def _cited(guide: Guide | None, sources: dict[str, SourceRef]) -> list[SourceRef]:
    if guide is None:
        return []
    used = {row.video_id for claim in guide.claims for row in claim.citations}
    return [source for name, source in sources.items() if name in used]


def write(trail: Trail, state: ResearchState, context: Context, folder: Path) -> tuple[str, ...]:
    """Write the trail, and the guide if there is one.

    The trail comes first: it names the run, so that a run that was killed in between
    recognises its own files and completes them instead of writing them a second time.

    Returns:
        The paths written.

    Raises:
        UsageError: the name leads out of the folder.
        OutputError: the folder or the disk refuses.
    """
    path = _trail_written(trail, state, context, folder)
    written = [trail_path(path)]
    if trail.guide is not None:
        sources = {source.video_id: source for source in trail.sources}
        write_atomically(path, render(trail.guide, sources, engine=trail.engine))
        written.insert(0, path)
    return tuple(map(str, written))


def _trail_written(trail: Trail, state: ResearchState, context: Context, folder: Path) -> Path:
    """Write the trail under the first name that is free or its own, and give the guide's path."""
    given = state.get("file_name", "")
    name = safe_name(given or trail.notes.output_file, default=slug(trail.request))
    path, text = confined(folder, name), trail.model_dump_json(indent=1) + "\n"
    own = path if context.overwrite else _own(path, trail, state.get("files", ()))
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
