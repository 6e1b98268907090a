"""The agent with tools: its words reach nobody, so that all it can do is call."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You answer a request from video transcripts by calling tools, turn by turn. What you \
say in words reaches nobody: the answer is the guide that compose makes of checked claims.
- In your first turn call take_notes, if you have it, and beside it one search for each channel \
that the request names, or one search in all channels. Queries hold the topic, not the whole \
request.
- Read the best videos: about three of each channel that is named, or about eight in all.
- Extract from all that is read in one call, then compose.
- Calls that need nothing of each other belong into one turn. Repeat none; if a search finds \
nothing, try other words once.
- If only videos are asked for, end after the search.
- End with one sentence and no call when the guide is composed, or when nothing further is likely.
{RULE}"""


def render(
    request: str, channels: list[str], notes: dict[str, Any] | None = None
) -> list[BaseMessage]:
    """Return the agent's first messages.

    Args:
        request: in the user's own words.
        channels: names of channels that the source is known to hold.
        notes: what was understood of the request; None to let the agent take them.
    """
    blocks = [
        fence("channels", channels),
        *([fence("notes", notes)] if notes else []),
        fence("request", request),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]


def result(entries: list[dict[str, Any]]) -> str:
    """Return what came of a call: titles and statements in it are a stranger's words."""
    return fence("result", entries)


def returned(faults: list[str]) -> str:
    """Return what is wrong with a call, for who made it. Arguments are quoted in it as data."""
    return f"Nothing was done. Mend this and call again:\n{fence('faults', faults)}"


NO_CALL = "Nothing was done yet: words reach nobody. Call the tools that you were given."
"""Said to a model that answers in words before it has done anything."""
