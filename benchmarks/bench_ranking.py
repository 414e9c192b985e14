"""Is BPR faster here than in implicit (C++/OpenMP), at the same AUC?

32 factors, MovieLens 100k (fold 1, every rating a click), one thread, one example at a time. AUC: how often a test
item of a user scores above an item the user never saw, over 20 such items for each test pair.
"""

import numpy as np
import scipy.sparse
from harness import alternate, keep, rates, ratios, show
from ratings import Ratings, movielens_100k

import rowwise as rw
from models import Trainer
from rowwise.models.losses import softplus

FACTORS, EPOCHS, RATE, REG = 32, 60, 0.05, 0.01


@rw.model()
def bpr(
    user=rw.Row("userId", FACTORS, l2=REG / 2),
    item=rw.Row("itemId", FACTORS, l2=REG / 2),
    item_bias=rw.Row("itemId", l2=REG / 2),
    other=rw.Sampled("itemId", FACTORS, table="item", l2=REG / 2),
    other_bias=rw.Sampled("itemId", table="item_bias", l2=REG / 2),
):
    """Source: Rendle et al. 2009, "BPR"."""
    return softplus(user @ (other - item) + other_bias - item_bias)  # -log of the sigmoid of the margin


def auc(users: np.ndarray, items: np.ndarray, bias: np.ndarray, train: Ratings, test: Ratings) -> float:
    """The share of (test item, unseen item) pairs in the right order."""
    random = np.random.default_rng(0)
    seen = set(zip(train.users.tolist(), train.items.tolist(), strict=True))
    seen |= set(zip(test.users.tolist(), test.items.tolist(), strict=True))
    u = np.repeat(test.users, 20)
    other = random.integers(1, train.n_items, len(u))
    fresh = np.array([pair not in seen for pair in zip(u.tolist(), other.tolist(), strict=True)])
    liked = np.repeat(test.items, 20)

    def score(i: np.ndarray) -> np.ndarray:
        return np.einsum("nk,nk->n", users[u], items[i]) + bias[i]

    return float((score(liked) > score(other))[fresh].mean())


def main() -> None:
    from implicit.bpr import BayesianPersonalizedRanking

    train, test = movielens_100k()
    n = len(train.users)
    ours = Trainer(bpr, train.examples(), {"userId": train.n_users, "itemId": train.n_items}, {}, RATE)
    clicks = scipy.sparse.csr_matrix(
        (np.ones(n, np.float32), (train.users, train.items)), (train.n_users, train.n_items)
    )

    def peer(epochs: int):
        model = BayesianPersonalizedRanking(
            factors=FACTORS, learning_rate=RATE, regularization=REG, iterations=epochs, num_threads=1, random_state=0
        )
        model.fit(clicks, show_progress=False)
        return model

    for _ in range(EPOCHS):
        ours.epoch()
    theirs = peer(EPOCHS)
    tables = ours.parameters.tables
    rows = theirs.item_factors  # the last number of a row is the bias
    found = {
        "rowwise": auc(tables["user"], tables["item"], tables["item_bias"], train, test),
        "implicit": auc(theirs.user_factors[:, :-1], rows[:, :-1], rows[:, -1], train, test),
    }
    times = alternate({"rowwise": lambda: [ours.epoch() for _ in range(20)], "implicit": lambda: peer(20)}, rounds=5)
    run = {
        "factors": FACTORS,
        "examples": n,
        "threads": 1,
        "auc": found,
        "million_updates_per_s": {name: rates(t, 20 * n) for name, t in times.items()},
        "times_as_fast_as_implicit": ratios(times["implicit"], times["rowwise"]),
    }
    print(
        f"rowwise {show(run['million_updates_per_s']['rowwise'])} M/s, {show(run['times_as_fast_as_implicit'])} × "
        f"implicit; AUC {found['rowwise']:.4f} and {found['implicit']:.4f}"
    )
    keep("ranking", [run])


if __name__ == "__main__":
    main()
