"""A model of rows with its numbers, trained further by each call: what `fit` of a front end comes down to.

Ids are row numbers, and the numbers stay where the front end keeps them: training moves them in place.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rowwise.api.fitted import Fitted, diverged_with_face
from rowwise.backends.backend import Trainer
from rowwise.capture.capture import capture
from rowwise.data.examples import Examples
from rowwise.data.row_numbers import RowNumbers
from rowwise.keras_style.optimizers import Optimizer
from rowwise.models.recipe import Recipe
from rowwise.program.parameters import Parameters, fresh_states
from rowwise.program.program import Program
from rowwise.train import engines
from rowwise.train.history import as_frame, as_setting
from rowwise.train.options import Options
from rowwise.train.prepare import as_columns
from rowwise.train.rescue import carried_out
from rowwise.train.run import Run
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

    def run(
        self, examples: Examples, asked: Options, *, held: Callable[[], Mapping[str, float]]
    ) -> list[dict[str, Any]]:
        """Train for some epochs more; a row of the history for each. `held` gives the errors on held-back data.

        Ctrl-C leaves the numbers of the best epoch so far, and gives the rows that there are.

        Raises:
            Diverged: a loss is not finite; the numbers are those of the last good epoch.
        """
        choice = engines.choose(self.program, engine=asked.engine, batch_size=asked.batch_size)
        seed, before = asked.seed or 0, self.history
        rates = choice.rates(self.optimizer.lr, asked.epochs, usual=None)
        self.settings = {
            "optimizer": self.program.optimizer,
            **as_setting(rates, self.optimizer.lr),
            "epochs": asked.epochs,
            "batch_size": choice.batch_size,
            "seed": seed,
            "update": self.update,
            "engine": str(choice),
        }
        run = Run(
            parameters=self.parameters,
            n=examples.n,
            rates=rates,
            settings=self.settings,
            finished=self._finished,
            told=lambda one: as_columns(one, self.trained.reader),
            errors=held,
            before=before,
        )

        def trainer(parameters: Parameters) -> Trainer:
            return engines.make(choice, self.program, parameters, examples, seed, means={}, threads=asked.threads)

        with diverged_with_face():
            carried_out(run, trainer, self.parameters.copy, epochs=asked.epochs, progress=asked.progress)
        return self.history[len(before) :]

    def _finished(self, parameters: Parameters, history: list[dict[str, Any]]) -> Trained:
        self.parameters.fill(parameters.arrays())
        self.history = history
        return self.trained

    def predict(self, examples: Examples) -> np.ndarray:
        """The prediction of each example: (n,), or (n, classes)."""
        return answer(self.program, self.parameters.tables, examples, means={})

    @property
    def fitted(self) -> Fitted:
        """The model as any trained one: `steps`, `sheet`, `save`. It holds a copy of the numbers."""
        return Fitted(self.trained)

    @property
    def trained(self) -> Trained:
        """The model and a copy of its numbers."""
        recipe = self.recipe
        return Trained(
            program=self.program,
            parameters=self.parameters.copy(),
            vocabularies={name: RowNumbers(name, n) for name, n in self.vocabularies.items()},
            column_vocabulary=recipe.vocabularies,
            means={},
            targets=recipe.targets,
            signature=str(recipe),
            settings=self.settings
            or {"learning_rate": self.optimizer.lr, "batch_size": 1, "seed": 0, "engine": "nothing yet"},
            history=as_frame(self.history),
            report="ids are row numbers",
        )


def _alike(old: tuple[np.ndarray, ...] | None, new: tuple[np.ndarray, ...]) -> bool:
    return old is not None and [(a.shape, a.dtype) for a in old] == [(a.shape, a.dtype) for a in new]
