"""How the offline engine finds the channels that a request names."""

import re
from collections.abc import Iterable

from cliptrail.tools.models.offline.splitting import sentences
from cliptrail.tools.text.channels import same_channel
from cliptrail.tools.text.tokens import contains_run, tokens

_NAME = r"(?:[A-Z@][\w&'’.-]*(?:\s+(?:&\s+)?[A-Z0-9][\w&'’.-]*)*)"
_LIST = rf"{_NAME}(?:(?:,\s*|,?\s+and\s+|\s*&\s*){_NAME})*"
_AFTER = re.compile(
    rf"\b(?:[Cc]hannels?|[Ff]rom|[Bb]y|[Uu]sing|[Ff]ollowing)\s+(?:the\s+)?({_LIST})"
)
_BEFORE = re.compile(
    rf"\b(?:[Tt]he|[Ff]rom|[Bb]y|[Oo]f|[Oo]n|[Uu]se)\s+({_LIST})\s+channels?\b"
    r"(?=\s*(?:[.,;:!?)]|$|(?:and|or|for|on|to|only|says?|videos?)\b))"
)
_MADE = re.compile(
    r"\b(?:techniques?|tips|advice|methods?|videos?|recipes?|lectures?|tutorials?|episodes?|channels?)"
    r"\s+(?:from|by|of)\s*$",
    re.IGNORECASE,
)

_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")


def named_channels(request: str, known: Iterable[str]) -> list[str]:
    """Return the channels that a request names, known ones by their full name.

    A known channel counts wherever its name stands; one of a single plain word only where the
    grammar says that it is a channel. A list of names after "from" or "by" counts as channels if
    the word channel is there, if one of them is known, or, where none are known at all, after a
    word such as "videos" or "tips".
    """
    known = [name for name in known if name]
    request = _POSSESSIVE.sub("", request)
    found = {name: place for name in known if (place := _place(request, name)) is not None}
    for sentence in sentences(request):
        for name in _listed(sentence, list(found), nothing_known=not known):
            found.setdefault(name, request.find(name))
    return sorted(found, key=lambda name: found[name])


def _place(request: str, name: str) -> int | None:
    """Return where a known channel is named."""
    for form in dict.fromkeys([name, re.sub(r"\s*\(.*\)\s*$", "", name)]):
        if contains_run(tokens(request), tokens(form)) is None:
            continue
        words = tokens(form)
        said = re.search(
            r"\W*".join(rf"{re.escape(word)}" for word in words), request, re.IGNORECASE
        )
        place = said.start() if said else 0
        if len(words) > 1 or _distinctive(form) or _by_grammar(request, form):
            return place
    return None


def _distinctive(word: str) -> bool:
    """Tell a made-up name such as "MrFixIt" or "Lab42" from a plain word."""
    return bool(re.search(r"[a-z][A-Z]|\d|^@", word))


def _by_grammar(request: str, word: str) -> bool:
    name = re.escape(word)
    return bool(
        re.search(rf"\b(?:[Cc]hannels?|[Ff]rom|[Bb]y)\s+(?:the\s+)?@?{name}\b", request)
        or re.search(rf"\b{name}(?:['’]s)?\s+(?:channel|videos?)\b", request)
    )


def _listed(sentence: str, found: list[str], *, nothing_known: bool) -> list[str]:
    names: list[str] = []
    for match in [*_AFTER.finditer(sentence), *_BEFORE.finditer(sentence)]:
        said = [_bare(name) for name in re.split(r",\s*(?:and\s+)?|\s+and\s+", match[1])]
        says_channel = re.search(r"\bchannels?\b", match[0], re.IGNORECASE)
        made = nothing_known and _MADE.search(sentence[: match.start(1)])
        known = any(same_channel(name, other) for name in said for other in found)
        if says_channel or made or known:
            names += [
                name
                for name in said
                if name and not any(same_channel(name, other) for other in [*found, *names])
            ]
    return names


def _bare(name: str) -> str:
    return name.strip(" .,;:!?'’")


_LINK = (
    r"(?:,?\s*\b(?:(?:using|use|with)\s+)?(?:(?:the\s+)?(?:techniques?|tips|advice|methods?|videos?|"
    r"recipes?|lectures?|tutorials?|episodes?)\s+)?(?:from|by|using|according\s+to)\s+)?"
    r"(?:the\s+)?(?:channels?\s+)?"
)


def without_channels(request: str, channels: Iterable[str]) -> str:
    """Return a request without the names of channels and the words that lead to them."""
    forms = {
        form for name in channels for form in (name, re.sub(r"\s*\(.*\)\s*$", "", name)) if form
    }
    if not forms:
        return request
    name = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    one = rf"@?(?:{name})(?:['’]s)?(?![\w])(?:\s+channels?\b)?"
    listed = rf"\b{_LINK}(?<!\w){one}(?:(?:,\s*(?:and\s+)?|\s+and\s+|\s*&\s*){one})*"
    return re.sub(r"[ \t]{2,}", " ", re.sub(listed, " ", request, flags=re.IGNORECASE)).strip()
