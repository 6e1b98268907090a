"""What flows through every graph: typed, frozen, serialisable. Imports nothing of ours.

Checkpoints name each type of this package `cliptrail.state.<class>`, whatever module it is written
in (see `cliptrail.state.base.stored`), so that a type can move and saved runs can still be read.
`cliptrail.state.Claim` finds the class, as LangGraph does when it reads a checkpoint.
"""

import pkgutil
from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """Return a stored type by its name; the modules are imported only where it is not known yet."""
    if name.startswith("_"):
        raise AttributeError(name)
    base = import_module("cliptrail.state.base")
    if name not in base.STORED:
        for row in pkgutil.iter_modules(__path__):
            import_module(f"{__name__}.{row.name}")
    try:
        return base.STORED[name]
    except KeyError:
        raise AttributeError(f"{__name__} has no stored type {name!r}.") from None
