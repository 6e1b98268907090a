"""Which of the wanted facts a heading names: decided here and nowhere else."""

from collections.abc import Sequence

from cliptrail.tools.text.channels import channel_key
from cliptrail.tools.text.tokens import content_words, normalize

MOST_IN_COMMON = 0.5
"""Share of the shorter name's words that two names of a fact must have more than in common."""


def facts_of(section: str, facts: Sequence[str]) -> tuple[str, ...]:
    """Return the wanted facts that a claim's section names.

    The same words but for case and punctuation name one fact. Else every fact counts whose words
    all stand in the section ("temperature and time"); else the one fact that has most words in
    common with it, and more than half of the shorter name's.

    Args:
        section: as a claim has it.
        facts: the wanted facts; a single one is what every claim is about.
    """
    if len(facts) == 1:
        return tuple(facts)
    folded = normalize(section)
    same = [fact for fact in facts if normalize(fact) == folded]
    same = same or [fact for fact in facts if channel_key(fact) == channel_key(section)]
    if same or not folded:
        return tuple(same[:1])
    words = set(content_words(section))
    names = {fact: set(content_words(fact)) for fact in facts}
    whole = tuple(fact for fact, own in names.items() if own and own <= words)
    if whole:
        return whole
    best = max(facts, key=lambda fact: _in_common(words, names[fact]), default="")
    return (best,) if best and _in_common(words, names[best]) > MOST_IN_COMMON else ()


def _in_common(one: set[str], other: set[str]) -> float:
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter else 0.0
