"""The synthesizer: looks once for independent parts, since parallel work saves time."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence
from cliptrail.prompts.notes import NOTES

SYSTEM = f"""You start the work on a request that is answered from what people say in videos. \
Other agents carry on from there; you only decide what comes first.
First take the notes:
{NOTES}
Then the parts: one, unless the request has parts that do not need each other's results, such as \
two named sources, "both A and B", or a comparison. In that case give one part for each, and say \
in "join" what their results are for.
Each part says what to do, which capability it needs, and its inputs. A search query holds the \
words of the subject, not the whole request. Set "last" only if the request asks for nothing \
beyond what the part brings.
If there are <faults>, they are what was wrong with your previous answer; correct all of them.
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
