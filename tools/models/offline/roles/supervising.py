"""How the offline engine supervises: search, read, extract, compose, and no round more."""

from collections.abc import Iterator
from typing import Any

from cliptrail.state.media import LONGEST_QUERY
from cliptrail.tools.models.offline.roles.following import followed
from cliptrail.tools.models.offline.roles.planning import FROM_ALL, FROM_EACH_CHANNEL, MIN_SCORE
from cliptrail.tools.models.offline.roles.reading import (
    are_the_answer,
    query_of,
    read,
    without_file,
)
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.text.tokens import content_words

Row = dict[str, Any]


@rule("RoundDraft")
def decide(prompt: Prompt) -> Row:
    """Answer the supervisor's question."""
    found = _steps(prompt.data("found"))
    if prompt.data("faults"):
        return _finish("What was given out had faults, and there is no other way.")
    if not found:
        return _first(prompt)
    for agent, after in _AFTER.items():
        if rows := [row for row in found if row["agent"] == agent]:
            return after(rows, prompt)
    return _finish("There is nothing to go on with.")


def _steps(rows: Any) -> list[Row]:
    """The steps among the rows of a fence; of some only the number may be told."""
    return [row for row in rows or [] if "step" in row]


# --- the first round -----------------------------------------------------------------------------


def _first(prompt: Prompt) -> Row:
    request = str(prompt.data("request") or "")
    known = list(prompt.data("channels") or [])
    earlier = _steps(prompt.data("earlier"))
    turns = [row for row in prompt.data("conversation") or [] if "status" in row]
    follows = followed(request, turns[-1], known) if turns else None
    transcripts = _transcripts(earlier)
    there = bool(follows and transcripts and _told_of(follows.words, earlier))
    question = (follows.question if there else follows.elsewhere) if follows else ""
    notes: Row = prompt.data("notes") or _notes(request, question, known)
    first = {"notes": notes, "question": question}
    if there:
        reason = "What was read for earlier turns tells of this."
        return {**first, **_work(reason, _extract(transcripts))}
    asked, _ = without_file(question or request)
    channels = [str(name) for name in notes.get("channels", [])]
    query = query_of(asked, channels) or asked
    searches = [_search(query, name, FROM_EACH_CHANNEL) for name in channels]
    reason = "Nothing that answers this is known yet."
    return {**first, **_work(reason, *(searches[:10] or [_search(query, "", FROM_ALL)]))}


def _notes(request: str, question: str, known: list[str]) -> Row:
    own = read(request, known)
    return {**read(question, known), "output_file": own["output_file"]} if question else own


def _told_of(words: list[str], earlier: list[Row]) -> bool:
    """Do titles and claims of what was read hold every word that a follow-up adds?"""
    told: set[str] = set()
    for row in earlier:
        gave = row.get("gave")
        for video in _listed(gave, "transcripts"):
            told |= set(content_words(str(video.get("title", ""))))
        claims = gave.get("claims") if isinstance(gave, dict) else None
        if isinstance(claims, dict):
            said = [*_answered(claims), *claims.get("first", [])]
            told |= set(content_words(" ".join(map(str, said))))
    return set(words) <= told


def _answered(claims: Row) -> list[str]:
    """What claims are about: the wanted facts that they answer, or their sections."""
    answers = claims.get("answers") or claims.get("sections") or {}
    return [str(name) for name, count in answers.items() if count]


# --- what comes after what -----------------------------------------------------------------------


def _after_compose(rows: list[Row], prompt: Prompt) -> Row:
    del rows, prompt
    return _finish("The guide is made, as far as it can be.")


def _after_extract(rows: list[Row], prompt: Prompt) -> Row:
    del prompt
    sound = [row for row in rows if _verified(row)]
    if not sound:
        return _finish("Nothing that was read answers the request.")
    inputs = {
        name: [f"${row['step']}.{name}" for row in sound] for name in ("claims", "unanswered")
    }
    brief = "Make one guide in the order of the request; show disagreements."
    reason = "There are claims; a guide of them answers the request."
    return {**_work(reason, _given("compose", brief, inputs)), "last": True}


def _after_transcript(rows: list[Row], prompt: Prompt) -> Row:
    named = [str(row["step"]) for row in rows if _listed(row.get("gave"), "transcripts")]
    named = [*_useful(prompt), *named]
    if not named:
        return _finish("None of the videos could be read.")
    return _work("What was read has not been looked into.", _extract(named))


def _after_search(rows: list[Row], prompt: Prompt) -> Row:
    notes, request = prompt.data("notes") or {}, str(prompt.data("request") or "")
    videos = [video for row in rows for video in _videos(row)]
    if are_the_answer(videos, str(notes.get("question") or request)):
        return _finish("The videos were asked for, and they are found.")
    known = _read(_steps(prompt.data("earlier")))
    follows = bool(notes.get("question"))
    most = FROM_EACH_CHANNEL if follows else FROM_ALL
    work = [part for row in rows for part in _reading(row, known, most)]
    if work:
        return _work("These videos are not read yet.", *work[:12])
    if named := _useful(prompt):
        return _work("All that was found was read for earlier turns.", _extract(named))
    return _finish("The search found no video.")


_AFTER = {
    "compose": _after_compose,
    "extract": _after_extract,
    "transcript": _after_transcript,
    "search": _after_search,
}
"""The furthest that a run came decides."""


def _useful(prompt: Prompt) -> list[str]:
    """Steps of earlier turns that read what is of use: all for a follow-up, else what is found."""
    earlier, notes = _steps(prompt.data("earlier")), prompt.data("notes") or {}
    if notes.get("question"):
        return _transcripts(earlier)
    found = {video["id"] for row in _steps(prompt.data("found")) for video in _videos(row)}
    return [str(row["step"]) for row in earlier if found & set(_read([row]))]


def _transcripts(earlier: list[Row]) -> list[str]:
    """The latest steps that read transcripts, as many as one extraction should look into."""
    kept: list[str] = []
    videos = 0
    for row in reversed(earlier):
        here = len(_listed(row.get("gave"), "transcripts"))
        if here and videos < FROM_ALL:
            kept.insert(0, str(row["step"]))
            videos += here
    return kept


def _read(rows: list[Row]) -> list[str]:
    return [str(video["id"]) for row in rows for video in _listed(row.get("gave"), "transcripts")]


def _verified(row: Row) -> int:
    gave = row.get("gave")
    claims = gave.get("claims") if isinstance(gave, dict) else None
    return int(claims.get("verified", 0)) if isinstance(claims, dict) else 0


def _videos(row: Row) -> list[Row]:
    return _listed(row.get("gave"), "videos") if row["agent"] == "search" else []


def _listed(gave: Any, name: str) -> list[Row]:
    rows = gave.get(name) if isinstance(gave, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


# --- assignments ---------------------------------------------------------------------------------


def _search(query: str, channel: str, limit: int) -> Row:
    where = f"of the channel {channel}" if channel else "in all channels"
    inputs: Row = {"query": query[:LONGEST_QUERY], "limit": limit, "min_score": MIN_SCORE}
    if channel:
        inputs["channel"] = channel
    return _given("search", f"Find videos {where} on the topic.", inputs)


def _reading(row: Row, known: list[str], most: int) -> Iterator[Row]:
    """Read what a search found: all of it at once, or one by one where some of it is read."""
    videos, step = _videos(row), row["step"]
    unread = [place for place, video in enumerate(videos) if video["id"] not in known]
    brief = "Read what the best of them say."
    if unread and len(unread) == len(videos):
        over = f"${step}.videos[:{min(most, len(videos))}]"
        yield {**_given("transcript", brief, {"video": "$item"}), "for_each": over}
        return
    for place in unread[:most]:
        yield _given("transcript", brief, {"video": f"${step}.videos[{place}]"})


def _extract(steps: list[str]) -> Row:
    brief = "Find what the transcripts say about each wanted fact."
    return _given("extract", brief, {"transcripts": [f"${name}" for name in steps]})


def _given(agent: str, brief: str, inputs: Row) -> Row:
    rows = [{"name": name, "value": value} for name, value in inputs.items()]
    return {"agent": agent, "brief": brief, "inputs": rows}


def _work(reason: str, *assignments: Row) -> Row:
    return {"do": "work", "assignments": list(assignments), "reason": reason}


def _finish(reason: str) -> Row:
    return {"do": "finish", "reason": reason}
