"""Alternating least squares for biased factors on MovieLens 100k: how good, and how long does a sweep take?

The published folds. `l2` is chosen on a tenth of the training part of the first, for each number of factors and for
each way to train; the test parts are asked once. Stochastic gradient descent on the same model stands beside.
"""

import time

import numpy as np
import polars as pl
from harness import keep

import rowwise as rw
from rowwise.api.fitted import Fitted

SWEEPS, FOLDS, FACTORS = 15, (1, 2, 3, 4, 5), (8, 32)
PENALTIES = (0.05, 0.07, 0.1, 0.14, 0.2)
WAYS = {"als": {"engine": "als", "epochs": SWEEPS}, "sgd": {"optimizer": "sgd", "epochs": 60}}


def fitted(way: str, data: pl.DataFrame, factors: int, l2: float) -> Fitted:
    model = rw.zoo.matrix_factorization.replace(
        user=rw.Row("userId", factors, l2=l2),
        item=rw.Row("movieId", factors, l2=l2),
        user_bias=rw.Row("userId", l2=l2 / 2),
        item_bias=rw.Row("movieId", l2=l2 / 2),
    )
    more = {} if way == "als" else {"learning_rate": rw.linear_decay(0.02, 60)}
    return model.fit(data, **WAYS[way], **more, progress=False)


def chosen(way: str, data: pl.DataFrame, factors: int) -> float:
    """The penalty that does best on a tenth of the data."""
    inside, held = rw.splits.random(data, fraction=0.1, seed=0)
    errors = {l2: fitted(way, inside, factors, l2).evaluate(held).rmse for l2 in PENALTIES}
    print(way, factors, {l2: round(error, 4) for l2, error in errors.items()}, flush=True)
    return min(errors, key=lambda l2: errors[l2])


def main() -> None:
    ratings = rw.datasets.movielens_100k().ratings
    names = dict(zip(ratings.columns[:2], ("userId", "movieId"), strict=True))
    ratings, runs = ratings.rename(names), []
    for factors in FACTORS:
        for way in WAYS:
            l2 = chosen(way, ratings.filter(pl.col("fold") != 1), factors)
            errors, took = [], []
            for fold in FOLDS:
                train, test = ratings.filter(pl.col("fold") != fold), ratings.filter(pl.col("fold") == fold)
                began = time.perf_counter()
                model = fitted(way, train, factors, l2)
                took.append(time.perf_counter() - began)
                errors.append(float(model.evaluate(test).rmse))
            sweep = float(np.median(model.history["seconds"]))
            told = f"RMSE {np.mean(errors):.4f} ± {np.std(errors, ddof=1):.4f}, fold 1 {errors[0]:.4f}"
            print(
                f"{way}, {factors} factors, l2 {l2}: {told}; {np.median(took):.1f} s, an epoch {sweep:.4f}", flush=True
            )
            runs.append({"way": way, "factors": factors, "l2": l2, "rmse": errors, "seconds": took, "epoch": sweep})
    keep("als", runs)


if __name__ == "__main__":
    main()
