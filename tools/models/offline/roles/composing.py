"""How the offline engine composes: joins what is the same, finds measures that disagree."""

from collections.abc import Sequence
from typing import Any

from cliptrail.tools.models.offline.disagreements import Said, disagreements
from cliptrail.tools.models.offline.relevance import embed
from cliptrail.tools.models.offline.roles.reading import title_of
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.text.numbers import numbers

SAME = 0.9
"""Similarity from which two statements with the same numbers are one."""
MOST_CONFLICTS = 8


@rule("GuideDraft")
def compose(prompt: Prompt) -> dict[str, object]:
    """Answer the composer's question."""
    claims = list(prompt.data("claims") or [])
    facts = [str(fact) for fact in prompt.data("facts_wanted") or []]
    place = {fact: number for number, fact in enumerate(facts)}
    groups = _groups([str(claim["text"]) for claim in claims])
    groups.sort(key=lambda group: place.get(str(claims[group[0]]["section"]), len(facts)))
    return {
        "title": title_of(str(prompt.data("request") or ""))[:150] or "Guide",
        "statements": [
            {
                "claims": [str(claims[number]["id"]) for number in group][:20],
                "text": "",
                "section": str(claims[group[0]]["section"])[:80],
            }
            for group in groups
        ],
        "conflicts": _conflicts(claims),
        "unanswered": [],
    }


def _groups(texts: Sequence[str]) -> list[list[int]]:
    """Put claims that say the same together, in their order."""
    vectors = embed(texts)
    near = vectors @ vectors.T
    values = [_values(text) for text in texts]
    groups: list[list[int]] = []
    for number in range(len(texts)):
        for group in groups:
            if near[group[0], number] >= SAME and values[group[0]] == values[number]:
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def _values(text: str) -> frozenset[frozenset[str]]:
    return frozenset(number.forms for number in numbers(text) if number.kind != "weak")


def _conflicts(claims: Sequence[dict[str, Any]]) -> list[dict[str, object]]:
    said = [Said(str(claim["text"]), str(claim["channel"])) for claim in claims]
    return [
        {
            "topic": row.topic[:120],
            "claims": [str(claims[number]["id"]) for number in row.statements],
        }
        for row in disagreements(said, MOST_CONFLICTS)
    ]
