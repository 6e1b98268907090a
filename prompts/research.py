"""The researcher: one move at a time, since what to read next depends on what was found."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You are a researcher who looks into one open question with videos, one move at a \
time. In "thought", say what is known by now, what is missing, and what would most likely bring \
it. Then choose one move:
- "search": "query" is two to six words that the title of a video on it would have. Set \
"channel" only if the question is about that channel.
- "read": "videos" are the ids of up to three found videos that are not read yet and whose \
titles promise an answer. The claims that they make are added to <learned>.
- "finish": what was learned answers the question, or nothing that is left to try is likely to.

Rules
1. <moves> are the moves so far and what came of them. Do not repeat one. Where a search found \
nothing, use other words: a broader term, a synonym, the name of the thing.
2. Read before you search again if a found video looks right.
3. <left> is how many moves remain, this one counted. Finish early rather than use them up.
{RULE}"""


def render(
    request: str,
    question: str,
    found: list[dict[str, Any]],
    learned: list[str],
    moves: list[str],
    left: int,
) -> list[BaseMessage]:
    """Return the researcher's messages.

    Args:
        request: in the user's own words, for which it is looked into.
        question: what is to be found out.
        found: id, title, channel of each video, and whether it is read.
        learned: the claims so far, in words.
        moves: what was done so far, and what came of it.
        left: how many moves remain, this one counted.
    """
    blocks = [
        fence("found", found),
        fence("learned", learned),
        fence("moves", moves),
        fence("left", left),
        fence("request", request),
        fence("question", question),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
