"""Data in, what a run reads out: vocabularies, examples to learn from and to validate by, means, and a report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from rowwise.data import splits
from rowwise.data.check import Report
from rowwise.data.examples import Examples, encode, learn_vocabularies, read_examples, with_classes
from rowwise.data.layout import WEIGHT, Layout
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.source import Source, read
from rowwise.data.statistics import FINEST, statistics
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData, BadOption
from rowwise.fitted.fitted import Fitted, layout_of
from rowwise.models.model import Model
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.train.sets import InMemory, OnDisk, on_disk

Weigh = Callable[[pl.DataFrame, Layout], pl.DataFrame]  # adds the weights of examples, where there are any


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
        if one is None or any(column.is_list for column in self.layout.ids.values()):
            return None
        found: dict[str, Any] = {}
        for column, rows in one.rows.items():
            found[column] = self.vocabularies[self.column_vocabulary[column]].ids[int(np.asarray(rows)[0])]
        found |= {column: values[0] for column, values in one.values.items()}
        return found if one.target is None else found | {str(self.layout.target): one.target[0].tolist()}


def prepare(
    model: Model,
    program: Program,
    data: Source,
    validation: float | Source | None,
    weigh: Weigh,
    *,
    seed: int,
    min_count: int,
    chunk_rows: int | None,
) -> Prepared:
    targets = model.loss.targets if model.loss else "number"
    layout = with_classes(data, layout_of(program, model.vocabularies, targets, texts=model.texts))
    if chunk_rows is not None:
        if isinstance(validation, float):
            raise BadOption(
                f"validation={validation} with chunk_rows={chunk_rows}",
                expected="validation data of its own, where the training data stay on disk",
                mend="write the validation part to another file, and give its path",
            )
        training, report = on_disk(data, layout, chunk_rows=chunk_rows, min_count=min_count)
        vocabularies, held_back = training.vocabularies, None if validation is None else read(validation)
        if layout.weight == WEIGHT:
            raise BadOption(
                f"weights of classes, or in an array, with chunk_rows={chunk_rows}",
                expected="weights in a column of the file",
                mend="write them to the file, and give sample_weight= the column's name",
            )
        whole = pl.scan_parquet(training.path)
    else:
        frame, report = read_examples(data, layout, learn=True)
        frame, held_back = _split(weigh(frame, layout), validation, seed=seed)
        vocabularies, found = learn_vocabularies(frame, layout, min_count=min_count)
        examples, report = encode(frame, report, layout, vocabularies, found=found)
        training = InMemory(examples)
        whole = frame
    held_examples, line = _held(held_back, layout, vocabularies)
    return Prepared(
        training=training,
        validation=held_examples,
        vocabularies=vocabularies,
        column_vocabulary=model.vocabularies,
        layout=layout,
        means=statistics_of(program, whole, weight=layout.weight),
        report=str(report) + line,
    )


def prepare_further(
    fitted: Fitted, program: Program, data: Source, validation: float | Source | None, weigh: Weigh, *, seed: int
) -> Prepared:
    """More data as a fitted model reads them: by its vocabularies, which stay as they are, and its means."""
    frame, report = read_examples(data, fitted.layout, learn=False)
    if fitted.layout.target is not None and fitted.layout.target not in frame.columns:
        read(data, columns=[fitted.layout.target])  # refuses, and names the column
    frame, held_back = _split(weigh(frame, fitted.layout), validation, seed=seed)
    examples, report = encode(frame, report, fitted.layout, fitted.vocabularies)
    held_examples, line = _held(held_back, fitted.layout, fitted.vocabularies)
    return Prepared(
        training=InMemory(examples),
        validation=held_examples,
        vocabularies=fitted.vocabularies,
        column_vocabulary=fitted.column_vocabulary,
        layout=fitted.layout,
        means=fitted.means,
        report=str(report) + line,
    )


def statistics_of(program: Program, frame: pl.DataFrame | pl.LazyFrame, *, weight: str | None) -> dict[str, float]:
    """By input, the statistics that a program reads, of these examples as they are weighed."""
    wanted = {i.value.name: (str(i.statistic), str(i.column)) for i in program.inputs if i.kind == "statistic"}
    found = statistics(frame, wanted.values(), weight=weight)
    for statistic, column in found:
        if statistic == "spread":
            _check_told_apart(frame, column, found[statistic, column])
    return {name: found[key] for name, key in wanted.items()}


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


def _split(
    frame: pl.DataFrame, validation: float | Source | None, *, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """What is learnt from, and what is held back."""
    if isinstance(validation, float):
        return splits.random(frame, fraction=validation, seed=seed)
    return frame, None if validation is None else read(validation)


def _held(
    held_back: pl.DataFrame | None, layout: Layout, vocabularies: Mapping[str, Vocabulary]
) -> tuple[Examples | None, str]:
    """The examples to validate by, and a line that counts them."""
    if held_back is None:
        return None, ""
    frame, report = read_examples(held_back, layout, learn=False)
    examples, report = encode(frame, report, layout, vocabularies)
    if layout.target is not None and examples.target is None:
        raise BadData(
            f"the validation data, {report.source}, have no column {layout.target!r}",
            expected="the target of each example, to measure the error of the predictions",
            mend="add the column, or leave validation out",
        )
    return examples, f"\n{examples.n:,} examples held back for validation" + _strange(report)


def _strange(report: Report) -> str:
    found = ", ".join(f"{n:,} with an unknown {column}" for column, n in report.unknown.items() if n)
    return f" ({found})" if found else ""


def mend_unknown_rows(program: Program, prepared: Prepared, parameters: Parameters) -> None:
    """Where no training example read a table's unknown row, it becomes the mean of the rows that were trained."""
    for name in dict.fromkeys(i.table for i in program.lookups if i.table in program.updates):
        table = parameters.tables[str(name)]
        readers = {str(i.column) for i in program.lookups if i.table == name and i.kind != "sampled"}
        counts = sum((prepared.training.counts(column, len(table)) for column in readers), np.zeros(len(table), int))
        column = next(str(i.column) for i in program.lookups if i.table == name)
        unknown = prepared.vocabularies[prepared.column_vocabulary[column]].unknown
        if counts[unknown] == 0 and counts.any():
            table[unknown] = table[counts > 0].mean(0)


def seen_pairs(prepared: Prepared) -> Ragged | None:
    """For each row of a user, the rows of the items that the data say it has seen, also in the part held back.

    None where the model has not two keys, or the pairs are too many to be remembered.
    """
    keys = prepared.layout.keys
    if len(keys) < 2:
        return None
    held = [] if prepared.validation is None else [InMemory(prepared.validation)]
    parts = [part.pairs(*keys[:2]) for part in (prepared.training, *held)]
    if any(part is None for part in parts):
        return None
    users, items = (prepared.vocabularies[prepared.column_vocabulary[key]] for key in keys[:2])
    pairs = pl.concat([part for part in parts if part is not None])
    pairs = pairs.filter(pl.col("user") >= users.first, pl.col("item") >= items.first).unique().sort("user", "item")
    counts = np.bincount(pairs["user"].to_numpy(), minlength=len(users))
    return Ragged(starts_of(counts), pairs["item"].to_numpy())
