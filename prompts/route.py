"""The router: is asked only where no rule decides, so it is told why earlier choices failed."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You choose the agent for a task by what each agent does, takes, and gives. Do not \
choose an agent from <excluded>: those declined, for the reasons given.
You may leave out inputs that simply take over the task's own "results". Refer to results like \
this: "$search_1.videos[:3]" as a list for for_each, with "$item" as its element.
If there are <faults>, they are what was wrong with your previous answer; correct all of them.
{RULE}"""


def render(
    request: str,
    task: dict[str, Any],
    agents: list[dict[str, Any]],
    excluded: list[dict[str, str]],
    faults: list[str] | None = None,
) -> list[BaseMessage]:
    """Return the router's messages.

    Args:
        request: in the user's own words.
        task: what shall be done, the capability it is said to need, and results that it may use.
        agents: what each agent does, takes and gives.
        excluded: agents that did not take it, with the reasons.
        faults: what is wrong with the answer before.
    """
    blocks = [
        fence("agents", agents),
        fence("task", task),
        fence("excluded", excluded),
        *([fence("faults", faults)] if faults else []),
        fence("request", request),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
