"""Turns a passage of speech into a statement that can be shown."""

import re
import unicodedata

from cliptrail.tools.text.numbers import Number, numbers
from cliptrail.tools.text.tokens import tokens

_STOP = re.compile(r"[.!?][\"'”’)\]]*$")


def clean(text: str) -> str:
    """Return a passage as a statement to show: no fillers, no speaker labels, a capital, a stop.

    Every edit that would change a number, a unit or a negation is left out. A question or
    exclamation mark at the end stays. Text of nothing but fillers gives an empty string.
    """
    facts = _facts(text)
    shown, before = _capital(" ".join(text.split())), ""
    while shown != before:
        before = shown
        for pattern, replacement in _EDITS:
            shown = _edited(shown, pattern, replacement, facts)
        shown = _capital(shown)
    if not any(char.isalnum() for char in shown):
        return shown if facts[0] else ""
    return shown if _STOP.search(shown) else f"{shown}."


_NEGATIVE = """
    no not never none nor neither without cannot nothing nobody nowhere dont doesnt didnt cant wont
    isnt arent wasnt werent hasnt havent hadnt couldnt shouldnt wouldnt mustnt neednt aint mightnt
    shant
"""
_NEGATIONS = frozenset(_NEGATIVE.split())


def _facts(text: str) -> tuple[list[Number], list[str]]:
    """Return what cleaning must not change."""
    return numbers(text), [word for word in tokens(text) if word in _NEGATIONS]


def _edited(
    text: str, pattern: re.Pattern[str], replacement: str, facts: tuple[list[Number], list[str]]
) -> str:
    """Apply an edit wherever it leaves the facts alone."""
    place = 0
    while match := pattern.search(text, place):
        changed = text[: match.start()] + match.expand(replacement) + text[match.end() :]
        changed = " ".join(changed.split())
        if changed != text and _facts(changed) == facts:
            text, place = changed, max(0, match.start() - 1)
        else:
            place = match.end() + (match.end() == match.start())
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if len(text[:1].upper()) == 1 else text


_NOT_SPEAKERS = (
    "note|notes|tip|step|warning|caution|danger|remember|important|example|question|answer|result|"
    "first|second|third|finally|next|so|but|and|then|now|yes|meaning|basically|why|how|what|ratio"
)
_EDITS = [
    (re.compile(pattern, re.IGNORECASE if caseless else 0), replacement)
    for pattern, replacement, caseless in [
        (
            r"[\[(]\s*(?:(?:upbeat|soft|gentle|dramatic)\s+)?(?:music|applause|laughter|laughing|"
            r"laughs|chuckles|cheering|cheers|clapping|silence|inaudible|noise|sighs|coughs|_+)"
            r"(?:\s+(?:playing|continues))?\s*[\])]",
            " ",
            True,
        ),
        (r"(?<!\S)(?:>>+|[♪♫]+)(?!\S)|^>>+|[♪♫]", " ", False),
        (
            rf"(?:^|(?<=[.?!] ))(?!(?i:{_NOT_SPEAKERS})\b)"
            r"[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}:(?=\s)",
            " ",
            False,
        ),
        (r",?\s*\b(?:um+|uh+|uhm+|erm+|hm{2,})\b(?:,|(?=[.?!;\s]|$))", " ", True),
        (r"\b(?:like|as) i (?:said|mentioned)(?: before| earlier)?\b,?", " ", True),
        (
            r",?\s*(?<!\bdo )(?<!\bdid )(?<!\bif )(?<!\blet )(?<!\bthat )(?<!\bthan )"
            r"(?<!\bas )(?<!\bwhat )(?<!\bonce )(?<!\bdon't )(?<!\bwhen )(?<!\bhow )"
            r"\byou know\b(?! (?:how|what|that|if|when|why|where|who|which|about|it|exactly)\b),?",
            " ",
            True,
        ),
        (r"(?<![\w'’.])i(?=['’\s,])", "I", False),
        (r",\s*(?:like|i mean),", " ", True),
        (r"^(?:al(?:l )?right|okay|ok|yeah|anyways?|and|but)\b,?(?=\s)", "", True),
        (r"^(?:right|well|basically|i mean|look|yes),(?=\s)", "", True),
        (r"^(?:so|now)\b(?![\w-])(?! (?:that|much|many|far|long|few|little)\b),?(?=\s)", "", True),
        (r"\b(the|a|an|to|of|and|i|we|this|so)(?: \1)+\b(?!['’])", r"\1", True),
        (r"\s+([,;:.?!])(?=\s|$)", r"\1", False),
        (r",(?=[,.;:?!](?:\s|$))", "", False),
        (r"^[\s,.;:!?…–—-]+", "", False),
        (r"(?:[\s,;:–—-]+(?:and so|and|but|because))[\s,.;:–—-]*$", "", True),
        (r"[\s,;:…–—-]+(?=[.]?$)", "", False),
    ]
]


def encodable(text: str) -> str:
    """Return text that can be written as UTF-8: what cannot is shown as a question mark.

    Arguments of a command may hold any bytes, which Python keeps as lone surrogates.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


# What reorders or hides text; the joiners of scripts and emoji (200C, 200D) stay.
_DECEIVING = frozenset(
    map(
        chr, (0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
    )
)


def inert(text: str) -> str:
    """Return text on one line in which nothing steers a terminal, reorders words or hides them.

    Control characters become spaces; what is invisible and reorders or parts text is left out.
    """
    shown = (
        " " if unicodedata.category(sign) == "Cc" else sign
        for sign in text
        if sign not in _DECEIVING
    )
    return " ".join("".join(shown).split())
