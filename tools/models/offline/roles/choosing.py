"""How the offline engine chooses what to read: by relevance alone."""

from typing import Any

from cliptrail.tools.models.offline.rules import Prompt, rule

LEAST_RELEVANCE = 0.25


@rule("ChoiceDraft")
def choose(prompt: Prompt) -> dict[str, object]:
    """Answer which of the found videos are worth reading."""
    rows: list[dict[str, Any]] = prompt.data("candidates") or []
    worth = [row for row in rows if float(row["relevance"]) >= LEAST_RELEVANCE]
    ranked = sorted(worth, key=lambda row: -float(row["relevance"]))
    names = [str(row["id"]) for row in ranked[: int(prompt.data("limit") or 1)]]
    reason = f"{len(worth)} of {len(rows)} match the words of the search well enough."
    return {"reason": reason, "read": names}
