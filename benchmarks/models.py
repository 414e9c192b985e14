"""Models as the benchmarks train them, and one way to time any of them: an engine, epoch by epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import rowwise as rw
from rowwise.api.model import Model
from rowwise.backends.llvm.kernel import LlvmKernel, predict
from rowwise.capture.capture import capture
from rowwise.data.examples import Examples
from rowwise.models.start import start
from rowwise.program.parameters import Parameters


def matrix_factorization(factors: int, *, l2: float, init: float = 0.1) -> Model:
    """User row · item row + two biases + the mean: what Cornac's and Surprise's models are."""

    @rw.model(target="rating", loss=rw.squared_error)
    def biased(
        user=rw.Row("userId", factors, l2=l2, init=init),
        item=rw.Row("itemId", factors, l2=l2, init=init),
        user_bias=rw.Row("userId", l2=l2),
        item_bias=rw.Row("itemId", l2=l2),
        mean=rw.Mean("rating"),
    ):
        return mean + user_bias + item_bias + user @ item

    return biased


@dataclass
class Trainer:
    """A model on its engine: `epoch()` trains once over the examples."""

    model: Model
    examples: Examples
    n_rows: Mapping[str, int]
    means: Mapping[str, float]
    rate: float
    optimizer: Any = "sgd"
    batch_size: int = 1
    threads: int = 1
    seed: int = 0
    parallel: str | None = None

    def __post_init__(self) -> None:
        self.program = capture(self.model.recipe, optimizer=self.optimizer)
        self.parameters: Parameters = start(self.model.recipe, self.program, self.n_rows, seed=self.seed)
        self.engine = LlvmKernel(
            self.program,
            self.examples,
            self.parameters,
            means=self.means,
            batch_size=self.batch_size,
            seed=self.seed,
            threads=self.threads,
            parallel=self.parallel,
        )
        self.done = 0

    def epoch(self) -> float:
        loss = self.engine.epoch(self.done, self.rate)
        self.done += 1
        return loss

    def mse(self, examples: Examples) -> float:
        predictions = predict(self.program, self.parameters.tables, examples, means=self.means)
        assert examples.target is not None
        return float(np.mean((predictions - examples.target) ** 2))
