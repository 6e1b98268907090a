"""The part of a transcript that is nearest to a query, to judge a video by before it is read."""

import math
from collections import Counter
from collections.abc import Sequence

from cliptrail.state.media import Segment
from cliptrail.tools.text.tokens import content_words

LENGTH = 45
"""Words of a passage, about."""


def best_passage(segments: Sequence[Segment], query: str) -> str:
    """Return the run of whole segments that holds most of a query's telling words.

    A word counts the more the rarer it is in the video, and once a passage; of equal passages the
    first is taken.

    Args:
        segments: of one transcript.
        query: any text.

    Returns:
        About `LENGTH` words as they are said; empty if none of the query's words is said.
    """
    wanted = set(content_words(query))
    words = [wanted.intersection(content_words(row.text)) for row in segments]
    often = Counter(word for row in words for word in row)
    weight = {word: math.log(1 + len(segments) / count) for word, count in often.items()}
    lengths = [len(row.text.split()) for row in segments]
    best, most = (0, 0), 0.0
    first = total = 0
    inside: Counter[str] = Counter()
    for last, row in enumerate(words):
        inside.update(row)
        total += lengths[last]
        while first < last and total - lengths[first] >= LENGTH:
            total -= lengths[first]
            inside.subtract(words[first])
            first += 1
        worth = sum(weight[word] for word, count in inside.items() if count > 0)
        if worth > most:
            best, most = (first, last + 1), worth
    return " ".join(" ".join(row.text.split()) for row in segments[slice(*best)])
