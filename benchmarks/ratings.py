"""Ratings to measure on: MovieLens 100k, and synthetic ratings of any size whose reachable error is known."""

from typing import NamedTuple

import numpy as np

from rowwise import datasets
from rowwise.data.examples import Examples
from rowwise.data.vocabulary import Vocabulary


class Ratings(NamedTuple):
    """Rows from 1 on (0 is the unknown row), ratings, and how many rows the tables need."""

    users: np.ndarray  # int32 (n,)
    items: np.ndarray  # int32 (n,)
    ratings: np.ndarray  # float32 (n,)
    n_users: int
    n_items: int

    def examples(self) -> Examples:
        return Examples(len(self.users), {"userId": self.users, "itemId": self.items}, {}, self.ratings)

    def take(self, index: np.ndarray | slice) -> "Ratings":
        return self._replace(users=self.users[index], items=self.items[index], ratings=self.ratings[index])


def movielens_100k(*, fold: int = 1) -> tuple[Ratings, Ratings]:
    """The published train and test part of a fold."""
    frame = datasets.movielens_100k().ratings
    user, item = frame.columns[:2]
    users, items = Vocabulary.of("user", frame[user]), Vocabulary.of("item", frame[item])
    whole = Ratings(
        users.rows(frame[user]),
        items.rows(frame[item]),
        frame["rating"].to_numpy().astype(np.float32),
        len(users),
        len(items),
    )
    test = (frame["fold"] == fold).to_numpy()
    return whole.take(np.flatnonzero(~test)), whole.take(np.flatnonzero(test))


def synthetic(
    n: int, *, n_users: int, n_items: int, factors: int = 8, noise: float = 0.8, seed: int = 0
) -> tuple[Ratings, float]:
    """`n` ratings of power-law users and items, and the mean squared error that nobody can beat (noise²).

    Activity and popularity fall like 1 / (rank + 10)^0.8; a rating is 3.5 + biases + planted factors + noise. Made
    a few million at a time, so that the arrays given back are all the memory it takes.
    """
    random = np.random.default_rng(seed)
    users = _power_law(n, n_users, random)
    items = _power_law(n, n_items, random)
    user_bias, item_bias = (random.normal(0, 0.4, size).astype(np.float32) for size in (n_users, n_items))
    user_rows, item_rows = (
        random.normal(0, 0.5 / factors**0.25, (size, factors)).astype(np.float32) for size in (n_users, n_items)
    )
    ratings = np.empty(n, np.float32)
    for begin in range(0, n, 1 << 22):
        part = slice(begin, begin + (1 << 22))
        u, i = users[part], items[part]
        known = user_bias[u] + item_bias[i] + np.einsum("nk,nk->n", user_rows[u], item_rows[i])
        ratings[part] = 3.5 + known + random.normal(0, noise, len(u)).astype(np.float32)
    users += 1
    items += 1
    return Ratings(users, items, ratings, n_users + 1, n_items + 1), noise**2


def _power_law(n: int, size: int, random: np.random.Generator) -> np.ndarray:
    """int32 (n,): things drawn by a power law of their rank, ranks scattered over the numbers below `size`."""
    weights = (np.arange(size) + 10.0) ** -0.8
    edges = np.cumsum(weights / weights.sum())
    names = random.permutation(size).astype(np.int32)
    drawn = np.empty(n, np.int32)
    for begin in range(0, n, 1 << 22):
        part = slice(begin, begin + (1 << 22))
        count = min(n - begin, 1 << 22)
        drawn[part] = names[np.minimum(np.searchsorted(edges, random.random(count)), size - 1)]
    return drawn
