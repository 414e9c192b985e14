"""A recipe and data in, a trained model out.

data ──▶ read, check ──▶ vocabularies ──▶ examples ─┐
recipe ─▶ program ──▶ engine ──▶ parameters ────────┴──▶ epochs ──▶ the unknown rows ──▶ Trained
                                                          │ validation, best so far, checkpoint, progress
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from rowwise.backends.backend import Trainer
from rowwise.capture.capture import capture_whole
from rowwise.capture.optimizers import optimizer_of
from rowwise.data.layout import Layout
from rowwise.data.source import Source
from rowwise.errors import Diverged
from rowwise.forks import not_in_a_fork
from rowwise.models.recipe import Recipe
from rowwise.models.start import start
from rowwise.program.parameters import Parameters
from rowwise.program.passes.prune import moving
from rowwise.train import engines
from rowwise.train.history import as_frame, as_setting
from rowwise.train.options import FitOptions
from rowwise.train.prepare import Prepared, mend_unknown_rows, prepare, seen_pairs
from rowwise.train.rescue import lower_share, mended
from rowwise.train.run import Look, Run, Watched
from rowwise.train.sets import InMemory
from rowwise.train.weights import weight_column, with_weights
from rowwise.trained.trained import Trained


@not_in_a_fork
def train(recipe: Recipe, data: Source, *, look: Look, **options: Any) -> Trained:
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
    chosen = optimizer_of(asked.optimizer)
    seed, checkpoint = int(asked.seed or 0), Path(asked.checkpoint) if asked.checkpoint else None
    weight = weight_column(asked.sample_weight, asked.class_weight)
    whole = capture_whole(recipe, optimizer=asked.optimizer, update=asked.update, weight=weight)
    program = moving(whole, recipe.trained)
    choice = engines.choose(program, engine=asked.engine, batch_size=asked.batch_size)
    rates = choice.rates(asked.learning_rate, asked.epochs, usual=chosen.default_rate)

    def weigh(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
        return with_weights(frame, layout, asked.sample_weight, asked.class_weight)

    prepared = prepare(
        recipe,
        program,
        data,
        asked.validation,
        weigh,
        seed=seed,
        min_count=asked.min_count,
        chunk_rows=asked.chunk_rows,
    )
    n_rows = {name: len(vocabulary) for name, vocabulary in prepared.vocabularies.items()}
    examples = prepared.training.examples if isinstance(prepared.training, InMemory) else None
    parameters = start(recipe, program, n_rows, seed=seed, vocabularies=prepared.vocabularies, examples=examples)
    prepared = replace(prepared, report="\n".join([prepared.report, *parameters.says]))
    settings = {
        "optimizer": program.optimizer,
        **as_setting(rates, asked.learning_rate),
        "epochs": asked.epochs,
        "batch_size": choice.batch_size,
        "seed": seed,
        "update": asked.update,
        "engine": str(choice),
    }
    run = Run(program, prepared, parameters, rates, asked.patience, settings, checkpoint)

    how = {"means": prepared.means, "threads": asked.threads, "parallel": asked.parallel}
    make = partial(engines.make, choice, program, parameters, **how)
    trainer = prepared.training.trainer(make, seed)
    seen = seen_pairs(prepared) if asked.remember_seen else None
    now = partial(_trained, recipe, run, prepared, parameters, [], None)
    watched = Watched(asked.watch, now, look, asked.epochs)

    def finished(tables: Parameters, history: list[dict[str, Any]]) -> Trained:
        mend_unknown_rows(program, prepared, tables)
        made = _trained(recipe, run, prepared, tables, history, seen)
        return replace(made, watched=watched.walks, whole=whole if len(whole.updates) > len(program.updates) else None)

    def begin() -> tuple[Trainer, Parameters]:
        fresh = start(recipe, program, n_rows, seed=seed, vocabularies=prepared.vocabularies, examples=examples)
        return prepared.training.trainer(partial(engines.make, choice, program, fresh, **how), seed), fresh

    try:
        return run.epochs(trainer, asked.epochs, asked.progress, watched, finished)
    except Diverged as error:
        mended(error, recipe, lower_share(begin, rates, prepared.training.n), rates)
        error.say_how_to_look()
        raise


def _trained(
    recipe: Recipe, run: Run, prepared: Prepared, parameters: Parameters, history: list[dict[str, Any]], seen: Any
) -> Trained:
    return Trained(
        program=run.program,
        parameters=parameters,
        vocabularies=prepared.vocabularies,
        column_vocabulary=prepared.column_vocabulary,
        means=prepared.means,
        targets=prepared.layout.targets,
        classes=tuple(prepared.layout.classes),
        signature=str(recipe),
        settings=run.settings,
        history=as_frame(history),
        report=prepared.report,
        seen=seen,
    )
