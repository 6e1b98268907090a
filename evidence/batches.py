"""What a prompt holds: split where it is too long for one, never cut.

Estimates before a run split typical sizes by the same function as the run splits real ones.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from cliptrail.evidence.citations import Place, cite
from cliptrail.evidence.speech import Speech, speech
from cliptrail.prompts.fence import encoded, plain
from cliptrail.state.drafts import ClaimDraft, ObjectionDraft
from cliptrail.state.errors import UsageError
from cliptrail.state.evidence import Claim
from cliptrail.state.media import Transcript
from cliptrail.state.plan import Cost
from cliptrail.tools.models.gateway import count_tokens
from cliptrail.tools.models.roles import role
from cliptrail.tools.settings import settings
from cliptrail.tools.text.length import most_tokens
from cliptrail.tools.text.numbered import heading, line

T = TypeVar("T")

TOKENS_A_TRANSCRIPT = 1_800
"""Typical length of one as numbered sentences, for estimates: a talk of ten minutes."""
TOKENS_A_CLAIM = 75
"""Typical length of one, for estimates."""
TYPICAL_CLAIMS = 40
"""What one step finds, for estimates."""
TYPICAL_FRAME = 1_500
"""Typical length of what a prompt holds beside its items: instructions, request, schema."""
CAREFUL = 1.5
"""Typical lengths are as servers count them; `most_tokens` gives about this times as much."""
LEAST_ROOM = 250
"""Tokens that must be left for items: less would hold no statement."""
LONGEST_NAME = 100
"""Characters of a title or a channel that are shown; YouTube's own limit for both."""


def room(frame: Sequence[BaseMessage], answer: type[BaseModel], context_tokens: int) -> int:
    """Return the tokens that are left for items in a prompt.

    Args:
        frame: the prompt without items.
        answer: the schema that goes with it.
        context_tokens: most tokens of a prompt.

    Raises:
        UsageError: too little is left.
    """
    taken = count_tokens(frame, answer)
    if context_tokens - taken < LEAST_ROOM:
        raise UsageError(
            f"The request and its instructions take {taken} of {context_tokens} tokens, which "
            "leaves too little for transcripts and claims.",
            "Shorten the request, or raise CLIPTRAIL_CONTEXT_TOKENS if the model can read more.",
        )
    return context_tokens - taken


def size(item: object) -> int:
    """Return the tokens that an item takes in a list within a fence."""
    return most_tokens(encoded(item)) + 1  # its comma


def lines_size(text: str) -> int:
    """Return the tokens that lines take within a fence."""
    return most_tokens(plain(text)) + 1  # its line end


def split(
    groups: Sequence[Sequence[int]],
    space: int,
    *,
    heads: Sequence[int] = (),
    most: int | None = None,
) -> list[list[tuple[int, int]]]:
    """Split items into parts that fit, in order; a group stays together where a part can hold it.

    Args:
        groups: sizes of items that belong together; none exceeds `space` less its head.
        space: what a part can hold.
        heads: what each group takes beside its items, in each part that holds some of them.
        most: items of a part.

    Returns:
        For each part its items, as places of group and item.
    """
    parts: list[list[tuple[int, int]]] = []
    part: list[tuple[int, int]] = []
    used = 0
    for place, (items, head) in enumerate(zip(groups, heads or [0] * len(groups), strict=True)):
        whole, due = head + sum(items), head
        if part and used + whole > space >= whole:
            parts.append(part)
            part, used = [], 0
        for number, item in enumerate(items):
            if part and (used + due + item > space or len(part) == most):
                parts.append(part)
                part, used, due = [], 0, head
            part.append((place, number))
            used, due = used + due + item, 0
    return [*parts, part] if part else parts


def split_rows(rows: Sequence[T], sizes: Sequence[int], space: int, most: int) -> list[list[T]]:
    """Split single items into parts that fit, in order; see `split`."""
    parts = split([[each] for each in sizes], space, most=most)
    return [[rows[place] for place, _ in part] for part in parts]


def expected(role_name: str, rows: int, tokens_each: int, times: int = 1) -> Cost:
    """Return what asking about typical items costs, split as the real ones will be.

    Args:
        role_name: who is asked; the role says how long its answers are.
        rows: how many transcripts or claims.
        tokens_each: how long one is.
        times: how often all of them are gone through.
    """
    space = settings().context_tokens - TYPICAL_FRAME
    pieces = [max(1, int(tokens_each * CAREFUL / 50))] * 50
    calls = max(1, len(split([pieces] * rows, space))) * times
    return Cost(
        calls=calls,
        input_tokens=int(calls * TYPICAL_FRAME / CAREFUL) + times * rows * tokens_each,
        output_tokens=calls * role(role_name).output_tokens,
    )


@dataclass(frozen=True)
class Piece:
    """A sentence, or a part of one that is too long for a prompt, as a prompt shows it."""

    number: int
    """What the model cites it by; parts of one sentence share it."""
    place: Place
    text: str

    def shown(self) -> str:
        """Return it as the prompt shows it."""
        return line(self.number, self.text)


@dataclass(frozen=True)
class Batch:
    """The transcripts, or parts of them, that one prompt holds."""

    pieces: tuple[Piece, ...]
    transcripts: Mapping[str, Transcript]

    @cached_property
    def places(self) -> dict[int, Place]:
        """Sentences by the number that the model sees."""
        return {piece.number: piece.place for piece in self.pieces}

    def shown(self) -> str:
        """Return the transcripts as the prompt shows them."""
        rows: list[str] = []
        video_id = None
        for piece in self.pieces:
            if piece.place.video_id != video_id:
                video_id = piece.place.video_id
                rows.append(_about(self.transcripts[video_id]))
            rows.append(piece.shown())
        return "\n".join(rows)

    def cited(self, sentences: Iterable[int]) -> list[Place]:
        """Return the sentences that a model names; those that it does not have are left out."""
        return [self.places[number] for number in sentences if number in self.places]

    def claim(self, claim_id: str, row: ClaimDraft | ObjectionDraft) -> Claim:
        """Return a model's statement as a claim, its quotes copied; it is not verified yet."""
        return Claim(
            id=claim_id,
            text=" ".join(row.text.split()),
            section=" ".join(row.section.split()) if isinstance(row, ClaimDraft) else "",
            citations=cite(self.cited(row.sentences), self.transcripts),
        )

    def only(self, wanted: Collection[Place]) -> "Batch":
        """Return the batch with some of its sentences; they keep their numbers."""
        return replace(self, pieces=tuple(row for row in self.pieces if row.place in wanted))


def _about(transcript: Transcript) -> str:
    video = transcript.video
    return heading(video.title[:LONGEST_NAME], video.channel[:LONGEST_NAME])


def batches(transcripts: Mapping[str, Transcript], space: int) -> list[Batch]:
    """Split transcripts so that each part fits into one prompt; nothing is cut off.

    A transcript stays whole where a prompt can hold it. Sentences are numbered through, from 1.

    Args:
        transcripts: by video id.
        space: tokens that a prompt has for them.

    Raises:
        UsageError: a prompt has too little space even for the name of a video.
    """
    heads: list[int] = []
    groups: list[list[Piece]] = []
    number = 1
    for video_id, row in transcripts.items():
        head = lines_size(_about(row))
        if space - head < LEAST_ROOM // 2:
            raise UsageError(
                f"A prompt has {space} tokens left for transcripts, which is too little.",
                "Raise CLIPTRAIL_CONTEXT_TOKENS if the model can read more.",
            )
        said = speech(row)
        heads.append(head)
        groups.append(list(_pieces(number, video_id, said, space - head)))
        number += len(said.sentences)
    sizes = [[lines_size(piece.shown()) for piece in group] for group in groups]
    return [
        Batch(tuple(groups[place][number] for place, number in part), transcripts)
        for part in split(sizes, space, heads=heads)
    ]


def _pieces(number: int, video_id: str, said: Speech, space: int) -> Iterator[Piece]:
    for index, row in enumerate(said.sentences):
        text = said.text[row.begin : row.stop]
        yield from _fitting(Piece(number + index, Place(video_id, index), text), space)


def _fitting(piece: Piece, space: int) -> Iterator[Piece]:
    """Halve a piece, between words where there are some, until its parts fit."""
    if lines_size(piece.shown()) <= space or len(piece.text) < 2:
        yield piece
        return
    middle = len(piece.text) // 2
    at = piece.text.rfind(" ", 1, middle) + 1 or middle
    for text in (piece.text[:at], piece.text[at:]):
        yield from _fitting(replace(piece, text=text), space)
