"""Lists of items in, and what people like in truth: how good the lists are, over all items and not over a sample.

The definitions, for a user with n liked items held back, of whom the list of k holds those at the places p:

    precision   hits / k
    recall      hits / n
    hit_rate    1 if there is a hit
    mrr         1 / the first p
    map         the mean over the first min(k, n) of "hits up to p / p", 0 where there is no hit
    ndcg        Σ 1/log2(p + 1) over the hits, over the same sum for a list whose first min(k, n) places are all hits
                Source: Järvelin & Kekäläinen 2002.

Each is the mean over the users who have something held back. coverage is the share of all items that stand in any list.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from rowwise.data.ragged import Ragged

Hits = Bool[np.ndarray, "users k"]
Counts = Int64[np.ndarray, " users"]


def precision(hits: Hits, n: Counts) -> np.ndarray:
    return hits.mean(1)


def recall(hits: Hits, n: Counts) -> np.ndarray:
    return hits.sum(1) / n


def hit_rate(hits: Hits, n: Counts) -> np.ndarray:
    return hits.any(1).astype(float)


def mrr(hits: Hits, n: Counts) -> np.ndarray:
    return np.where(hits.any(1), 1 / (1 + hits.argmax(1)), 0.0)


def average_precision(hits: Hits, n: Counts) -> np.ndarray:
    places = np.arange(1, int(hits.shape[1]) + 1)
    return (hits * hits.cumsum(1) / places).sum(1) / np.minimum(n, hits.shape[1])


def ndcg(hits: Hits, n: Counts) -> np.ndarray:
    worth = 1 / np.log2(np.arange(2, int(hits.shape[1]) + 2))
    return (hits * worth).sum(1) / worth.cumsum()[np.minimum(n, hits.shape[1]) - 1]


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "ndcg": ndcg,
    "recall": recall,
    "precision": precision,
    "map": average_precision,
    "mrr": mrr,
    "hit_rate": hit_rate,
}


@dataclass(frozen=True, slots=True)
class Lists:
    """The items of each user's list, best first, as rows of items; -1 where a list is shorter."""

    users: Int64[np.ndarray, " users"]
    items: Int64[np.ndarray, "users k"]


def measure_lists(lists: Lists, liked: Ragged, n_items: int) -> dict[str, float]:
    """The metrics by name, "ndcg@10"; `liked` are the rows of items held back, by row of user."""
    k = lists.items.shape[1]
    n = liked.lengths[lists.users]
    there = n > 0
    hits = np.array(
        [np.isin(mine, liked[user]) for user, mine in zip(lists.users, lists.items, strict=True)], bool
    ).reshape(len(lists.users), k)[there]
    found = {f"{name}@{k}": float(of(hits, n[there]).mean()) for name, of in METRICS.items()} if there.any() else {}
    shown = np.unique(lists.items[lists.items >= 0])
    return found | {f"coverage@{k}": len(shown) / max(1, n_items)}


def popular(counts: np.ndarray, users: np.ndarray, seen: Ragged, k: int) -> Lists:
    """The same list for everybody, the items that most like, without what each has seen."""
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    items = np.full((len(users), k), -1)
    for line, user in zip(items, users, strict=True):
        fresh = order[: k + len(seen[user])]
        fresh = fresh[~np.isin(fresh, seen[user])][:k]
        line[: len(fresh)] = fresh
    return Lists(users, items)
