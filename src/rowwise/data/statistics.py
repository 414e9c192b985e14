"""A column of numbers in, one number about all of it out: what a model may know of the whole training data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf

import polars as pl

from rowwise.data.named import named

# float32, in which programs count, tells apart 2^24 numbers of one sign and size
FINEST = 2.0**-24


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number about a column, over the examples as they are weighed."""

    name: str
    says: str  # in words, before "of <column>"
    of: Callable[[pl.Expr, pl.Expr], pl.Expr]  # (numbers, weights) -> one number
    together: (
        Callable[[float, float], float] | None
    )  # that of two sets of data; None: it stays what the first one fixed
    untrained: float  # what stands for it where there are no data


def _mean(x: pl.Expr, weight: pl.Expr) -> pl.Expr:
    return (x * weight).sum() / weight.sum()


def _spread(x: pl.Expr, weight: pl.Expr) -> pl.Expr:
    """The standard deviation; 1 where all numbers are the same, as it is there to divide by."""
    spread = _mean((x - _mean(x, weight)) ** 2, weight).sqrt()
    return pl.when(spread > FINEST * x.abs().max()).then(spread).otherwise(1.0)


# Tables are learnt beside the mean and in units of the spread: both stay when more data come. What is the lowest and
# the highest number only cuts predictions: both follow the data.
STATISTICS = {
    row.name: row
    for row in (
        Statistic("mean", "the mean", _mean, None, 0.0),
        Statistic("spread", "the spread (standard deviation)", _spread, None, 1.0),
        Statistic("lowest", "the lowest", lambda x, weight: x.min(), min, -inf),
        Statistic("highest", "the highest", lambda x, weight: x.max(), max, inf),
    )
}


def told(name: str | None, column: str | None) -> str:
    """A statistic in words: "the mean of rating"."""
    return f"{STATISTICS[str(name)].says} of {column}"


def statistics(
    frame: pl.DataFrame | pl.LazyFrame, wanted: Iterable[tuple[str, str]], *, weight: str | None
) -> Mapping[tuple[str, str], float]:
    """Each wanted (statistic, column) of a frame, in float64; `weight` names the column of weights, if there is one."""
    wanted = list(dict.fromkeys(wanted))
    weights = pl.lit(1.0) if weight is None else named(weight).cast(pl.Float64)
    each = [
        STATISTICS[name]
        .of(named(column).cast(pl.Float64), weights + 0.0 * named(column).cast(pl.Float64))
        .alias(str(k))
        for k, (name, column) in enumerate(wanted)
    ]
    found = frame.lazy().select(each).collect()
    return {key: float(found[str(k)].item()) for k, key in enumerate(wanted)} if wanted else {}
