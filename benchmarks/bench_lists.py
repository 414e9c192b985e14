"""How good are the lists that the product makes by itself, beside popularity, and how quickly is it taught?

MovieLens 100k and small; what is rated 4 or more is liked. Full ranking over all items without those known; three draws
of what is held back, those on which the goals were set; `recall_of_20` counts at most 20 items that could be there.
Settings are chosen by the product, inside of what it is given.

    pairs        a fifth of each user's liked pairs is held back; the rest of them is all that is learnt from
    ratings      the same held back, and all other ratings are learnt from; nothing rated stands in a list
    all ratings  a fifth of all ratings is held back, and of them what is liked should stand in the lists
    new users    a fifth of the users is held back and folded in, by 80% of what they like, or by three of these (the
                 others are kept off the lists); beside a model that was taught by them, too. `LITTLE` is chosen in the
                 same way, among the users that are left
    seconds      to choose and to solve, beside what LAPACK takes for one inverse of the items' side

python bench_lists.py        kept in results/lists.json
"""

from dataclasses import replace

import numpy as np
import polars as pl
from harness import keep, seconds

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.data.ragged import Ragged, starts_of
from rowwise.program.passes.histories import WORTH
from rowwise.train import item_to_item
from rowwise.train.choose import divided
from rowwise.trained.lists import Lists, measure_lists, popular
from rowwise.trained.recommend import best_lists

DATA = {"MovieLens 100k": rw.datasets.movielens_100k, "MovieLens small": rw.datasets.movielens_small}
SEEDS = (0, 1, 2)
LITTLES = (0.25, 0.5, 1.0, 2.0)
FEW = (1, 3, 5, 10)


def rated(ratings: pl.DataFrame) -> pl.DataFrame:
    """Users and items numbered from 1, each pair once."""
    pairs = ratings.select(pl.col("userId", "movieId").rank("dense").cast(pl.Int32), "rating")
    return pairs.unique(["userId", "movieId"], keep="last", maintain_order=True)


def halves(pairs: pl.DataFrame, seed: int) -> tuple[Ragged, Ragged]:
    """Four fifths of what each user has, and the fifth that is held back, drawn in the order of the data."""
    drawn = pairs.with_columns(key=np.random.RandomState(seed).rand(len(pairs))).sort("userId", "key")
    place, n = pl.int_range(pl.len()).over("userId"), pl.len().over("userId")
    drawn = drawn.with_columns(held=place < (0.2 * n).round(mode="half_to_even"))
    return tuple(lists(drawn.filter(pl.col("held") == held)) for held in (False, True))  # type: ignore[return-value]


def lists(pairs: pl.DataFrame) -> Ragged:
    """Items by user, with room for a user 0 that is none."""
    pairs = pairs.sort("userId", "movieId")
    return Ragged(starts_of(np.bincount(pairs["userId"].to_numpy(), minlength=1)), pairs["movieId"].to_numpy())


def frame(pairs: Ragged) -> pl.DataFrame:
    return pl.DataFrame({"userId": pairs.owners.astype(np.int32), "movieId": pairs.rows})


def figures(shown: Lists, held: Ragged, n_items: int) -> dict[str, float]:
    """NDCG of the first ten, and the share of what could stand among twenty."""
    n = held.lengths[shown.users]
    hits = [np.isin(mine, held[user]).sum() for user, mine in zip(shown.users, shown.items, strict=True)]
    ten = measure_lists(Lists(shown.users, shown.items[:, :10]), held, n_items)
    return {"ndcg@10": ten["ndcg@10"], "recall_of_20": float((np.array(hits) / np.minimum(n, 20)).mean())}


def measured(fitted: Fitted, held: Ragged, n_items: int, *, known: Ragged | None = None) -> dict[str, float]:
    """The figures of a model's lists, by the ids that we gave; `known` is kept off them where a model knows less."""
    users = np.flatnonzero(held.lengths)
    who, what = (fitted.vocabularies[name] for name in fitted.two_keys)
    without = fitted.trained.seen
    if known is not None:
        rows = pl.DataFrame({"user": who.rows(known.owners), "item": what.rows(known.rows)}).sort("user")
        without = Ragged(starts_of(np.bincount(rows["user"].to_numpy(), minlength=len(who))), rows["item"].to_numpy())
    rows = best_lists(fitted.trained, who.rows(users), 20, without=without).items
    ids = np.append(what.ids.fill_null(-1).to_numpy(), -1)[rows]
    return figures(Lists(users, ids), held, n_items)


def of_popularity(liked: Ragged, known: Ragged, held: Ragged, n_items: int) -> dict[str, float]:
    counts = np.bincount(liked.rows, minlength=n_items)
    return figures(popular(counts, np.flatnonzero(held.lengths), known, 20), held, n_items)


def from_pairs(data: pl.DataFrame, n_items: int, seed: int) -> dict:
    kept, held = halves(data.filter(pl.col("rating") >= 4), seed)
    fitted = rw.Recommender(seed=seed).fit(frame(kept)).fitted_
    histories = replace(kept, weights={WORTH: np.ones(len(kept.rows), np.float32)})
    penalty = fitted.settings["penalty"]
    every = {
        one: measured(with_penalty(fitted, histories, one), held, n_items)["ndcg@10"]
        for one in item_to_item.PENALTIES[4:]
    }
    return {
        "rowwise": measured(fitted, held, n_items),
        "factors": measured(rw.Recommender(factors=64, seed=seed).fit(frame(kept)).fitted_, held, n_items),
        "popularity": of_popularity(kept, kept, held, n_items),
        "penalty": penalty,
        "lost_to_the_best_penalty": max(every.values()) - every[penalty],
    }


def with_penalty(fitted: Fitted, histories: Ragged, penalty: float) -> Fitted:
    """The same model, solved for with another penalty; the ids are the rows where all items are known."""
    seen = fitted.trained.seen
    n_items = len(fitted.vocabularies[fitted.two_keys[1]])
    solved = item_to_item.solved(seen, n_items, item_to_item.Settings(penalty))
    tables = {**fitted.parameters.tables, "weight": solved.weights}
    return Fitted(replace(fitted.trained, parameters=replace(fitted.parameters, tables=tables)))


def from_ratings(data: pl.DataFrame, n_items: int, seed: int, *, of: str) -> dict:
    """With all other ratings learnt from; `of` the liked ones, or of all, a fifth is held back."""
    some = data.filter(pl.col("rating") >= 4) if of == "liked" else data
    _, held = halves(some, seed)
    learnt = data.join(frame(held), on=["userId", "movieId"], how="anti", maintain_order="left")
    wanted = lists(frame(held).join(data.filter(pl.col("rating") >= 4), on=["userId", "movieId"], how="semi"))
    fitted = rw.Recommender(task="ranking", likes=4, seed=seed).fit(learnt).fitted_
    liked = learnt.filter(pl.col("rating") >= 4)
    return {
        "rowwise": measured(fitted, wanted, n_items),
        "likes only": measured(only_likes(liked, learnt, seed), wanted, n_items),
        "popularity": of_popularity(lists(liked), lists(learnt), wanted, n_items),
    }


def only_likes(liked: pl.DataFrame, learnt: pl.DataFrame, seed: int) -> Fitted:
    """Taught by the likes alone, with what is rated kept off its lists."""
    fitted = rw.Recommender(seed=seed).fit(liked.select("userId", "movieId")).fitted_
    trained = fitted.trained
    who, what = (fitted.vocabularies[name] for name in fitted.two_keys)
    rows = pl.DataFrame({"userId": who.rows(learnt["userId"]), "movieId": what.rows(learnt["movieId"])})
    rows = rows.with_columns(worth=(learnt["rating"] >= 4).cast(pl.Float32)).filter(pl.col("userId") > 0)
    rows = rows.sort("userId", "movieId")
    starts = starts_of(np.bincount(rows["userId"].to_numpy(), minlength=len(who)))
    return Fitted(replace(trained, seen=Ragged(starts, rows["movieId"].to_numpy(), {WORTH: rows["worth"].to_numpy()})))


def of_new_users(data: pl.DataFrame, n_items: int, seed: int) -> dict:
    liked = lists(data.filter(pl.col("rating") >= 4))
    users = np.random.default_rng(seed).permutation(np.flatnonzero(liked.lengths >= 5))
    new, old = users[: len(users) // 5], users[len(users) // 5 :]
    found: dict = {"little": little(liked, old, n_items, seed)}
    others = frame(liked).filter(pl.col("userId").is_in(old))
    fitted = rw.Recommender(seed=seed).fit(others).fitted_
    kept, held = divided(liked, 0.2, 200 + seed)
    kept, held = only(kept, new), only(held, new)
    found["80%"] = {
        "folded in": measured(fitted.fold_in(frame(kept)), held, n_items),
        "taught": measured(rw.Recommender(seed=seed).fit(pl.concat([others, frame(kept)])).fitted_, held, n_items),
        "popularity": of_popularity(lists(others), kept, held, n_items),
    }
    three = first(kept, 3, seed)
    found["3 likes"] = {
        "folded in": measured(fitted.fold_in(frame(three)), held, n_items, known=kept),
        "popularity": of_popularity(lists(others), kept, held, n_items),
    }
    return found


def only(pairs: Ragged, users: np.ndarray) -> Ragged:
    """The lists of these users; those of the others are empty."""
    stays = np.isin(pairs.owners, users)
    return Ragged(starts_of(np.bincount(pairs.owners[stays], minlength=len(pairs))), pairs.rows[stays])


def first(pairs: Ragged, n: int, seed: int) -> Ragged:
    """Some `n` of each list."""
    drawn = np.random.default_rng(300 + seed).random(len(pairs.rows))
    order = np.lexsort((drawn, pairs.owners))
    stays = np.zeros(len(order), bool)
    stays[order] = np.arange(len(order)) - np.repeat(pairs.starts[:-1], pairs.lengths) < n
    return Ragged(starts_of(np.bincount(pairs.owners[stays], minlength=len(pairs))), pairs.rows[stays])


def little(liked: Ragged, users: np.ndarray, n_items: int, seed: int) -> dict[str, float]:
    """The mean NDCG@10 of each `LITTLE` from few likes, for a fifth of these users, taught by the others."""
    new, old = users[: len(users) // 5], users[len(users) // 5 :]
    fitted = rw.Recommender(seed=seed).fit(frame(only(liked, old))).fitted_
    kept, held = divided(liked, 0.2, 400 + seed)
    kept, held = only(kept, new), only(held, new)
    usual, found = item_to_item.LITTLE, {}
    for one in LITTLES:
        item_to_item.LITTLE = one
        each = [
            measured(fitted.fold_in(frame(first(kept, n, seed))), held, n_items, known=kept)["ndcg@10"] for n in FEW
        ]
        found[str(one)] = float(np.mean(each))
    item_to_item.LITTLE = usual
    return found


def time_of(data: pl.DataFrame, n_items: int) -> dict[str, float]:
    liked = lists(data.filter(pl.col("rating") >= 4))
    histories = replace(liked, weights={WORTH: np.ones(len(liked.rows), np.float32)})
    x = np.zeros((len(liked), n_items))
    x[liked.owners, liked.rows] = 1
    gram = x.T @ x + 100 * np.eye(n_items)
    found = {
        "to_choose": seconds(lambda: item_to_item.chosen(histories, n_items)),
        "to_solve": seconds(lambda: item_to_item.solved(histories, n_items, item_to_item.USUAL)),
    }
    return found | ({"lapack_inverse": seconds(lambda: np.linalg.inv(gram))} if n_items < 3_000 else {})


def show(name: str, runs: list[dict]) -> None:
    for of, first_found in runs[0].items():
        for metric in first_found if isinstance(first_found, dict) else ():
            each = [run[of][metric] for run in runs]
            if isinstance(each[0], float):
                print(f"{name} | {of} {metric}: {np.mean(each):.4f} ± {np.std(each, ddof=1):.4f}", flush=True)


def main() -> None:
    kept = []
    for name, read in DATA.items():
        data = rated(read().ratings)
        n_items = int(data["movieId"].max()) + 1
        ways = {
            "pairs": lambda seed, d=data, n=n_items: from_pairs(d, n, seed),
            "ratings": lambda seed, d=data, n=n_items: from_ratings(d, n, seed, of="liked"),
            "all ratings": lambda seed, d=data, n=n_items: from_ratings(d, n, seed, of="all"),
        }
        found: dict = {"data": name}
        for way, run in ways.items():
            found[way] = [run(seed) for seed in SEEDS]
            show(f"{name} | {way}", found[way])
        print([(run["penalty"], round(run["lost_to_the_best_penalty"], 4)) for run in found["pairs"]])
        found["new users"] = [of_new_users(data, n_items, seed) for seed in SEEDS]
        for part in ("80%", "3 likes"):
            show(f"{name} | new users, {part}", [run[part] for run in found["new users"]])
        show(f"{name} | new users", [{"LITTLE": run["little"]} for run in found["new users"]])
        found["seconds"] = time_of(data, n_items)
        print(found["seconds"], flush=True)
        kept.append(found)
    keep("lists", kept)


if __name__ == "__main__":
    main()
