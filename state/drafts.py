"""What models are asked to answer. Flat and short, so that small models can fill them.

Every string in here is untrusted until a node has checked it.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cliptrail.state.media import LONGEST_QUERY


class Draft(BaseModel):
    """Base of the answers: unknown fields are ignored rather than refused."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


class NotesDraft(Draft):
    """What the request asks for."""

    topic: str = Field(default="", max_length=200)
    """The subject in 2 to 8 words, fit for a video search."""
    channels: list[str] = Field(default_factory=list, max_length=10)
    """Channels, people, series, or shows that the user names as sources, in the user's words."""
    facts_wanted: list[str] = Field(default_factory=list, max_length=20)
    """Each kind of fact that the user wants, a few words each."""
    constraints: list[str] = Field(default_factory=list, max_length=10)
    """Limits that the user sets."""
    output_file: str = Field(default="", max_length=120)
    """File name that the user asks for, else empty."""
    open_questions: list[str] = Field(default_factory=list, max_length=5)
    """What the request leaves open, if it matters."""


class InputDraft(Draft):
    """One input of a step. A list and not a map, since strict schemas have no open maps."""

    name: str = Field(max_length=40)
    value: str | int | float | bool | list[str]
    """A value, a reference, or a list of either."""


class ExpectationDraft(Draft):
    """What a step's result must hold."""

    field: str = Field(max_length=40)
    """A list in the agent's output."""
    at_least: int = Field(default=1, ge=1, le=1000)
    """How many elements."""
    only: str = Field(default="", max_length=40)
    """Count only elements in which this field is true or not empty."""
    distinct: str = Field(default="", max_length=40)
    """Count different values of this field."""


class StepDraft(Draft):
    """One step of the plan."""

    id: str = Field(max_length=40)
    """Lower-case name, e.g. "search_1"."""
    agent: str = Field(max_length=40)
    """Name of one of the agents given."""
    brief: str = Field(default="", max_length=500)
    """Why this agent, and what it must do."""
    inputs: list[InputDraft] = Field(default_factory=list, max_length=20)
    """The agent's inputs."""
    depends_on: list[str] = Field(default_factory=list, max_length=20)
    """Further steps that must end first."""
    for_each: str | None = Field(default=None, max_length=200)
    """Reference to a list with a limit, e.g. "$search_1.videos[:2]"."""
    tier: Literal["powerful", "capable", "cheap"] | None = None
    """How strong a model it needs; null for the agent's own."""
    accept_partial: bool | None = None
    """Run although some inputs failed; null for the agent's own habit."""
    expect: list[ExpectationDraft] = Field(default_factory=list, max_length=3)
    """What its result must hold, where the goal depends on it."""


class PlanDraft(Draft):
    """What was understood, and the plan."""

    notes: NotesDraft = Field(default_factory=NotesDraft)
    goal: str = Field(default="", max_length=500)
    """What is to be found out, in one sentence."""
    steps: list[StepDraft] = Field(max_length=60)


class ChoiceDraft(Draft):
    """Which of the found videos are worth reading."""

    reason: str = Field(default="", max_length=600)
    """In one or two sentences: which candidates are about the request, and which are not."""
    read: list[str] = Field(default_factory=list, max_length=50)
    """Ids of the candidates to read, best first; none if none is about the request."""


class ClaimDraft(Draft):
    """One statement, with the segments that say it."""

    text: str = Field(max_length=600)
    """One self-contained statement; its numbers exactly as in the segments."""
    section: str = Field(default="", max_length=80)
    """Which of the wanted facts it answers."""
    segments: list[str] = Field(max_length=40)
    """Ids of the segments that say it, e.g. ["v1.12", "v1.13"]."""


class FindingDraft(ClaimDraft):
    """A statement that was looked for."""

    relevance: float = 0.0
    """How well it answers what was asked, from 0 to 1."""


class ExtractDraft(Draft):
    """What the transcripts say about the focus."""

    claims: list[FindingDraft] = Field(default_factory=list, max_length=120)
    unanswered: list[str] = Field(default_factory=list, max_length=20)
    """Wanted facts on which the transcripts say nothing."""


class ObjectionDraft(ClaimDraft):
    """A statement that contradicts a claim, with the segments that say it."""

    claim: str = Field(max_length=80)
    """Id of the claim."""


class CritiqueDraft(Draft):
    """What the transcripts say against the claims."""

    objections: list[ObjectionDraft] = Field(default_factory=list, max_length=40)


class MoveDraft(Draft):
    """The next move of who looks into an open question."""

    thought: str = Field(default="", max_length=300)
    """Why this move."""
    do: Literal["search", "read", "finish"]
    query: str = Field(default="", max_length=200)
    """Words to search for."""
    channel: str = Field(default="", max_length=100)
    """Search in this channel only; else empty."""
    videos: list[str] = Field(default_factory=list, max_length=10)
    """Ids of found videos to read."""


class MergedDraft(Draft):
    """One statement of the guide, made of one or several claims."""

    claims: list[str] = Field(max_length=20)
    """Ids of the claims that say the same."""
    text: str = Field(default="", max_length=600)
    """The statement; empty to keep the first claim's words."""
    section: str = Field(default="", max_length=80)


class ConflictDraft(Draft):
    """Claims that do not agree."""

    topic: str = Field(max_length=120)
    claims: list[str] = Field(max_length=10)
    """Ids of the claims."""


class GuideDraft(Draft):
    """The guide, in the order of what was asked."""

    title: str = Field(max_length=160)
    statements: list[MergedDraft] = Field(default_factory=list, max_length=120)
    conflicts: list[ConflictDraft] = Field(default_factory=list, max_length=30)
    unanswered: list[str] = Field(default_factory=list, max_length=20)


class AssignmentDraft(Draft):
    """Work for one agent."""

    agent: str = Field(max_length=40)
    """Name of one of the agents given."""
    brief: str = Field(default="", max_length=500)
    """Why this agent, and what it must do."""
    inputs: list[InputDraft] = Field(default_factory=list, max_length=20)
    """The agent's inputs: values, and references to what has ended."""
    for_each: str | None = Field(default=None, max_length=200)
    """Reference to a list with a limit, e.g. "$search_1.videos[:2]"."""


class RoundDraft(Draft):
    """What a supervisor decides in one round."""

    notes: NotesDraft = Field(default_factory=NotesDraft)
    """In the first round: what the request asks for."""
    question: str = Field(default="", max_length=1000)
    """In the first round: the request in words that need no earlier turn, if its own do."""
    reason: str = Field(default="", max_length=300)
    """In one sentence: what is there, what is missing, and so what comes next."""
    do: Literal["work", "finish"]
    assignments: list[AssignmentDraft] = Field(default_factory=list, max_length=12)
    """Work that does not depend on each other; none with "finish"."""
    last: bool = False
    """True if nothing more is needed when these end well."""


class ToolCall(Draft):
    """Base of the tools of an agent: what it gives beyond them goes back to it."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class SearchCall(ToolCall):
    """Find videos on a topic, in all channels or in one."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY)
    """Words of the topic, as a person would type them into a video search."""
    channel: str = Field(default="", max_length=200)
    """Only videos of this channel; empty for all."""
    limit: int = Field(default=5, ge=1, le=10)
    """Most videos."""
    min_score: float = Field(default=0.0, ge=0, le=1)
    """Least relevance beside the best hit, where the source scores: 0 keeps all."""


class TranscriptCall(ToolCall):
    """Read what is said in videos that a search found."""

    video_ids: list[str] = Field(min_length=1, max_length=20)
    """Ids of the videos."""


class ExtractCall(ToolCall):
    """Find what the transcripts that are read say about the request, as claims with citations."""

    video_ids: list[str] = Field(default_factory=list, max_length=20)
    """Ids of videos that are read; none for all of them."""
    facts: list[str] = Field(default_factory=list, max_length=20)
    """Kinds of fact to look for; none for those of the notes."""
    limit: int = Field(default=40, ge=1, le=120)
    """Most claims."""


class ComposeCall(ToolCall):
    """Make the guide of all claims that were extracted, conflicts side by side."""


class IntentDraft(Draft):
    """What shall be done next."""

    words: str = Field(min_length=1, max_length=300)
    """What to do, in one sentence."""
    capability: str = Field(default="", max_length=40)
    """The capability that it needs, as an agent names it; empty if it fits none."""
    inputs: list[InputDraft] = Field(default_factory=list, max_length=20)
    """The agent's inputs; leave out those that take what was found before."""
    for_each: str = Field(default="", max_length=200)
    """Reference to a list with a limit, e.g. "$search_1.videos[:2]"; else empty."""
    last: bool = False
    """Is the goal met when this brings something?"""


class SynthesisDraft(Draft):
    """What was understood, and what to begin with."""

    notes: NotesDraft = Field(default_factory=NotesDraft)
    parts: list[IntentDraft] = Field(default_factory=list, max_length=10)
    """One thing to begin with, or several that do not need each other."""
    join: str = Field(default="", max_length=300)
    """What the results of several parts are for, once they are put together."""


class GoalDraft(Draft):
    """Whether the user's goal is met, and if not, what comes next."""

    reason: str = Field(default="", max_length=400)
    """What the person asked for, and what of it is there."""
    verdict: Literal["met", "go_on", "try_other_words", "give_up"]
    next: list[IntentDraft] = Field(default_factory=list, max_length=10)
    """What comes next: one thing, or several that do not need each other; none at the end."""
    join: str = Field(default="", max_length=300)
    """What the results of several are for, once they are put together."""


class RouteDraft(Draft):
    """Who does it."""

    reason: str = Field(default="", max_length=300)
    """Why this agent and no other."""
    agent: str = Field(max_length=40)
    """Name of one of the agents given, and none of those excluded."""
    inputs: list[InputDraft] = Field(default_factory=list, max_length=20)
    """Its inputs; leave out those that take what was found before."""
    for_each: str = Field(default="", max_length=200)
    """Reference to a list with a limit; else empty."""


class AcceptDraft(Draft):
    """Whether an agent takes what it was given."""

    reason: str = Field(default="", max_length=300)
    """In one sentence."""
    accept: Literal["yes", "no", "unclear"]
