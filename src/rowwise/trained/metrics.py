"""Predictions and targets in, the errors that people report out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from rowwise import inert
from rowwise.data.targets import Number
from rowwise.errors import BadOption, foreign
from rowwise.narrow import is_list
from rowwise.options import one_of, said
from rowwise.trained.classes import auc

Function = Callable[[np.ndarray, np.ndarray], float]  # (target, predictions), in the order of scikit-learn


@dataclass(frozen=True, slots=True)
class OnRequest:
    """A metric that is worked out where it is named: the kinds of target that have it, and what it is."""

    kinds: tuple[str, ...]
    of: Function


ON_REQUEST = {
    "auc": OnRequest(("binary", "margin"), lambda target, predictions: auc(predictions, target.astype(int))),
    "brier": OnRequest(("binary",), lambda target, predictions: float(((predictions - target) ** 2).mean())),
    "r2": OnRequest(("number", "count"), lambda target, predictions: r2(target, predictions)),
}


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


def measure_by(metrics: object, predictions: np.ndarray, target: np.ndarray, *, targets: Number) -> dict[str, float]:
    """The metrics that are asked for, in that order: names, and functions of (target, predictions) as scikit-learn's.

    Raises:
        BadOption: it is no list, this kind of target has no such metric, or a function gives no number.
    """
    usual = measure(predictions, target, targets=targets)
    further = {each: metric.of for each, metric in ON_REQUEST.items() if targets.name in metric.kinds}
    names = [*usual, *further]
    if not is_list(metrics) or not metrics:
        expected = f"a list of some of {', '.join(names)}, and of functions of (target, predictions)"
        raise BadOption(said("metrics", metrics), expected=expected, mend=f"metrics=[{names[0]!r}]")
    true, predicted = target.astype(np.float64), predictions.astype(np.float64)
    found: dict[str, float] = {}
    for metric in metrics:
        if callable(metric):
            found[getattr(metric, "__name__", type(metric).__name__)] = _own(metric, true, predicted)
        else:
            known = one_of("metrics", metric, names, mend=f"{names[0]!r} is one")
            found[known] = usual[known] if known in usual else further[known](true, predicted)
    return found


def r2(target: np.ndarray, predictions: np.ndarray) -> float:
    """The share of the target's variance that is predicted; 0 is as good as its mean. NaN where it has no variance."""
    variance = ((target - target.mean()) ** 2).sum()
    return float(1 - ((target - predictions) ** 2).sum() / variance) if variance else float("nan")


def _own(metric: Callable[..., object], target: np.ndarray, predictions: np.ndarray) -> float:
    """What a function of somebody else's says."""
    with foreign(
        BadOption,
        f"the metric {getattr(metric, '__name__', type(metric).__name__)} gives no number",
        expected="a function of (target, predictions), two arrays, that gives a number",
        mend="write it as lambda target, predictions: …, or take one of scikit-learn's",
    ):
        return float(metric(target, predictions))  # type: ignore[arg-type]
