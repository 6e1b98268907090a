"""Takes out of a trace what must not leave this machine: secrets always, transcripts on demand."""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

from cliptrail.tools.settings import Settings

Mask = Callable[[Any], Any]
HIDDEN = "[hidden]"
# Not LangSmith's own rules: they take minutes for one long word, and transcripts are strangers'.
KEYS = re.compile(
    r"\b(?:sk|rk|pk)[-_][\w-]{16,}|\blsv2_\w{20,}|\bls__\w{16,}|\bAIza[\w-]{30,}"
    r"|\bya29\.[\w-]{10,}|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{16,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bA(?:KIA|SIA)[0-9A-Z]{16}\b"
    r"|\beyJ[\w-]{5,2000}\.eyJ[\w-]{5,4000}\.[\w-]{5,2000}",
    re.ASCII,
)
"""Keys that tell themselves by how they begin."""
NAMED = re.compile(
    r"""((?:api[_-]?key|secret|token|passwo?r?d|private[_-]?key|access[_-]?key|authorization)"""
    r"""["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:bearer|token|basic)\s{1,3})?|\bbearer\s{1,3})"""
    r"""[^\s"'&;]{6,}""",
    re.I,
)
"""A name, as of a header or a variable, and the secret behind it."""
IN_ADDRESS = re.compile(r"(://[^:@/\s]{0,100}:)[^@/\s]{1,500}(?=@)")
SECRET_NAME = re.compile(
    r"(?:^|[_\-.])(?:api_?key|key|secret|password|passwd|authorization|credentials?|token)$", re.I
)
SHORTEST_SECRET = 6
"""Characters: what is shorter would take half of every text with it."""
FEW_WORDS = 6
"""So many words of a transcript tell nothing."""
SAID = frozenset({"text", "quote", "content", "arguments", "learned", "segments", "claims"})
"""Fields that hold what was said in videos, however short."""
OWN = frozenset({"request", "goal", "topic", "brief", "question"})
"""Fields that never do: they are there before anything is read."""
OWN_FENCES = OWN | {"facts_wanted", "limit", "agents", "channels", "left", "faults", "rejection"}
OPENING, CLOSING = re.compile(r"<(\w{1,40})>\n"), re.compile(r"\n</(\w{1,40})>")


def mask(settings: Settings) -> Mask:
    """Return the function that masks what a trace is about to show: any JSON, never in place.

    Args:
        settings: whose keys are masked wherever they stand, besides all that looks like a key.
    """
    hide = _secrets_hidden(_own_secrets(settings))
    if settings.trace_transcripts:
        return lambda data: _walk(data, "", hide)
    return lambda data: _walk(data, "", lambda name, text: hide(name, _unsaid(name, text)))


def _own_secrets(settings: Settings) -> list[str]:
    keys = (settings.openai_api_key, settings.youtube_api_key, settings.langsmith_api_key)
    values = [key.get_secret_value() for key in keys if key]
    values += [urlsplit(url).password or "" for url in (settings.proxy, settings.base_url)]
    return [value for value in values if len(value) >= SHORTEST_SECRET]


def _secrets_hidden(own: Collection[str]) -> Callable[[str, str], str]:
    exact = re.compile("|".join(map(re.escape, own))) if own else None

    def hidden(name: str, text: str) -> str:
        if SECRET_NAME.search(name) and text:
            return HIDDEN
        text = exact.sub(HIDDEN, text) if exact else text
        text = NAMED.sub(rf"\1{HIDDEN}", KEYS.sub(HIDDEN, text))
        return IN_ADDRESS.sub(rf"\1{HIDDEN}", text)

    return hidden


def _walk(data: Any, name: str, change: Callable[[str, str], str]) -> Any:
    """Change every text; an element of a list goes by the name of the list."""
    if isinstance(data, str):
        return change(name, data)
    if isinstance(data, list):
        return [_walk(row, name, change) for row in data]
    if isinstance(data, dict):
        asked = data.get("type") in ("human", "system")
        return {
            key: _walk(value, "prompt" if asked and key == "content" else str(key), change)
            for key, value in data.items()
        }
    return data


def _unsaid(name: str, text: str) -> str:
    """Return a text without what was said in videos; what may hold it is hidden whole."""
    if name == "prompt":
        return "".join(_fences_closed(text))
    words = len(text.split())
    if name in OWN or not (words > FEW_WORDS or name in SAID):
        return text
    return f"[{words} words]" if words else text


def _fences_closed(text: str) -> Iterator[str]:
    """Return a prompt in pieces, without what its fences hold; in one pass, however it is made."""
    ends: dict[str, list[int]] = {}
    for closing in CLOSING.finditer(text):
        ends.setdefault(closing[1], []).append(closing.start())
    at = 0
    for opening in OPENING.finditer(text):
        after = ends.get(opening[1], [])
        place = bisect_left(after, opening.end())
        if opening.start() < at or place == len(after) or opening[1] in OWN_FENCES:
            continue
        yield f"{text[at : opening.end()]}[{len(text[opening.end() : after[place]].split())} words]"
        at = after[place]
    yield text[at:]
