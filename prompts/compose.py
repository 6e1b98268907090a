"""The composer: joins by ids and keeps words and numbers, since each statement is checked again."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You make one guide of claims that were found in several videos.
Order them as the request asks, under short headings ("section"). Join claims that say the same \
(name all their ids). Keep each claim's own words unless joining or a pronoun demands a change; \
keep every number and unit. Leave out what does not answer the request.
Where sources do not agree, do not choose: list the claims under "conflicts" with the topic.
List what was asked and no claim answers under "unanswered".
{RULE}"""


def render(
    request: str, facts: list[str], brief: str, claims: list[dict[str, Any]]
) -> list[BaseMessage]:
    """Return the composer's messages.

    Args:
        request: in the user's own words.
        facts: the kinds of fact that are wanted.
        brief: what the plan says that this step must do.
        claims: id, text, section, channel and video of each.
    """
    blocks = [
        fence("request", request),
        fence("facts_wanted", facts),
        fence("brief", brief),
        fence("claims", claims),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
