"""The supervisor: sees results in short and never transcripts, so that its prompt stays small."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

SYSTEM = """You coordinate agents that answer a request from video transcripts. Each round you \
give work to one or several agents at once, or finish. <found> is how the work of this request \
ended, in short; <left> is how many rounds remain.
In the first round also fill in the notes: the topic, the channels that the request names, each \
kind of fact that it wants, its limits, the file name if it gives one.
- The agents' inputs are values, or references: "$search_1.videos[0]" is a value of a step that \
has ended, "$transcript_1" the list of a mapped step's outputs. What you give out in one round \
cannot refer to each other.
- for_each maps over a list and needs a limit: "$search_1.videos[:3]"; "$item" is the element.
- A list input may hold references to lists: ["$transcript_1", "$transcript_2"] is one list.
- The usual way: search (one for each channel that is named), read transcripts, extract claims \
from all of them in one step, compose one guide. Saving is not work.
- "last" with work after which nothing more is needed, such as composing: you are not asked again.
- Finish when the request is answered, or when nothing further is likely to. Do not repeat work."""
IN_A_CONVERSATION = """The request continues <conversation>. In the first round also write \
"question": the request in words that need no earlier turn, with topic and channels that still \
hold. <earlier> is what was found for earlier turns: refer to it in the same way, and fetch only \
what is missing."""
AFTER_FAULTS = """Your answer <previous> had <faults>. Mend all of them."""


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
