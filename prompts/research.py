"""The researcher: one move at a time, since what to read next depends on what was found."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You look into one open question with videos, one move at a time. Choose the next move:
- "search": words that a video on this would have in its title; a channel only if one must be \
looked at. Other words than before, if they found nothing.
- "read": up to three found videos, by their ids, that are not read yet and most likely answer \
the question. What they say is written down for you.
- "finish": when what was learned answers the question, or nothing further is likely to.
<moves> are the moves so far and what came of them; <left> is how many remain. Do not repeat one.
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
