"""How the offline engine plans: one search a channel, read what was found, extract, compose."""

import re
from typing import Any

from cliptrail.state.media import LONGEST_QUERY
from cliptrail.tools.models.offline.roles.reading import query_of, read, without_file
from cliptrail.tools.models.offline.roles.replanning import replanned
from cliptrail.tools.models.offline.rules import Prompt, rule

FROM_EACH_CHANNEL = 3
"""Videos that are read of each channel that the request names."""
FROM_ALL = 8
"""Videos that are read where it names none."""
MIN_SCORE = 0.1
"""Least relevance: what is read decides, and reading costs no more than time."""
_COUNT = re.compile(
    r"\b(?:only|at most|max(?:imum)?|no more than|just|up to)?\s*(\d+|one|two|three|four|five)\s+"
    r"(?:videos?|clips?)\b",
    re.IGNORECASE,
)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


@rule("PlanDraft")
def plan(prompt: Prompt) -> dict[str, object]:
    """Answer the planner's question; a rejection that names a number of videos is heeded.

    After a setback it keeps what is done and looks at more videos.
    """
    request = str(prompt.data("request") or "")
    given = prompt.data("notes")
    notes: dict[str, Any] = given or read(request, list(prompt.data("channels") or []))
    rest, _ = without_file(request)
    if prompt.data("setback"):
        previous = prompt.data("previous_plan")
        rows = replanned(previous, prompt.data("outcome") or [])
        return {"notes": notes, "goal": previous.get("goal", ""), "steps": rows}
    channels = [str(name) for name in notes["channels"]]
    query = query_of(rest, channels) or rest
    wanted = _videos_wanted(str(prompt.data("rejection") or ""), bool(channels))
    searches = channels or [""]
    steps = [
        step
        for number, channel in enumerate(searches, 1)
        for step in _finding(number, channel, query, wanted, alone=len(searches) == 1)
    ]
    fetched = [str(step["id"]) for step in steps if step["agent"] == "transcript"]
    steps += [
        {
            "id": "extract",
            "agent": "extract",
            "brief": "Find what the transcripts say about each wanted fact.",
            "inputs": [{"name": "transcripts", "value": [f"${name}" for name in fetched]}],
        },
        {
            "id": "compose",
            "agent": "compose",
            "brief": "Make one guide in the order of the request; show disagreements.",
            "inputs": [
                {"name": "claims", "value": "$extract.claims"},
                {"name": "unanswered", "value": "$extract.unanswered"},
            ],
        },
    ]
    return {"notes": notes, "goal": f"Answer: {rest[:400]}", "steps": steps}


def _videos_wanted(rejection: str, by_channel: bool) -> int:
    match = _COUNT.search(rejection)
    if match is None:
        return FROM_EACH_CHANNEL if by_channel else FROM_ALL
    said = match[1].lower()
    return max(1, min(20, _WORDS.get(said) or int(said)))


def search_inputs(query: str, channel: str, wanted: int) -> list[dict[str, Any]]:
    """Return the inputs of a search.

    Args:
        query: the words.
        channel: empty for all.
        wanted: most videos.
    """
    inputs: dict[str, Any] = {
        "query": query[:LONGEST_QUERY],
        "limit": wanted,
        "min_score": MIN_SCORE,
    }
    if channel:
        inputs["channel"] = channel
    return [{"name": name, "value": value} for name, value in inputs.items()]


def _finding(
    number: int, channel: str, query: str, wanted: int, *, alone: bool
) -> list[dict[str, Any]]:
    end = "" if alone else f"_{number}"
    where = f"of the channel {channel}" if channel else "in all channels"
    return [
        {
            "id": f"search{end}",
            "agent": "search",
            "brief": f"Find videos {where} on the topic.",
            "inputs": search_inputs(query, channel, wanted),
        },
        {
            "id": f"transcript{end}",
            "agent": "transcript",
            "brief": "Read what the best of them say.",
            "for_each": f"$search{end}.videos[:{wanted}]",
            "inputs": [{"name": "video", "value": "$item"}],
        },
    ]
