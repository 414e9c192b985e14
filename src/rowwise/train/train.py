"""A recipe and data in, a trained model out.

data ──▶ read, check ──▶ vocabularies ──▶ examples ─┐
recipe ─▶ program ──▶ engine ──▶ parameters ────────┴──▶ epochs ──▶ the unknown rows ──▶ Trained
                                                          │ validation, best so far, checkpoint, progress
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rowwise.backends.backend import Trainer
from rowwise.capture.capture import capture_whole
from rowwise.capture.optimizers import optimizer_of
from rowwise.data.ragged import Ragged
from rowwise.data.source import Source
from rowwise.forks import not_in_a_fork
from rowwise.models.recipe import Recipe
from rowwise.models.start import start
from rowwise.program.parameters import Parameters
from rowwise.program.passes.freeze import moving
from rowwise.program.program import Program
from rowwise.train import checkpoints, engines
from rowwise.train.drawn import draws_of
from rowwise.train.engines import Choice
from rowwise.train.history import as_frame, as_setting
from rowwise.train.options import FitOptions
from rowwise.train.prepare import Prepared, mend_unknown_rows, prepare
from rowwise.train.rescue import carried_out
from rowwise.train.run import Look, Run, Watched
from rowwise.train.seen import seen_pairs
from rowwise.train.sets import InMemory
from rowwise.trained.trained import Trained


@not_in_a_fork
def train(recipe: Recipe, data: Source, *, look: Look, **options: object) -> Trained:
    """Train a model on a path, a frame or a query (see `rowwise.data.read`), which has the columns of the signature.

    The options by name, with their defaults: `rowwise.train.options.FitOptions`.

    `look` walks through the example that `watch` names, at the start and after some epochs.

    Ctrl-C stops after the epoch under way is dropped, and gives the model of the best epoch so far (the last finished
    one without validation).

    Raises:
        BadData: the data cannot be learnt from.
        BadOption: there is no such option, or it is outside its range.
        Diverged: a loss is not finite; `error.fitted` is the model of the last good epoch, or None.
    """
    asked = FitOptions.of(options)
    asked.check_measurable(recipe.name, recipe.target)
    training = _prepared(recipe, data, asked)
    parameters = training.fresh()
    training = replace(training, says=parameters.says)
    settings, seen = training.settings, training.seen
    now = partial(training.trained, parameters, [], settings)
    watched = None if asked.watch is None else Watched(asked.watch, now, look, asked.epochs)

    def finished(tables: Parameters, history: list[dict[str, Any]]) -> Trained:
        mend_unknown_rows(training.program, training.prepared, tables)
        made = training.trained(tables, history, settings)
        return replace(made, seen=seen, watched=watched.walks if watched else {}, whole=training.kept_whole)

    run = Run(
        parameters=parameters,
        n=training.prepared.training.n,
        rates=training.rates,
        settings=settings,
        finished=finished,
        told=training.prepared.example,
        errors=partial(training.prepared.errors, training.program, parameters),
        patience=asked.patience,
        **training.checkpoint(settings, parameters),
        watched=watched,
    )
    return carried_out(
        run, training.trainer, training.fresh, epochs=asked.epochs, progress=asked.progress, recipe=recipe
    )


@dataclass(frozen=True, slots=True)
class Training:
    """A first training before it begins: what is trained, on what, and how."""

    recipe: Recipe
    asked: FitOptions
    whole: Program  # with the updates of what is frozen
    program: Program
    choice: Choice
    rates: list[float]
    prepared: Prepared
    says: tuple[str, ...] = ()  # what initializers have to say

    @property
    def seed(self) -> int:
        return self.asked.seed or 0

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "optimizer": self.program.optimizer,
            **as_setting(self.rates, self.asked.learning_rate),
            "epochs": self.asked.epochs,
            "batch_size": self.choice.batch_size,
            "seed": self.seed,
            "update": self.asked.update,
            "engine": str(self.choice),
        }

    @property
    def seen(self) -> Ragged | None:
        return seen_pairs(self.prepared) if self.asked.remember_seen else None

    @property
    def kept_whole(self) -> Program | None:
        """The program with all updates, where something is frozen that may be thawed."""
        return self.whole if len(self.whole.updates) > len(self.program.updates) else None

    def fresh(self) -> Parameters:
        """The tables and states before the first epoch."""
        vocabularies, training = self.prepared.vocabularies, self.prepared.training
        n_rows = {name: len(vocabulary) for name, vocabulary in vocabularies.items()}
        examples = training.examples if isinstance(training, InMemory) else None
        return start(self.recipe, self.program, n_rows, seed=self.seed, vocabularies=vocabularies, examples=examples)

    def trainer(self, parameters: Parameters) -> Trainer:
        how = {
            "means": self.prepared.means,
            "draws": draws_of(self.program, parameters, self.prepared.training),
            "threads": self.asked.threads,
            "parallel": self.asked.parallel,
        }
        make = partial(engines.make, self.choice, self.program, parameters, **how)
        return self.prepared.training.trainer(make, self.seed)

    def checkpoint(self, settings: dict[str, Any], parameters: Parameters) -> dict[str, Any]:
        """Where the state is kept, and the fingerprint of all that it depends on."""
        if not self.asked.checkpoint:
            return {}
        digest = checkpoints.digest_of(self.program, self.prepared.digest(), settings, parameters)
        return {"checkpoint": Path(self.asked.checkpoint), "digest": digest}

    def trained(self, parameters: Parameters, history: list[dict[str, Any]], settings: dict[str, Any]) -> Trained:
        prepared = self.prepared
        return Trained(
            program=self.program,
            parameters=parameters,
            vocabularies=prepared.vocabularies,
            column_vocabulary=prepared.column_vocabulary,
            means=prepared.means,
            targets=prepared.layout.targets,
            classes=tuple(prepared.layout.classes),
            signature=str(self.recipe),
            settings=settings,
            history=as_frame(history),
            report="\n".join([prepared.report, *self.says]),
        )


def _prepared(recipe: Recipe, data: Source, asked: FitOptions) -> Training:
    """The program captured, the engine chosen and the data read."""
    optimizer = optimizer_of(asked.optimizer)
    whole = capture_whole(recipe, optimizer=asked.optimizer, update=asked.update, weight=asked.weight)
    program = moving(whole, recipe.trained)
    choice = engines.choose(program, engine=asked.engine, batch_size=asked.batch_size)
    engines.check_chunks(choice, asked.chunk_rows)
    rates = choice.rates(asked.learning_rate, asked.epochs, usual=optimizer.default_rate)
    return Training(recipe, asked, whole, program, choice, rates, prepare(recipe, program, data, asked))
