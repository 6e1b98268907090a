"""A model server that answers some roles by a script, and the others as the offline engine does."""

from dataclasses import dataclass, field
from typing import Any

from tests.graphs.offline_server import Wire, _schema
from tests.nodes.scripted_model import fenced
from tests.tools.models.model_server import Asked, Reply, Say, answer


@dataclass
class Directed(Wire):
    """What the model says to each kind of question, one after the other; then the last for ever."""

    script: dict[str, list[Any]] = field(default_factory=dict)
    """By the answer's type, e.g. "GoalDraft": answers as JSON, or what to do with the request."""
    prompts: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        name = _schema(asked.body)["name"]
        question = str(asked.body["messages"][-1]["content"])
        self.prompts.setdefault(name, []).append(f"\n{question}")
        rows = self.script.get(name)
        if not rows:
            return super().__call__(asked)
        row = rows.pop(0) if len(rows) > 1 else rows[0]
        say: Say = row if callable(row) else answer(row)
        return say(asked)

    def told(self, name: str, fence: str, call: int = -1) -> Any:
        """What stood in a fence of a prompt."""
        return fenced(self.prompts[name][call], fence)


def intent(words: str, capability: str = "", **inputs: Any) -> dict[str, Any]:
    """What shall be done next, as a model says it."""
    rows = [{"name": name, "value": value} for name, value in inputs.items()]
    return {"words": words, "capability": capability, "inputs": rows}


def search(query: str, **inputs: Any) -> dict[str, Any]:
    return intent(f"Find videos on {query}", "find_videos", query=query, **inputs)


def begin(*parts: dict[str, Any], **notes: Any) -> dict[str, Any]:
    """The synthesizer's answer."""
    return {"notes": {"topic": "brisket", **notes}, "parts": list(parts), "join": "Read them."}


def goal(verdict: str, *following: dict[str, Any], reason: str = "So it is.") -> dict[str, Any]:
    """The goal check's answer."""
    return {"verdict": verdict, "reason": reason, "next": list(following), "join": "Read them."}
