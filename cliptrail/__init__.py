"""cliptrail: ask a question, get a guide in which every claim links to the second of its video.

    import cliptrail

    result = cliptrail.research("How do I tune a guitar by ear?", library="samples")
    print(result.markdown)

In an installed package every part lies beside this file. In a checkout the parts are the top-level
folders of the repository, as LangGraph applications have them, and this package finds them there.

Importing this costs milliseconds: each public name is imported when it is first used.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cliptrail import errors, events
    from cliptrail.api import aresearch, astream, graph, research, stream
    from cliptrail.events import Approval, Question, Started, Waiting
    from cliptrail.result import Result
    from cliptrail.state.context import Context
    from cliptrail.state.errors import CliptrailError
    from cliptrail.state.evidence import Citation, Claim, Guide
    from cliptrail.state.trail import Trail

    __version__: str

__all__ = [
    "Approval",
    "Citation",
    "Claim",
    "CliptrailError",
    "Context",
    "Guide",
    "Question",
    "Result",
    "Started",
    "Trail",
    "Waiting",
    "__version__",
    "aresearch",
    "astream",
    "errors",
    "events",
    "graph",
    "research",
    "stream",
]

_HOMES = {
    "cliptrail.api": ("aresearch", "astream", "graph", "research", "stream"),
    "cliptrail.events": ("Approval", "Question", "Started", "Waiting"),
    "cliptrail.result": ("Result",),
    "cliptrail.state.context": ("Context",),
    "cliptrail.state.errors": ("CliptrailError",),
    "cliptrail.state.evidence": ("Citation", "Claim", "Guide"),
    "cliptrail.state.trail": ("Trail",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}
_HERE = Path(__file__).parent

if not (_HERE / "state").is_dir():
    __path__.append(str(_HERE.parent))


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name == "__version__":
        value: Any = import_module("cliptrail.versions").current()
    elif name in ("errors", "events"):
        value = import_module(f"cliptrail.{name}")
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module 'cliptrail' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
