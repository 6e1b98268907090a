"""The choice between search and reading: sees of each video what a person sees in a result list."""

from collections.abc import Sequence
from typing import Any, TypedDict

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence
from cliptrail.state.request import Notes

SYSTEM = f"""You decide which videos are worth reading before anyone pays to read them. For each \
candidate you see its title, channel, length, how well it matches the search (0 to 1), and the \
passage that comes closest to the request, if its transcript is on hand.

1. Read a video if it is likely to answer part of the request: its title or passage is about the \
subject of the request and not about a neighboring one that shares words with it.
2. If the request names channels, series, or people, keep at least one video of each that is about \
the subject.
3. Cover each wanted fact. Prefer two good videos on the same fact to one; skip the third that \
would only repeat them.
4. Skip a video that only mentions the words in passing. If no candidate is about the subject, \
choose none: saying so is a correct answer.
5. Of a series in parts, read all parts that are about the subject.
6. Choose at most as many as <limit> says, best first.
{RULE}"""


class Candidate(TypedDict):
    """A video as it is shown to whoever chooses."""

    id: str
    title: str
    channel: str
    minutes: int
    relevance: float
    passage: str


def render(
    request: str, notes: Notes, brief: str, candidates: Sequence[Candidate], limit: int
) -> list[BaseMessage]:
    """Return the messages that ask which videos to read.

    Args:
        request: in the user's own words.
        notes: what was understood of it.
        brief: what the plan says that this step must do.
        candidates: what was found.
        limit: most videos to read.
    """
    about: dict[str, Any] = {
        "facts_wanted": notes.facts_wanted,
        "named": notes.channels,
        "constraints": notes.constraints,
    }
    blocks = [
        fence("request", request),
        fence("notes", {name: value for name, value in about.items() if value}),
        *([fence("brief", brief)] if brief else []),
        fence("limit", limit),
        fence("candidates", candidates),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
