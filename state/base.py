"""The base of everything that flows: frozen, closed Pydantic models."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

Tier = Literal["powerful", "capable", "cheap"]
"""How strong a model a call deserves; the door maps a tier to a model."""


class Frozen(BaseModel):
    """A value: it cannot be changed, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True)
class Later:
    """Marks a field that came later: values that were stored before lack it."""
