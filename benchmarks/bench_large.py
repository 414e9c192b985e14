"""Is it as fast on ten million ratings, where the tables leave the cache, and do two threads help?

10 million synthetic power-law ratings (100,000 users, 20,000 items), 32 factors, against libmf (C++, SSE), which has
no biases and a per-coordinate learning rate; its time per epoch is that of 6 epochs less that of 1, over 5. Errors are
on half a million ratings held back, beside the error that nobody can beat.
"""

import os

import numpy as np
from harness import alternate, keep, rates, ratios, show
from ratings import Ratings, synthetic

from models import Trainer, matrix_factorization

FACTORS, EPOCHS, REG = 32, 12, 0.03


class Libmf:
    """libmf's own training; every fit starts afresh."""

    def __init__(self, train: Ratings, threads: int = 1):
        from libmf import mf

        self.mf, self.threads = mf, threads
        self.matrix = np.stack([train.users, train.items, train.ratings], 1).astype(np.float32)
        self.mean = float(train.ratings.mean())
        self.matrix[:, 2] -= self.mean

    def epochs(self, n: int) -> None:
        self.model = self.mf.MF(
            k=FACTORS, nr_iters=n, nr_threads=self.threads, lambda_p2=REG, lambda_q2=REG,
            lambda_p1=0.0, lambda_q1=0.0, eta=0.1, quiet=True,
        )  # fmt: skip
        self.model.fit(self.matrix)

    def mse(self, test: Ratings) -> float:
        pairs = np.asfortranarray(np.stack([test.users, test.items], 1).astype(np.float32))  # it reads by column
        return float(np.mean((self.model.predict(pairs) + self.mean - test.ratings) ** 2))


def ours(train: Ratings, threads: int) -> Trainer:
    n_rows = {"userId": train.n_users, "itemId": train.n_items}
    model = matrix_factorization(FACTORS, l2=REG)
    means = {"mean": float(train.ratings.mean())}
    examples = train.take(np.arange(len(train.users))).examples()  # a copy: an engine puts its examples in order
    return Trainer(model, examples, n_rows, means, 0.01, threads=threads)


def main() -> None:
    whole, floor = synthetic(10_500_000, n_users=100_000, n_items=20_000)
    order = np.random.default_rng(1).permutation(len(whole.users))
    train, test = whole.take(order[:10_000_000]), whole.take(order[10_000_000:])
    one, two, peer = ours(train, 1), ours(train, 2), Libmf(train)
    for _ in range(EPOCHS):
        one.epoch(), two.epoch()
    peer.epochs(EPOCHS)
    same = all(np.array_equal(one.parameters.tables[k], two.parameters.tables[k]) for k in one.parameters.tables)
    errors = {"rowwise": one.mse(test.examples()), "libmf": peer.mse(test), "floor": floor}
    contestants = {
        "one": one.epoch,
        "two": two.epoch,
        "libmf 6": lambda: peer.epochs(6),
        "libmf 1": lambda: peer.epochs(1),
    }
    times = alternate(contestants, rounds=5)
    epoch = [(six - once) / 5 for six, once in zip(times["libmf 6"], times["libmf 1"], strict=True)]
    n = len(train.users)
    moved = n * (4 * 4 * (FACTORS + 1) + 12)
    run = {
        "factors": FACTORS, "examples": n, "users": 100_000, "items": 20_000, "seed": 0, "test_mse": errors,
        "same_bytes_on_two_threads": same, "load": os.getloadavg()[0],
        "million_updates_per_s": {
            "one thread": rates(times["one"], n), "two threads": rates(times["two"], n), "libmf": rates(epoch, n),
        },
        "times_as_fast_as_libmf": ratios(epoch, times["one"]),
        "two_threads_over_one": ratios(times["one"], times["two"]),
        "gb_moved_per_s": rates(times["one"], moved / 1e3)["median"],
    }  # fmt: skip
    print(
        f"one thread {show(run['million_updates_per_s']['one thread'])} M/s, "
        f"two threads {show(run['two_threads_over_one'])} × that, "
        f"{show(run['times_as_fast_as_libmf'])} × libmf, same bytes on two threads: {same}, "
        + ", ".join(f"{name} {mse:.4f}" for name, mse in errors.items())
        + f", {run['gb_moved_per_s']:.0f} GB/s of rows"
    )
    keep("large", [run])


if __name__ == "__main__":
    main()
