"""What a name in a request stands for: a channel, a series by its titles, or a speaker."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Protocol

from cliptrail.state.media import Transcript, Video
from cliptrail.state.request import NamedSource, Notes
from cliptrail.tools.text.channels import channel_key, same_channel
from cliptrail.tools.text.tokens import tokens

ALIKE = 0.86
"""Similarity from which another spelling of a channel is taken for the channel."""
SHORTEST_PART = 4
"""Characters from which a part of a channel's name stands for the whole of it."""
OPENING_S = 90.0
"""Seconds at the start of a video in which speakers and guests are introduced."""
MOST_VIDEOS = 200
"""Videos that one name stands for at most."""
_TITLES = frozenset(["dr", "doctor", "prof", "professor", "mr", "mrs", "ms", "miss", "sir"])
_INTRODUCING = re.compile(
    r"\b(?:i am|i'm|im|my name is|my name's|this is|here is|here's|joined by|with me is|"
    r"our guest|welcome|speaker is|talk by|thank you)\W+(?:\w+\W+){0,4}?$",
    re.IGNORECASE,
)


class Catalog(Protocol):
    """What a place where videos come from knows of them without reading all of it."""

    def channels(self) -> list[str]:
        """Return the names of all channels."""
        ...

    def titled(self, phrase: str, limit: int) -> list[Video]:
        """Return the videos whose titles hold these words in one run."""
        ...

    def saying(self, phrase: str, limit: int) -> list[Transcript]:
        """Return transcripts in which these words are said in one run."""
        ...


def resolve_name(name: str, catalog: Catalog) -> NamedSource:
    """Find out what a name stands for.

    A channel's own name comes first, then another spelling or a part of one that only one channel
    has, then titles that carry the name, then people who are introduced by it.

    Args:
        name: as the request has it: "Cinder Porch", "@cinderporch", "Dr. Chuck".
        catalog: of the place where the videos come from.
    """
    name = name.strip()
    for find in (_channel, _series, _speaker):
        if found := find(name, catalog):
            return found
    return NamedSource(name=name, kind="unknown")


def distinct(sources: Iterable[NamedSource]) -> tuple[NamedSource, ...]:
    """Leave out names that stand for what an earlier one stands for already."""
    kept: dict[tuple[str, ...], NamedSource] = {}
    for row in sources:
        known = (channel_key(row.channel), *sorted(row.videos))
        kept.setdefault(known if any(known) else (channel_key(row.name),), row)
    return tuple(kept.values())


def named_sources(notes: Notes) -> tuple[NamedSource, ...]:
    """Return what the names in the notes stand for; nothing is known of those not looked up."""
    unknown = (NamedSource(name=name, kind="unknown") for name in notes.channels)
    return notes.sources or distinct(unknown)


def belongs(source: NamedSource, video_id: str, channel: str) -> bool:
    """Is a video one of those that a name stands for?

    Args:
        source: the name, looked up; one that is unknown stands for the channel that has it.
        video_id: of the video.
        channel: of the video.
    """
    return video_id in source.videos or same_channel(source.channel or source.name, channel)


def mentions(name: str, text: str) -> bool:
    """Does a text hold a name, in one run of words? Titles such as "Dr." may be left out."""
    said = f" {' '.join(tokens(text))} "
    return any(f" {' '.join(words)} " in said for words in _spellings(name))


def _spellings(name: str, *, least_words: int = 2) -> list[list[str]]:
    """Return the words of a name, and those without titles if there are enough of them."""
    words = tokens(name)
    bare = [word for word in words if word not in _TITLES]
    return [words, bare] if least_words <= len(bare) < len(words) else [words][: len(words)]


def _channel(name: str, catalog: Catalog) -> NamedSource | None:
    names = catalog.channels()
    own = [row for row in names if same_channel(row, name)] or _part_of(name, names)
    if not own:
        keys = {channel_key(row): row for row in names}
        close = get_close_matches(channel_key(name), keys, n=2, cutoff=ALIKE)
        own = [keys[key] for key in close]
    return NamedSource(name=name, kind="channel", channel=own[0]) if len(own) == 1 else None


def _part_of(name: str, names: Sequence[str]) -> list[str]:
    """Channels of whose name this is whole words, or the other way round."""
    words = _spellings(name, least_words=1)
    return [
        row
        for row in names
        if any(_holds(tokens(row), part) for part in words) or _holds(tokens(name), tokens(row))
    ]


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    words = " ".join(shorter)
    return len(words) >= SHORTEST_PART and f" {words} " in f" {' '.join(longer)} "


def _series(name: str, catalog: Catalog) -> NamedSource | None:
    for words in _spellings(name):
        if found := catalog.titled(" ".join(words), MOST_VIDEOS):
            videos = tuple(video.video_id for video in found)
            return NamedSource(name=name, kind="series", videos=videos)
    return None


def _speaker(name: str, catalog: Catalog) -> NamedSource | None:
    for words in _spellings(name):
        phrase = " ".join(words)
        found = [row for row in catalog.saying(phrase, MOST_VIDEOS) if _introduces(row, words)]
        if found:
            videos = tuple(row.video.video_id for row in found)
            return NamedSource(name=name, kind="speaker", videos=videos)
    return None


def _introduces(transcript: Transcript, words: Sequence[str]) -> bool:
    """Is somebody of this name introduced, or do they introduce themselves?"""
    opening = [row.text for row in transcript.segments if row.start <= OPENING_S]
    text = " ".join(opening)
    pattern = re.compile(r"\W+".join(map(re.escape, words)), re.IGNORECASE)
    return any(_INTRODUCING.search(text[: match.start()][-80:]) for match in pattern.finditer(text))
