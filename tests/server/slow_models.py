"""Models at the far end of the wire that hold runs of any pattern where they read, until let go.

They answer as the offline engine does, or by a script where a test gives them one.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.graphs.directed import Directed
from tests.graphs.offline_server import is_free
from tests.server.held import WITHIN_S
from tests.tools.models.model_server import Asked, ModelServer, Reply, started

READING = "ExtractDraft"
"""What every pattern asks a model once transcripts are read: by the type of the answer."""


class SlowModels(ModelServer):
    """Models by name, each with what it was asked; one with a place answers when that is open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(self._said)
        self.folder = folder
        self.models: dict[str, Directed] = {}

    def place(self, name: str) -> Path:
        """Return the place where runs are held that name this model; see `tests.server.held`."""
        place = self.folder / name
        place.mkdir()
        return place

    def questions(self, name: str) -> Counter[str]:
        """Return how often a model was asked each question that it heard to its end."""
        heard = [row.body for row in self.asked if row.body["model"] == name]
        return Counter(str(body["messages"]) for body in heard)

    def next(self, asked: Asked) -> Reply:
        reply = super().next(asked)  # one after the other; the waiting is not
        place = self.folder / str(asked.body["model"])
        if place.is_dir() and _kind(asked) == READING:
            self._hold(place)
        return reply

    def _said(self, asked: Asked) -> Reply:
        return self.models.setdefault(str(asked.body["model"]), Directed())(asked)

    def _hold(self, place: Path) -> None:
        with (place / "begun").open("a", encoding="utf-8") as file:
            file.write("begun\n")
        deadline = time.monotonic() + WITHIN_S
        while not ((place / "open").exists() or self.over.wait(0.02)):
            if time.monotonic() > deadline:
                return

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # who asked was cancelled or killed
            super().handle_error(request, client_address)


def _kind(asked: Asked) -> str:
    """The type of the answer that is wanted; empty where a model may say what it likes."""
    if is_free(asked):
        return ""
    if "tools" in asked.body:
        return str(asked.body["tools"][0]["function"]["name"])
    return str(asked.body["response_format"]["json_schema"]["name"])


@contextmanager
def slow_models(folder: Path) -> Iterator[SlowModels]:
    """Run the models until the end of the block."""
    with started(SlowModels(folder)) as server:
        yield server
