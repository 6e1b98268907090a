"""The synthesizer: looks once for independent parts, since what runs side by side saves time."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You begin the work on a request that is answered from video transcripts. Others go on \
from there: you only say what comes first.
First fill in the notes: the topic, the channels that the request names, each kind of fact that \
it wants, its limits, the file name if it gives one.
Then the parts. One, unless the request has parts that do not need each other: two channels, "both \
A and B", a comparison. Then one for each, and in "join" what their results are for.
Each part names what to do, the capability that it needs, and its inputs. Search queries hold the \
topic, not the whole request. "last" only if the request wants no more than what the part brings.
If <faults> are given, mend all of them.
{RULE}"""


def render(
    request: str,
    channels: list[str],
    agents: list[dict[str, Any]],
    faults: list[str] | None = None,
) -> list[BaseMessage]:
    """Return the synthesizer's messages.

    Args:
        request: in the user's own words.
        channels: names of channels that the source is known to hold.
        agents: what each agent does, takes and gives.
        faults: what is wrong with the answer before.
    """
    blocks = [
        fence("agents", agents),
        fence("channels", channels),
        *([fence("faults", faults)] if faults else []),
        fence("request", request),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
