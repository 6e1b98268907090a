"""How the offline engine works with tools: search, read what was found, extract, compose."""

from collections.abc import Iterator
from typing import Any

from cliptrail.state.media import LONGEST_QUERY
from cliptrail.tools.models.offline.roles.planning import FROM_ALL, FROM_EACH_CHANNEL, MIN_SCORE
from cliptrail.tools.models.offline.roles.reading import (
    are_the_answer,
    query_of,
    read,
    without_file,
)
from cliptrail.tools.models.offline.rules import Call, Dialogue, policy

MADE = "The guide is composed."
FOUND = "The videos were asked for, and they are found."
NO_MORE = "Nothing further is likely."
Row = dict[str, Any]


@policy("search", "transcript", "extract", "compose")
def act(dialogue: Dialogue) -> list[Call] | str:
    """Decide what the agent calls next."""
    request = str(dialogue.prompt.data("request") or "")
    if not dialogue.done:
        return list(_first(dialogue, request))
    if "search" in dialogue.latest:
        videos = _listed(dialogue, "search", "videos")
        if are_the_answer(videos, request):
            return FOUND
        found = [row["id"] for row in videos]
        return [("transcript", {"video_ids": found})] if found else NO_MORE
    if "transcript" in dialogue.latest and _listed(dialogue, "transcript", "transcripts"):
        return [("extract", {})]
    if "extract" in dialogue.latest and _verified(dialogue):
        return [("compose", {})]
    return MADE if "compose" in dialogue.latest else NO_MORE


def _first(dialogue: Dialogue, request: str) -> Iterator[Call]:
    """Take notes, and search in each channel that the request names."""
    given = dialogue.prompt.data("notes")
    notes: Row = given or read(request, list(dialogue.prompt.data("channels") or []))
    if "take_notes" in dialogue.tools:
        yield "take_notes", notes
    channels = [str(name) for name in notes["channels"]]
    rest, _ = without_file(request)
    inputs: Row = {
        "query": (query_of(rest, channels) or rest)[:LONGEST_QUERY],
        "limit": FROM_EACH_CHANNEL if channels else FROM_ALL,
        "min_score": MIN_SCORE,
    }
    for name in channels:
        yield "search", {**inputs, "channel": name}
    if not channels:
        yield "search", inputs


def _gave(dialogue: Dialogue, tool: str) -> Iterator[Row]:
    for row in dialogue.done:
        if row.tool == tool:
            yield from (entry.get("gave") or {} for entry in row.result or [])


def _listed(dialogue: Dialogue, tool: str, name: str) -> list[Row]:
    """Return the elements of the lists that a tool gave."""
    lists = [gave[name] for gave in _gave(dialogue, tool) if isinstance(gave.get(name), list)]
    return [row for rows in lists for row in rows if isinstance(row, dict)]


def _verified(dialogue: Dialogue) -> bool:
    claims = [gave.get("claims") for gave in _gave(dialogue, "extract")]
    return any(row.get("verified") for row in claims if isinstance(row, dict))
