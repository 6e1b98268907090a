"""How the offline engine makes a plan anew: it looks at more videos, and keeps what is done."""

import json
import re
from typing import Any

MOST = 50
"""Videos that a search may be asked for."""
TROUBLE = ("failed", "fell short")
_OVER = re.compile(r"\$(\w+)\.videos\[(\d*):(\d+)\]")
Row = dict[str, Any]


def replanned(previous: Row, outcome: list[Row]) -> list[Row]:
    """Return the steps of a plan that looks further where the previous one did not lead on.

    A search that failed or fell short looks again, for twice as many videos and however weak their
    relevance. Where it is what follows that fell short, a further search reads the next videos.

    Args:
        previous: the plan that was carried out.
        outcome: how its steps ended.
    """
    steps = [dict(step) for step in previous["steps"]]
    trouble = {_step(row) for row in outcome if row["status"] in TROUBLE}
    short = {_step(row) for row in outcome if row["status"] == "fell short"}
    for search in [step for step in steps if step["agent"] == "search"]:
        readers = [step for step in steps if _over(step, search)]
        if search["id"] in trouble:
            search["inputs"] = _wider(search)
            for step in readers:
                step["for_each"] = _slice(search["id"], 0, 2 * _last(step))
        elif any(step["id"] in trouble for step in readers) or short & _after(search, steps):
            _look_further(search, readers, steps)
    return [_draft(step) for step in steps]


def _step(row: Row) -> str:
    return str(row["step"]).partition("[")[0]


def _over(step: Row, search: Row) -> bool:
    match = _OVER.fullmatch(step.get("for_each") or "")
    return match is not None and match[1] == search["id"]


def _last(step: Row) -> int:
    match = _OVER.fullmatch(step["for_each"])
    return int(match[3]) if match else 0


def _slice(search: str, first: int, last: int) -> str:
    return f"${search}.videos[{first or ''}:{min(MOST, last)}]"


def _wider(search: Row) -> Row:
    limit = int(search["inputs"].get("limit", 5))
    return {**search["inputs"], "limit": min(MOST, 2 * limit), "min_score": 0}


def _after(search: Row, steps: list[Row]) -> set[str]:
    """The steps that use a search, directly or not."""
    found: set[str] = set()
    reached = {search["id"]}
    while reached - found:
        found |= reached
        reached |= {step["id"] for step in steps if any(_uses(step, name) for name in found)}
    return found


def _uses(step: Row, name: str) -> bool:
    written = json.dumps([step.get("for_each"), step.get("inputs"), step.get("depends_on")])
    return re.search(rf"\$\{{?{re.escape(name)}\b", written) is not None


def _look_further(search: Row, readers: list[Row], steps: list[Row]) -> None:
    more = {**search, "id": f"{search['id']}_more", "inputs": _wider(search)}
    place = steps.index(search) + 1
    steps.insert(place, more)
    for number, reader in enumerate(readers, 1):
        last = _last(reader)
        further = {**reader, "id": f"{reader['id']}_more"}
        further["for_each"] = _slice(more["id"], last, 2 * last)
        steps.insert(place + number, further)
        for step in steps:
            step["inputs"] = {
                name: _with(value, f"${reader['id']}", f"${further['id']}")
                for name, value in step.get("inputs", {}).items()
            }


def _with(value: Any, old: str, new: str) -> Any:
    """A list input that also holds what the further step gives."""
    if value == old:
        return [old, new]
    return [*value, new] if isinstance(value, list) and old in value else value


def _draft(step: Row) -> Row:
    inputs = [{"name": name, "value": value} for name, value in step.get("inputs", {}).items()]
    return {**step, "inputs": inputs}
