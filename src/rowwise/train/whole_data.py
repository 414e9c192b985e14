"""Pairs of who and what in, a row for each out: every pair that is not there counts too, a little.

    Σ over the pairs (1 - u·v)²  +  unseen · Σ over all users and items (u·v)²  +  Σ reg of a row · |row|²

The rows of one side have a closed form where those of the other are held still, and the sum over all is one small
matrix, the same for every row: nothing is drawn, and there is no learning rate.
Source: Hu, Koren & Volinsky 2008; the weight of a row's penalty as in Rendle, Krichene, Zhang & Koren 2021.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from rowwise.data.ragged import Ragged, starts_of

SWEEPS = 12  # of both sides; on MovieLens the lists no longer change after 8 (benchmarks/bench_lists.py)
TOGETHER = 1 << 22  # numbers that are gathered at once: 32 MB


@dataclass(frozen=True, slots=True)
class Settings:
    """What the closed form goes by."""

    factors: int
    unseen: float  # what a pair counts for that is not there
    reg: float  # of a row, times what counts for it


def settings_of(kept: Mapping[str, Any]) -> Settings | None:
    """The settings that a model was made with, of those that it keeps; None where it was made otherwise."""
    return Settings(0, kept["unseen"], kept["reg"]) if "unseen" in kept else None  # factors: those of the tables


@dataclass(frozen=True, slots=True)
class Solved:
    """The rows of both sides, and the cost a pair after each sweep."""

    users: Float32[np.ndarray, "users factors"]
    items: Float32[np.ndarray, "items factors"]
    losses: list[float]


def alternate(liked: Ragged, n_items: int, settings: Settings, *, seed: int = 0, sweeps: int = SWEEPS) -> Solved:
    """Solve for the users' rows and the items' in turn; `liked` are rows of items by row of user.

    Row 0 of the users is the mean of the others: whoever is unknown is answered as everybody together.
    """
    random = np.random.default_rng(seed)
    by_item = turned(liked, n_items)
    items = random.normal(0, 0.1 / np.sqrt(settings.factors), (n_items, settings.factors))
    items[by_item.lengths == 0] = 0
    users, losses = np.zeros((len(liked), settings.factors)), list[float]()
    for _ in range(sweeps):
        users = solved(liked, items, settings)
        items = solved(by_item, users, settings)
        losses.append(cost(liked, by_item, users, items, settings) / max(1, len(liked.rows)))
    users[0] = users[liked.lengths > 0].mean(0)
    return Solved(users.astype(np.float32), items.astype(np.float32), losses)


def cost(liked: Ragged, by_item: Ragged, users: np.ndarray, items: np.ndarray, settings: Settings) -> float:
    """What is made small: the sum at the top."""
    of = liked.owners
    missed = sum(
        float(((1 - np.einsum("nk,nk->n", users[of[part]], items[liked.rows[part]])) ** 2).sum())
        for part in np.array_split(np.arange(len(of)), -(-len(of) * settings.factors // TOGETHER) or 1)
    )
    everybody = settings.unseen * float(((users.T @ users) * (items.T @ items)).sum())
    sides = ((liked, users, len(items)), (by_item, items, len(users)))
    weighed = sum(float((_counted(lists, settings, n) @ (rows**2)).sum()) for lists, rows, n in sides)
    return missed + everybody + settings.reg * weighed


def _counted(lists: Ragged, settings: Settings, n_others: int) -> np.ndarray:
    """What counts for each row: its pairs, and a share of all that are none."""
    return lists.lengths + settings.unseen * n_others


def solved(
    lists: Ragged, others: Float64[np.ndarray, "others factors"], settings: Settings
) -> Float64[np.ndarray, "rows factors"]:
    """The best row for each list of the others' rows, those held still; of an empty list 0.

    Lists of one length have one penalty, so what all of them share is inverted once.
    """
    n_others, factors = others.shape
    everybody = settings.unseen * (others.T @ others)
    rows, lengths = np.zeros((len(lists), factors)), lists.lengths
    order = np.argsort(lengths, kind="stable")
    for alike in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        length = int(lengths[alike[0]]) if len(alike) else 0
        penalty = settings.reg * (length + settings.unseen * n_others)  # as `_counted`
        shared = everybody + penalty * np.eye(factors)
        for part in np.array_split(alike, -(-len(alike) * length * factors // TOGETHER) or 1):
            if length:
                mine = others[lists.take(part).rows.reshape(len(part), length)]
                rows[part] = _few(mine, shared) if length < factors else _many(mine, shared)
    return rows


def _many(mine: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """(shared + VᵀV)⁻¹ Vᵀ1 for each V, (rows, length, factors)."""
    total: np.ndarray = mine.sum(1)
    return np.linalg.solve(shared + mine.transpose(0, 2, 1) @ mine, total[:, :, None])[:, :, 0]


def _few(mine: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """The same, as shared⁻¹ Vᵀ (1 + V shared⁻¹ Vᵀ)⁻¹ 1: a smaller matrix where a list is short."""
    weighed = mine @ np.linalg.inv(shared)
    within = weighed @ mine.transpose(0, 2, 1) + np.eye(mine.shape[1])
    return (np.linalg.solve(within, np.ones((*mine.shape[:2], 1))) * weighed).sum(1)


def turned(lists: Ragged, n: int) -> Ragged:
    """The lists the other way round: for each of `n` things, in which lists it stands."""
    of = lists.owners.astype(np.int32)
    return Ragged(starts_of(np.bincount(lists.rows, minlength=n)), of[np.argsort(lists.rows, kind="stable")])
