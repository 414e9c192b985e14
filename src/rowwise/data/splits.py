"""Examples in, two frames out: one to train on and one to test on, each in the order of the examples.

A split that is given needs no function: `Split(train, test)`.
"""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from rowwise.data.named import named
from rowwise.errors import BadData, BadOption
from rowwise.forks import not_in_a_fork


class Split(NamedTuple):
    """Examples to train on, and examples held back."""

    train: pl.DataFrame
    test: pl.DataFrame


@not_in_a_fork
def random(frame: pl.DataFrame, *, fraction: float = 0.1, seed: int = 0) -> Split:
    """Hold back a fraction of the examples, drawn at random; the same seed draws the same ones."""
    held_back = np.zeros(len(frame), dtype=bool)
    held_back[np.random.default_rng(seed).permutation(len(frame))[: _count(frame, fraction)]] = True
    return _split(frame, pl.lit(pl.Series(held_back)))


@not_in_a_fork
def by_time(frame: pl.DataFrame, time: str, *, fraction: float = 0.1) -> Split:
    """Hold back the latest fraction of the examples; of examples at the same time, the later in the frame is later."""
    _check_times(frame, time)
    return _split(frame, named(time).rank("ordinal") > len(frame) - _count(frame, fraction))


@not_in_a_fork
def last_out(frame: pl.DataFrame, user: str, *, time: str | None = None, n: int = 1) -> Split:
    """Hold back the last `n` examples of each user, by time or else by their order in the frame.

    Users with `n` examples or fewer are trained on, all of them: without any example, nothing is known of a user.
    """
    if n < 1:
        raise BadOption(f"n={n}", expected="1 or more examples to hold back", mend="leave n out to hold back one")
    if time is not None:
        _check_times(frame, time)
    place = pl.int_range(1, pl.len() + 1) if time is None else named(time).rank("ordinal")
    count = pl.len().over(named(user))
    return _split(frame, (place.over(named(user)) + n > count) & (count > n))


@not_in_a_fork
def by_value(frame: pl.DataFrame, column: str, value: Any) -> Split:
    """Hold back the examples that have this value in this column: `by_value(ratings, "fold", 1)`."""
    return _split(frame, named(column).eq_missing(value))


def _split(frame: pl.DataFrame, held_back: pl.Expr) -> Split:
    is_test = frame.select(held_back).to_series()
    split = Split(frame.filter(~is_test), frame.filter(is_test))
    if split.train.is_empty() or split.test.is_empty():
        raise BadData(
            f"{len(split.train):,} examples are left to train on and {len(split.test):,} to test on",
            expected="at least one of each",
            mend="hold back more or fewer, or give more examples",
        )
    return split


def _count(frame: pl.DataFrame, fraction: float) -> int:
    if not 0 < fraction < 1:
        raise BadOption(f"fraction={fraction}", expected="a number between 0 and 1", mend="0.1 holds back a tenth")
    return round(len(frame) * fraction)


def _check_times(frame: pl.DataFrame, time: str) -> None:
    if frame[time].has_nulls():
        raise BadData(
            f"row {frame[time].is_null().arg_true()[0]} has no {time!r}",
            expected="a time in every row",
            mend="fill it in, or leave out the row",
        )
