"""What a LangGraph server needs to know of this package: the content of `langgraph.json`."""

from pathlib import Path
from typing import Any

from graphs.registry import OURS, Pattern, patterns

AUTH = "web/auth.py:auth"
CHECKPOINTER = "web/checkpointer.py:checkpointer"
STORE = "web/store.py:store"
APP = "web/app.py:app"


def configuration() -> dict[str, Any]:
    """Give the content of `langgraph.json`: paths from the folder that the file is in."""
    graphs = {row.name: _graph(row, f"./{_ours(row)}") for row in OURS.values()}
    return {"dependencies": ["."], "graphs": graphs, **_parts("./"), "env": ".env"}


def installed_configuration() -> dict[str, Any]:
    """Give the same for this installation: whole paths, for a server that starts anywhere.

    Raises:
        UsageError: a pattern of the user's own cannot be had.
    """
    root = f"{Path(__file__).parents[1]}/"
    graphs = {row.name: _graph(row, root + _file(row)) for row in patterns().values()}
    return {"graphs": graphs, **_parts(root)}


def _file(pattern: Pattern) -> str:
    return _ours(pattern) if pattern.name in OURS else f"web/own_patterns.py:{pattern.name}"


def _ours(pattern: Pattern) -> str:
    return f"{pattern.build.__module__.replace('.', '/')}.py:graph"


def _graph(pattern: Pattern, path: str) -> dict[str, str]:
    return {"path": path, "description": pattern.summary}


def _parts(root: str) -> dict[str, Any]:
    return {
        # Studio may not step around the keys: it can be given one like any other client.
        "auth": {"path": root + AUTH, "disable_studio_auth": True},
        "checkpointer": {"path": root + CHECKPOINTER},
        "store": {"path": root + STORE},
        "http": {"app": root + APP},
    }
