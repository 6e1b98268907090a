"""What makes words of a transcript a statement: content, not chatter, never an instruction."""

import re
from collections.abc import Sequence

from cliptrail.tools.text.cleaning import clean
from cliptrail.tools.text.numbers import numbers
from cliptrail.tools.text.tokens import content_words, tokens

LEAST_CONTENT = 3
"""Words that carry meaning, from which a sentence without a number says something."""
_NEGATION = re.compile(
    r"\b(?:not|never|no|don['’]?t|doesn['’]?t|won['’]?t|can['’]?t)\b", re.IGNORECASE
)
_CHATTER = re.compile(
    r"\b(?:subscrib\w*|sponsor\w*|links? (?:is |are )?(?:in the|below)|description below|"
    r"welcome (?:back|to)|thanks? (?:you )?(?:so much )?for watching|smash|like button|"
    r"hit (?:the|that) (?:bell|like)|patreon|discount|promo code|coupon|my name(?: is|['’]?s)|"
    r"^(?:hey|hi)\b|hello|good morning|thank you|see you (?:next|in)|next (?:video|time|week)|"
    r"(?:in the|your) comments?|let me know|if you enjoyed|bye(?:-bye)?|round of applause|"
    r"in this (?:video|lecture|episode|lesson)|today(?:['’]s)? (?:video|episode|we)|"
    r"ladies and gentlemen)\b|\[(?:applause|laughter|laughs|cheering)",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(r"\b(?:I['’]m|I am) [A-Z][a-z]+\b(?=[,.!]|\s+(?:and|from)\b|$)")
_POINTING = re.compile(
    r"\b(?:i|i['’](?:m|ll|d|ve)|me|my|we|we['’](?:re|ll|ve|d)|let['’]?s|us|you['’]ll|see|look|looking|"
    r"take|here|this|that|these|there['’]s|gonna|going)\b",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|bypass\w*)\b[^.?!]{0,60}"
    r"\b(?:instructions?|prompts?|guidelines|system message)\b"
    r"|\b(?:ai|a\.i\.|robots?|bots?|language models?|llms?|assistants?|chat ?bots?|"
    r"crawlers?|agents?)\b[^.?!]{0,30}\b(?:read|reads|reading|summari[sz]\w*|process\w*|pars\w*)\b"
    r"[^.?!]{0,20}\b(?:this|these|captions?|transcripts?|subtitles?)\b"
    r"|\b(?:save|write|send|print|put|output|reveal|repeat|delete)\b[^.?!]{0,30}\byour\b[^.?!]{0,20}"
    r"\b(?:answer|output|response|summary|prompt|instructions?|guide|report|system)\b"
    r"|\bsystem prompt\b|\byou are (?:now )?(?:an? )?(?:ai|assistant|language model)\b"
    r"|\.\./|/etc/|\brm -rf\b|<script",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.?!])[\"'”’)]*\s+(?=[A-Z\"'“‘\d\[(])")
AROUND = 150
"""Characters around an instruction that are left out with it where speech has no full stops."""


def is_chatter(text: str) -> bool:
    """Return whether a text greets, thanks, advertises or announces rather than states."""
    return bool(_CHATTER.search(text) or _INTRODUCES.search(text))


def pointing(text: str) -> float:
    """Return the share of words that only those who watch the video understand: 0 to 1."""
    return len(_POINTING.findall(text)) / max(1, len(text.split()))


def density(text: str) -> float:
    """Return the share of words that carry meaning: 0 to 1."""
    words = tokens(text)
    return len(content_words(text)) / len(words) if words else 0.0


def stated_numbers(text: str) -> int:
    """Count the numbers of a text, up to three."""
    return min(3, sum(number.kind != "weak" for number in numbers(text)))


def has_unit(text: str) -> bool:
    """Return whether a number in a text has a unit."""
    return any(number.unit for number in numbers(text) if number.kind != "weak")


def statement(said: str) -> str:
    """Return words of a transcript as a statement: cleaned, without sentences that say nothing."""
    shown = clean(said)
    parts = _SENTENCE.split(shown)
    kept = [part for part in parts if _says_something(part)]
    return clean(" ".join(kept)) if kept and len(kept) < len(parts) else shown


def sentences(text: str) -> list[str]:
    """Return the sentences of a statement."""
    return _SENTENCE.split(text)


def _says_something(sentence: str) -> bool:
    if any(number.kind != "weak" for number in numbers(sentence)):
        return True
    words = set(content_words(sentence))
    least = LEAST_CONTENT - 1 if _NEGATION.search(sentence) else LEAST_CONTENT
    return len(words) >= least and not is_chatter(sentence)


def instructs(pieces: Sequence[str]) -> list[bool]:
    """Return which pieces of a transcript, in their order, belong to an instruction to a program.

    A transcript is data: who says "ignore your instructions" in a video gets no claim out of it.
    The whole sentence is meant, also where it was cut into several pieces.
    """
    whole = " ".join(pieces)
    spans = [_sentence_around(whole, match) for match in _INSTRUCTION.finditer(whole)]
    marks, place = [], 0
    for piece in pieces:
        end = place + len(piece)
        marks.append(any(start < end and place < stop for start, stop in spans))
        place = end + 1
    return marks


def _sentence_around(whole: str, match: re.Match[str]) -> tuple[int, int]:
    before = [stop.end() for stop in re.finditer(r"[.?!]\s", whole[: match.start()])]
    after = re.search(r"[.?!](?:\s|$)", whole[match.end() :])
    start = max(before[-1] if before else 0, match.start() - AROUND)
    stop = min(after.start() if after else len(whole), AROUND)
    return start, match.end() + stop
