"""Finds instructions to a program in what is said: a transcript is data."""

import re
from collections.abc import Sequence

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
AROUND = 150
"""Characters around an instruction that are left out with it where speech has no full stops."""


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
