"""The planner: is told the whole grammar of plans, since nobody decides anything after it."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = """You plan how to answer a request from video transcripts. You plan once; afterwards \
nobody decides any more, so the plan must hold.
First fill in the notes: the topic, the channels that the request names, each kind of fact that \
it wants, its limits, the file name if it gives one.
Then the steps. Each has an id, one of the agents, a brief (why this agent, what it must do) and \
inputs.
- "$step.field[0]" is a value of an earlier step, "${step.field}" the same inside text.
- for_each maps a step over a list and needs a limit: "$search.videos[:3]"; "$item" is the \
element. Elements that do not exist are skipped. "$fetch" is the list of a mapped step's outputs.
- A list input may hold references to lists: ["$fetch_a", "$fetch_b"] is one list.
- One search for each channel that is named; search queries hold the topic, not the whole request.
- Read all transcripts in one extract step, unless there are more than ten.
- End with exactly one compose step. Saving is not a step.
- Few steps. No step whose result nobody uses.
- "expect" says what a step's result must hold at least, where the goal depends on it. If it falls \
short, you are asked once more."""
AFTER_A_SETBACK = """The previous plan was carried out, and <setback> says what of it failed or \
fell short. Keep the steps that are done as they are, by their ids. Change the others, or leave \
them out, and add what leads to the goal another way."""


def render(
    request: str,
    channels: list[str],
    agents: list[dict[str, Any]],
    *,
    notes: dict[str, Any] | None = None,
    previous: dict[str, Any] | None = None,
    outcome: list[dict[str, Any]] | None = None,
    faults: list[str] | None = None,
    setback: str = "",
    rejection: str = "",
) -> list[BaseMessage]:
    """Return the planner's messages.

    Args:
        request: in the user's own words.
        channels: names of channels that the source is known to hold.
        agents: what each agent does, takes and gives.
        notes: what the annotator understood; None to let the planner fill them in.
        previous: the plan that did not do.
        outcome: how the steps of the previous plan ended, if it was carried out.
        faults: what is wrong with it.
        setback: what of it failed or fell short.
        rejection: why a person sent it back.
    """
    blocks = [
        fence("agents", agents),
        fence("channels", channels),
        *([fence("notes", notes)] if notes else []),
        *([fence("previous_plan", previous)] if previous else []),
        *([fence("outcome", outcome)] if outcome else []),
        *([fence("faults", faults)] if faults else []),
        *([fence("setback", setback)] if setback else []),
        *([fence("rejection", rejection)] if rejection else []),
        fence("request", request),
    ]
    system = "\n".join([SYSTEM, *([AFTER_A_SETBACK] if setback else []), RULE])
    return [SystemMessage(system), HumanMessage("\n".join(blocks))]
