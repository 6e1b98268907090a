"""Claims, what they rest on, and the guide that they make."""

from typing import Annotated, Literal

from pydantic import Field

from cliptrail.state.base import Frozen, Later


class Citation(Frozen):
    """A place in a video and the words said there, copied from the segments by program."""

    video_id: str
    start: float = Field(ge=0)
    """Seconds from the start of the video."""
    end: float = Field(ge=0)
    """Seconds from the start of the video."""
    quote: str
    """The words of the segments from `start` to `end`."""
    channel: Annotated[str, Later()] = ""
    """The video's channel."""


class Claim(Frozen):
    """One statement and the places that it rests on."""

    id: str
    text: str
    section: str = ""
    """The wanted fact that it answers."""
    citations: tuple[Citation, ...] = ()
    verified: bool = False
    """True if each citation and each number was found in the transcript by program."""
    reason: str = ""
    """Why it is not verified; empty if it is."""
    joined: Annotated[tuple[str, ...], Later()] = ()
    """Ids of further claims that say the same and became part of it."""
    objects_to: Annotated[str, Later()] = ""
    """Id of the claim that it objects to; empty if to none."""
    objection: Annotated[Literal["", "contradicts", "misread", "not_supported"], Later()] = ""
    """What it says against that claim: its sources say otherwise, the cited words mean something
    else, or they do not support it."""
    objection_reason: Annotated[str, Later()] = ""
    """Why it objects, in the critic's words."""


class LeftOut(Frozen):
    """A verified claim that the guide does not show."""

    claim: Claim
    reason: str
    """Why not."""


class Conflict(Frozen):
    """Claims of different sources that do not agree, to be shown side by side."""

    topic: str
    claims: tuple[str, ...]
    """Ids of the claims."""


Standing = Literal["answered", "silent", "not_found", "unverified"]
"""How a wanted fact stands: a verified claim answers it; what was read does not say it; it was not
found; or it was found and could not be verified."""


class Coverage(Frozen):
    """Whether a channel that the user named is cited."""

    channel: str
    cited: bool
    reason: str = ""
    """Why it is not."""
    standing: Annotated[Standing | None, Later()] = None
    """What of it was found; None in values of earlier versions."""


class Cell(Frozen):
    """What one source says on one wanted fact."""

    source: str
    """A channel that the user named; empty for all sources together."""
    standing: Standing
    claims: tuple[str, ...] = ()
    """Ids of the verified claims that answer it."""


class FactRow(Frozen):
    """What the sources say on one wanted fact."""

    fact: str
    """In the words of the notes, or the request itself where they list no facts."""
    cells: tuple[Cell, ...]
    """All sources together first, then each source that the user named."""

    @property
    def standing(self) -> Standing:
        """How the fact stands in all sources together."""
        return self.cells[0].standing


class SourceRef(Frozen):
    """A video that the guide cites, that was read for it, or that is itself what was asked for."""

    video_id: str
    title: str
    channel: str = ""
    url: str = ""


class Sentence(Frozen):
    """Words of the guide, and the claims that they rest on."""

    text: str
    claims: tuple[str, ...]
    """Ids of claims of the guide."""


class Paragraph(Frozen):
    """Sentences to be read in one run."""

    kind: Literal["paragraph"] = "paragraph"
    sentences: tuple[Sentence, ...]


class Steps(Frozen):
    """What is to be done, in this order."""

    kind: Literal["steps"] = "steps"
    items: tuple[Sentence, ...]


class Bullets(Frozen):
    """A list without an order."""

    kind: Literal["bullets"] = "bullets"
    items: tuple[Sentence, ...]


class TableRow(Frozen):
    """A row of a table."""

    label: str
    """What the row is about."""
    cells: tuple[Sentence, ...]
    """One for each column after the first; one without claims says that no value was found."""


class Table(Frozen):
    """Values of several sources or variants for the same things."""

    kind: Literal["table"] = "table"
    columns: tuple[str, ...]
    """Headings; the first is that of the labels."""
    rows: tuple[TableRow, ...]


class Code(Frozen):
    """Lines of code or commands."""

    kind: Literal["code"] = "code"
    code: Sentence
    """Its text keeps its lines."""


class Quote(Frozen):
    """Words of a source, where the wording matters."""

    kind: Literal["quote"] = "quote"
    words: Sentence
    """Copied from a citation of its claim by program."""


Block = Annotated[Paragraph | Steps | Bullets | Table | Code | Quote, Field(discriminator="kind")]


class GuideSection(Frozen):
    """A part of the guide under its heading."""

    heading: str
    blocks: tuple[Block, ...]


GuideKind = Literal["composed", "found", "excerpts", "videos"]
"""Composed: a model wrote it. Found: statements as they were found. Excerpts: passages in the
speakers' own words. Videos: the videos themselves are the answer."""


class Guide(Frozen):
    """The answer, bound sentence by sentence to verified claims."""

    title: str
    claims: tuple[Claim, ...] = ()
    """The claims that it uses, each once; verified claims only."""
    conflicts: tuple[Conflict, ...] = ()
    unanswered: tuple[str, ...] = ()
    """What was asked and no verified claim answers, in the words of the notes or the request."""
    coverage: tuple[Coverage, ...] = ()
    """One entry for each channel that the user named."""
    unverified: tuple[Claim, ...] = ()
    """Claims that failed the check, set apart with the reason."""
    videos: Annotated[tuple[SourceRef, ...], Later()] = ()
    """The videos, where they and nothing of what is said in them were asked for."""
    kind: Annotated[GuideKind, Later()] = "found"
    answer: Annotated[tuple[Sentence, ...], Later()] = ()
    """The answer in short, before everything else."""
    sections: Annotated[tuple[GuideSection, ...], Later()] = ()
    """In the order of the request; none where the claims stand as they were found."""
    facts: Annotated[tuple[FactRow, ...], Later()] = ()
    """What the sources say on each wanted fact; made when the run ends."""
    left_out: Annotated[tuple[LeftOut, ...], Later()] = ()
    """Verified claims that it does not use, with the reason; in the trail once the run has
    ended."""
