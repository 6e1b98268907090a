"""How the offline engine composes: the passages that answer best first, measures that disagree."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from cliptrail.tools.models.offline.choice.choosing import rated
from cliptrail.tools.models.offline.choice.model import load
from cliptrail.tools.models.offline.choice.request import understood
from cliptrail.tools.models.offline.choice.vectors import embed
from cliptrail.tools.models.offline.disagreements import Said, disagreements
from cliptrail.tools.models.offline.roles.reading import title_of, without_file
from cliptrail.tools.models.offline.rules import Prompt, rule
from cliptrail.tools.text.numbers import numbers

SAME = 0.9
"""Similarity from which two statements with the same numbers are one."""
MOST_CONFLICTS = 8
A_BLOCK = 50
"""Passages of one list."""
FIRST = 2
"""Passages that stand above all others."""

Group = list[int]
"""Places of claims that say the same."""


@rule("GuideDraft")
def compose(prompt: Prompt) -> dict[str, object]:
    """Answer the composer's question: passages in the speakers' words, one section a fact."""
    claims = [{k: str(v) for k, v in row.items()} for row in prompt.data("claims") or []]
    facts = [str(fact) for fact in prompt.data("facts_wanted") or []]
    request = str(prompt.data("request") or "")
    asked = understood(without_file(request)[0], facts)
    groups = _groups([row["text"] for row in claims])
    worth = rated(asked, [row["text"] for row in claims], load())
    ranked = sorted(groups, key=lambda group: -worth[group[0]])
    in_steps = "how_to" in asked.kinds and not facts
    first = [] if in_steps else ranked[:FIRST]
    rest = [group for group in ranked if group not in first]
    return {
        "title": title_of(request)[:150] or "Guide",
        "conflicts": _conflicts(claims),
        "answer": _sentences(first, claims),
        "sections": [
            {
                "heading": fact[:80],
                "blocks": list(_blocks(own, claims, in_steps=in_steps)),
            }
            for fact in [*facts, ""]
            if (own := [group for group in rest if _fact(claims[group[0]], facts) == fact])
        ],
    }


def _fact(claim: Mapping[str, str], facts: Sequence[str]) -> str:
    return claim["section"] if claim["section"] in facts else ""


def _blocks(
    groups: Sequence[Group], claims: Sequence[Mapping[str, str]], *, in_steps: bool
) -> Iterator[dict[str, object]]:
    """Return lists: the best first, or what each video says in its order, the best video first."""
    if in_steps:
        videos = list(dict.fromkeys(claims[group[0]]["video"] for group in groups))
        groups = sorted(groups, key=lambda g: (videos.index(claims[g[0]]["video"]), g[0]))
        lists = [list(rows) for _, rows in groupby(groups, lambda g: claims[g[0]]["video"])]
    else:
        lists = [list(groups)]
    for rows in lists:
        for at in range(0, len(rows), A_BLOCK):
            kind = "steps" if in_steps and len(rows) > 1 else "bullets"
            yield {"kind": kind, "sentences": _sentences(rows[at : at + A_BLOCK], claims)}


def _sentences(
    groups: Sequence[Group], claims: Sequence[Mapping[str, str]]
) -> list[dict[str, object]]:
    """Return sentences without words: they show the first claim's own."""
    return [{"claims": [claims[n]["id"] for n in group][:20], "text": ""} for group in groups]


@rule("AnswerDraft")
def answer(prompt: Prompt) -> dict[str, object]:
    """Answer the question for an answer in short: passages are not put in other words."""
    return {"title": title_of(str(prompt.data("request") or ""))[:150] or "Guide"}


def _groups(texts: Sequence[str]) -> list[Group]:
    """Put claims that say the same together, in their order."""
    vectors = embed(texts)
    near = vectors @ vectors.T
    values = [_values(text) for text in texts]
    groups: list[Group] = []
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


def _conflicts(claims: Sequence[Mapping[str, str]]) -> list[dict[str, object]]:
    said = [Said(claim["text"], claim["channel"]) for claim in claims]
    return [
        {
            "topic": row.topic[:120],
            "claims": [claims[number]["id"] for number in row.statements],
        }
        for row in disagreements(said, MOST_CONFLICTS)
    ]
