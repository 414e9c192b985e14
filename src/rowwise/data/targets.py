"""What a target may be: a class for each kind, with what it holds, what goes with it, and the errors people report.

    Number          any number
    └── Count           0 or more
    Binary          0 or 1; the prediction is its probability
    ├── Margin          0 or 1; the sign of the prediction is the class
    └── Labels          a list of 0 and 1
    Classes         0, 1, 2, …; the prediction is a probability for each

A loss names its kind, and so do files: `TARGETS` holds the kinds by these names. A new kind is a class here.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import polars as pl

Shape = tuple[int, ...]
LEAST = 1e-15  # a probability that is told as log loss is no smaller


class Number:
    """Any number. The prediction is one, in the same unit."""

    dtype: ClassVar[type[np.generic]] = np.float32
    has_unit: ClassVar[bool] = True  # it may be measured in any, also in that of its spread
    most_classes: ClassVar[int | None] = 0  # that it tells apart, which may be texts; None: any number of them
    score: ClassVar[str | None] = None  # what a score of several numbers has one for; None: it is one number
    expected: ClassVar[str] = "a number"
    mend: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """What a loss, and a file, calls it."""
        return next(name for name, kind in TARGETS.items() if type(kind) is type(self))

    @property
    def is_class(self) -> bool:
        """Whether it is the number of a class, whose label may be a text, and which may be weighed."""
        return self.most_classes != 0

    def shape(self, score: Shape) -> Shape:
        """The shape of a target where a score is of this shape."""
        return ()

    def good(self, target: pl.Series) -> pl.Series:
        """For each number of a column, whether a target of this kind may be it."""
        return pl.repeat(True, len(target), eager=True)

    def numbers(self, target: pl.Series) -> pl.Series:
        """All numbers of a column of targets."""
        return target

    def fits(self, dtype: str, target: Shape, prediction: Shape | None, n_classes: int) -> bool:
        """Whether a program with such a target and prediction, and classes of this number, predicts this kind."""
        return (dtype, target, prediction) == ("float32", (), ()) and n_classes <= 2

    def measure(self, predictions: np.ndarray, target: np.ndarray) -> dict[str, float]:
        """The errors that fit, the one that training watches first; lower is better for that one."""
        errors = predictions.astype(np.float64) - target
        mse = float((errors**2).mean())
        return {"mse": mse, "rmse": mse**0.5, "mae": float(np.abs(errors).mean())}

    def says(self, target: str, classes: Sequence[Any]) -> str:
        """What a prediction of the column `target` is."""
        return "prediction"


class Count(Number):
    """0 or more. The prediction is a rate."""

    has_unit: ClassVar[bool] = False
    expected: ClassVar[str] = "0 or more"
    mend: ClassVar[str] = "use loss=rw.squared_error for numbers below 0"

    def good(self, target: pl.Series) -> pl.Series:
        return target >= 0

    def measure(self, predictions: np.ndarray, target: np.ndarray) -> dict[str, float]:
        """Poisson deviance, and what a number has. Source: McCullagh & Nelder 1989, table 2.1."""
        predictions = predictions.astype(np.float64)
        rates = np.maximum(predictions, LEAST)
        logs = np.where(target > 0, target * np.log(np.maximum(target, LEAST) / rates), 0.0)
        deviance = float(2 * (logs + predictions - target).mean())
        return {"deviance": deviance} | super().measure(predictions, target)


class Binary(Number):
    """0 or 1. The prediction is the probability of 1."""

    has_unit: ClassVar[bool] = False
    most_classes: ClassVar[int | None] = 2
    expected: ClassVar[str] = "0 or 1"
    mend: ClassVar[str] = "write the target as 0 and 1, or use loss=rw.squared_error"

    def good(self, target: pl.Series) -> pl.Series:
        return (target == 0) | (target == 1)

    def measure(self, predictions: np.ndarray, target: np.ndarray) -> dict[str, float]:
        predictions = predictions.astype(np.float64)
        likely = np.clip(np.where(target == 1, predictions, 1 - predictions), LEAST, None)
        return {"log_loss": float(-np.log(likely).mean()), "accuracy": float(((predictions > 0.5) == target).mean())}

    def says(self, target: str, classes: Sequence[Any]) -> str:
        return f"probability of {classes[1] if classes else f'{target} = 1'}"


class Margin(Binary):
    """0 or 1. The sign of the prediction is the class."""

    mend: ClassVar[str] = "write the target as 0 and 1"

    def measure(self, predictions: np.ndarray, target: np.ndarray) -> dict[str, float]:
        predictions = predictions.astype(np.float64)
        margins = np.maximum(0, 1 - (2 * target - 1) * predictions)
        return {"hinge": float(margins.mean()), "accuracy": float(((predictions > 0) == target).mean())}

    def says(self, target: str, classes: Sequence[Any]) -> str:
        return "prediction"


class Labels(Binary):
    """A list of 0 and 1, as long as the score. The prediction is a probability for each."""

    most_classes: ClassVar[int | None] = 0
    score: ClassVar[str | None] = "label, of shape (labels,)"
    expected: ClassVar[str] = "a list of 0 and 1"
    mend: ClassVar[str] = "write 1 for each label that an example has"

    def shape(self, score: Shape) -> Shape:
        return score

    def numbers(self, target: pl.Series) -> pl.Series:
        return target.explode()

    def fits(self, dtype: str, target: Shape, prediction: Shape | None, n_classes: int) -> bool:
        return dtype == "float32" and bool(target) and prediction == target and not n_classes

    def says(self, target: str, classes: Sequence[Any]) -> str:
        return "prediction"


class Classes(Number):
    """The number of a class: 0, 1, 2, …. The prediction is a probability for each class."""

    dtype: ClassVar[type[np.generic]] = np.int32
    has_unit: ClassVar[bool] = False
    most_classes: ClassVar[int | None] = None
    score: ClassVar[str | None] = "class, of shape (classes,)"
    expected: ClassVar[str] = "a class number 0, 1, 2, …"
    mend: ClassVar[str] = "number the classes from 0"

    def good(self, target: pl.Series) -> pl.Series:
        return (target >= 0) & (target == target.round())

    def fits(self, dtype: str, target: Shape, prediction: Shape | None, n_classes: int) -> bool:
        is_one_each = prediction is not None and len(prediction) == 1 and n_classes <= prediction[0]
        return dtype == "int32" and is_one_each

    def measure(self, predictions: np.ndarray, target: np.ndarray) -> dict[str, float]:
        chosen = predictions[np.arange(len(target)), target.astype(int)].astype(np.float64)
        return {
            "log_loss": float(-np.log(np.maximum(chosen, LEAST)).mean()),
            "accuracy": float((predictions.argmax(1) == target).mean()),
        }

    def says(self, target: str, classes: Sequence[Any]) -> str:
        return "probability of each class"


TARGETS: dict[str, Number] = {
    "number": Number(),
    "binary": Binary(),
    "margin": Margin(),
    "class": Classes(),
    "labels": Labels(),
    "count": Count(),
}
