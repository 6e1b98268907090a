"""Words of a text: folded for comparing, split for exact quotes, stemmed for relevance."""

import re
import unicodedata
from collections.abc import Sequence

_SIGNS = {
    "‘’‛ʼ": "'",
    "“”‟": '"',
    "‐‑‒–—―−": "-",
    "\u00ad": "",
    "\u00a0": " ",
    "×": " x ",
    "⁄": "/",
}
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒"


def _fold_table() -> dict[int, str]:
    table = {ord(sign): plain for signs, plain in _SIGNS.items() for sign in signs}
    # "2⁵" and "3½" would become 25 and 31/2 by NFKC alone.
    table |= {ord(sign): f"^{digit}" for digit, sign in enumerate(_SUPERSCRIPTS)}
    for sign in _FRACTIONS:
        plain = unicodedata.normalize("NFKC", sign).replace("⁄", "/")
        table[ord(sign)] = f" {plain}"
    return table


FOLD = _fold_table()
"""Typographic characters and their plain equals, for `str.translate`."""

_SPACE = re.compile(r"\s+")
_TOKEN = re.compile(r"[^\W_]+")

_STOP = """
    a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each either else ever few for
    from further get gets getting go goes going gonna got had has have having he her here hers
    herself him himself his how i id if ill im in into is it its itself ive just kind let lets like
    lot made make makes many may maybe me might mine more most much must my myself now of off ok
    okay on once only onto or other our ours out over own please quite rather really right s said
    same say says see she should so some such t than that thats the their theirs them themselves
    then there theres these they theyre thing things this those through thus to too uh um under
    until up upon us use used using very want was way we well went were weve what whats when where
    which while who whom whose why will with would yeah yes yet you youll your youre yours yourself
    youve
"""
STOP_WORDS = frozenset(_STOP.split())
"""English words that say nothing about a topic. Negations are not among them: "do not solder" and
"solder" must not count as the same statement."""

_SIBILANT = ("ss", "x", "z", "ch", "sh")
_DOUBLES = frozenset("bdfgmnprt")
_VOWEL = re.compile(r"[aeiouy]")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(FOLD))
    return plain.translate(FOLD).casefold()


def normalize(text: str) -> str:
    """Return the text as it is compared: NFKC, caseless, plain quotes and dashes, single spaces."""
    return _SPACE.sub(" ", _folded(text)).strip()


def tokens(text: str) -> list[str]:
    """Return the words of a text for exact matching: caseless, no apostrophes, no punctuation.

    "Don't use 3.5 V" gives `["dont", "use", "3", "5", "v"]`.
    """
    return _TOKEN.findall(_folded(text).replace("'", ""))


def content_words(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order, with repeats.

    Stop words are dropped, negations and numbers are kept.
    """
    return [stem(word) for word in tokens(text) if word not in STOP_WORDS]


def contains_run(haystack: Sequence[str], needle: Sequence[str]) -> int | None:
    """Return the index at which `needle` first stands in `haystack` as one run, or None.

    An empty needle is found nowhere: an empty quote proves nothing.
    """
    if not needle:
        return None
    size, first = len(needle), needle[0]
    wanted = list(needle)
    for index in range(len(haystack) - size + 1):
        if haystack[index] == first and list(haystack[index : index + size]) == wanted:
            return index
    return None


def stem(word: str) -> str:
    """Return a light English stem: plural, -ing, -ed, -ly and a final e or y are folded.

    Words of up to three letters and words with digits stay as they are.
    """
    if len(word) <= 3 or not word.isalpha():
        return word
    word = _without_verb_ending(_singular(word))
    if len(word) > 5 and word.endswith("ly"):
        word = word[:-2]
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    return f"{word[:-1]}i" if len(word) > 2 and word.endswith("y") else word


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith("es") and word[:-2].endswith(_SIBILANT):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_verb_ending(word: str) -> str:
    if word.endswith("ied"):
        return f"{word[:-3]}y"
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and _VOWEL.search(base) and not word.endswith("eed"):
            double = len(base) > 3 and base[-1] == base[-2] and base[-1] in _DOUBLES
            return base[:-1] if double else base
    return word
