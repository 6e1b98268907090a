"""The annotator: reads only what is said, since whoever plans after it takes it at its word."""

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You read requests for guides that are made from video transcripts.
Say what the request asks for: the topic in words fit for a video search, the channels that it \
names, each kind of fact that it wants, its limits, and the file name if it gives one.
Add nothing that the request does not say.
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
