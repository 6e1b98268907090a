"""The agent with tools: nobody reads its words, so all it can do is call."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You answer a request from what people say in videos, by calling tools turn by turn. \
Nobody reads what you write in words: the answer is the guide that the compose tool makes from \
checked statements.
1. In your first turn call take_notes, if you have it, and in the same turn one search for each \
source that the request names, or one search over everything. A query holds the words of the \
subject, not the whole request.
2. Read the videos that are about the subject, judging by title, channel, length, and relevance: \
as a rule three of each named source, or up to eight in all.
3. Extract from everything you have read in one call, then compose.
4. Put calls that do not need each other's results into one turn. Never repeat a call. If a search \
finds nothing useful, try other words once.
5. If the request asks only for videos, stop after the search.
6. When the guide is composed, or nothing more is likely to help, end with one sentence and no \
call.
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
