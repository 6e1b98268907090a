"""The base of everything that flows: frozen, closed Pydantic models."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Tier = Literal["powerful", "capable", "cheap"]
"""How strong a model a call deserves; the door maps a tier to a model."""


class Frozen(BaseModel):
    """A value: it cannot be changed, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    ADDED: ClassVar[frozenset[str]] = frozenset()
    """Fields that came later: values that were stored before lack them."""
