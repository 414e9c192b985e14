"""Is a model nobody foresaw as fast here as a loop written for it by hand?

Three models on MovieLens 100k, one example at a time, plain SGD, one thread, against loops in Numba (`loops.py`): a
factorization machine of five fields, BPR with a drawn negative, and a two-layer net on two rows side by side. Both
start from numbers of the same scale; their training losses are shown after the same number of epochs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import loops
import numpy as np
from harness import alternate, keep, rates, ratios, show
from ratings import Ratings, movielens_100k

import rowwise as rw
from models import Trainer
from rowwise.data.examples import Examples
from rowwise.models.losses import softplus

EPOCHS = 5


class Contest(NamedTuple):
    """The same model twice."""

    name: str
    ours: Trainer
    loop: Callable[[], float]  # one epoch by hand, the mean loss


def factorization_machine(train: Ratings, *, factors: int = 16, rate: float = 0.005, l2: float = 0.02) -> Contest:
    """Source: Rendle 2010, "Factorization machines", lemma 3.1."""
    made = [train.users % 8 + 1, train.items % 20 + 1, (train.users + train.items) % 50 + 1]
    fields = np.stack([train.users, train.items, *made], 1).astype(np.int32)
    sizes = np.array([train.n_users, train.n_items, 9, 21, 51])

    @rw.model(target="rating", loss=rw.squared_error)
    def machine(
        a=rw.Row("f0", factors, l2=l2),
        b=rw.Row("f1", factors, l2=l2),
        c=rw.Row("f2", factors, l2=l2),
        d=rw.Row("f3", factors, l2=l2),
        e=rw.Row("f4", factors, l2=l2),
        a_bias=rw.Row("f0"),
        b_bias=rw.Row("f1"),
        c_bias=rw.Row("f2"),
        d_bias=rw.Row("f3"),
        e_bias=rw.Row("f4"),
        mean=rw.Mean("rating"),
    ):
        total = a + b + c + d + e
        squares = a @ a + b @ b + c @ c + d @ d + e @ e
        return mean + a_bias + b_bias + c_bias + d_bias + e_bias + 0.5 * (total @ total - squares)

    columns = {f"f{k}": np.ascontiguousarray(fields[:, k]) for k in range(5)}
    examples = Examples(len(fields), columns, {}, train.ratings)
    n_rows = {f"f{k}": int(size) for k, size in enumerate(sizes)}
    mean = np.float32(train.ratings.mean())
    ours = Trainer(machine, examples, n_rows, {"mean": float(mean)}, rate)

    random = np.random.default_rng(0)
    rows = random.normal(0, 0.1, (sizes.sum(), factors)).astype(np.float32)
    biases = np.zeros(sizes.sum(), np.float32)
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def loop() -> float:
        order = random.permutation(len(fields))
        return loops.factorization_machine(
            order, fields, train.ratings, rows, biases, offsets, mean, np.float32(rate), np.float32(l2)
        )

    return Contest("factorization machine, 5 fields", ours, loop)


def personalized_ranking(train: Ratings, *, factors: int = 32, rate: float = 0.05, l2: float = 0.002) -> Contest:
    """Source: Rendle et al. 2009, "BPR"."""

    @rw.model()
    def bpr(
        user=rw.Row("userId", factors, l2=l2),
        item=rw.Row("itemId", factors, l2=l2),
        item_bias=rw.Row("itemId"),
        other=rw.Sampled("itemId", factors, table="item", l2=l2),
        other_bias=rw.Sampled("itemId", table="item_bias"),
    ):
        return softplus(user @ (other - item) + other_bias - item_bias)  # -log of the sigmoid of the margin

    ours = Trainer(bpr, train.examples(), {"userId": train.n_users, "itemId": train.n_items}, {}, rate)
    random = np.random.default_rng(0)
    user_rows, item_rows = (
        random.normal(0, 0.1, (size, factors)).astype(np.float32) for size in (train.n_users, train.n_items)
    )
    item_bias = np.zeros(train.n_items, np.float32)

    def loop() -> float:
        order = random.permutation(len(train.users))
        seed = random.integers(1, 2**62)
        return loops.personalized_ranking(
            order, train.users, train.items, user_rows, item_rows, item_bias, np.float32(rate), np.float32(l2), seed
        )

    return Contest("BPR, one drawn negative", ours, loop)


def two_layers(train: Ratings, *, factors: int = 50, width: int = 70, rate: float = 0.005) -> Contest:
    """The small net of the 2016 course, without dropout."""

    @rw.model(target="rating", loss=rw.squared_error)
    def net(
        user=rw.Row("userId", factors),
        item=rw.Row("itemId", factors),
        hidden=rw.Weight((width, 2 * factors)),
        hidden_bias=rw.Weight(width),
        output=rw.Weight(width, init="normal"),
        output_bias=rw.Weight(init=0.0),
    ):
        return output @ jax.nn.relu(hidden @ jnp.concatenate([user, item]) + hidden_bias) + output_bias

    ours = Trainer(net, train.examples(), {"userId": train.n_users, "itemId": train.n_items}, {}, rate)
    tables: dict[str, Any] = {name: table.copy() for name, table in ours.parameters.tables.items()}
    tables["output_bias"] = tables["output_bias"].reshape(1)
    random = np.random.default_rng(0)

    def loop() -> float:
        order = random.permutation(len(train.users))
        return loops.two_layers(
            order, train.users, train.items, train.ratings, *(tables[name] for name in
            ("user", "item", "hidden", "hidden_bias", "output", "output_bias")), np.float32(rate),
        )  # fmt: skip

    return Contest("two layers of 70 on two rows of 50", ours, loop)


def main() -> None:
    train, _ = movielens_100k()
    n, runs = len(train.users), []
    for make in (factorization_machine, personalized_ranking, two_layers):
        contest = make(train)
        losses = [(contest.ours.epoch(), contest.loop()) for _ in range(EPOCHS)][-1]
        times = alternate({"rowwise": contest.ours.epoch, "loop": contest.loop}, rounds=9)
        run = {
            "model": contest.name,
            "examples": n,
            "training_loss": dict(zip(("rowwise", "loop"), losses, strict=True)),
            "million_updates_per_s": {name: rates(t, n) for name, t in times.items()},
            "times_as_fast_as_the_loop": ratios(times["loop"], times["rowwise"]),
        }
        runs.append(run)
        print(
            f"{contest.name}: rowwise {show(run['million_updates_per_s']['rowwise'])} M/s, "
            f"{show(run['times_as_fast_as_the_loop'])} × the loop, loss {losses[0]:.4f} and {losses[1]:.4f}",
            flush=True,
        )
    keep("any_model", runs)


if __name__ == "__main__":
    main()
