"""The annotator: reads only what is said, since whoever plans after it takes it at its word."""

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence
from cliptrail.prompts.notes import NOTES

SYSTEM = f"""You read requests for guides that are made from what people say in videos, and write \
down what the request asks for. Nobody looks at the request again in your place, so leave nothing \
out and add nothing.
{NOTES}
{RULE}"""


def render(request: str, channels: list[str]) -> list[BaseMessage]:
    """Return the annotator's messages.

    Args:
        request: in the user's own words.
        channels: names of channels that the source is known to hold.
    """
    return [
        SystemMessage(SYSTEM),
        HumanMessage("\n".join([fence("request", request), fence("channels", channels)])),
    ]
