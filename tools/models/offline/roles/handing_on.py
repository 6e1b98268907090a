"""How the offline engine hands on: by the chain from videos to a guide, and by capability."""

from typing import Any

from cliptrail.tools.models.offline.roles.planning import FROM_ALL, FROM_EACH_CHANNEL, search_inputs
from cliptrail.tools.models.offline.roles.reading import (
    are_the_answer,
    compared,
    query_of,
    read,
    without_file,
)
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.text.tokens import content_words

FEW_WORDS = 2
"""Words of the second search, when all of them found nothing."""
MOST_COMPARED = 4
"""Things that are looked for side by side."""
READ = "Read what the best of them say."
EXTRACT = "Find what the transcripts say about each wanted fact."
COMPOSE = "Make one guide in the order of the request; show disagreements."
Row = dict[str, Any]


@rule("SynthesisDraft")
def synthesis(prompt: Prompt) -> Row:
    """Answer the synthesizer's question: one search for each channel or thing, or one in all."""
    request = str(prompt.data("request") or "")
    notes = read(request, list(prompt.data("channels") or []))
    rest, _ = without_file(request)
    channels: list[str] = list(notes["channels"])  # type: ignore[call-overload]
    query = query_of(rest, channels) or rest
    things = compared(rest, channels)
    if not channels and 1 < len(things) <= MOST_COMPARED:
        parts = [_search(query_of(row) or row, "", FROM_ALL // len(things)) for row in things]
    elif channels:
        parts = [_search(query, name, FROM_EACH_CHANNEL) for name in channels]
    else:
        parts = [_search(query, "", FROM_ALL)]
    return {"notes": notes, "parts": parts, "join": READ if len(parts) > 1 else ""}


def _search(query: str, channel: str, wanted: int) -> Row:
    where = f"of the channel {channel}" if channel else "in all channels"
    return {
        "words": f"Find videos {where} on: {query}"[:300],
        "capability": "find_videos",
        "inputs": search_inputs(query, channel, wanted),
    }


@rule("GoalDraft")
def judge(prompt: Prompt) -> Row:
    """Answer the goal check's question."""
    task: Row = prompt.data("task") or {}
    rows = [row for row in prompt.data("done") or [] if row["step"] in task.get("steps", ())]
    gave: Row = {}
    for row in rows:
        gave |= row.get("gave", {})
    if not any(row["status"] == "done" for row in rows):
        why = " ".join(str(row.get("why", "")) for row in rows).strip()
        return _end("give_up", why[:400] or "It came to nothing.")
    if gave.get("guide") and gave.get("statements"):
        return _end("met", "There is a guide of what was found.")
    if isinstance(claims := gave.get("claims"), dict) and claims.get("verified"):
        reason = f"{claims['verified']} claims were found."
        return _next(COMPOSE, "compose_guide", reason, last=True)
    if gave.get("transcripts"):
        return _next(
            EXTRACT, "extract_claims", "What is said is there, but not what of it answers."
        )
    if gave.get("videos"):
        if are_the_answer(gave["videos"], str(prompt.data("request") or "")):
            return _end("met", "The videos were asked for, and they are found.")
        return _next(READ, "read_transcript", "Videos are found, but not what they say.")
    return _nothing_found(task, int(prompt.data("tries_left") or 0))


def _nothing_found(task: Row, tries_left: int) -> Row:
    """Search once more with fewer words, where it was a search that found nothing."""
    inputs: Row = task.get("inputs", {})
    words = str(inputs.get("query", "")).split()
    if not tries_left or len(words) <= FEW_WORDS:
        return _end("give_up", "Nothing was found, and nothing further is likely.")
    fewer = " ".join(sorted(words, key=len, reverse=True)[:FEW_WORDS])
    again = _search(fewer, str(inputs.get("channel", "")), int(inputs.get("limit", FROM_ALL)))
    reason = "Nothing was found with all of the words."
    return {"verdict": "try_other_words", "reason": reason, "next": [again]}


def _next(words: str, capability: str, reason: str, *, last: bool = False) -> Row:
    following = {"words": words, "capability": capability, "last": last}
    return {"verdict": "go_on", "reason": reason, "next": [following]}


def _end(verdict: str, reason: str) -> Row:
    return {"verdict": verdict, "reason": reason, "next": []}


@rule("RouteDraft")
def route(prompt: Prompt) -> Row:
    """Answer the router's question: by capability, else by the words that they share."""
    task: Row = prompt.data("task") or {}
    known: list[Row] = prompt.data("agents") or []
    able = [row for row in known if task.get("capability") in row["capabilities"]]
    best = max(able or known, key=lambda row: _shared(task, row))
    inputs = [{"name": name, "value": value} for name, value in task.get("inputs", {}).items()]
    return {
        "agent": str(best["name"]),
        "inputs": [] if prompt.data("faults") else inputs,
        "for_each": "" if prompt.data("faults") else str(task.get("for_each", "")),
        "reason": "It has the capability." if able else "It does what comes nearest.",
    }


@rule("AcceptDraft")
def accept(prompt: Prompt) -> Row:
    """Answer for an agent: it takes what it can do, and doubts what shares no word with it."""
    task, agent = prompt.data("task") or {}, prompt.data("agent") or {}
    if task.get("capability") in agent.get("capabilities", ()):
        return {"accept": "yes", "reason": "This is what it does."}
    if task.get("capability"):
        return {"accept": "no", "reason": f"It cannot do this: {task['capability']}."}
    accepted = "yes" if _shared(task, agent) else "unclear"
    return {"accept": accepted, "reason": f"By the words of what it does: {accepted}."}


def _shared(task: Row, agent: Row) -> int:
    """How many words the task has in common with what an agent does."""
    does = f"{agent.get('does', '')} {' '.join(agent.get('capabilities', ()))}".replace("_", " ")
    return len(set(content_words(str(task.get("words", "")))) & set(content_words(does)))
