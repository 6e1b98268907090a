"""How the offline engine looks into a question: search once or twice, read the best, finish."""

from typing import Any

from cliptrail.tools.models.offline.roles.reading import query_of
from cliptrail.tools.models.offline.rules import Prompt, rule

AT_ONCE = 3
"""Videos that it reads before it looks at what came of it."""
FEW_WORDS = 2
"""Words of the second search, when all of them found nothing."""


@rule("MoveDraft")
def move(prompt: Prompt) -> dict[str, object]:
    """Answer the researcher's question."""
    found: list[dict[str, Any]] = prompt.data("found") or []
    moves = list(prompt.data("moves") or [])
    question = str(prompt.data("question") or "")
    query = query_of(question) or question
    unread = [str(row["id"]) for row in found if not row["read"]]
    if not moves:
        return {"thought": "Nothing is known yet.", "do": "search", "query": query}
    if not found and len(moves) == 1:
        fewer = sorted(query.split(), key=len, reverse=True)[:FEW_WORDS]
        return {"thought": "Other words.", "do": "search", "query": " ".join(fewer)}
    if unread and not prompt.data("learned"):
        return {"thought": "Read the best.", "do": "read", "videos": unread[:AT_ONCE]}
    return {"thought": "Nothing further is likely.", "do": "finish"}
