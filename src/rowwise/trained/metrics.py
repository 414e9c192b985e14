"""Predictions and targets in, the errors that people report out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rowwise import inert
from rowwise.data.targets import Number


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good predictions are on examples with a known target.

    `metrics` holds, for a number: mse, rmse and mae in the target's unit; for a probability or classes: log_loss (nats)
    and accuracy; for several labels the means of these over all labels; for a margin: hinge and accuracy; for a count:
    Poisson deviance, and what a number has.
    """

    metrics: Mapping[str, float]
    examples: int
    unknown: Mapping[str, int] = field(
        default_factory=dict[str, int]
    )  # column -> examples answered from the unknown row

    def __getattr__(self, name: str) -> float:
        try:
            return object.__getattribute__(self, "metrics")[name]
        except KeyError:
            raise AttributeError(name) from None

    def __str__(self) -> str:
        errors = ", ".join(
            f"{name.upper() if len(name) <= 4 else name} {value:.4f}" for name, value in self.metrics.items()
        )
        strange = ", ".join(f"{n:,} with an unknown {inert.line(column)}" for column, n in self.unknown.items() if n)
        return f"{errors} on {self.examples:,} examples" + (f" ({strange})" if strange else "")


def measure(predictions: np.ndarray, target: np.ndarray, *, targets: Number) -> dict[str, float]:
    """The errors that fit the kind of target, the one that training watches first; lower is better for that one."""
    return targets.measure(predictions, target.astype(np.float64))
