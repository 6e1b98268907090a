"""The validator: speaks for one agent, since who must do the work knows best what it cannot do."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You speak for the agent in <agent>. Say whether it can do <task> with <inputs>: "yes" \
only if this is what it does and the inputs are what it needs; "no" with the reason, for whoever \
chooses another agent; "unclear" if you cannot tell.
{RULE}"""


def render(
    request: str, agent: dict[str, Any], task: dict[str, Any], inputs: dict[str, Any]
) -> list[BaseMessage]:
    """Return the validator's messages.

    Args:
        request: in the user's own words.
        agent: what it does, takes and gives.
        task: what shall be done, and the capability that it is said to need.
        inputs: what the agent would get, as values and references.
    """
    blocks = [
        fence("agent", agent),
        fence("task", task),
        fence("inputs", inputs),
        fence("request", request),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
