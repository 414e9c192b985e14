"""Probabilities of classes and the true classes in, how good they are out: as scikit-learn defines it.

`likely` is (n, classes), `target` the number of the true class of each example (n,).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float, Int


@dataclass(frozen=True, slots=True)
class ClassReport:
    """How good a classifier is: `metrics` by name, what was taken for what, and what its probabilities are worth."""

    metrics: dict[str, float]  # accuracy, log_loss, f1 (of the second of two classes, else the mean), auc of two
    confusion: pl.DataFrame  # a line for each true class, a column for each answer
    calibration: pl.DataFrame  # by tenths: what was said, how often it came true, of how many

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.4f}" for name, value in self.metrics.items())

    __repr__ = __str__


def report(
    likely: Float[np.ndarray, "n classes"], target: Int[np.ndarray, " n"], classes: Sequence[Any]
) -> ClassReport:
    """Everything that there is to say of the probabilities `likely` for the true classes `target`."""
    chosen = likely.argmax(1)
    of_truth = np.clip(likely[np.arange(len(target)), target].astype(np.float64), 1e-15, 1.0)
    metrics = {
        "accuracy": float((chosen == target).mean()),
        "log_loss": float(-np.log(of_truth).mean()),
        "f1": f1(chosen, target, len(classes)),
    }
    if len(classes) == 2:
        metrics["auc"] = auc(likely[:, 1], target)
    return ClassReport(metrics, confusion(chosen, target, classes), calibration(likely, target))


def auc(scores: Float[np.ndarray, " n"], target: Int[np.ndarray, " n"]) -> float:
    """How often an example of class 1 has a higher score than one of class 0; equal scores count half.

    NaN where one class is missing. Source: Hanley & McNeil 1982.
    """
    n_ones = int((target == 1).sum())
    n_zeros = len(target) - n_ones
    if not n_ones or not n_zeros:
        return float("nan")
    ranks = pl.Series(scores).rank("average").to_numpy()
    return float((ranks[target == 1].sum() - n_ones * (n_ones + 1) / 2) / (n_ones * n_zeros))


def f1(chosen: Int[np.ndarray, " n"], target: Int[np.ndarray, " n"], n_classes: int) -> float:
    """2 · precision · recall / (precision + recall) of class 1 of two, else the mean over all classes."""
    matrix = np.bincount(target * n_classes + chosen, minlength=n_classes**2).reshape(n_classes, n_classes)
    right, asked, answered = matrix.diagonal(), matrix.sum(1), matrix.sum(0)
    each = 2 * right / np.maximum(asked + answered, 1)
    return float(each[1] if n_classes == 2 else each.mean())


def confusion(chosen: Int[np.ndarray, " n"], target: Int[np.ndarray, " n"], classes: Sequence[Any]) -> pl.DataFrame:
    """How many examples of each class (a line) got each answer (a column)."""
    n = len(classes)
    matrix = np.bincount(target * n + chosen, minlength=n * n).reshape(n, n)
    names = [str(name) for name in classes]
    return pl.DataFrame({"true": names} | {f"said {name}": matrix[:, k] for k, name in enumerate(names)})


def calibration(likely: Float[np.ndarray, "n classes"], target: Int[np.ndarray, " n"]) -> pl.DataFrame:
    """The answers by how sure they were, in tenths: their mean probability, and the share of them that `came_true`."""
    chosen = likely.argmax(1)
    sure = likely[np.arange(len(target)), chosen].astype(np.float64)
    frame = pl.DataFrame({"tenth": np.minimum((sure * 10).astype(int), 9), "said": sure, "came_true": chosen == target})
    return frame.group_by("tenth").agg(pl.mean("said", "came_true"), n=pl.len()).sort("tenth").drop("tenth")
