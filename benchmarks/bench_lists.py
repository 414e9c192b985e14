"""How good are the lists that pairs alone give, with settings that the product chooses itself, beside popularity?

MovieLens 100k and small, ratings of 4 and more as pairs, 20% of each user's held back, three draws. Full ranking over
all items without those known; `recall_of_20` counts at most 20 items that could be there.

python bench_lists.py        kept in results/lists.json
"""

import numpy as np
import polars as pl
from harness import keep, seconds

from rowwise import datasets
from rowwise.data.ragged import Ragged, starts_of
from rowwise.train.choose import START, chosen, divided, dot_lists
from rowwise.train.whole_data import alternate
from rowwise.trained.lists import Lists, measure_lists, popular

DATA = {"MovieLens 100k": datasets.movielens_100k, "MovieLens small": datasets.movielens_small}
SEEDS = (0, 1, 2)


def liked(ratings: pl.DataFrame) -> tuple[Ragged, int]:
    """Rows of items by row of user, from 1 on, and how many rows of items there are."""
    pairs = ratings.filter(pl.col("rating") >= 4).select(pl.col("userId", "movieId").rank("dense").cast(pl.Int32))
    pairs = pairs.unique().sort("userId", "movieId")
    users, items = (pairs[name].to_numpy() for name in pairs.columns)
    return Ragged(starts_of(np.bincount(users)), items), int(items.max()) + 1


def measured(lists: Lists, held: Ragged, n_items: int) -> dict[str, float]:
    """NDCG of the first ten, and the share of what could stand among twenty."""
    n = held.lengths[lists.users]
    hits = [np.isin(mine, held[user]).sum() for user, mine in zip(lists.users, lists.items, strict=True)]
    ten = measure_lists(Lists(lists.users, lists.items[:, :10]), held, n_items)
    return {"ndcg@10": ten["ndcg@10"], "recall_of_20": float((np.array(hits) / np.minimum(n, 20)).mean())}


def run(pairs: Ragged, n_items: int, seed: int) -> dict:
    kept, held = divided(pairs, 0.2, 100 + seed)
    users = np.flatnonzero(held.lengths)
    found = []
    chose = seconds(lambda: found.append(chosen(kept, n_items, START, free=("unseen", "reg"), seed=seed)))
    settings, inner = found[0]
    trained = seconds(lambda: found.append(alternate(kept, n_items, settings, seed=seed)))
    counts = np.bincount(kept.rows, minlength=n_items)
    return {
        "rowwise": measured(dot_lists(found[1], users, kept, 20), held, n_items),
        "popularity": measured(popular(counts, users, kept, 20), held, n_items),
        "chosen": {"unseen": settings.unseen, "reg": settings.reg, "inner_ndcg@10": inner},
        "seconds": {"to_choose": chose, "to_solve": trained},
    }


if __name__ == "__main__":
    runs = []
    for name, read in DATA.items():
        pairs, n_items = liked(read().ratings)
        found = [run(pairs, n_items, seed) for seed in SEEDS]
        for of in ("rowwise", "popularity"):
            for metric in ("ndcg@10", "recall_of_20"):
                each = [one[of][metric] for one in found]
                print(f"{name} {of} {metric}: {np.mean(each):.4f} ± {np.std(each, ddof=1):.4f}")
        print([one["chosen"] for one in found], [one["seconds"] for one in found])
        runs.append({"data": name, "runs": found})
    keep("lists", runs)
