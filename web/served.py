"""What a LangGraph server needs to know of this package: the content of `langgraph.json`."""

from pathlib import Path
from typing import Any

from graphs.registry import PATTERNS

AUTH = ("web.auth", "auth")
CHECKPOINTER = ("web.checkpointer", "checkpointer")
STORE = ("web.store", "store")


def configuration() -> dict[str, Any]:
    """Give the content of `langgraph.json`: paths from the folder that the file is in."""
    return {"dependencies": ["."], **_parts("."), "env": ".env"}


def installed_configuration() -> dict[str, Any]:
    """Give the same for this installation: whole paths, for a server that starts anywhere."""
    return _parts(str(Path(__file__).parents[1]))


def _parts(root: str) -> dict[str, Any]:
    def place(where: tuple[str, str]) -> str:
        module, name = where
        return f"{root}/{module.replace('.', '/')}.py:{name}"

    return {
        "graphs": {
            pattern.name: {
                "path": place((pattern.build.__module__, "graph")),
                "description": pattern.summary,
            }
            for pattern in PATTERNS.values()
        },
        # Studio may not step around the keys: it can be given one like any other client.
        "auth": {"path": place(AUTH), "disable_studio_auth": True},
        "checkpointer": {"path": place(CHECKPOINTER)},
        "store": {"path": place(STORE)},
    }
