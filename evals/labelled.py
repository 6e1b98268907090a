"""Labelled requests: what the offline engine's choice is learned from and measured by.

A folder holds `requests.jsonl`, a folder of transcripts for each set that it names, and, if videos
are to be grouped by more than their channels, `domains.json`: video id to domain.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cliptrail.state.errors import UsageError
from cliptrail.state.media import Transcript
from cliptrail.tools.library.importing import read_files
from cliptrail.tools.models.offline.choice.passages import Passage
from cliptrail.tools.models.offline.choice.request import Request, understood
from cliptrail.tools.models.offline.choice.spoken import SpokenVideo
from cliptrail.tools.models.offline.choice.videos import SpokenLibrary
from cliptrail.tools.models.offline.choice.words import background, stems
from cliptrail.tools.models.offline.roles.reading import without_file
from cliptrail.tools.text.sentences import joined, sentences

TELLING = 0.4
"""What a word tells from which a request that lacks it is another one."""


class Span(BaseModel):
    """Words that answer part of a request."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    video_id: str
    first_segment: int
    """From 0."""
    last_segment: int
    """Inclusive."""
    grade: int = Field(ge=1, le=3)
    """3 essential, 2 useful, 1 marginal."""
    claim: str
    """What they say, in a reader's words."""


class Asked(BaseModel):
    """A request with what answers it."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    id: str
    request: str
    set: str
    """Name of the library that it is asked of."""
    videos: tuple[str, ...]
    """Those that answer; empty if none does."""
    spans: tuple[Span, ...]

    @property
    def read(self) -> Request:
        """The request as the engine reads it."""
        return understood(without_file(self.request)[0])


@dataclass(frozen=True)
class Read:
    """A transcript, and where its sentences and captions stand in its text."""

    spoken: SpokenVideo
    domain: str
    places: list[tuple[int, int]]
    """Begin and end of each sentence, in characters."""
    captions: list[int]
    """Begin of each caption, and the end."""

    def words(self, span: Span) -> tuple[int, int]:
        """Return where a span begins and ends."""
        return self.captions[span.first_segment], self.captions[span.last_segment + 1]

    def shared(self, passage: Passage, span: Span) -> float:
        """Return the share of a passage that lies in a span, or of the span in it if that is more.

        Of the span somewhat more is asked: a long passage may hold a short span by chance.
        """
        begin, end = self.places[passage.first][0], self.places[passage.last][1]
        first, last = self.words(span)
        common = max(0, min(end, last) - max(begin, first))
        return max(common / max(1, end - begin), 0.8 * common / max(1, last - first))


@dataclass(frozen=True)
class Labelled:
    """All that was read of a folder."""

    requests: list[Asked]
    videos: dict[str, Read]
    libraries: dict[str, SpokenLibrary]

    @cached_property
    def foreign(self) -> dict[str, list[str]]:
        """Telling words of requests over other libraries that a library lacks, by its name."""
        return {
            name: sorted(
                {
                    word
                    for row in self.requests
                    if row.set != name
                    for word in row.read.words
                    if word.isalpha() and background(word) > TELLING and not library.knows(word)
                }
            )
            for name, library in self.libraries.items()
        }

    def domain(self, asked: Asked) -> str:
        """Return the domain of a request; of one that nothing answers, its own id."""
        return self.videos[asked.videos[0]].domain if asked.videos else asked.id


def read_labelled(folder: Path) -> Labelled:
    """Read a folder of labelled requests.

    Raises:
        UsageError: something in it cannot be read.
    """
    try:
        rows = (folder / "requests.jsonl").read_text("utf-8").splitlines()
        requests = [Asked.model_validate_json(row) for row in rows if row.strip()]
        known = folder / "domains.json"
        domains = json.loads(known.read_text("utf-8")) if known.exists() else {}
    except (OSError, ValueError, ValidationError) as error:
        raise UsageError(
            f"{folder} holds no labelled requests: {str(error).splitlines()[0]}",
            'Give a folder with "requests.jsonl" and a folder of transcripts for each set.',
        ) from error
    videos: dict[str, Read] = {}
    libraries: dict[str, SpokenLibrary] = {}
    for name in sorted({row.set for row in requests}):
        found = [row for row in read_files([folder / name]) if isinstance(row, Transcript)]
        read = {row.video.video_id: _read(row, domains) for row in found}
        libraries[name] = SpokenLibrary([row.spoken for row in read.values()])
        videos |= read
    return Labelled(requests, videos, libraries)


def _read(row: Transcript, domains: dict[str, str]) -> Read:
    video = row.video
    whole = joined(row.segments)
    cut = sentences(row.segments, whole)
    places = [(each.begin, each.stop) for each in cut]
    said = [whole.text[begin:stop] for begin, stop in places]
    spoken = SpokenVideo(video.video_id, video.title, video.channel, said)
    domain = domains.get(video.video_id, video.channel)
    return Read(spoken, domain, places, [*whole.begins, len(whole.text)])


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def states(claim: str, text: str) -> float:
    """Return the share of a claim's stems that a text has; half where it lacks a number of it."""
    wanted = set(stems(claim))
    share = len(wanted & set(stems(text))) / max(1, len(wanted))
    has = set(_NUMBER.findall(text.replace(",", "")))
    return share if set(_NUMBER.findall(claim.replace(",", ""))) <= has else share / 2


def stated(read: Read, spans: list[Span]) -> "np.ndarray":
    """Return how far each passage states each span's claim: shape (passages, spans)."""
    rows = read.spoken.passages
    found = np.zeros((len(rows), len(spans)))
    for n, row in enumerate(rows):
        for column, span in enumerate(spans):
            if read.shared(row, span):
                found[n, column] = states(span.claim, row.text)
    return found


def pairs(labelled: Labelled) -> Iterator[tuple[Asked, Read, list[Span]]]:
    """Return each request with each video that answers it, and the spans there."""
    for asked in labelled.requests:
        for name in asked.videos:
            spans = [span for span in asked.spans if span.video_id == name]
            yield asked, labelled.videos[name], spans
