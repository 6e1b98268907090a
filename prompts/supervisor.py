"""The supervisor: sees short results and never transcripts, so that its prompt stays small."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence
from cliptrail.prompts.notes import NOTES

SYSTEM = f"""You coordinate agents that answer a request from what people say in videos. In each \
round you give work to one or more agents at once, or finish. <found> is how the work on this \
request ended, in short; <left> is how many rounds remain, this one included.
In the first round, also take the notes:
{NOTES}
How to give work:
1. An agent's inputs are values, or references to work that has ended: "$search_1.videos[0]" is \
one value of its output, "$transcript_1" the list of all outputs of mapped work. Work given in the \
same round cannot refer to each other.
2. for_each runs the work once for each element of a list, with "$item" as the element. It needs a \
limit: "$search_1.videos[:3]".
3. A list input may combine lists: ["$transcript_1", "$transcript_2"].
4. The usual way is: search (once for each named source), read the videos that are about the \
subject, extract claims from all transcripts in one step, compose one guide. Saving the guide is \
not work.
5. Set "last" with work after which nothing more is needed, such as composing; you are then not \
asked again.
6. Finish when the request is answered or nothing more is likely to help. What was found and not \
yet composed is then extracted and composed by itself. Do not repeat work."""
IN_A_CONVERSATION = """The request continues <conversation>. In the first round also write \
"question": the request in words that make sense without the earlier turns, with the topic and \
sources that still hold. <earlier> is what was found for earlier turns: refer to it in the same \
way, and get only what is missing."""
AFTER_FAULTS = """Your previous answer, <previous>, had <faults>. Correct all of them."""


def render(
    request: str,
    agents: list[dict[str, Any]],
    left: int,
    *,
    channels: list[str] | None = None,
    notes: dict[str, Any] | None = None,
    conversation: list[dict[str, Any]] | None = None,
    earlier: list[dict[str, Any]] | None = None,
    found: list[dict[str, Any]] | None = None,
    previous: list[dict[str, Any]] | None = None,
    faults: list[str] | None = None,
) -> list[BaseMessage]:
    """Return the supervisor's messages.

    Args:
        request: in the user's own words.
        agents: what each agent does, takes and gives.
        left: how many rounds remain, this one counted.
        channels: in the first round: names of channels that the source is known to hold.
        notes: what was understood in the first round.
        conversation: earlier requests of the thread, and how they ended.
        earlier: how the steps of earlier requests ended, in short.
        found: how the steps of this request ended, in short.
        previous: the assignments that did not do.
        faults: what is wrong with them.
    """
    blocks = [
        fence("agents", agents),
        *([fence("channels", channels)] if channels is not None else []),
        *([fence("notes", notes)] if notes else []),
        *([fence("conversation", conversation)] if conversation else []),
        *([fence("earlier", earlier)] if earlier else []),
        *([fence("found", found)] if found else []),
        *([fence("previous", previous)] if faults else []),
        *([fence("faults", faults)] if faults else []),
        fence("left", left),
        fence("request", request),
    ]
    parts = [SYSTEM, *([IN_A_CONVERSATION] if conversation else [])]
    system = "\n".join([*parts, *([AFTER_FAULTS] if faults else []), RULE])
    return [SystemMessage(system), HumanMessage("\n".join(blocks))]
