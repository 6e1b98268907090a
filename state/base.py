"""The base of everything that flows: frozen, closed Pydantic models."""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Tier = Literal["powerful", "capable", "cheap"]
"""How strong a model a call deserves; the gateway maps a tier to a model."""

PACKAGE = __name__.rpartition(".")[0]
STORED: dict[str, type[BaseModel]] = {}
"""Every type that a checkpoint may hold, by the name under which it is stored."""
M = TypeVar("M", bound=type[BaseModel])


def stored(kind: M) -> M:
    """Let checkpoints name a type `cliptrail.state.<class>`, not by the module that it is in.

    Raises:
        TypeError: another type is stored under the same name.
    """
    if kind.__name__ in STORED:
        raise TypeError(f"Two types are stored as {PACKAGE}.{kind.__name__}.")
    STORED[kind.__name__] = kind
    kind.__module__ = PACKAGE
    return kind


class Frozen(BaseModel):
    """A value: it cannot be changed, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Give the types of this package their stable names."""
        if cls.__module__.startswith(f"{PACKAGE}."):
            stored(cls)


@dataclass(frozen=True)
class Later:
    """Marks a field that came later: values that were stored before lack it."""
