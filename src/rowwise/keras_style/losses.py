"""Keras' losses by name: which loss of Rowwise each is, and how it is measured on predictions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rowwise.options import one_of

CLOSE = 1e-7  # Keras keeps probabilities so far from 0 and 1


def _mse(predictions: np.ndarray, target: np.ndarray) -> float:
    return float(((predictions - target) ** 2).mean())


def _mae(predictions: np.ndarray, target: np.ndarray) -> float:
    return float(np.abs(predictions - target).mean())


def _binary(predictions: np.ndarray, target: np.ndarray) -> float:
    likely = np.clip(predictions, CLOSE, 1 - CLOSE)
    return float(-(target * np.log(likely) + (1 - target) * np.log(1 - likely)).mean())


def _categorical(predictions: np.ndarray, target: np.ndarray) -> float:
    return float(-np.log(np.clip(predictions[np.arange(len(target)), target.astype(int)], CLOSE, 1 - CLOSE)).mean())


def _accuracy(predictions: np.ndarray, target: np.ndarray) -> float:
    said = predictions.argmax(1) if predictions.ndim > 1 else predictions > 0.5
    return float((said == target).mean())


Measure = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, slots=True)
class KerasLoss:
    """A loss of Keras: `ours` is Rowwise's, of the score before `activation`; `measure` is of predictions."""

    ours: str
    measure: Measure
    activation: str | None = None

    @property
    def is_class(self) -> bool:
        return self.activation == "softmax"


LOSSES = {
    "mse": KerasLoss("squared_error", _mse),
    "mean_squared_error": KerasLoss("squared_error", _mse),
    "mae": KerasLoss("absolute_error", _mae),
    "mean_absolute_error": KerasLoss("absolute_error", _mae),
    "binary_crossentropy": KerasLoss("binary_cross_entropy", _binary, "sigmoid"),
    "categorical_crossentropy": KerasLoss("categorical_cross_entropy", _categorical, "softmax"),
    "sparse_categorical_crossentropy": KerasLoss("categorical_cross_entropy", _categorical, "softmax"),
}
METRICS: dict[str, Measure] = {
    "accuracy": _accuracy,
    "acc": _accuracy,
    "mse": _mse,
    "mean_squared_error": _mse,
    "mae": _mae,
    "mean_absolute_error": _mae,
}


def loss_of(name: str) -> KerasLoss:
    """A loss by Keras' name.

    Raises:
        BadOption: a name that is not here.
    """
    return _named("loss", name, LOSSES)


def metric_of(name: str) -> Measure:
    """A metric by Keras' name.

    Raises:
        BadOption: a name that is not here.
    """
    return _named("metrics", name, METRICS)


def _named(what: str, name: str, known: dict):
    return known[one_of(what, name, known, mend=f"name the first of them: {next(iter(known))!r}")]
