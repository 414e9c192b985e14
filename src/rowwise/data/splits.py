"""Examples in, two frames out: one to train on and one to test on, each in the order of the examples.

A split that is given needs no function: `Split(train, test)`.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from rowwise.data.named import named
from rowwise.data.opened import chosen
from rowwise.data.source import Source, read
from rowwise.errors import BadData, BadOption, foreign
from rowwise.forks import not_in_a_fork
from rowwise.options import name_of_column, number, said, whole


class Split(NamedTuple):
    """Examples to train on, and examples held back."""

    train: pl.DataFrame
    test: pl.DataFrame


@not_in_a_fork
def random(frame: Source, *, fraction: float = 0.1, seed: int = 0) -> Split:
    """Hold back a fraction of the examples, drawn at random; the same seed draws the same ones."""
    frame, seed = _examples(frame), whole("seed", seed, least=0, most=2**64 - 1, mend="seed=0 is the default")
    held_back = np.zeros(len(frame), dtype=bool)
    held_back[np.random.default_rng(seed).permutation(len(frame))[: _count(frame, fraction)]] = True
    return _split(frame, pl.lit(pl.Series(held_back)))


@not_in_a_fork
def by_time(frame: Source, time: str, *, fraction: float = 0.1) -> Split:
    """Hold back the latest fraction of the examples; of examples at the same time, the later in the frame is later."""
    frame = _examples(frame)
    _check_times(frame, time)
    return _split(frame, named(time).rank("ordinal") > len(frame) - _count(frame, fraction))


@not_in_a_fork
def last_out(frame: Source, user: str, *, time: str | None = None, n: int = 1) -> Split:
    """Hold back the last `n` examples of each user, by time or else by their order in the frame.

    Users with `n` examples or fewer are trained on, all of them: without any example, nothing is known of a user.
    """
    frame = _examples(frame)
    n = whole("n", n, least=1, expected="1 or more examples to hold back", mend="leave n out to hold back one")
    _check_column(frame, "user", user)
    if time is not None:
        _check_times(frame, time)
    place = pl.int_range(1, pl.len() + 1) if time is None else named(time).rank("ordinal")
    count = pl.len().over(named(user))
    return _split(frame, (place.over(named(user)) + n > count) & (count > n))


@not_in_a_fork
def by_value(frame: Source, column: str, value: object) -> Split:
    """Hold back the examples that have this value in this column: `by_value(ratings, "fold", 1)`."""
    frame = _examples(frame)
    _check_column(frame, "column", column)
    expected = f"a value as the column holds: {frame[column].dtype}"
    with foreign(BadOption, said("value", value), expected=expected, mend=f"value={frame[column].first()!r} is one"):
        return _split(frame, named(column).eq_missing(pl.lit(value)))


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
    share = number("fraction", fraction, above=0.0, below=1.0, mend="fraction=0.1 holds back a tenth")
    return round(len(frame) * share)


def _examples(frame: Source) -> pl.DataFrame:
    """The examples as a frame; of pandas, of Arrow, rows or a path as well."""
    return frame if isinstance(frame, pl.DataFrame) else read(frame)


def _check_column(frame: pl.DataFrame, name: str, column: object) -> None:
    chosen([name_of_column(name, column)], frame.columns, name="the frame")


def _check_times(frame: pl.DataFrame, time: str) -> None:
    _check_column(frame, "time", time)
    if frame[time].has_nulls():
        raise BadData(
            f"row {frame[time].is_null().arg_true()[0]} has no {time!r}",
            expected="a time in every row",
            mend=f"frame.drop_nulls({time!r}) leaves such rows out",
        )
