"""Liked pairs in, the settings of their closed form out: chosen by lists of pairs held back inside of them."""

from dataclasses import replace

import numpy as np

from rowwise.data.ragged import Ragged, starts_of
from rowwise.train.whole_data import Settings, Solved, alternate
from rowwise.trained.lists import Lists, measure_lists

START = Settings(factors=64, unseen=0.1, reg=0.02)
STEPS = (("unseen", 2.0), ("unseen", 0.5), ("reg", 1.5), ("reg", 2 / 3))
ROUNDS = 3  # from the start the best is seldom further away
SWEEPS = 6  # of one try
USERS = 2_000  # whose lists are compared
SHARE = 0.2  # of each user's pairs that a try does not see
CELLS = 1 << 24  # scores at once: 128 MB


def divided(liked: Ragged, share: float, seed: int) -> tuple[Ragged, Ragged]:
    """The pairs to learn from, and of each user's the share that is held back, drawn evenly."""
    random = np.random.default_rng(seed)
    of = liked.owners
    order = np.lexsort((random.random(len(of)), of))
    place = np.arange(len(of)) - np.repeat(liked.starts[:-1], liked.lengths)
    is_held = np.zeros(len(of), bool)
    is_held[order] = place < np.rint(share * liked.lengths)[of]
    parts = (np.bincount(of[chosen], minlength=len(liked)) for chosen in (~is_held, is_held))
    kept, held = (
        Ragged(starts_of(n), liked.rows[chosen]) for n, chosen in zip(parts, (~is_held, is_held), strict=True)
    )
    return kept, held


def chosen(liked: Ragged, n_items: int, asked: Settings, *, free: tuple[str, ...], seed: int) -> tuple[Settings, float]:
    """The settings with the best lists, where those that are `free` may differ from `asked`; and their NDCG@10."""
    kept, held = divided(liked, SHARE, seed + 1)
    users = np.flatnonzero(held.lengths)
    users = np.sort(np.random.default_rng(seed).permutation(users)[:USERS])

    def good(settings: Settings) -> float:
        solved = alternate(kept, n_items, settings, seed=seed, sweeps=SWEEPS)
        return measure_lists(dot_lists(solved, users, kept, 10), held, n_items).get("ndcg@10", 0.0)

    tried: dict[Settings, float] = {asked: good(asked)}
    for _ in range(ROUNDS):
        centre = max(tried, key=lambda settings: tried[settings])
        near = [
            replace(centre, **{name: float(f"{getattr(centre, name) * by:.3g}")}) for name, by in STEPS if name in free
        ]
        fresh = [settings for settings in near if settings not in tried]
        tried |= {settings: good(settings) for settings in fresh}
        if max(tried, key=lambda settings: tried[settings]) == centre:
            break
    best = max(tried, key=lambda settings: tried[settings])
    return best, tried[best]


def dot_lists(solved: Solved, users: np.ndarray, seen: Ragged, k: int) -> Lists:
    """The `k` items whose rows have the greatest product with each user's, without what the user has seen."""
    items, n_items = np.full((len(users), k), -1), len(solved.items)
    for part in np.array_split(np.arange(len(users)), -(-len(users) * n_items // CELLS) or 1):
        scores = solved.users[users[part]] @ solved.items.T
        scores[:, 0] = -np.inf  # the unknown item
        for line, user in zip(scores, users[part], strict=True):
            line[seen[user]] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        is_there = np.isfinite(np.take_along_axis(scores, best, 1))
        items[part, : best.shape[1]] = np.where(is_there, best, -1)
    return Lists(users, items)
