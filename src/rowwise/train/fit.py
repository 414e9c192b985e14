"""A model and data in, a fitted model out.

data ──▶ read, check ──▶ vocabularies ──▶ examples ─┐
model ──▶ program ──▶ engine ──▶ parameters ────────┴──▶ epochs ──▶ the unknown rows ──▶ Fitted
                                                          │ validation, best so far, checkpoint, progress
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rowwise.data import splits
from rowwise.data.check import Report
from rowwise.data.examples import Examples, Layout, Ragged, encode, learn_vocabularies, read_examples, with_classes
from rowwise.data.read import Source, read
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData, BadOption, Diverged
from rowwise.fitted.answer import answer
from rowwise.fitted.fitted import Fitted, layout_of
from rowwise.fitted.metrics import measure
from rowwise.models.model import Model
from rowwise.program.capture import capture
from rowwise.program.optimizers import optimizer_of
from rowwise.program.parameters import Parameters, start
from rowwise.program.program import Program
from rowwise.train import checkpoints, engines
from rowwise.train.history import Rate, as_frame, rates_of
from rowwise.train.progress import Progress
from rowwise.train.sets import InMemory, OnDisk, on_disk


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
        data: a path, a frame, a query: see `rowwise.data.read`. It needs the columns that the signature names.
        validation: a share of the examples held back at random, or other data; its error is measured every epoch.
        optimizer: a name ("sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", …), a factory or object of Optax.
        learning_rate: a number, or a schedule called with the epoch (0, 1, …).
        batch_size: 1 is online: each example's update is applied before the next is read. B: the mean gradient of B
            examples with the tables held still. By default 1 for models of rows alone, 64 with dense weights.
        engine: "llvm" (machine code), "xla", or "auto", which chooses and says why in `settings["engine"]`.
        update: "sparse" moves looked-up rows only; "dense" moves every row at every batch, as Keras does.
        threads: how many cores; the result does not depend on it. `parallel="hogwild"` gives that up for speed.
        patience: stop when the validation error has not fallen for so many epochs, and take the best epoch's tables;
            0 is as 1.
        min_count: ids that occur less often share the unknown row.
        checkpoint: a file that holds the state after each epoch; where it exists, training goes on from it.
        chunk_rows: train from disk: a Parquet file larger than memory, so many shuffled examples of it at a time.
        remember_seen: keep the pairs of the training data, so that `recommend` can leave them out.
        watch: an example whose steps are kept before training and after some epochs; `fitted.play(path)` shows them.
        progress: None shows progress on a terminal, True also elsewhere as plain lines, False never.

    Ctrl-C stops after the epoch under way is dropped, and gives the model of the best epoch so far (the last finished
    one without validation).

    Raises:
        BadData: the data cannot be learnt from.
        BadOption: a setting outside its range.
        Diverged: a loss is not finite; `error.fitted` is the model of the last good epoch, or None.
    """
    _check_options(epochs=epochs, patience=patience, validation=validation, threads=threads)
    if validation is not None and model.target is None:
        raise BadOption(
            f"validation={_shown(validation)} with {model.name}, which returns its own loss",
            expected="a model with a target, whose error on held-back examples can be measured",
            mend="leave validation out",
        )
    chosen = optimizer_of(optimizer)
    rates = rates_of(chosen.default_rate if learning_rate is None else learning_rate, epochs)
    program = capture(model, optimizer=optimizer, update=update)
    choice = engines.choose(program, engine=engine, batch_size=batch_size)

    prepared = _prepare(model, program, data, validation, seed=seed, min_count=min_count, chunk_rows=chunk_rows)
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
    run = _Run(program, prepared, parameters, rates, patience, settings, Path(checkpoint) if checkpoint else None)

    def make(examples: Examples, seed: int) -> engines.Engine:
        return engines.make(
            choice,
            program,
            examples,
            parameters,
            means=prepared.means,
            seed=seed,
            threads=threads or len(os.sched_getaffinity(0)),
            parallel=parallel,
        )

    trained = prepared.training.engine(make, seed)
    seen = _seen(program, prepared) if remember_seen else None
    watched = _Watched(watch, lambda: _fitted(model, run, prepared, parameters, [], None), epochs)

    def finished(tables: Parameters, history: list[dict[str, Any]]) -> Fitted:
        _mend_unknown_rows(program, prepared, tables)
        return replace(_fitted(model, run, prepared, tables, history, seen), watched=watched.walks)

    return run.epochs(trained, epochs, progress, watched, finished)


FRAMES = 24  # the most epochs whose steps of a watched example are kept


@dataclass(slots=True)
class _Watched:
    """The steps of one example before training and after evenly spaced epochs, by "start", "epoch 1", …"""

    example: Mapping[str, Any] | None
    fitted: Callable[[], Fitted]
    epochs: int
    walks: dict[str, Any] = field(default_factory=dict)

    def look(self, epoch: int) -> None:
        """Keep the steps as they are after `epoch` epochs."""
        every = max(1, self.epochs // FRAMES)
        if self.example is not None and (epoch % every == 0 or epoch == self.epochs):
            self.walks[f"epoch {epoch}" if epoch else "start"] = self.fitted().steps(self.example)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The data of a run, as the engines read them."""

    training: InMemory | OnDisk
    validation: Examples | None
    vocabularies: Mapping[str, Vocabulary]
    column_vocabulary: Mapping[str, str]
    layout: Layout
    means: Mapping[str, float]
    report: str

    def digest(self) -> str:
        """A fingerprint of all examples."""
        held = InMemory(self.validation).digest() if self.validation else ""
        return self.training.digest() + held

    def example(self, number: int | None) -> dict[str, Any] | None:
        """A training example as its columns; None where it holds more than single ids, or stays on disk."""
        single = not any(column.is_list for column in self.layout.ids.values())
        if number is None or not single or not isinstance(self.training, InMemory):
            return None
        one = self.training.examples.take(np.array([number]))
        found: dict[str, Any] = {}
        for column, rows in one.rows.items():
            found[column] = self.vocabularies[self.column_vocabulary[column]].ids[int(np.asarray(rows)[0])]
        found |= {column: values[0] for column, values in one.values.items()}
        return found if one.target is None else found | {str(self.layout.target): float(one.target[0])}


def _prepare(
    model: Model,
    program: Program,
    data: Source,
    validation: float | Source | None,
    *,
    seed: int,
    min_count: int,
    chunk_rows: int | None,
) -> _Prepared:
    targets = model.loss.targets if model.loss else "number"
    layout = with_classes(data, layout_of(program, model.vocabularies, targets, texts=model.texts))
    if chunk_rows is not None:
        if model.texts:
            raise BadOption(
                f"column {next(iter(model.texts))!r} holds texts, with chunk_rows={chunk_rows}",
                expected="texts that fit in memory",
                mend="leave chunk_rows out",
            )
        if isinstance(validation, float):
            raise BadOption(
                f"validation={validation} with chunk_rows={chunk_rows}",
                expected="validation data of its own, where the training data stay on disk",
                mend="write the validation part to another file, and give its path",
            )
        training, report = on_disk(data, layout, chunk_rows=chunk_rows, min_count=min_count)
        vocabularies, held_back = training.vocabularies, None if validation is None else read(validation)
        scan = pl.scan_parquet(training.path)
        means = scan.select(pl.col(layout.means).cast(pl.Float64).mean()).collect() if layout.means else pl.DataFrame()
    else:
        frame, report = read_examples(data, layout, learn=True)
        held_back = None
        if isinstance(validation, float):
            frame, held_back = splits.random(frame, fraction=validation, seed=seed)
        elif validation is not None:
            held_back = read(validation)
        vocabularies, found = learn_vocabularies(frame, layout, min_count=min_count)
        examples, report = encode(frame, report, layout, vocabularies, found=found)
        training = InMemory(examples)
        means = frame.select(pl.col(layout.means).cast(pl.Float64).mean()) if layout.means else pl.DataFrame()
    lines = [str(report)]
    held_examples = None
    if held_back is not None:
        held_frame, held_report = read_examples(held_back, layout, learn=False)
        held_examples, held_report = encode(held_frame, held_report, layout, vocabularies)
        if layout.target is not None and held_examples.target is None:
            raise BadData(
                f"the validation data, {held_report.source}, have no column {layout.target!r}",
                expected="the target of each example, to measure the error of the predictions",
                mend="add the column, or leave validation out",
            )
        lines.append(f"{held_examples.n:,} examples held back for validation" + _strange(held_report))
    return _Prepared(
        training=training,
        validation=held_examples,
        vocabularies=vocabularies,
        column_vocabulary=model.vocabularies,
        layout=layout,
        means={i.value.name: means[str(i.column)].item() for i in program.inputs if i.kind == "mean"},
        report="\n".join(lines),
    )


def _strange(report: Report) -> str:
    found = ", ".join(f"{n:,} with an unknown {column}" for column, n in report.unknown.items() if n)
    return f" ({found})" if found else ""


@dataclass(slots=True)
class _Run:
    """One training run: what it reads, and what it keeps from epoch to epoch."""

    program: Program
    prepared: _Prepared
    parameters: Parameters
    rates: list[float]
    patience: int | None
    settings: dict[str, Any]
    checkpoint: Path | None

    def epochs(
        self, engine: engines.Engine, epochs: int, progress: bool | None, watched: _Watched, fitted: Any
    ) -> Fitted:
        digest, state = "", checkpoints.State([], None, float("inf"), 0)
        if self.checkpoint:
            digest = checkpoints.digest_of(self.program, self.prepared.digest(), self.settings, self.parameters)
            state = checkpoints.load(self.checkpoint, self.parameters, digest)
        good = self.parameters.copy()  # the tables after the last finished epoch
        watched.look(len(state.history))
        with Progress(epochs, self.prepared.training.n, show=progress) as shown:
            try:
                for epoch in range(len(state.history), epochs):
                    if self.patience is not None and state.waited >= max(1, self.patience):
                        break
                    row = self._epoch(engine, epoch)
                    good = self.parameters.copy()
                    state.history.append(row)
                    self._judge(state)
                    watched.look(epoch + 1)
                    shown.epoch(row)
                    if self.checkpoint:
                        state.save(self.checkpoint, self.parameters, digest)
            except KeyboardInterrupt:
                if not state.history:
                    raise
                self.settings["interrupted"] = f"stopped by hand after epoch {len(state.history)}"
            except Diverged as error:
                error.fitted = fitted(state.best or good, state.history) if state.history else None
                error.example = self.prepared.example(error.number)
                if error.fitted is not None and error.example is not None:
                    error.mend += "; error.fitted.steps(error.example) walks through that example"
                raise
        best = state.best if self.patience is not None or "interrupted" in self.settings else None
        return fitted(best or good, state.history)

    def _epoch(self, engine: engines.Engine, epoch: int) -> dict[str, Any]:
        rate = self.rates[epoch]
        began = time.perf_counter()
        loss = engine.epoch(epoch, rate)
        _check_finite(self.parameters, epoch, rate)
        row = {"epoch": epoch + 1, "learning_rate": rate, "loss": loss, "seconds": time.perf_counter() - began}
        held = self.prepared.validation
        if held is not None and held.target is not None:
            predictions = answer(self.program, self.parameters.tables, held, means=self.prepared.means)
            errors = measure(predictions, held.target, targets=self.prepared.layout.targets)
            row |= {f"validation_{name}": value for name, value in errors.items()}
        return row

    def _judge(self, state: checkpoints.State) -> None:
        """Keep the tables of the best epoch, by the first validation error."""
        error = next((v for name, v in state.history[-1].items() if name.startswith("validation_")), None)
        if error is None:
            return
        state.waited += 1
        if error < state.best_error:
            state.best_error, state.waited = error, 0
            state.best = self.parameters.copy()


def _fitted(
    model: Model, run: _Run, prepared: _Prepared, parameters: Parameters, history: list[dict[str, Any]], seen: Any
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


def _check_finite(parameters: Parameters, epoch: int, rate: float) -> None:
    """A loss is worked out before its update: the last update of an epoch may have gone too far."""
    for name, table in parameters.tables.items():
        if not np.isfinite(table).all():
            raise Diverged(
                f"table {name!r} holds numbers that are not finite after epoch {epoch + 1}",
                expected="finite numbers",
                mend=f"lower learning_rate (it was {rate:g}), or raise l2",
            )


def _mend_unknown_rows(program: Program, prepared: _Prepared, parameters: Parameters) -> None:
    """Where no training example read a table's unknown row, it becomes the mean of the rows that were trained."""
    for name in dict.fromkeys(i.table for i in program.lookups if i.table in program.updates):
        table = parameters.tables[str(name)]
        readers = {str(i.column) for i in program.lookups if i.table == name and i.kind != "sampled"}
        counts = sum((prepared.training.counts(column, len(table)) for column in readers), np.zeros(len(table), int))
        column = next(str(i.column) for i in program.lookups if i.table == name)
        unknown = prepared.vocabularies[prepared.column_vocabulary[column]].unknown
        if counts[unknown] == 0 and counts.any():
            table[unknown] = table[counts > 0].mean(0)


def _seen(program: Program, prepared: _Prepared) -> Ragged | None:
    """For each row of a user, the rows of the items in its examples; None where the model has not two keys."""
    columns = [str(i.column) for i in program.lookups if i.kind == "row"]
    keys = list(dict.fromkeys(columns))
    if len(keys) < 2:
        return None
    pairs = prepared.training.pairs(*keys[:2])
    if pairs is None:
        return None
    pairs = pairs.sort("user", "item").unique(maintain_order=True)
    n_users = len(prepared.vocabularies[prepared.column_vocabulary[keys[0]]])
    counts = np.bincount(pairs["user"].to_numpy(), minlength=n_users)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Ragged(starts, pairs["item"].to_numpy())


def _shown(validation: Any) -> str:
    return repr(validation) if isinstance(validation, float | int | str | None) else "data"


def _check_options(*, epochs: int, patience: int | None, validation: Any, threads: int | None) -> None:
    if epochs < 1:
        raise BadOption(f"epochs={epochs}", expected="1 pass over the examples or more", mend="epochs=20 is usual")
    if patience is not None and (patience < 0 or validation is None):
        raise BadOption(
            f"patience={patience} with validation={_shown(validation)}",
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
