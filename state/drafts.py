"""What models are asked to answer. Flat and short, so that small models can fill them.

Every string in here is untrusted until a node has checked it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from cliptrail.state.media import LONGEST_QUERY


class _WithoutDefaults(GenerateJsonSchema):
    """Schemas without "default".

    In strict mode every field is demanded, and some servers refuse schemas that have both.
    """

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


class Draft(BaseModel):
    """Base of the answers: what one field has too much does not spoil the others.

    Unknown fields are ignored; texts and lists that are too long are cut, see `noting_cuts`.
    """

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)
    cuts_to_length: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _within_length(cls, data: Any) -> Any:
        if not (cls.cuts_to_length and isinstance(data, dict)):
            return data
        return {
            name: _shortened(name, value, cls.model_fields.get(name))
            for name, value in data.items()
        }

    @classmethod
    def model_json_schema(
        cls,
        by_alias: bool | None = True,
        ref_template: str = "#/$defs/{model}",
        schema_generator: type[GenerateJsonSchema] = _WithoutDefaults,
        mode: JsonSchemaMode = "validation",
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the schema as models see it; see Pydantic's method of this name."""
        return super().model_json_schema(
            bool(by_alias), ref_template, schema_generator, mode, **kwargs
        )


_CUTS: ContextVar[list[str] | None] = ContextVar("_CUTS", default=None)


@contextmanager
def noting_cuts() -> Iterator[list[str]]:
    """Collect in words what is cut to length in the answers that are read meanwhile."""
    noted: list[str] = []
    before = _CUTS.set(noted)
    try:
        yield noted
    finally:
        _CUTS.reset(before)


def _shortened(name: str, value: object, field: FieldInfo | None) -> object:
    lengths = (getattr(row, "max_length", None) for row in (field.metadata if field else ()))
    most = next((length for length in lengths if length is not None), None)
    if most is None or not isinstance(value, str | list) or len(value) <= most:
        return value
    kind = "characters" if isinstance(value, str) else "entries"
    noted = _CUTS.get()
    if noted is not None:
        noted.append(f"{name} cut from {len(value)} {kind} to {most}")
    if isinstance(value, list):
        return value[:most]
    return f"{value[: most - 1].rsplit(maxsplit=1)[0]}…"


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


_RANGE = re.compile(r"\D{0,4}(\d{1,7})\s*(?:-|–|to|\.\.)\s*(\d{1,7})\D{0,4}")


def _numbers(answer: object) -> object:
    """Return sentence numbers however a model writes them: 12, "12", "[12]", "12-14"."""
    found: list[object] = []
    for row in answer if isinstance(answer, list) else [answer]:
        if not isinstance(row, str):
            found.append(row)
        elif span := _RANGE.fullmatch(row):
            first, last = int(span[1]), int(span[2])
            found += range(first, min(last + 1, first + MOST_SENTENCES))
        else:
            found += [int(digits) for digits in re.findall(r"\d{1,7}", row[:400])]
    return found[:MOST_SENTENCES]


MOST_SENTENCES = 40
"""Sentences that one claim can cite."""
Numbers = Annotated[list[int], BeforeValidator(_numbers), Field(max_length=MOST_SENTENCES)]


class ClaimDraft(Draft):
    """One fact, and the sentences that say it."""

    sentences: Numbers
    """Numbers of all sentences that say it, e.g. [12, 13]."""
    section: str = Field(default="", max_length=200)
    """The entry of facts_wanted that it answers, copied exactly; empty if it answers none."""
    text: str = Field(max_length=600)
    """The fact, self-contained, with its conditions."""


class ExtractDraft(Draft):
    """What the transcripts say about what was asked."""

    claims: list[ClaimDraft] = Field(default_factory=list, max_length=400)
    unanswered: list[str] = Field(default_factory=list, max_length=20)
    """Entries of facts_wanted on which these transcripts say nothing, copied exactly."""


class RepairDraft(Draft):
    """A failed claim, corrected or given up."""

    claim: int
    """Number of the failed claim."""
    sentences: Numbers = Field(default_factory=list)
    """Numbers of all sentences that say the corrected claim."""
    cause: str = Field(default="", max_length=200)
    """What was wrong with the claim, in a few words."""
    do: Literal["correct", "drop"] = "drop"
    """"drop" if no sentence supports it in any wording."""
    text: str = Field(default="", max_length=600)
    """The corrected claim, self-contained; empty with "drop"."""


class RepairsDraft(Draft):
    """Failed claims, each corrected or given up."""

    repairs: list[RepairDraft] = Field(default_factory=list, max_length=400)


class ObjectionDraft(Draft):
    """What speaks against a claim."""

    claim: str = Field(max_length=80)
    """Id of the claim."""
    sentences: Numbers = Field(default_factory=list)
    """Numbers of the sentences that show it; needed for "contradicts"."""
    reason: str = Field(default="", max_length=300)
    """Why these words, or the claim's own quotes, speak against it."""
    objection: Literal["contradicts", "misread", "not_supported"] = "contradicts"
    text: str = Field(default="", max_length=600)
    """With "contradicts" and "misread": what is really said, as a self-contained claim."""


class CritiqueDraft(Draft):
    """What speaks against the claims."""

    objections: list[ObjectionDraft] = Field(default_factory=list, max_length=40)


class MoveDraft(Draft):
    """The next move of who looks into an open question."""

    thought: str = Field(default="", max_length=300)
    """What is known by now, what is missing, and what would most likely bring it."""
    do: Literal["search", "read", "finish"]
    query: str = Field(default="", max_length=200)
    """With "search": words that a title on it would have."""
    channel: str = Field(default="", max_length=100)
    """With "search": search in this channel only; else empty."""
    videos: list[str] = Field(default_factory=list, max_length=10)
    """With "read": ids of found videos."""


Ids = Annotated[list[str], Field(max_length=20)]
Words = Annotated[str, Field(max_length=700)]
Label = Annotated[str, Field(max_length=120)]


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
    cells: list[SentenceDraft] = Field(default_factory=list, max_length=8)
    """One cell for each further column."""


class BlockDraft(Draft):
    """A part of a section."""

    kind: Literal["paragraph", "steps", "bullets", "table", "code", "quote"] = "paragraph"
    sentences: list[SentenceDraft] = Field(default_factory=list, max_length=60)
    """The sentences of a paragraph, the items of steps or bullets, the one text of code or of a
    quote; none for a table."""
    columns: list[Label] = Field(default_factory=list, max_length=9)
    """Of a table: the headings, that of the labels first. Else none."""
    rows: list[RowDraft] = Field(default_factory=list, max_length=30)
    """Of a table. Else none."""


class SectionDraft(Draft):
    """A section of the guide."""

    heading: Label = ""
    blocks: list[BlockDraft] = Field(default_factory=list, max_length=20)


class ConflictDraft(Draft):
    """Claims that do not agree."""

    claims: Ids = Field(default_factory=list)
    """Ids of the claims, one or more of each side."""
    topic: Label = ""
    """What they do not agree on."""


class LeftOutDraft(Draft):
    """Claims that the guide does not use."""

    claims: list[str] = Field(default_factory=list, max_length=60)
    """Ids of the claims."""
    reason: Annotated[str, Field(max_length=200)] = ""
    """Why not, in a few words."""


class AnswerDraft(Draft):
    """The answer in short, written from the guide's sections."""

    conflicts: list[ConflictDraft] = Field(default_factory=list, max_length=30)
    """Where the sources do not agree."""
    answer: list[SentenceDraft] = Field(default_factory=list, max_length=6)
    """What the guide says in short: two to four sentences."""
    title: Annotated[str, Field(max_length=160)] = ""
    """Of the guide."""


class GuideDraft(Draft):
    """The guide. What is decided first stands first; the reader sees the answer first."""

    conflicts: list[ConflictDraft] = Field(default_factory=list, max_length=30)
    """Where the sources do not agree."""
    left_out: list[LeftOutDraft] = Field(default_factory=list, max_length=20)
    """Claims that do not help to answer the request."""
    sections: list[SectionDraft] = Field(default_factory=list, max_length=30)
    """In the order of the request."""
    answer: list[SentenceDraft] = Field(default_factory=list, max_length=6)
    """What the sections say in short: two to four sentences that answer the request."""
    title: Annotated[str, Field(max_length=160)] = ""
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
    cuts_to_length: ClassVar[bool] = False


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
    limit: int = Field(default=20, ge=1, le=120)
    """Most claims for each wanted fact and video."""


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
