"""How good is who came later, beside a training with everybody? And how many a second are taken in?

A fifth of the users of MovieLens small is held out whole. Four fifths of what each of them gave fold them in; the rest
judges, beside a model that was trained with them and one that answers them from the unknown row. Then the speed: many
new users at once, and an update with many ratings.
"""

import numpy as np
import polars as pl
from harness import keep, rates, seconds, show

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.api.ranking import compared
from rowwise.train.seen import pairs_of

SEEDS = (0, 1, 2)
NEW, EACH = 20_000, 20  # users who come at once, and what each of them gave


def divided(ratings: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What is learnt from, what folds in, and what judges."""
    random = np.random.default_rng(seed)
    users = ratings["userId"].unique().sort().to_numpy()
    out = pl.Series(random.permutation(users)[: len(users) // 5])
    theirs = ratings.filter(pl.col("userId").is_in(out.implode()))
    is_given = pl.Series(random.random(len(theirs)) < 0.8)
    return ratings.filter(~pl.col("userId").is_in(out.implode())), theirs.filter(is_given), theirs.filter(~is_given)


def of_ratings(ratings: pl.DataFrame, seed: int) -> dict[str, float]:
    """The root of the mean squared error on what judges."""
    learnt, given, asked = divided(ratings, seed)
    model = rw.Recommender(seed=seed).fit(learnt, progress=False).fitted_
    whole = rw.Recommender(seed=seed).fit(pl.concat([learnt, given]), progress=False).fitted_
    made = {"folded in": model.fold_in(given), "updated": model.update(given), "trained with them": whole}
    return {name: each.evaluate(asked).rmse for name, each in {**made, "unknown row": model}.items()}


def of_lists(ratings: pl.DataFrame, seed: int) -> dict[str, float]:
    """NDCG@10 of the lists, all items in the running but those that were given."""
    liked = ratings.filter(pl.col("rating") >= 4).select("userId", "movieId")
    learnt, given, asked = divided(liked, seed)
    model = rw.Recommender(task="ranking", seed=seed).fit(learnt, progress=False).fitted_.fold_in(given)
    whole = rw.Recommender(task="ranking", seed=seed).fit(pl.concat([learnt, given]), progress=False).fitted_
    return {
        "folded in": _ndcg(model, given, asked)["the model"],
        "trained with them": _ndcg(whole, given, asked)["the model"],
        "popularity": _ndcg(model, given, asked)["popularity"],
    }


def _ndcg(fitted: Fitted, given: pl.DataFrame, asked: pl.DataFrame) -> dict[str, float]:
    known, held = (pairs_of(fitted.trained, fitted.reader.transform(pairs)[0]) for pairs in (given, asked))
    return {name: figures["ndcg@10"] for name, figures in compared(fitted.trained, known, held).items()}


def speed(factors: int = 64) -> dict[str, object]:
    """Million new users, and ratings of an update, a second."""
    random = np.random.default_rng(0)
    n = NEW * EACH

    def frame(first: int) -> pl.DataFrame:
        users = np.repeat(np.arange(first, first + NEW), EACH)
        return pl.DataFrame({"u": users, "i": random.integers(0, 20_000, n), "r": random.normal(3.5, 1, n)})

    model = rw.Recommender(factors=factors, epochs=1, model="matrix_factorization")
    fitted = model.fit(frame(0), progress=False).fitted_
    more = frame(NEW)
    times: dict[str, list[float]] = {"fold_in": [], "update": []}
    for _ in range(6):
        times["fold_in"].append(seconds(lambda: fitted.fold_in(more)))
        times["update"].append(seconds(lambda: fitted.update(more)))
    counts = {"fold_in": NEW, "update": n}
    return {name: rates(taken[1:], counts[name]) for name, taken in times.items()}


def _told(name: str, figures: list[dict[str, float]]) -> dict[str, object]:
    print(name)
    found: dict[str, object] = {}
    for each in figures[0]:
        numbers = [figure[each] for figure in figures]
        found[each] = {"mean": float(np.mean(numbers)), "deviation": float(np.std(numbers, ddof=1))}
        print(f"  {each:18} {np.mean(numbers):.4f} ± {np.std(numbers, ddof=1):.4f}")
    return found


def main() -> None:
    ratings = rw.datasets.movielens_small().ratings
    runs: list[dict[str, object]] = [
        {"rmse": _told("RMSE", [of_ratings(ratings, seed) for seed in SEEDS])},
        {"ndcg@10": _told("NDCG@10", [of_lists(ratings, seed) for seed in SEEDS])},
    ]
    fast = speed()
    runs.append({"new_users": NEW, "ratings_each": EACH, "factors": 64, "million_a_second": fast})
    print("users folded in", show(fast["fold_in"], " M/s"), "| ratings of an update", show(fast["update"], " M/s"))
    keep("fold_in", runs)


if __name__ == "__main__":
    main()
