"""How long a text is for a model: one careful estimate, for limits and budgets alike.

Models count in tokens, each by a vocabulary of its own that need not be on this machine. So this
errs on the high side: a prompt that fits by this count fits.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

_PIECE = re.compile(
    r"[A-Z]?[a-z]{1,4}|[A-Z]{1,2}|[^A-Za-z \x80-\U0010ffff]| (?=[ \x80-\U0010ffff]|\Z)"
)
"""Each costs one token at most: a syllable or two, a digit, a sign, a space that does not melt into
the word after it."""
_FOREIGN = re.compile(r"[\x80-\U0010ffff]")


def most_tokens(text: str) -> int:
    """Return about as many tokens as the most wasteful vocabulary in use needs for a text.

    English prose comes out at about twice what a large vocabulary needs, JSON and Chinese at two
    to three times. Two texts together never count more than the sum of both.
    """
    foreign = Counter(_FOREIGN.findall(text))
    return len(_PIECE.findall(text)) + sum(_cost(sign) * n for sign, n in foreign.items())


@cache
def _cost(sign: str) -> int:
    """Vocabularies fall back to bytes for what they do not hold, and all hold the wide-spread."""
    size = len(sign.encode("utf-8", "replace"))
    wide = unicodedata.east_asian_width(sign) in "WF"
    return size - 1 if size == 2 or (size == 3 and wide) else size
