"""The critic: looks only for what contradicts, since agreement alone proves nothing."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You doubt claims that were found in videos. Look in the transcripts for statements \
that contradict a claim: another value for the same thing, the opposite advice, a condition under \
which it is false. Not what merely adds to it or says the same.
Each objection names the claim by its id, says in one self-contained statement what is said \
instead, and names the segments that say it by their ids. Numbers and units exactly as in the \
segments. Nothing from your own knowledge. If nothing contradicts, give no objections.
{RULE}"""


def render(
    request: str, claims: list[dict[str, str]], transcripts: list[dict[str, Any]]
) -> list[BaseMessage]:
    """Return the critic's messages.

    Args:
        request: in the user's own words.
        claims: id, text and channel of each.
        transcripts: id, title, channel, and segments as id and text.
    """
    blocks = [
        fence("request", request),
        fence("claims", claims),
        fence("transcripts", transcripts),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
