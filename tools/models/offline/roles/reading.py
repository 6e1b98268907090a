"""How the offline engine reads a request: by its grammar, never by knowledge of a topic."""

import re
from collections.abc import Iterable, Iterator

from cliptrail.tools.models.offline.naming import named_channels, without_channels
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.models.offline.splitting import items, sentences
from cliptrail.tools.text.tokens import content_words, tokens

LONGEST_FACT = 80
"""Characters of a kind of fact; a heading of the guide."""
MOST_FACTS = 20
LONG_QUESTION = 6
"""Words from which a question alone in its sentence is the topic, where a list follows."""
_ONLY_VIDEOS = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|would)\s+you\s+)?(?:find|list|show|give|recommend|suggest|"
    r"search(?:\s+for)?|look\s+for|which|what|are\s+there)\b(?:\s+\w+){0,4}?\s+(?:videos?|clips?)\b",
    re.IGNORECASE,
)
_VIDEOS_ON = re.compile(
    r"^(.*?\b(?:videos?|clips?)(?:\s+(?:are|is)\s+there)?)\s+(?:about|on|of|for|regarding)\s+(?=\w)",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    r"[,;]?\s*\b(?:and|then)\s+(?:\w+\s+)?(?:tell|give|describe|compare|collect|extract|list|note|"
    r"write|make|read|answer|what|which|how|why|when)\b",
    re.IGNORECASE,
)
_SAID_IN_THEM = re.compile(
    r"\b(?:say|says|said|explain|explains|summari[sz]e|transcripts?)\b", re.IGNORECASE
)
_SAVE = re.compile(
    r"(?:[,;]?\s*\b(?:and|then|please)\s+)*\b(?:save|write|export|put|store)\b[^.?!\n]*?"
    r"\b(?:to|as|in|into|under|called|named)\s+(?:a\s+file\s+(?:called\s+|named\s+)?)?"
    r"[`\"'“‘]?([^\s`\"'“”‘’]+\.\w{1,5})[`\"'”’]?[.!]?",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"^.*?\b(?:i(?:\s+would|'d|’d)\s+(?:also\s+)?like|i(?:'m|\s+am)\s+(?:also\s+)?(?:interested\s+in|"
    r"looking\s+for)|i\s+(?:also\s+|only\s+|just\s+)?(?:need|want)(?:\s+to\s+(?:know|see|have))?|"
    r"give(?:\s+me)?|tell\s+me(?:\s+about)?|teach\s+me|show\s+me|collect|include|list|explain|"
    r"describe|summari[sz]e|cover|mention|note|find(?:\s+out)?|focus\s+on|compare)\b[,:]?\s*",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"^(?:so\s+|and\s+)?(?:how\s+(?:do|does|can|could|should|would|to)|what(?:'s|’s|\s+is)\s+the\s+"
    r"(?:best|right|proper)\s+way|what\s+(?:should|do)\s+(?:i|we|you)|can\s+you|is\s+it)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^(?:how|what|which|why|when|where|who)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:please\s+)?(?:(?:(?:can|could|would)\s+you\s+)?(?:explain|teach\s+me|tell\s+me(?:\s+about)?|"
    r"show\s+me|describe|compare|give\s+me|list|collect|summari[sz]e|i\s+(?:want|need)(?:\s+to"
    r"(?:\s+know)?)?)\s+)?(?:how\s+(?:do|does|can|could|should|would|did)\s+(?:i|you|we|one|people|"
    r"they)|how\s+to|what(?:'s|’s|\s+is|\s+are)\s+the\s+(?:best|right|proper)\s+way\s+to|what\s+(?:is|"
    r"are|was|were|did|does|do)|why\s+(?:is|are|do|does|did)|which|when\s+should\s+i|"
    r"should\s+i|is\s+it|do\s+i)?\s*\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"^(?:please\s+)?compare\b", re.IGNORECASE)
_FRAME = re.compile(
    r"^(?:(?:using|with|from|based\s+on|according\s+to|following|for\s+each(?:\s+(?:one|of\s+them))?|"
    r"for\s+(?:both|all\s+of\s+them))\b[^,:]*,\s*)",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    content_words(
        "need want give get collect include list explain compare guide video videos transcript "
        "channel channels technique techniques advice concrete exact each using use two three "
        "teach learn tell best good way ways make how why what new report tip tips detail details "
        "number numbers fact facts information thing things point points step steps example "
        "examples lecture lectures source sources specific practical main important part "
        "show describe summarize cover mention note find please like know interested say says"
    )
)
_OPENING = _GENERIC | frozenset(content_words("clip recommend suggest search look can could would"))


def without_file(request: str) -> tuple[str, str]:
    """Return the request without the wish to save, and the file named in it (or nothing)."""
    match = _SAVE.search(request)
    if match is None:
        return request.strip(), ""
    rest = request[: match.start()].rstrip() + " " + request[match.end() :].lstrip()
    return rest.strip(), match[1].strip(".,;:()")


def topic_of(request: str, channels: Iterable[str] = ()) -> str:
    """Return the subject: the first sentence that asks, without question words and channels."""
    first = _first_question(without_channels(request, channels))
    bare = _LEAD.sub("", _without_videos(first), count=1).strip(" .?!,;:")
    return " ".join((bare or first.strip(" .?!,;:")).split()[:20])


def _without_videos(question: str) -> str:
    """Return what the videos are to be about, where a question opens by asking for videos alone.

    Else "find" and "videos" would be words of the topic, and no video says them.
    """
    opening = _VIDEOS_ON.match(question)
    if opening is None or not set(content_words(opening[1])) <= _OPENING:
        return question
    return _AND_MORE.split(question[opening.end() :], maxsplit=1)[0]


def title_of(request: str) -> str:
    """Return the title of the guide: the first sentence that asks."""
    first = _first_question(without_file(request)[0]).strip(" .?!,;:")
    return first[:1].upper() + first[1:]


def _first_question(request: str) -> str:
    said = list(sentences(request))
    asking = [text for text in said if _asks(text)] or said
    return _FRAME.sub("", asking[0]) if asking else ""


def compared(request: str, channels: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the things that a request compares, where it does: each may have its own video."""
    found: list[str] = []
    for sentence in sentences(without_channels(request, channels)):
        bare = _FRAME.sub("", sentence)
        between = re.search(r"\bbetween\s+(.+)$", bare, re.IGNORECASE)
        versus = re.search(r"\b(?:versus|vs\.?)\s", bare, re.IGNORECASE)
        if between:
            found += items(between[1])
        elif _COMPARES.match(bare):
            found += items(re.sub(r"^.*?\bcompare\s+", "", bare, flags=re.IGNORECASE))
        elif versus and len(bare.split()) <= 12:
            found += [_LEAD.sub("", bare[: versus.start()], count=1), bare[versus.end() :]]
    return tuple(text for item in found if (text := item.strip(" .?!,;:")) and content_words(text))


def _asks(sentence: str) -> bool:
    bare = _FRAME.sub("", sentence)
    return bool(sentence.endswith("?") or _ASKED.match(bare) or _WANTS.match(bare))


def query_of(request: str, channels: Iterable[str] = ()) -> str:
    """Return the words to search for: those of the request that say what it is about."""
    words: dict[str, str] = {}
    for word in re.findall(r"\w(?:[\w'’.-]*\w)?", without_channels(request, channels)):
        stems = content_words(word)
        if stems and not set(stems) & _GENERIC:
            words.setdefault(" ".join(stems), word)
    return " ".join(words.values())


def wanted_facts(request: str, channels: Iterable[str] = ()) -> list[str]:
    """Return the kinds of fact that a request lists, each in a few words; maybe none."""
    banned = [tokens(name) for name in channels]
    listed: list[str] = []
    asked: list[str] = []
    for sentence in sentences(without_channels(request, channels)):
        facts = [text for text in _facts(_FRAME.sub("", sentence)) if _says_something(text, banned)]
        if _COMPARES.match(sentence) or (len(facts) == 1 and len(facts[0].split()) > LONG_QUESTION):
            # Its subject is the topic; several of them count where nothing else is listed.
            asked += facts
        else:
            listed += facts
    kinds = listed or (asked if len(asked) > 1 else [])
    return list({text.casefold(): text for text in kinds}.values())[:MOST_FACTS]


def _facts(sentence: str) -> Iterator[str]:
    """Return what one sentence lists."""
    head = _WANTS.match(sentence)
    body = sentence[head.end() :] if head else sentence
    if head is None and not _ASKED.match(body):
        return
    if _TO_DO.match(body) or body.startswith("to "):
        # "How do I …" is the topic; a list may follow it: "how do I …: tools, steps"
        _, colon, body = body.partition(": ")
        if not colon:
            return
    body = re.sub(r"^((?:what|which)\b[^,]*?)\s+between\b.*$", r"\1", body, flags=re.IGNORECASE)
    for item in items(body):
        yield _heading(item)


def _heading(item: str) -> str:
    """Return a listed item as a heading: no article, no question's end, no empty opening."""
    text = item.strip(" .?!'\"“”")
    text = re.sub(r"^(?:what|which)\s+(?:is|are|was|were)\s+", "", text, flags=re.IGNORECASE)
    opening = re.match(r"^(.+?)\s+(?:on|about|for|of|regarding)\s+(.+)$", text, re.IGNORECASE)
    if opening and set(content_words(opening[1])) <= _GENERIC:
        text = opening[2]
    text = re.sub(
        r"^(?:the|a|an|any|all|some|my|your|its|their|for|of|on|about)\s+",
        "",
        text,
        flags=re.IGNORECASE,
    )
    return _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_FACT else text[:LONGEST_FACT].rsplit(" ", 1)[0]


def _says_something(fact: str, channels: list[list[str]]) -> bool:
    words = tokens(fact)
    if not 1 <= len(words) <= 18 or words in channels:
        return False
    return bool(content_words(fact))


@rule("NotesDraft")
def notes(prompt: Prompt) -> dict[str, object]:
    """Answer the annotator's question."""
    return read(str(prompt.data("request") or ""), list(prompt.data("channels") or []))


def read(request: str, known: list[str]) -> dict[str, object]:
    """Return the notes of a request, in the shape of `cliptrail.state.drafts.NotesDraft`."""
    rest, file = without_file(request)
    channels = named_channels(rest, known)
    return {
        "topic": topic_of(rest, channels)[:200],
        "channels": channels[:10],
        "facts_wanted": wanted_facts(rest, channels),
        "constraints": [],
        "output_file": file[:120],
        "open_questions": [],
    }


def are_the_answer(videos: Iterable[object], request: str) -> bool:
    """Whether videos alone answer a request: it asks for no more, and a title names its topic.

    A title without a word of the topic tells nothing: what is said in such a video must be read.

    Args:
        videos: what was found, each with its title.
        request: the question.
    """
    rest, _ = without_file(request)
    alone = len(list(sentences(rest))) == 1
    more = _SAID_IN_THEM.search(rest) or _AND_MORE.search(rest)
    if not (alone and _ONLY_VIDEOS.match(rest)) or more:
        return False
    topic = set(content_words(query_of(rest)))
    titles = (str(row["title"]) for row in videos if isinstance(row, dict) and "title" in row)
    return any(topic & set(content_words(title)) for title in titles)
