"""What a LangGraph server needs to know of this package: the content of `langgraph.json`."""

from typing import Any

from cliptrail.graphs.registry import OURS, Pattern, module_of, patterns

PARTS: dict[str, dict[str, Any]] = {
    # Studio may not step around the keys: it can be given one like any other client.
    "auth": {"path": "cliptrail.web.auth:auth", "disable_studio_auth": True},
    # The server takes these two apart at the last dot, the others at the colon.
    "checkpointer": {"path": "cliptrail.web.checkpointer.checkpointer"},
    "store": {"path": "cliptrail.web.store.store"},
    "http": {"app": "cliptrail.web.app:app"},
}


def configuration() -> dict[str, Any]:
    """The content of `langgraph.json`: files, by their paths from the folder that it is in."""
    parts = {
        name: {key: _file(value) if isinstance(value, str) else value for key, value in row.items()}
        for name, row in PARTS.items()
    }
    graphs = {row.name: _graph(row, _file(_module(row))) for row in OURS.values()}
    return {"dependencies": ["."], "graphs": graphs, **parts, "env": ".env"}


def installed_configuration() -> dict[str, Any]:
    """Return the same for an installed package: modules, for a server that starts in any folder.

    Raises:
        UsageError: a pattern of the user's own cannot be had.
    """
    return {"graphs": {row.name: _graph(row, _module(row)) for row in patterns().values()}, **PARTS}


def _module(pattern: Pattern) -> str:
    if pattern.name in OURS:
        return f"{module_of(pattern.name)}:graph"
    return f"cliptrail.web.plugin_patterns:{pattern.name}"


def _file(module: str) -> str:
    name, _, attribute = module.replace(":", ".").rpartition(".")
    return f"./{name.removeprefix('cliptrail.').replace('.', '/')}.py:{attribute}"


def _graph(pattern: Pattern, path: str) -> dict[str, str]:
    return {"path": path, "description": pattern.summary}
