"""The last finishing node: says in words what was done. Calls no model and cannot fail."""

from typing import Any

from langgraph.runtime import Runtime

from cliptrail.nodes.common.run_scope import close_run_scope
from cliptrail.nodes.common.running import event_writer, run_of
from cliptrail.nodes.finish.save import engine
from cliptrail.plans.views import counted, usd_text
from cliptrail.state.context import Context
from cliptrail.state.events import RunEnded
from cliptrail.state.evidence import Guide
from cliptrail.state.request import Exchange
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run

OPENINGS = {
    "complete": "The guide is complete.",
    "partial": "The guide is partial.",
    "failed": "There is no guide.",
}


async def summary(state: ResearchState, *, runtime: Runtime[Context]) -> dict[str, Any]:
    """Return the summary, and close what the run had open in this process."""
    run = run_of(state)
    close_run_scope(run.id)
    spent = run.usage
    lines = [
        OPENINGS[run.status],
        run.message,
        _content(run.guide),
        f"{counted(spent.calls, 'model call')} ({spent.coordination.calls} coordination, "
        f"{spent.work.calls} work), {spent.input_tokens + spent.output_tokens:,} tokens, "
        f"{usd_text(spent.usd)}, answered by {engine(run)}.",
        *(f"Written: {path}" for path in run.files),
    ]
    message = "\n".join(line for line in lines if line)
    ended = RunEnded(status=run.status, stop_reason=run.stop_reason, message=message)
    event_writer(runtime)(ended)
    return {"message": message, "conversation": (*run.conversation, _exchange(run))}


def _exchange(run: Run) -> Exchange:
    """What the thread's next run is told of this one."""
    guide = run.guide
    return Exchange(
        request=run.request,
        question=run.notes.question,
        pattern=run.pattern,
        status=run.status,
        answer=guide.title if guide else run.message,
        files=run.files,
    )


def _content(guide: Guide | None) -> str:
    if guide is None:
        return ""
    if guide.videos:
        return f"{counted(len(guide.videos), 'video')} found; nothing of what they say was asked."
    videos = {row.video_id for claim in guide.claims for row in claim.citations}
    claims, clips = counted(len(guide.claims), "verified claim"), counted(len(videos), "video")
    parts = [f"{claims} from {clips}"]
    if guide.conflicts:
        points = counted(len(guide.conflicts), "point")
        parts.append(f"{points} on which the sources do not agree")
    if guide.unverified:
        parts.append(f"{counted(len(guide.unverified), 'claim')} set apart as unverified")
    if guide.unanswered:
        parts.append(f"{counted(len(guide.unanswered), 'question')} left open")
    return ", ".join(parts) + "."
