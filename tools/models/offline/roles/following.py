"""How the offline engine understands a follow-up: by its grammar, from the question before it."""

import re
from dataclasses import dataclass
from typing import Any

from cliptrail.tools.models.offline.naming import named_channels, without_channels
from cliptrail.tools.models.offline.roles.reading import (
    query_of,
    title_of,
    wanted_facts,
    without_file,
)
from cliptrail.tools.text.tokens import content_words

SHORT = 8
"""Words that say something of which a follow-up has fewer."""
ADDING = ("with", "without", "using")
"""What a follow-up says after these comes beside what was asked, not in its place."""
_LEAD = re.compile(
    r"^(?:(?:and|but|also|or|so|then|now|ok|okay|thanks|please|what|how)\b[,.!]?\s*)*?"
    r"(?P<lead>and|but|also|or|(?:what|how)\s+about|what\s+if|tell\s+me\s+more(?:\s+about)?|"
    r"more\s+(?:on|about))\b[,]?\s*",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"^(?:how|why|when|where|which|who|what|is|are|should|do|does|can)\b", re.IGNORECASE
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|that|this|they|them|their|these|those|there|same|instead|else)\b", re.IGNORECASE
)
_HEAD = re.compile(
    r"^(?:(?:for|on|in|with|at|of|about|to|the|a|an|some|any|my|your|its|their)\s+)+", re.IGNORECASE
)


_VARIES = re.compile(
    r"^(?:instead\s+)?(?P<how>for|on|in|with|at|using|over|without)\s+(?P<what>.+)$", re.I
)
_LAST_PHRASE = re.compile(
    r"^(?P<head>.*\b(?:on|in|with|for|at|using|over)\s+)(?:(?:a|an|the|my|your)\s+)?\w[^,;:?]*$",
    re.I,
)


@dataclass(frozen=True)
class Followed:
    """A request that continues an earlier one."""

    question: str
    """In words that need no earlier turn."""
    elsewhere: str
    """The same without the earlier channels: for when they do not tell of it."""
    words: list[str]
    """Stems of what it adds."""


def followed(request: str, before: dict[str, Any], known: list[str]) -> Followed | None:
    """Return a follow-up in words that need no earlier turn; None if it stands for itself.

    "What about timing?" asks another thing of the same topic; "and for a gas grill?" asks the same
    things of another.

    Args:
        request: in the user's own words.
        before: the turn before it, of which "question" or "request" stands for itself.
        known: channels that the source is known to hold.
    """
    rest, _ = without_file(request)
    previous, _ = without_file(str(before.get("question") or before.get("request") or ""))
    own, held = named_channels(rest, known), named_channels(previous, known)
    added = _added(without_channels(rest, own))
    if added is None or not previous:
        return None
    before_title = title_of(without_channels(previous, held))
    bare = _HEAD.sub("", added)
    words = content_words(query_of(bare))
    title, wants = before_title, wanted_facts(previous, held)
    if words and (varied := _VARIES.match(added)):
        title = _varied(title, varied["how"].lower(), varied["what"])
    elif words:
        wants = wanted_facts(f"I need {bare}.", own) or [bare]
    asked = set(content_words(before_title))
    return Followed(
        question=_question(title, own or held, wants),
        elsewhere=_question(title, own, wants),
        words=[word for word in words if word not in asked],
    )


def _added(request: str) -> str | None:
    """What a follow-up adds; None if the request is none."""
    lead = _LEAD.match(request)
    rest = request[lead.end() :] if lead else request
    points_back = bool(_POINTS_BACK.search(rest))
    if len(content_words(rest)) >= SHORT or not (lead or points_back):
        return None
    if not points_back and _ALONE.match(rest) and len(content_words(rest)) > 1:
        return None  # "And how do I steam milk?" needs nothing that was said before
    return rest.strip(" .?!,;:")


def _varied(title: str, how: str, what: str) -> str:
    """The same question of something else: in place of its last "on a …", or after it."""
    last = _LAST_PHRASE.match(title) if how not in ADDING else None
    return f"{last['head']}{what}" if last else f"{title} {how} {what}"


def _question(title: str, channels: list[str], wants: list[str]) -> str:
    parts = [f"{title}?"]
    parts += [f"Use techniques from {' and '.join(channels)}."] if channels else []
    parts += [f"I need {', '.join(wants)}."] if wants else []
    return " ".join(parts)
