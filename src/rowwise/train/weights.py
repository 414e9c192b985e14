"""What each example counts for in, a column of the frame out: a factor of its loss."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float64

from rowwise.data.layout import WEIGHT, Layout
from rowwise.data.numbers import LARGEST
from rowwise.errors import BadData, BadOption

ClassWeight = str | Mapping[Any, float] | None


def weight_column(sample_weight: object, class_weight: ClassWeight) -> str | None:
    """The column that holds the weights: the data's own, or one that `with_weights` adds; None without weights."""
    if isinstance(sample_weight, str):
        if sample_weight == WEIGHT:
            raise _our_name()
        return sample_weight
    return None if sample_weight is None and class_weight is None else WEIGHT


def with_weights(
    frame: pl.DataFrame, layout: Layout, sample_weight: object = None, class_weight: ClassWeight = None
) -> pl.DataFrame:
    """The frame with the weight of each example in the column that the layout names: the product of both.

    Raises:
        BadData: there are not as many weights as examples, or one is negative, missing or not finite.
        BadOption: weights of classes where there are none, or of a class that there is not.
    """
    if layout.weight is None:
        return frame
    if layout.weight == WEIGHT and WEIGHT in layout.columns:
        raise _our_name()
    if layout.weight in frame.columns:
        weights = frame[layout.weight].cast(pl.Float64).to_numpy()
    else:
        given = np.ones(len(frame)) if sample_weight is None else sample_weight
        weights = np.asarray(given, np.float64).ravel()
    if len(weights) != len(frame):
        raise BadData(
            f"{len(weights):,} weights and {len(frame):,} examples",
            expected="a weight for each example",
            mend="give an array as long as the data, or the name of a column",
        )
    if class_weight is not None:
        weights = weights * _of_classes(frame, layout, class_weight)
    bad = ~((weights <= LARGEST) & (weights >= 0))
    if bad.any() or not weights.any():
        row = int(bad.argmax())
        raise BadData(
            f"the weight of example {row} is {weights[row]:g}" if bad.any() else "every weight is 0",
            expected="finite numbers of 0 or more, and not all 0",
            mend="a weight of 0 leaves an example out, one of 2 is as if it were there twice",
        )
    return frame.with_columns(pl.Series(layout.weight, weights.astype(np.float32)))


def _our_name() -> BadOption:
    return BadOption(
        f"a column called {WEIGHT!r}, and weights",
        expected="a column of another name: the weights are called so here",
        mend=f"frame.rename({{{WEIGHT!r}: 'weight'}})",
    )


def _of_classes(frame: pl.DataFrame, layout: Layout, class_weight: ClassWeight) -> Float64[np.ndarray, " n"]:
    """The weight of each example's class; "balanced" gives all classes the same weight together, and a mean of 1."""
    if not layout.targets.is_class:
        raise BadOption(
            f"class_weight={class_weight!r} with a target that is no class",
            expected="a loss of classes",
            mend="sample_weight= weighs examples of any kind",
        )
    target = frame[str(layout.target)].to_numpy().astype(np.int64)
    counts = np.bincount(target)
    if isinstance(class_weight, Mapping):
        names = [str(name) for name in layout.classes or range(len(counts))]
        strange = next((name for name in class_weight if str(name) not in names), None)
        if strange is None:
            given = {str(name): weight for name, weight in class_weight.items()}
            return np.array([given.get(name, 1.0) for name in names], np.float64)[target]
        raise no_such_class(strange, names)
    return (len(target) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[target]


def no_such_class(strange: object, classes: Sequence[Any]) -> BadOption:
    """What to say of a weight for a class that there is not."""
    return BadOption(
        f"class_weight has a weight for {strange!r}",
        expected=f"weights of {', '.join(map(str, classes[:10]))}",
        mend="a class without a weight counts for 1",
    )
