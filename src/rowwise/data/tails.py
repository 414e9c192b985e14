"""A column of targets in, the same without what is far from all the rest out, and in words what its tail is like."""

import polars as pl

FAR = 20.0  # of the distance from the lowest tenth to the highest: stars end at one, play counts at a few
FEW = 0.01  # of the examples: more than these are no accidents
LONG = 3.0  # skewness; that of an exponential distribution is 2


def tamed(numbers: pl.Series, name: str) -> tuple[pl.Series, str]:
    """The numbers, the few that are far from the rest as the nearest of the rest; and a sentence on those of `name`.

    One number of a million among stars would be most of their spread, and all of a squared error.
    """
    low, high = numbers.quantile(0.1), numbers.quantile(0.9)
    if low is None or high is None or low == high:
        return numbers, ""
    reach = FAR * (high - low)
    far = (numbers < low - reach) | (numbers > high + reach)
    if not 0 < far.sum() <= max(1, FEW * len(numbers)):
        return numbers, ""
    rest = numbers.filter(~far)
    least, most = float(rest.min()), float(rest.max())  # type: ignore[arg-type]
    first, few = numbers.filter(far)[0], int(far.sum())
    return numbers.clip(least, most), (
        f"{few:,} of {len(numbers):,} numbers in {name} {'is' if few == 1 else 'are'} far from the rest, which "
        f"is {least:g} to {most:g} (the first: {first:g}); the nearest of the rest is learnt in place of each"
    )


def tail(numbers: pl.Series, name: str) -> str:
    """What to know of numbers from 0 on with a long tail, in a sentence; empty where there is none."""
    skewness = numbers.skew() if len(numbers) > 2 else None
    if skewness is None or not skewness > LONG or numbers.min() < 0:  # type: ignore[operator]
        return ""
    return (
        f"{name} has a long tail: half are {numbers.median():g} or less, the highest is {numbers.max():g}; a "
        f"squared error looks most at the few large ones. To weigh all alike learn log(1 + {name}), or write a "
        "model with loss=rw.poisson"
    )
