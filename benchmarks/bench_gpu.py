"""What does a graphics processor give to the engine "xla"?

Three programs of different kinds, each trained from the same rows by the same batches on the graphics processor, on all
cores of the CPU by XLA, and, where it can, on all cores by machine code. Turn by turn in one run; the losses of the
same epochs stand beside, and whether two trainings on the graphics processor end with the same bytes. Without one, it
says so and measures nothing.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from harness import alternate, keep, rates, ratios, show
from ratings import synthetic

import rowwise as rw
from models import matrix_factorization
from rowwise.api.model import Model
from rowwise.backends.backend import Way
from rowwise.backends.registry import engine
from rowwise.data.examples import Examples
from rowwise.models.start import start
from rowwise.program.inputs import ExampleValue

ROUNDS = 3


class Contest(NamedTuple):
    """A program, what it is trained on, and how."""

    name: str
    model: Model
    examples: Examples
    n_rows: dict[str, int]
    means: dict[str, float]
    optimizer: str
    rate: float
    batch_size: int
    machine_code: bool  # whether the engine "llvm" is asked too


def factors(n: int = 10_000_000) -> Contest:
    """Biased factors of 64 numbers on ratings of power-law users and items: rows fetched, hardly any arithmetic."""
    ratings, _ = synthetic(n, n_users=200_000, n_items=50_000)
    rows = {"userId": ratings.n_users, "itemId": ratings.n_items}
    means = {"mean": float(ratings.ratings.mean())}
    model = matrix_factorization(64, l2=0.02)
    return Contest("factors of 64", model, ratings.examples(), rows, means, "adagrad", 0.1, 65_536, True)


def layers(n: int = 1_000_000, width: int = 512) -> Contest:
    """Two layers of 512 units over a user's and an item's row: arithmetic, hardly any fetching."""
    ratings, _ = synthetic(n, n_users=50_000, n_items=20_000)

    @rw.model(target="rating", loss=rw.squared_error)
    def net(
        user=rw.Row("userId", 64),
        item=rw.Row("itemId", 64),
        first=rw.Weight((width, 128)),
        second=rw.Weight((width, width)),
        output=rw.Weight(width, init="normal"),
        mean=rw.Mean("rating"),
    ):
        layer = jax.nn.relu(first @ jnp.concatenate([user, item]))
        return mean + output @ jax.nn.relu(second @ layer)

    rows = {"userId": ratings.n_users, "itemId": ratings.n_items}
    means = {"mean": float(ratings.ratings.mean())}
    return Contest("two layers of 512", net, ratings.examples(), rows, means, "adam", 1e-3, 8_192, False)


def texts(n: int = 25_000, size: int = 5_000, length: int = 500) -> Contest:
    """The lesson's convolution over 500 words of 32 numbers, on drawn words."""
    random = np.random.default_rng(0)
    ids = random.integers(1, size, (n, length), dtype=np.int32)
    model = rw.zoo_text.convolution_net(size=size, length=length, dim=32)
    program = model.program(optimizer="keras_adam")
    columns = {"text": ids}
    masks = {str(i.column): np.ones((n, length), np.float32) for i in program.inputs_of(ExampleValue)}
    examples = Examples(n, columns, masks, (ids[:, 0] % 2).astype(np.float32))
    return Contest("convolution of texts", model, examples, {"text": size}, {}, "keras_adam", 1e-3, 512, False)


class Training:
    """One contestant: an epoch a call, on its device."""

    def __init__(self, contest: Contest, name: str, place: Callable[[], AbstractContextManager[Any]]):
        self.place, self.rate = place, contest.rate
        program = contest.model.program(optimizer=contest.optimizer)
        self.parameters = start(contest.model.recipe, program, contest.n_rows, seed=0)
        way = Way(means=contest.means, batch_size=contest.batch_size, seed=0)
        with place():
            self.trainer = engine(name).trainer(program, contest.examples, self.parameters, way)
        self.losses: list[float] = []

    def epoch(self) -> None:
        with self.place():
            self.losses.append(self.trainer.epoch(len(self.losses), self.rate))

    def digest(self) -> str:
        """Of every number of every table."""
        summed = hashlib.sha256()
        for name in sorted(self.parameters.tables):
            summed.update(self.parameters.tables[name].tobytes())
        return summed.hexdigest()[:16]


def measure(contest: Contest, gpu: Any) -> dict[str, Any]:
    cpu = jax.devices("cpu")[0]
    made = {
        "xla, gpu": Training(contest, "xla", lambda: jax.default_device(gpu)),
        "xla, gpu again": Training(contest, "xla", lambda: jax.default_device(gpu)),
        "xla, cpu": Training(contest, "xla", lambda: jax.default_device(cpu)),
    }
    if contest.machine_code:
        made["llvm"] = Training(contest, "llvm", nullcontext)
    times = alternate({name: training.epoch for name, training in made.items()}, rounds=ROUNDS)
    n = contest.examples.n
    figures = {
        "program": contest.name,
        "examples": n,
        "batch_size": contest.batch_size,
        "million_examples_a_second": {name: rates(taken, n) for name, taken in times.items()},
        "gpu_times_as_fast_as": {
            name: ratios(taken, times["xla, gpu"]) for name, taken in times.items() if not name.startswith("xla, gpu")
        },
        "losses": {name: training.losses for name, training in made.items()},
        "same_bytes_twice": made["xla, gpu"].digest() == made["xla, gpu again"].digest(),
    }
    print(f"\n{contest.name}, batches of {contest.batch_size:,}")
    for name, speed in figures["million_examples_a_second"].items():
        print(f"  {name:15} {show(speed, ' M/s')}   last loss {made[name].losses[-1]:.6f}")
    for name, ratio in figures["gpu_times_as_fast_as"].items():
        print(f"  the gpu is {show(ratio)} times as fast as {name}")
    print(f"  two trainings on the gpu end with the same bytes: {figures['same_bytes_twice']}", flush=True)
    return figures


def main() -> None:
    try:
        gpu = jax.devices("gpu")[0]
    except RuntimeError as why:
        print(f"no graphics processor that JAX can use: {why}")
        return
    print(gpu.device_kind)
    runs = [measure(make(), gpu) for make in (factors, layers, texts)]
    keep("gpu", [{"gpu": gpu.device_kind, **run} for run in runs])


if __name__ == "__main__":
    main()
