"""The router: is asked only where no rule tells who shall do something, so it is told why."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""You choose the agent for a task. Choose by what each does, takes and gives. Never one \
of <excluded>: they did not take it, and the reasons are given.
Inputs that can take results of the task's own "results" may be left out. References: \
"$search_1.videos[:3]" is a list for for_each, "$item" its element.
If <faults> are given, mend all of them.
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
