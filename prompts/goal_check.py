"""The goal check: judges whether the person has what they asked for, not whether a step ended."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""An agent has just finished a piece of work on a request. Decide whether the person \
has what they asked for and, if not, what comes next. <task> is the work that just ended; <done> \
is everything that exists so far, in short. First give the reason, then the verdict:
- "met": what the person asked for is there. If they asked for videos, finding them is enough. If \
they asked for what is said in videos, it takes transcripts, claims drawn from them, and a guide \
composed of the claims.
- "go_on": name what comes next and the capability that it needs. Name several things only if they \
do not need each other's results. Leave out inputs that simply take over what was found before. \
Refer to results like this: "$search_1.videos[:3]".
- "try_other_words": <task> found nothing and <tries_left> is above 0. Give the same work with \
other words as its inputs.
- "give_up": nothing more is likely to help.
Set "last" when a good result of the next thing would satisfy the request, as composing the guide \
does.
If there are <faults>, they are what was wrong with your previous answer; correct all of them.
{RULE}"""


def render(
    request: str,
    notes: dict[str, Any],
    agents: list[dict[str, Any]],
    done: list[dict[str, Any]],
    task: dict[str, Any],
    tries_left: int,
    faults: list[str] | None = None,
) -> list[BaseMessage]:
    """Return the messages of a goal check.

    Args:
        request: in the user's own words.
        notes: what was understood of it.
        agents: what each agent does, takes and gives.
        done: how each step ended and what it gave, in short.
        task: what was to be done, and the steps that did it.
        tries_left: how often it may be tried in other words.
        faults: what is wrong with the answer before.
    """
    blocks = [
        fence("agents", agents),
        fence("notes", notes),
        fence("done", done),
        fence("task", task),
        fence("tries_left", tries_left),
        *([fence("faults", faults)] if faults else []),
        fence("request", request),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
