"""A model and data in, a fitted model out.

data ──▶ read, check ──▶ vocabularies ──▶ examples ─┐
model ──▶ program ──▶ engine ──▶ parameters ────────┴──▶ epochs ──▶ the unknown rows ──▶ Fitted
                                                          │ validation, best so far, checkpoint, progress
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from rowwise.data.layout import Layout
from rowwise.data.source import Source
from rowwise.errors import BadOption, Diverged
from rowwise.fitted.fitted import Fitted
from rowwise.forks import not_in_a_fork
from rowwise.models.model import Model
from rowwise.program.capture import capture_whole
from rowwise.program.optimizers import optimizer_of
from rowwise.program.parameters import Parameters, start
from rowwise.program.trim import moving
from rowwise.train import engines
from rowwise.train.history import Rate, as_frame, rates_of
from rowwise.train.prepare import Prepared, mend_unknown_rows, prepare, seen_pairs
from rowwise.train.rescue import lower_share, mended
from rowwise.train.run import Run, Watched
from rowwise.train.sets import InMemory
from rowwise.train.weights import ClassWeight, weight_column, with_weights


@not_in_a_fork
def fit(
    model: Model,
    data: Source,
    *,
    validation: float | Source | None = None,
    optimizer: Any = "adagrad",
    learning_rate: Rate | None = None,
    epochs: int = 20,
    batch_size: int | None = None,
    seed: int = 0,
    engine: str = "auto",
    update: str = "sparse",
    sample_weight: Any = None,
    class_weight: ClassWeight = None,
    threads: int | None = None,
    parallel: str | None = None,
    patience: int | None = None,
    min_count: int = 1,
    checkpoint: str | Path | None = None,
    chunk_rows: int | None = None,
    remember_seen: bool = True,
    watch: Mapping[str, Any] | None = None,
    progress: bool | None = None,
) -> Fitted:
    """Train a model.

    Args:
        data: a path, a frame, a query: see `rowwise.data.source`. It needs the columns that the signature names.
        validation: a share of the examples held back at random, or other data; its error is measured every epoch.
        optimizer: a name ("sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", …), a factory or object of Optax.
        learning_rate: a number, or a schedule called with the epoch (0, 1, …).
        batch_size: 1 is online: each example's update is applied before the next is read. B: the mean gradient of B
            examples with the tables held still. By default 1 for models of rows alone, 64 with dense weights.
        engine: "llvm" (machine code), "xla", or "auto", which chooses and says why in `settings["engine"]`.
        update: "sparse" moves looked-up rows only; "dense" moves every row at every batch, as Keras does.
        sample_weight: what each example counts for, a factor of its loss (l2 is no part of it): the name of a column,
            or an array. With a mean of 1 the learning rate means what it meant.
        class_weight: the same by class: "balanced" (all classes the same together), or a weight for each.
        threads: how many cores; the result does not depend on it. `parallel="hogwild"` gives that up for speed.
        patience: stop when the validation error has not fallen for so many epochs, and take the best epoch's tables;
            0 is as 1.
        min_count: ids that occur less often share the unknown row.
        checkpoint: a file that holds the state after each epoch; where it exists, training goes on from it.
        chunk_rows: train from disk: a Parquet file larger than memory, so many shuffled examples of it at a time.
        remember_seen: keep who has seen what by the data, what is held back for validation included, so that
            `recommend` can leave it out. With chunk_rows it is kept for files of up to 20 million examples.
        watch: an example whose steps are kept before training and after some epochs; `fitted.play(path)` shows them.
        progress: None shows progress on a terminal, True also elsewhere as plain lines, False never.

    Ctrl-C stops after the epoch under way is dropped, and gives the model of the best epoch so far (the last finished
    one without validation).

    Raises:
        BadData: the data cannot be learnt from.
        BadOption: a setting outside its range.
        Diverged: a loss is not finite; `error.fitted` is the model of the last good epoch, or None.
    """
    check_options(epochs=epochs, patience=patience, validation=validation, threads=threads)
    if validation is not None and model.target is None:
        raise BadOption(
            f"validation={shown(validation)} with {model.name}, which returns its own loss",
            expected="a model with a target, whose error on held-back examples can be measured",
            mend="leave validation out",
        )
    chosen = optimizer_of(optimizer)
    rates = rates_of(chosen.default_rate if learning_rate is None else learning_rate, epochs)
    weight = weight_column(sample_weight, class_weight)
    whole = capture_whole(model, optimizer=optimizer, update=update, weight=weight)
    program = moving(whole, model.trained)
    choice = engines.choose(program, engine=engine, batch_size=batch_size)

    def weigh(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
        return with_weights(frame, layout, sample_weight, class_weight)

    prepared = prepare(model, program, data, validation, weigh, seed=seed, min_count=min_count, chunk_rows=chunk_rows)
    n_rows = {name: len(vocabulary) for name, vocabulary in prepared.vocabularies.items()}
    examples = prepared.training.examples if isinstance(prepared.training, InMemory) else None
    parameters = start(model, program, n_rows, seed=seed, vocabularies=prepared.vocabularies, examples=examples)
    prepared = replace(prepared, report="\n".join([prepared.report, *parameters.says]))
    settings = {
        "optimizer": program.optimizer,
        "learning_rate": rates if callable(learning_rate) else rates[0],
        "epochs": epochs,
        "batch_size": choice.batch_size,
        "seed": seed,
        "update": update,
        "engine": f"{choice.name}: {choice.reason}",
    }
    run = Run(program, prepared, parameters, rates, patience, settings, Path(checkpoint) if checkpoint else None)

    options = {"means": prepared.means, "threads": threads, "parallel": parallel}
    make = partial(engines.make, choice, program, parameters, **options)
    trained = prepared.training.engine(make, seed)
    seen = seen_pairs(prepared) if remember_seen else None
    watched = Watched(watch, lambda: _fitted(model, run, prepared, parameters, [], None), epochs)

    def finished(tables: Parameters, history: list[dict[str, Any]]) -> Fitted:
        mend_unknown_rows(program, prepared, tables)
        made = _fitted(model, run, prepared, tables, history, seen)
        return replace(made, watched=watched.walks, whole=whole if len(whole.updates) > len(program.updates) else None)

    def begin() -> tuple[engines.Engine, Parameters]:
        fresh = start(model, program, n_rows, seed=seed, vocabularies=prepared.vocabularies, examples=examples)
        return prepared.training.engine(partial(engines.make, choice, program, fresh, **options), seed), fresh

    try:
        return run.epochs(trained, epochs, progress, watched, finished)
    except Diverged as error:
        found = lower_share(begin, rates, prepared.training.n)
        if found is not None:
            mended(error, model, found, rates)
        error.say_how_to_look()
        raise


def _fitted(
    model: Model, run: Run, prepared: Prepared, parameters: Parameters, history: list[dict[str, Any]], seen: Any
) -> Fitted:
    return Fitted(
        program=run.program,
        parameters=parameters,
        vocabularies=prepared.vocabularies,
        column_vocabulary=prepared.column_vocabulary,
        means=prepared.means,
        targets=prepared.layout.targets,
        classes=tuple(prepared.layout.classes),
        signature=str(model),
        settings=run.settings,
        history=as_frame(history),
        report=prepared.report,
        seen=seen,
    )


def shown(validation: Any) -> str:
    return repr(validation) if isinstance(validation, float | int | str | None) else "data"


def check_options(*, epochs: int, patience: int | None, validation: Any, threads: int | None) -> None:
    if epochs < 1:
        raise BadOption(f"epochs={epochs}", expected="1 pass over the examples or more", mend="epochs=20 is usual")
    if patience is not None and (patience < 0 or validation is None):
        raise BadOption(
            f"patience={patience} with validation={shown(validation)}",
            expected="0 or more epochs to wait, and validation data to watch",
            mend="add validation=0.1, or leave patience out",
        )
    if isinstance(validation, int):  # True, 1 or 20 is no share and no data
        raise BadOption(
            f"validation={validation}",
            expected="a share of the examples, such as 0.1, or data to validate with",
            mend="validation=0.1 holds back a tenth",
        )
    if threads is not None and threads < 1:
        raise BadOption(f"threads={threads}", expected="1 or more", mend="leave it out to use all cores")
