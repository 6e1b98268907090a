"""How transcripts stand in a prompt: numbered sentences, one a line, under the name of their video.

Written here and read back here, since the offline engine reads what models read.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADING = "video "
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINE = re.compile(r"(\d+):? (.*)")


@dataclass
class NumberedVideo:
    """A video as a prompt shows it."""

    title: str
    channel: str
    sentences: list[tuple[int, str]] = field(default_factory=list)
    """Number and words of each."""


def heading(title: str, channel: str) -> str:
    """Return the line above a video's sentences."""
    name = {"title": title, "channel": channel}
    return _HEADING + json.dumps(name, ensure_ascii=False, separators=(",", ":"))


def line(number: int, text: str) -> str:
    """Return the line of a sentence; line ends, control characters and spaces become single spaces.

    A colon, which costs a token, parts the number only from words that could be read as part of it.
    """
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return f"{number} {flat}" if flat[:1].isalpha() else f"{number}: {flat}"


def numbered(lines: str) -> list[NumberedVideo]:
    """Read the videos and sentences of a prompt back; lines of another shape are left out."""
    videos: list[NumberedVideo] = []
    for row in lines.split("\n"):
        if row.startswith(_HEADING):
            videos += _video(row.removeprefix(_HEADING))
        elif videos and (found := _LINE.fullmatch(row)):
            videos[-1].sentences.append((int(found[1]), found[2]))
    return videos


def _video(name: str) -> Iterator[NumberedVideo]:
    try:
        about = json.loads(name)
    except ValueError:
        return
    yield NumberedVideo(str(about["title"]), str(about["channel"]))
