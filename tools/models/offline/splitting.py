"""How the offline engine takes a request apart: sentences, and the items of a list."""

import re
from collections.abc import Iterator
from itertools import pairwise

_SHORT = "dr mr mrs ms prof st vs etc approx no e.g i.e a.m p.m jr sr"
_ABBREVIATIONS = frozenset(_SHORT.split())
_END = re.compile(r"[.?!]+[\"'”’)]*\s+|\n+")
_CLAUSE = re.compile(r"^(?:how|what|which|why|when|where|who|whether|if)\b", re.IGNORECASE)
_JOIN = re.compile(r"\s+(?:and|or|&|plus|as well as)\s+", re.IGNORECASE)
_LEADING_JOIN = re.compile(r"^(?:and|or|plus|as well as|also|then)\s+", re.IGNORECASE)
_SHARED_HEAD = re.compile(r"^(.{3,40}?\s(?:for|of))\s+(?:the\s+)?([\w'’-]+)$", re.IGNORECASE)


def sentences(text: str) -> Iterator[str]:
    """Return the sentences of a request; "Dr." and initials end none."""
    start = 0
    for match in _END.finditer(text):
        before = text[start : match.start()].rsplit(None, 1)
        last = before[-1].casefold().strip("(\"'“‘") if before else ""
        abbreviated = match[0].startswith(".") and (last in _ABBREVIATIONS or _initial(last))
        if abbreviated:
            continue
        yield from _given(text[start : match.end()])
        start = match.end()
    yield from _given(text[start:])


def _initial(word: str) -> bool:
    # "I." ends a sentence far more often than it begins a name.
    return len(word) == 1 and word.isalpha() and word != "i"


def _given(text: str) -> Iterator[str]:
    bare = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", text).strip()
    if bare:
        yield bare


def items(text: str) -> list[str]:
    """Return the items of a list in words.

    "and" parts the last two items only: "X and Y, Z" has two items. What the first item says
    before "for" or "of" holds for the bare words that follow it: "patterns for largest, smallest"
    gives "patterns for smallest".
    """
    context, colon, listed = text.partition(": ")
    parts = [part.strip() for part in re.split(r"[,;]\s+", listed if colon else text)]
    parts = [bare for part in parts if (bare := _LEADING_JOIN.sub("", part).strip(" .?!"))]
    if not parts:
        return [context] if colon else []
    last = parts[-1]
    if not _CLAUSE.match(last) or _all_clauses(last):
        parts[-1:] = [piece.strip() for piece in _JOIN.split(last)]
    return list(_with_shared_head(parts))


def _all_clauses(text: str) -> bool:
    """Return whether both sides of an "and" are questions: "what failed and why it did"."""
    return all(_CLAUSE.match(piece) for piece in _JOIN.split(text))


def _with_shared_head(parts: list[str]) -> Iterator[str]:
    head = ""
    if parts:
        yield parts[0]
    for before, part in pairwise(parts):
        opened = _SHARED_HEAD.match(before)
        if opened:
            head = opened[1]
        bare = len(part.split()) == 1
        head = head if bare else ""
        yield f"{head} {part}" if head else part
