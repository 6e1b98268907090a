"""The learned weights, which ship as numbers; `cliptrail.evals.train_offline` learns them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from cliptrail.tools.models.offline.choice.vectors import Vectors

SHIPPED = Path(__file__).with_name("model.json")


@dataclass(frozen=True)
class Weights:
    """A weighted sum: what logistic regression learns."""

    weights: Mapping[str, float]
    base: float = 0.0

    def value(self, columns: Mapping[str, Vectors]) -> Vectors:
        """Return the log odds for each row of named columns."""
        total = sum(weight * columns[name] for name, weight in self.weights.items())
        return np.asarray(total + self.base, dtype=np.float32)


@dataclass(frozen=True)
class Model:
    """What the choice is made by."""

    passage: Weights
    """Of a passage's features, each in standard deviations among the passages of the request."""
    video: Weights
    """Of a video's features, and of the same less the highest of the library."""
    answerable: Weights
    """Of the features of the best video."""
    least: float
    """Log odds from which a request is answered."""


@cache
def load(path: Path = SHIPPED) -> Model:
    """Read a model."""
    data = json.loads(path.read_text("utf-8"))
    names = ("passage", "video", "answerable")
    return Model(**{name: Weights(**data[name]) for name in names}, least=data["least"])


def save(model: Model, path: Path) -> None:
    """Write a model, its weights rounded."""
    data = {
        name: {
            "base": round(row.base, 4),
            "weights": {key: round(value, 4) for key, value in row.weights.items()},
        }
        for name, row in vars(model).items()
        if isinstance(row, Weights)
    }
    data_with_least = data | {"least": round(model.least, 4)}
    path.write_text(json.dumps(data_with_least, indent=1) + "\n", "utf-8")
