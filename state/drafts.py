"""What models are asked to answer. Flat and short, so that small models can fill them.

Every string in here is untrusted until a node has checked it.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cliptrail.state.media import LONGEST_QUERY


class Draft(BaseModel):
    """Base of the answers: unknown fields are ignored rather than refused."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


def _within(most: int) -> Any:
    """Return what trims an over-long answer: one long string is no reason to refuse all others."""

    def trim(value: object) -> object:
        if isinstance(value, str) and len(value) > most:
            return f"{value[: most - 1].rsplit(maxsplit=1)[0]}…"[:most]
        return value[:most] if isinstance(value, list) else value

    return BeforeValidator(trim)


class NotesDraft(Draft):
    """What the request asks for."""

    topic: str = Field(default="", max_length=200)
    """The subject in 2 to 8 words, fit for a video search."""
    channels: list[str] = Field(default_factory=list, max_length=10)
    """Channels that the user names, spelled as the user spells them."""
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
    each: Literal["", "fact", "source"] = ""
    """With a list of claims: "fact" if each wanted fact must have a verified claim, "source" if
    each channel that the request names must be cited. Else empty: elements are counted."""
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
    accept_partial: bool | None = None
    expect: list[ExpectationDraft] = Field(default_factory=list, max_length=3)
    """What its result must hold, where the goal depends on it."""


class PlanDraft(Draft):
    """What was understood, and the plan."""

    notes: NotesDraft = Field(default_factory=NotesDraft)
    goal: str = Field(default="", max_length=500)
    """What is to be found out, in one sentence."""
    steps: list[StepDraft] = Field(max_length=60)


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


Ids = Annotated[list[str], _within(20), Field(max_length=20)]
Words = Annotated[str, _within(700), Field(max_length=700)]
Label = Annotated[str, _within(120), Field(max_length=120)]


class SentenceDraft(Draft):
    """Words of the guide, with the claims that they rest on."""

    claims: Ids = Field(default_factory=list)
    """Ids of the claims that the words rest on; first of all choose these."""
    text: Words = ""
    """What they say together, without their ids; empty to show the first claim's own words."""


class RowDraft(Draft):
    """A row of a table."""

    label: Label = ""
    """What the row is about: the cell of the first column."""
    cells: Annotated[list[SentenceDraft], _within(8), Field(max_length=8)] = Field(
        default_factory=list
    )
    """One cell for each further column."""


class BlockDraft(Draft):
    """A part of a section."""

    kind: Literal["paragraph", "steps", "bullets", "table", "code", "quote"] = "paragraph"
    sentences: Annotated[list[SentenceDraft], _within(60), Field(max_length=60)] = Field(
        default_factory=list
    )
    """The sentences of a paragraph, the items of steps or bullets, the one text of code or of a
    quote; none for a table."""
    columns: Annotated[list[Label], _within(9), Field(max_length=9)] = Field(default_factory=list)
    """Of a table: the headings, that of the labels first. Else none."""
    rows: Annotated[list[RowDraft], _within(30), Field(max_length=30)] = Field(default_factory=list)
    """Of a table. Else none."""


class SectionDraft(Draft):
    """A section of the guide."""

    heading: Label = ""
    blocks: Annotated[list[BlockDraft], _within(20), Field(max_length=20)] = Field(
        default_factory=list
    )


class ConflictDraft(Draft):
    """Claims that do not agree."""

    claims: Ids = Field(default_factory=list)
    """Ids of the claims, one or more of each side."""
    topic: Label = ""
    """What they do not agree on."""


class LeftOutDraft(Draft):
    """Claims that the guide does not use."""

    claims: Annotated[list[str], _within(60), Field(max_length=60)] = Field(default_factory=list)
    """Ids of the claims."""
    reason: Annotated[str, _within(200), Field(max_length=200)] = ""
    """Why not, in a few words."""


class AnswerDraft(Draft):
    """The answer in short, written from the guide's sections."""

    conflicts: Annotated[list[ConflictDraft], _within(30), Field(max_length=30)] = Field(
        default_factory=list
    )
    """Where the sources do not agree."""
    answer: Annotated[list[SentenceDraft], _within(6), Field(max_length=6)] = Field(
        default_factory=list
    )
    """What the guide says in short: two to four sentences."""
    title: Annotated[str, _within(160), Field(max_length=160)] = ""
    """Of the guide."""


class GuideDraft(Draft):
    """The guide. What is decided first stands first; the reader sees the answer first."""

    conflicts: Annotated[list[ConflictDraft], _within(30), Field(max_length=30)] = Field(
        default_factory=list
    )
    """Where the sources do not agree."""
    left_out: Annotated[list[LeftOutDraft], _within(20), Field(max_length=20)] = Field(
        default_factory=list
    )
    """Claims that do not help to answer the request."""
    sections: Annotated[list[SectionDraft], _within(30), Field(max_length=30)] = Field(
        default_factory=list
    )
    """In the order of the request."""
    answer: Annotated[list[SentenceDraft], _within(6), Field(max_length=6)] = Field(
        default_factory=list
    )
    """What the sections say in short: two to four sentences that answer the request."""
    title: Annotated[str, _within(160), Field(max_length=160)] = ""
    """Of the guide."""


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
    do: Literal["work", "finish"]
    assignments: list[AssignmentDraft] = Field(default_factory=list, max_length=12)
    """Work that does not depend on each other; none with "finish"."""
    last: bool = False
    """Nothing more is needed when these end well."""
    reason: str = Field(default="", max_length=300)
    """Why this, in one sentence."""


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

    verdict: Literal["met", "go_on", "try_other_words", "give_up"]
    reason: str = Field(default="", max_length=400)
    """Why."""
    next: list[IntentDraft] = Field(default_factory=list, max_length=10)
    """What comes next: one thing, or several that do not need each other; none at the end."""
    join: str = Field(default="", max_length=300)
    """What the results of several are for, once they are put together."""


class RouteDraft(Draft):
    """Who does it."""

    agent: str = Field(max_length=40)
    """Name of one of the agents given, and none of those excluded."""
    inputs: list[InputDraft] = Field(default_factory=list, max_length=20)
    """Its inputs; leave out those that take what was found before."""
    for_each: str = Field(default="", max_length=200)
    """Reference to a list with a limit; else empty."""
    reason: str = Field(default="", max_length=300)
    """Why this agent."""


class AcceptDraft(Draft):
    """Whether an agent takes what it was given."""

    accept: Literal["yes", "no", "unclear"]
    reason: str = Field(default="", max_length=300)
    """Why, in one sentence."""
