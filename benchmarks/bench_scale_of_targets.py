"""Does it matter to `rw.Recommender()` in which unit the ratings are? MovieLens 100k, fold 1 held back.

For each linear map of the ratings: the test MSE over that of predicting the mean, with default settings.
"""

import polars as pl
from harness import keep

import rowwise as rw

NAMES = {"user": "userId", "item": "movieId", "target": "rating"}
MAPS = {  # what the ratings are multiplied by, and what is added
    "1 to 5": (1, 0),
    "2 to 10": (2, 0),
    "1 to 10": (2.25, -1.25),
    "0 to 100": (25, -25),
    "20 to 100": (20, 0),
    "0.01 to 0.05": (0.01, 0),
    "1001 to 1005": (1, 1000),
    "-999 to -995": (1, -1000),
    "-2 to 2": (1, -3),
}
MODELS = {"matrix_factorization": MAPS, "biases_only": MAPS, "dot_product": MAPS, "neural_net": ("1 to 5", "0 to 100")}


def main() -> None:
    train, test = rw.splits.by_value(rw.datasets.movielens_100k().ratings, "fold", 1)
    runs = []
    for model, names in MODELS.items():
        for name in names:
            times, plus = MAPS[name]
            learnt, held = (d.with_columns(pl.col("rating").cast(pl.Float64) * times + plus) for d in (train, test))
            fitted = rw.Recommender(**NAMES, model=model).fit(learnt, progress=False)
            mean = ((held["rating"] - learnt["rating"].mean()) ** 2).mean()
            runs.append({"model": model, "ratings": name, "mse_over_mean": fitted.evaluate(held).mse / mean})
            print(f"{model:<20} {name:<13} {runs[-1]['mse_over_mean']:.4f}", flush=True)
    keep("scale_of_targets", runs)


if __name__ == "__main__":
    main()
