"""How wrong is `rw.Recommender()` with its default settings, on real ratings it has not seen?

MovieLens small (of 2016): the test error over five random parts of a fifth, `RandomState(s).rand(n) >= 0.8` in file
order for s = 0..4. MovieLens 100k, where ROWWISE_DATA has it: the five published folds. Next to it, on the same parts:
the mean of the training ratings, and biases only.
"""

import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from harness import keep

import rowwise as rw
from rowwise.api.baselines import baselines
from rowwise.errors import RowwiseError

NAMES = {"user": "userId", "item": "movieId", "target": "rating"}
Part = tuple[pl.DataFrame, pl.DataFrame]


def main() -> None:
    runs = measure("MovieLens small", movielens_small())
    try:
        runs += measure("MovieLens 100k", movielens_100k())
    except RowwiseError as error:
        print(f"without MovieLens 100k: {error.given}")
    keep("accuracy", runs)


def movielens_small() -> Iterator[Part]:
    ratings = rw.datasets.movielens_small().ratings
    for seed in range(5):
        train = pl.Series(np.random.RandomState(seed).rand(len(ratings)) < 0.8)
        yield ratings.filter(train), ratings.filter(~train)


def movielens_100k() -> Iterator[Part]:
    ratings = rw.datasets.movielens_100k().ratings
    for fold in range(1, 6):
        yield rw.splits.by_value(ratings, "fold", fold)


def measure(data: str, parts: Iterator[Part]) -> list[dict[str, Any]]:
    """A run for each part, and their mean and standard deviation, printed as they come."""
    runs = []
    for number, (train, test) in enumerate(parts, 1):
        errors = {name: error.mse for name, error in baselines(train, test, **NAMES).items()}
        began = time.perf_counter()
        recommender = rw.Recommender(**NAMES, seed=0).fit(train, progress=False)
        seconds = time.perf_counter() - began
        errors["rw.Recommender()"] = recommender.evaluate(test).mse
        runs.append({"data": data, "part": number, "examples": len(train), "seconds": seconds, "mse": errors})
        print(f"{data}, part {number}: {_told(errors)}  ({seconds:.1f} s, {recommender.fitted_.settings['engine']})")
    names = list(runs[0]["mse"])
    means = {name: statistics.mean(run["mse"][name] for run in runs) for name in names}
    spread = {name: statistics.stdev(run["mse"][name] for run in runs) for name in names}
    print(f"{data}, mean of {len(runs)}: " + "  ".join(f"{n} {means[n]:.4f} ± {spread[n]:.4f}" for n in names))
    return [*runs, {"data": data, "part": "mean", "mse": means, "mse_sd": spread}]


def _told(errors: dict[str, float]) -> str:
    return "  ".join(f"{name} {error:.4f}" for name, error in errors.items())


if __name__ == "__main__":
    main()
