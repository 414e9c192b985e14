"""A model of rows with its numbers, trained further by each call: what `fit` of a front end comes down to.

Ids are row numbers, and the numbers stay where the front end keeps them: training moves them in place.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rowwise.api.fitted import Fitted
from rowwise.backends.backend import Trainer
from rowwise.capture.capture import capture
from rowwise.data.examples import Examples
from rowwise.data.row_numbers import RowNumbers
from rowwise.keras_style.optimizers import Optimizer
from rowwise.models.recipe import Recipe
from rowwise.program.parameters import Parameters, fresh_states
from rowwise.program.program import Program
from rowwise.train import engines
from rowwise.train.history import as_frame
from rowwise.train.interrupts import Interrupts
from rowwise.train.progress import Progress
from rowwise.train.sets import InMemory
from rowwise.trained.answer import answer
from rowwise.trained.trained import Trained

Errors = Callable[[np.ndarray], dict[str, float]]  # the errors of some predictions


class Learner:
    """A model, its numbers and its optimizer's state, from one call of `fit` to the next."""

    def __init__(
        self,
        recipe: Recipe,
        tables: Mapping[str, np.ndarray],
        n_rows: Mapping[str, int],
        optimizer: Optimizer,
        *,
        update: str,
        states: Mapping[str, tuple[np.ndarray, ...]],
    ):
        """`tables` holds the numbers by table and dense weight, `n_rows` the size of each column's table.

        `states` are of an earlier learner; those that still fit are kept.
        """
        self.recipe, self.optimizer, self.update = recipe, optimizer, update
        self.vocabularies = {recipe.vocabularies[column]: n for column, n in n_rows.items()}
        self.program: Program = capture(recipe, optimizer=optimizer.make, update=update)
        fresh = fresh_states(self.program, tables)
        kept = {name: states[name] if _alike(states.get(name), now) else now for name, now in fresh.items()}
        self.parameters = Parameters(dict(tables), kept)
        self.history: list[dict[str, Any]] = []
        self.settings: dict[str, Any] = {}
        self._engine: tuple[tuple[Any, ...], Trainer] | None = None

    def run(
        self,
        examples: Examples,
        *,
        epochs: int,
        batch_size: int | None,
        engine: str,
        seed: int,
        threads: int | None,
        progress: bool | None,
        held: Callable[[], dict[str, float]],
    ) -> list[dict[str, Any]]:
        """Train for some epochs more; a row of the history for each. `held` gives the errors on held-back data."""
        engine_, choice = self._made(examples, engine=engine, batch_size=batch_size, seed=seed, threads=threads)
        rate = self.optimizer.lr
        self.settings = {
            "optimizer": self.program.optimizer,
            "learning_rate": rate,
            "epochs": epochs,
            "batch_size": choice.batch_size,
            "seed": seed,
            "update": self.update,
            "engine": str(choice),
        }
        rows: list[dict[str, Any]] = []
        with Interrupts() as interrupts, Progress(epochs, examples.n, show=progress) as shown:
            for k in range(epochs):
                row = self._epoch(engine_, rate)
                row |= held()
                self.history.append(row)
                rows.append(row)
                shown.epoch(row | {"epoch": k + 1})
                interrupts.check()
        return rows

    def _epoch(self, engine: Trainer, rate: float) -> dict[str, Any]:
        import time

        began, epoch = time.perf_counter(), len(self.history)
        loss = engine.epoch(epoch, rate)
        return {"epoch": epoch + 1, "learning_rate": rate, "loss": loss, "seconds": time.perf_counter() - began}

    def _made(self, examples: Examples, *, seed: int, threads: int | None, **wish: Any) -> tuple[Any, engines.Choice]:
        """The engine for these examples: the last one, if they and the wish are the same, is compiled already."""
        choice = engines.choose(self.program, **wish)
        key = (InMemory(examples).digest(), choice, seed, threads)
        if self._engine is None or self._engine[0] != key:
            made = engines.make(choice, self.program, self.parameters, examples, seed, means={}, threads=threads)
            self._engine = key, made
        return self._engine[1], choice

    def predict(self, examples: Examples) -> np.ndarray:
        """The prediction of each example: (n,), or (n, classes)."""
        return answer(self.program, self.parameters.tables, examples, means={})

    @property
    def fitted(self) -> Fitted:
        """The model as any trained one: `steps`, `sheet`, `save`. It holds a copy of the numbers."""
        recipe = self.recipe
        trained = Trained(
            program=self.program,
            parameters=self.parameters.copy(),
            vocabularies={name: RowNumbers(name, n) for name, n in self.vocabularies.items()},
            column_vocabulary=recipe.vocabularies,
            means={},
            targets=recipe.loss.targets if recipe.loss else "number",
            signature=str(recipe),
            settings=self.settings
            or {"learning_rate": self.optimizer.lr, "batch_size": 1, "seed": 0, "engine": "nothing yet"},
            history=as_frame(self.history),
            report="ids are row numbers",
        )
        return Fitted(trained)


def _alike(old: tuple[np.ndarray, ...] | None, new: tuple[np.ndarray, ...]) -> bool:
    return old is not None and [(a.shape, a.dtype) for a in old] == [(a.shape, a.dtype) for a in new]
