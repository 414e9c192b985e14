"""Is online matrix factorization faster here than in the fastest libraries, at the same error?

Biased matrix factorization by plain SGD, one rating at a time, one thread, MovieLens 100k (fold 1), against Cornac's
`MF` (C++) and Surprise's `SVD` (Cython). All start from normal numbers of the same scale and train as many epochs at
the same rate and the same regularisation; ours shuffles every epoch, theirs do not.
"""

import numpy as np
from harness import alternate, keep, rates, ratios, seconds, show
from ratings import Ratings, movielens_100k

from models import Trainer, matrix_factorization

EPOCHS, RATE, REG = 20, 0.01, 0.05  # error · row steps: half of the rate of a squared error's derivative
SEEDS = 5  # starts over which the errors are means


class Cornac:
    """Cornac's training loop by itself, without its data handling."""

    def __init__(self, train: Ratings, factors: int, seed: int = 0):
        from cornac.models.mf import backend_cpu

        random = np.random.default_rng(seed)
        self.loop = backend_cpu.fit_sgd
        self.ids = train.users.astype(np.int64), train.items.astype(np.int64)
        self.ratings = train.ratings
        self.user, self.item = (
            random.normal(0, 0.1, (size, factors)).astype(np.float32) for size in (train.n_users, train.n_items)
        )
        self.biases = np.zeros(train.n_users, np.float32), np.zeros(train.n_items, np.float32)
        self.mean = float(train.ratings.mean())

    def epochs(self, n: int) -> None:
        self.loop(
            *self.ids, self.ratings, self.user, self.item, *self.biases, RATE, REG, self.mean, n, 1, True, False, False
        )

    def mse(self, test: Ratings) -> float:
        products = np.einsum("nk,nk->n", self.user[test.users], self.item[test.items])
        predicted = self.mean + self.biases[0][test.users] + self.biases[1][test.items] + products
        return float(np.mean((predicted - test.ratings) ** 2))


class Surprise:
    """Surprise's `SVD`; its fit makes the tables anew, so an epoch's time is that of a fit's share."""

    def __init__(self, train: Ratings, factors: int, seed: int = 0):
        import pandas as pd
        from surprise import SVD, Dataset, Reader

        frame = pd.DataFrame({"user": train.users, "item": train.items, "rating": train.ratings})
        self.data = Dataset.load_from_df(frame, Reader(rating_scale=(1, 5))).build_full_trainset()
        self.make = lambda n: SVD(n_factors=factors, n_epochs=n, lr_all=RATE, reg_all=REG, random_state=seed)

    def epochs(self, n: int) -> None:
        self.model = self.make(n).fit(self.data)

    def mse(self, test: Ratings) -> float:
        pairs = zip(test.users.tolist(), test.items.tolist(), strict=True)
        predicted = np.array([self.model.predict(user, item, clip=False).est for user, item in pairs])
        return float(np.mean((predicted - test.ratings) ** 2))


def ours(train: Ratings, factors: int, seed: int = 0) -> Trainer:
    n_rows = {"userId": train.n_users, "itemId": train.n_items}
    model = matrix_factorization(factors, l2=REG)
    examples = train.take(np.arange(len(train.users))).examples()  # a copy: an engine puts its examples in order
    return Trainer(model, examples, n_rows, {"mean": float(train.ratings.mean())}, RATE / 2, seed=seed)


def errors_of(train: Ratings, test: Ratings, factors: int) -> dict[str, dict[str, float]]:
    """The error on the test part after all epochs: the mean over the starts, and its standard deviation."""
    found: dict[str, list[float]] = {"rowwise": [], "cornac": [], "surprise": []}
    for seed in range(SEEDS):
        mine, cornac = ours(train, factors, seed), Cornac(train, factors, seed)
        surprise = Surprise(train, factors, seed)
        for _ in range(EPOCHS):
            mine.epoch()
        cornac.epochs(EPOCHS)
        surprise.epochs(EPOCHS)
        found["rowwise"].append(mine.mse(test.examples()))
        found["cornac"].append(cornac.mse(test))
        found["surprise"].append(surprise.mse(test))
    return {name: {"mean": float(np.mean(each)), "sd": float(np.std(each))} for name, each in found.items()}


def main() -> None:
    train, test = movielens_100k()
    n = len(train.users)
    runs = []
    for factors in (10, 16, 50, 64, 100):
        compiling = seconds(lambda k=factors: ours(train, k).epoch())
        errors = errors_of(train, test, factors)
        mine, cornac, surprise = ours(train, factors), Cornac(train, factors), Surprise(train, factors)
        one_epoch = {
            "rowwise": lambda m=mine: [m.epoch() for _ in range(10)],
            "cornac": lambda c=cornac: c.epochs(10),
        }
        times = alternate(one_epoch, rounds=11)
        slow = alternate({"surprise": lambda s=surprise: s.epochs(2), "rowwise": lambda m=mine: m.epoch()}, rounds=3)
        run = {
            "factors": factors,
            "examples": n,
            "threads": 1,
            "starts": SEEDS,
            "test_mse": errors,
            "million_updates_per_s": {name: rates(t, 10 * n) for name, t in times.items()},
            "times_as_fast_as_cornac": ratios(times["cornac"], times["rowwise"]),
            "times_as_fast_as_surprise": ratios([t / 2 for t in slow["surprise"]], slow["rowwise"]),
            "first_epoch_with_compilation_s": compiling,
        }
        # a user's and an item's row and bias, read and written, and the ids and the rating read
        moved = n * (4 * 4 * (factors + 1) + 12)
        run["gb_moved_per_s"] = rates(times["rowwise"], 10 * moved / 1e3)["median"]
        runs.append(run)
        print(
            f"k={factors:<4} rowwise {show(run['million_updates_per_s']['rowwise'])} M/s, "
            f"{show(run['times_as_fast_as_cornac'])} × Cornac, {show(run['times_as_fast_as_surprise'])} × Surprise, "
            + ", ".join(f"{name} {mse['mean']:.4f} ± {mse['sd']:.4f}" for name, mse in errors.items())
            + f", compile and first epoch {compiling:.2f} s, {run['gb_moved_per_s']:.0f} GB/s of rows",
            flush=True,
        )
    keep("online", runs)


if __name__ == "__main__":
    main()
