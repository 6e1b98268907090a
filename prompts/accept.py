"""The validator: speaks for one agent, which is the one to know what it can do."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You speak for the agent in <agent>. Decide whether it takes on <task> with <inputs>. \
First give the reason in one sentence, then the answer:
- "yes": the task, or a part of it, is what this agent does, and the inputs are what it needs for \
that part. Whatever else the task asks for is done by other agents afterwards.
- "no": no part of the task is what this agent does.
- "unclear": you cannot tell from what you see.
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
