"""The tail's last node: tells in words what was done. Calls no model and cannot fail."""

from typing import Any

from langgraph.runtime import Runtime

from cliptrail.nodes.common.running import voice
from cliptrail.nodes.common.step_results import adjourn
from cliptrail.nodes.finish.save import engine
from cliptrail.plans.views import counted, usd_text
from cliptrail.state.context import Context
from cliptrail.state.events import RunEnded
from cliptrail.state.evidence import Guide
from cliptrail.state.request import Exchange, Notes
from cliptrail.state.research import ResearchState
from cliptrail.state.usage import Usage
from cliptrail.tools.models.budget import close_account
from cliptrail.tools.workspace import close_workspace

OPENINGS = {
    "complete": "The guide is complete.",
    "partial": "The guide is partial.",
    "failed": "There is no guide.",
}


async def summary(state: ResearchState, *, runtime: Runtime[Context]) -> dict[str, Any]:
    """Return the summary, and close what the run had open in this process."""
    close_account(state["run"])
    adjourn(state["run"])
    close_workspace(state["run"])
    spent = state.get("usage", Usage())
    lines = [
        OPENINGS[state["status"]],
        state.get("message", ""),
        _content(state.get("guide")),
        f"{counted(spent.calls, 'model call')} ({spent.coordination.calls} coordination, "
        f"{spent.work.calls} work), {spent.input_tokens + spent.output_tokens:,} tokens, "
        f"{usd_text(spent.usd)}, answered by {engine(state)}.",
        *(f"Written: {path}" for path in state.get("files", ())),
    ]
    message = "\n".join(line for line in lines if line)
    ended = RunEnded(status=state["status"], stop_reason=state["stop_reason"], message=message)
    voice(runtime)(ended)
    return {"message": message, "conversation": (*state.get("conversation", ()), _exchange(state))}


def _exchange(state: ResearchState) -> Exchange:
    """What the thread's next run is told of this one."""
    guide = state.get("guide")
    return Exchange(
        request=state.get("request", ""),
        question=state.get("notes", Notes()).question,
        pattern=state.get("pattern", ""),
        status=state["status"],
        answer=guide.title if guide else state.get("message", ""),
        files=state.get("files", ()),
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
