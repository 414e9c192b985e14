"""What an engine is: a backend that trains a program, and predicts by it where it can."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from rowwise.data.examples import Examples
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program


@runtime_checkable
class Trainer(Protocol):
    """Moves the parameters that it was made with, in place, an epoch at a time."""

    def epoch(self, epoch: int, rate: float) -> float:
        """One pass over the examples; the mean loss. `rate` is 0 where the engine has none.

        Raises:
            Diverged: a loss is not finite. The parameters are then worthless.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a trainer is to go through its examples, besides the learning rate of an epoch."""

    means: Mapping[str, float]
    batch_size: int
    seed: int
    threads: int | None = None  # None: all cores
    parallel: str | None = None


class Engine(Protocol):
    """A row of the registry. What is asked of a program here takes no time; work begins with a trainer."""

    name: str  # as `engine=` names it
    has_rate: bool = True  # whether it moves tables by a learning rate
    reads_all: bool = False  # whether it has to hold all examples
    is_online: bool = False  # whether a step for a single example is worth its while

    def lacks(self, program: Program, batch_size: int) -> str | None:
        """None where it can train the program, else what it lacks, to come after "because"."""
        ...

    def says(self, batch_size: int) -> str:
        """How it trains, in a few words for people."""
        ...

    def trainer(self, program: Program, examples: Examples, parameters: Parameters, way: Way) -> Trainer:
        """What trains `parameters`, which stay where they are; the examples become its own.

        Raises:
            BadOption: it has no such way.
        """
        ...

    def lacks_to_predict(self, program: Program) -> str | None:
        """None where it can predict, else what it lacks; one that only trains leaves it at that."""
        return "it only trains"

    def predict(
        self,
        program: Program,
        tables: Mapping[str, np.ndarray],
        examples: Examples,
        *,
        means: Mapping[str, float],
    ) -> np.ndarray:
        """The prediction of each example: (n,), or (n, classes)."""
        raise AssertionError(f"{self.name} only trains, and says so")
