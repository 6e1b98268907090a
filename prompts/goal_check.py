"""The goal check: judges the user's goal and not the step's, since a step always ends somewhere."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = f"""An agent has done its work on a request. Judge whether the user's goal is met with \
what is there, and if not, say what comes next.
- "met": what the user wants is there. Who asks for videos has them when they are found; who asks \
for what is said in them needs transcripts, claims from them, and a guide of the claims.
- "go_on": the next thing, with the capability that it needs; several only if they do not need \
each other. Leave out inputs that take what was found before. References: "$search_1.videos[:3]".
- "try_other_words": <task> found nothing and <tries_left> is not 0: the same in other words, \
with inputs.
- "give_up": nothing further is likely to help.
"last" is true if the goal is met when the next thing brings something, as with a guide.
<task> is the work that has just ended; <done> is everything that there is, in short.
If <faults> are given, mend all of them.
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
