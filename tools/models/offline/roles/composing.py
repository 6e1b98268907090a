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
A_BLOCK = 50
"""Passages of one list."""


@rule("GuideDraft")
def compose(prompt: Prompt) -> dict[str, object]:
    """Answer the composer's question: passages in the speakers' words, one section a fact."""
    claims = list(prompt.data("claims") or [])
    facts = [str(fact) for fact in prompt.data("facts_wanted") or []]
    place = {fact: number for number, fact in enumerate(facts)}
    sections: dict[str, list[list[int]]] = {}
    for group in _groups([str(claim["text"]) for claim in claims]):
        sections.setdefault(str(claims[group[0]]["section"]), []).append(group)
    return {
        "title": title_of(str(prompt.data("request") or ""))[:150] or "Guide",
        "conflicts": _conflicts(claims),
        "sections": [
            {
                "heading": heading[:80],
                "blocks": [
                    {"kind": "bullets", "sentences": _shown(groups[at : at + A_BLOCK], claims)}
                    for at in range(0, len(groups), A_BLOCK)
                ],
            }
            for heading, groups in sorted(
                sections.items(), key=lambda row: place.get(row[0], len(facts))
            )
        ],
    }


def _shown(groups: Sequence[Sequence[int]], claims: Sequence[dict[str, Any]]) -> list[object]:
    """Return sentences without words: they show the first claim's own."""
    return [{"claims": [str(claims[n]["id"]) for n in group][:20], "text": ""} for group in groups]


@rule("AnswerDraft")
def answer(prompt: Prompt) -> dict[str, object]:
    """Answer the question for an answer in short: passages are not put in other words."""
    return {"title": title_of(str(prompt.data("request") or ""))[:150] or "Guide"}


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
