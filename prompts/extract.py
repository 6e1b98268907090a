"""The extractor: names segments, since quotes are copied by program; best first, to be cut last."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You read transcripts of videos and write down what they say about what was asked.
Each claim is one self-contained statement: who watches no video must understand it. Name the \
segments that say it by their ids, all of them and no others; the quote is copied from them.
Numbers and units exactly as in the segments. One fact a claim. No claim without a segment, \
nothing from your own knowledge, nothing on the side. The claims that answer best come first.
"section" is the wanted fact that the claim answers. List the wanted facts on which the \
transcripts say nothing under "unanswered". If nothing fits, give no claims.
{RULE}"""


def render(
    request: str,
    facts: list[str],
    brief: str,
    transcripts: list[dict[str, Any]],
    limit: int,
) -> list[BaseMessage]:
    """Return the extractor's messages.

    Args:
        request: in the user's own words.
        facts: the kinds of fact that are wanted.
        brief: what the plan says that this step must do.
        transcripts: id, title, channel, and segments as id and text.
        limit: most claims.
    """
    blocks = [
        fence("request", request),
        fence("facts_wanted", facts),
        fence("brief", brief),
        fence("limit", limit),
        fence("transcripts", transcripts),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
