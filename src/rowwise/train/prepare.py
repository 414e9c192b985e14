"""Data in, what a run reads out: vocabularies, examples to learn from and to validate by, means, and a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.check import Report
from rowwise.data.examples import Examples
from rowwise.data.layout import WEIGHT, Layout
from rowwise.data.reader import Reader
from rowwise.data.source import Source
from rowwise.data.statistics import FINEST, STATISTICS, statistics
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData, BadOption
from rowwise.models.recipe import Recipe
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.train.options import FitOptions, FurtherOptions
from rowwise.train.sets import InMemory, OnDisk, on_disk
from rowwise.trained.answer import answer
from rowwise.trained.metrics import measure
from rowwise.trained.trained import Trained, layout_of


@dataclass(frozen=True, slots=True)
class Prepared:
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

    def example(self, one: Examples | None) -> dict[str, Any] | None:
        """An example as its columns; None where it holds more than single ids."""
        return as_columns(one, Reader(self.layout, self.vocabularies))

    def errors(self, program: Program, parameters: Parameters) -> dict[str, float]:
        """The errors on the examples held back, by their names in the history."""
        held = self.validation
        if held is None or held.target is None:
            return {}
        predictions = answer(program, parameters.tables, held, means=self.means)
        errors = measure(predictions, held.target, targets=self.layout.targets)
        return {f"validation_{name}": error for name, error in errors.items()}


def as_columns(one: Examples | None, reader: Reader) -> dict[str, Any] | None:
    """The first of some examples as what it was read from; None where it holds more than single ids."""
    layout = reader.layout
    if one is None or any(column.is_list for column in layout.ids.values()):
        return None
    found: dict[str, Any] = {}
    for column, rows in one.rows.items():
        found[column] = reader.vocabularies[layout.ids[column].vocabulary].ids[int(np.asarray(rows)[0])]
    found |= {column: values[0] for column, values in one.values.items()}
    return found if one.target is None else found | {str(layout.target): one.target[0].tolist()}


def prepare(recipe: Recipe, program: Program, data: Source, asked: FitOptions) -> Prepared:
    """The data of a first training: classes, vocabularies and means are learnt from them."""
    validation, chunk_rows, min_count = asked.validation, asked.chunk_rows, asked.min_count
    reader = Reader(layout_of(program, recipe.vocabularies, recipe.targets, texts=recipe.texts))
    if chunk_rows is not None:
        if isinstance(validation, float):
            raise BadOption(
                f"validation={validation} with chunk_rows={chunk_rows}",
                expected="validation data of its own, where the training data stay on disk",
                mend="write the validation part to another file, and give its path",
            )
        if reader.layout.weight == WEIGHT:
            raise BadOption(
                f"weights of classes, or in an array, with chunk_rows={chunk_rows}",
                expected="weights in a column of the file",
                mend="write them to the file, and give sample_weight= the column's name",
            )
        training, report = on_disk(data, reader.layout, chunk_rows=chunk_rows, min_count=min_count)
        reader, frame = training.reader, training.scan
        held_back = None if validation is None else reader.transform(validation, "needed")
    else:
        reader, examples, frame, report, held_back = reader.fit(
            data, validation, weigh=asked.weigh, seed=asked.seed or 0, min_count=min_count
        )
        training = InMemory(examples)
        _check_classes(program, examples, None if held_back is None else held_back[0])
    return Prepared(
        training=training,
        validation=None if held_back is None else held_back[0],
        vocabularies=reader.vocabularies,
        column_vocabulary=recipe.vocabularies,
        layout=reader.layout,
        means=statistics_of(program, frame, weight=reader.layout.weight),
        report=str(report) + _told(held_back),
    )


def prepare_further(trained: Trained, data: Source, asked: FurtherOptions, *, seed: int) -> Prepared:
    """More data as a fitted model reads them: by its vocabularies, which stay as they are, and its means."""
    reader, examples, frame, report, held_back = trained.reader.fit_further(
        data, asked.validation, weigh=asked.weigh, seed=seed
    )
    _check_classes(trained.program, examples, None if held_back is None else held_back[0])
    means, drift = _statistics_together(trained.program, trained.means, frame)
    return Prepared(
        training=InMemory(examples),
        validation=None if held_back is None else held_back[0],
        vocabularies=trained.vocabularies,
        column_vocabulary=trained.column_vocabulary,
        layout=reader.layout,
        means=means,
        report="\n".join([str(report) + _told(held_back), *drift]),
    )


def statistics_of(program: Program, frame: pl.DataFrame | pl.LazyFrame, *, weight: str | None) -> dict[str, float]:
    """By input, the statistics that a program reads, of these examples as they are weighed."""
    wanted = {i.value.name: (i.statistic, i.column) for i in program.statistics}
    found = statistics(frame, wanted.values(), weight=weight)
    for statistic, column in found:
        if statistic == "spread":
            _check_told_apart(frame, column, found[statistic, column])
    return {name: found[key] for name, key in wanted.items()}


def _statistics_together(
    program: Program, known: Mapping[str, float], frame: pl.DataFrame
) -> tuple[dict[str, float], list[str]]:
    """The statistics after more data have come, and in sentences what they show about those that were fixed."""
    here = [i for i in program.statistics if i.column in frame.columns]
    found = statistics(frame, [(i.statistic, i.column) for i in here], weight=None)
    means = dict(known)
    said: list[str] = []
    for i in here:
        name, new = i.value.name, found[i.statistic, i.column]
        together = STATISTICS[i.statistic].together
        if together is not None and together(known[name], new) != known[name]:
            means[name] = new
            said.append(f"{i.says} is now {new:g}; it was {known[name]:g}")
        spread = statistics(frame, [("spread", i.column)], weight=None)["spread", i.column]
        if i.statistic == "mean" and len(frame) > 1 and abs(new - known[name]) > spread:
            said.append(
                f"{i.says} stays {known[name]:g}, beside which rows were learnt, though that of "
                f"these examples is {new:g}: fit anew if all that comes is like them"
            )
    return means, said


def _check_classes(program: Program, *parts: Examples | None) -> None:
    """Refuse the number of a class that the prediction has no place for."""
    target = program.target and program.target.value
    if target is None or target.dtype != "int32" or program.prediction is None:
        return
    n_classes = program.prediction.size
    for part in parts:
        if part is not None and part.target is not None and part.target.max(initial=0) >= n_classes:
            raise BadData(
                f"the target is class {part.target.max()} in {int((part.target >= n_classes).sum()):,} examples",
                expected=f"one of the {n_classes} classes that the model has a score for, 0 to {n_classes - 1}",
                mend="leave those examples out, or fit a model that returns a score for each class",
            )


def _check_told_apart(frame: pl.DataFrame | pl.LazyFrame, column: str, spread: float) -> None:
    """Refuse numbers that differ by less than float32, in which a program counts, tells apart at their size."""
    extremes = statistics(frame, [("lowest", column), ("highest", column), ("mean", column)], weight=None)
    low, high, mean = extremes.values()
    apart = FINEST * max(abs(low), abs(high))
    if low < high and 8 * apart > spread:
        raise BadData(
            f"{column!r} spreads by {spread:g} around {mean:,.0f}, where numbers of 32 bits are {2 * apart:g} apart",
            expected="a target whose numbers can be told apart",
            mend=f"subtract {mean:.0f} from {column!r}, and add it to the predictions",
        )


def _told(held_back: tuple[Examples, Report] | None) -> str:
    """A line that counts the examples held back."""
    if held_back is None:
        return ""
    examples, report = held_back
    strange = ", ".join(f"{n:,} with an unknown {column}" for column, n in report.unknown.items() if n)
    return f"\n{examples.n:,} examples held back for validation" + (f" ({strange})" if strange else "")


def mend_unknown_rows(program: Program, prepared: Prepared, parameters: Parameters) -> None:
    """Where no training example read a table's unknown row, it becomes the mean of the rows that were trained."""
    for name in dict.fromkeys(i.table for i in program.lookups if i.table in program.updates):
        table = parameters.tables[str(name)]
        readers = {i.column for i in program.lookups if i.table == name and not i.is_drawn}
        counts = sum((prepared.training.counts(column, len(table)) for column in readers), np.zeros(len(table), int))
        column = next(i.column for i in program.lookups if i.table == name)
        unknown = prepared.vocabularies[prepared.column_vocabulary[column]].unknown
        if counts[unknown] == 0 and counts.any():
            table[unknown] = table[counts > 0].mean(0)
