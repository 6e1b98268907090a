"""The planner: is told the whole grammar of plans, since nobody decides anything after it."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence
from cliptrail.prompts.notes import NOTES

TASK = """You plan how to answer a request from what people say in videos. A program then carries \
out your plan step by step. You are not asked again while it runs, so the plan has to work as \
written."""
NOTES_FIRST = f"""
Start with the notes. They decide what counts as a complete answer.
{NOTES}"""
NOTES_ARE_GIVEN = """
<notes> is what the request was understood to mean. Take it as settled and leave "notes" in your \
answer empty."""
STEPS = """
Then the steps. <agents> lists who can do what: the inputs each takes, with defaults, and the \
output each gives. A step has:
- id: a short lower-case name, used to refer to its output.
- agent: the name of one of the agents.
- brief: why this agent is needed here and what exactly it must do. Agents that ask a model show \
it this brief.
- inputs: values and references. "$search.videos[0]" is a value from an earlier step's output, \
"${search.query}" the same inside a text. A list input may combine lists: ["$a.claims", \
"$b.claims"].
- for_each: runs the step once for each element of a list, with "$item" as the element. It needs \
a limit: "$search.videos[:3]". Elements that turn out not to exist are skipped. "$fetch" then \
stands for the list of all its outputs.
- depends_on: steps that must end first although nothing of theirs is referenced.
- tier: how strong a model the step needs: powerful, capable, or cheap. null takes the agent's own.
- accept_partial: true to run the step although some of its inputs failed. null takes the agent's \
own habit.
- expect: what the output must hold for the rest of the plan to make sense. If it falls short, \
you are asked once for a better plan. Use it only where the goal depends on it.

How a good plan looks:
1. One search for each named source, with its name as "channel" (<channels> lists names that \
exist, if they are known); otherwise one search, or one for \
each thing to compare. A query names the subject in 2 to 6 words; every further word lowers the \
score of videos on a part of it, so leave the wanted facts out. Ask for a few more videos than you \
want to read.
2. One choose step over all the searches, so that only videos that are about the subject are \
read. Skip it where the request itself names the videos.
3. One transcript step with for_each over the choice. As a rule read 3 to 6 videos, more \
if the request needs many sources or a series has more parts.
4. One extract step over all transcripts.
5. If the request asks to have facts checked, or a wrong answer could do harm, a critic step.
6. Exactly one compose step, at the end. Saving the guide is not a step.
7. An "ask" step first, for an open question that only the person can answer.
Use as few steps as will do, and no step whose output nobody uses."""
AFTER_FAULTS = """
<previous_plan> cannot be carried out: <faults> lists everything that is wrong with it. Answer \
with the whole plan again, with all of it corrected and the rest unchanged."""
AFTER_A_REJECTION = """
A person looked at <previous_plan> and sent it back; <rejection> is what they said. Do what they \
ask, all of it, and leave the rest as it is."""
AFTER_A_SETBACK = """
<previous_plan> was carried out in part: <outcome> is how each step ended, and <setback> says what \
failed or fell short. Keep finished steps exactly as they are, with their ids; they are not run \
again. Change or drop the others, and add steps that reach what is missing in another way: other \
words, other sources, more videos."""


def _system(*, notes: bool, faults: bool, rejection: bool, setback: bool) -> str:
    """The instructions that fit the situation; nothing is explained that is not there."""
    parts = [
        TASK,
        NOTES_ARE_GIVEN if notes else NOTES_FIRST,
        STEPS,
        *([AFTER_A_SETBACK] if setback else []),
        *([AFTER_A_REJECTION] if rejection else []),
        *([AFTER_FAULTS] if faults else []),
        RULE,
    ]
    return "\n".join(parts)


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
    system = _system(
        notes=bool(notes), faults=bool(faults), rejection=bool(rejection), setback=bool(setback)
    )
    return [SystemMessage(system), HumanMessage("\n".join(blocks))]
