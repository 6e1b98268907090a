"""What a person types, as a safe full-text query; and names of channels made comparable."""

import hashlib
import re

from cliptrail.tools.text.channels import belongs_to_word, channel_key
from cliptrail.tools.text.tokens import STOP_WORDS

MAX_WORDS = 32
"""Words of a query that are looked up; the rest of a longer text is left out."""

NO_CAPTIONS = "nocaptions"
"""Tag of the videos in which nothing can be read."""

_INNER = "'’.-_"


def query_words(text: str) -> list[str]:
    """Return the distinct words of a text that are worth looking up, in order, at most MAX_WORDS.

    Stop words are dropped, unless there is nothing else. A word keeps its inner hyphens, dots and
    apostrophes, so that "FR-4" is looked for as a whole.
    """
    words = list(dict.fromkeys(_words(text)))
    telling = [word for word in words if re.sub("['’]", "", word) not in STOP_WORDS]
    return (telling or words)[:MAX_WORDS]


def _words(text: str) -> list[str]:
    kept = "".join(sign if belongs_to_word(sign) or sign in _INNER else " " for sign in text)
    words = (word.strip(_INNER) for word in kept.casefold().split())
    return [word for word in words if any(sign.isalnum() for sign in word)]


def any_of(words: list[str]) -> str:
    """Return the FTS5 expression for texts with at least one of the words.

    Each word becomes an FTS5 string, so nothing in it can be an operator.
    """
    return " OR ".join(f'"{word}"' for word in words)


def phrase_query(phrase: str) -> str:
    """Return the FTS5 expression for texts with these words in one run."""
    words = [word for word in _words(phrase) if word]
    return '"' + " ".join(words).replace('"', "") + '"'


def video_query(words: list[str], *, channel: str, captioned: bool) -> str:
    """Return the FTS5 expression for videos with any of the words, of a channel, with captions."""
    query = f"({{title channel words}} : ({any_of(words)}))"
    if channel:
        query = f'({query} AND tags : "{channel_tag(channel)}")'
    return f'{query} {"NOT" if captioned else "AND"} tags : "{NO_CAPTIONS}"'


def channel_tag(name: str) -> str:
    """Return the word that stands for a channel in the index: digits, which no stemmer changes."""
    digest = hashlib.sha256(channel_key(name).encode("utf-8", "replace")).digest()
    return str(int.from_bytes(digest[:8], "big"))
