"""A model server whose turns as an agent with tools are written down; else the offline engine's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.graphs.offline_server import Wire, is_free
from tests.tools.models.model_server import Asked, Reply, completion

Turn = str | Sequence[tuple[str, Any]]
"""Words, or calls: the name of a tool and its arguments, as JSON if they are no text."""


@dataclass
class Script(Wire):
    """What the agent says in its first turns, and what it was told before each."""

    turns: list[Turn] = field(default_factory=list)
    same_id: bool = False
    """Does the server give every call the same id?"""
    told: list[list[dict[str, Any]]] = field(default_factory=list)
    """The messages of each request for a turn."""
    tools: list[list[str]] = field(default_factory=list)
    """The names of the tools of each."""

    def __call__(self, asked: Asked) -> Reply:
        if not is_free(asked):
            return super().__call__(asked)
        self.told.append(asked.body["messages"])
        self.tools.append([row["function"]["name"] for row in asked.body["tools"]])
        place = len(self.told) - 1
        if place >= len(self.turns):
            return super().__call__(asked)
        turn = self.turns[place]
        if isinstance(turn, str):
            return completion({"content": turn})
        calls = [self._call(f"{place}.{at}", *row) for at, row in enumerate(turn)]
        return completion({"content": None, "tool_calls": calls}, finish="tool_calls")

    def _call(self, name: str, tool: str, arguments: Any) -> dict[str, Any]:
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        function = {"name": tool, "arguments": text}
        return {"id": "same" if self.same_id else name, "type": "function", "function": function}

    def results(self, turn: int) -> list[str]:
        """What the agent was told before a turn of the calls of the turn before."""
        rows = self.told[turn]
        last = max(at for at, row in enumerate(rows) if row["role"] == "assistant")
        return [str(row["content"]) for row in rows[last + 1 :]]
