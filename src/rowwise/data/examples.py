"""A frame that was checked in, what every engine reads out: a column of row numbers for each column of ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from rowwise.data.check import Report
from rowwise.data.layout import IdColumn, Layout
from rowwise.data.lists import sizes_of
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary

Rows = np.ndarray | Ragged


@dataclass(frozen=True, slots=True)
class Examples:
    """`n` examples: the row numbers of each column of ids, the numbers of each column of values, the target.

    rows[column]: int32 (n,) for Row, (n, length) for Rows, Ragged for Bag
    values[column]: float32 (n,) or (n, size)
    target: float32 (n,), int32 for classes, (n, labels) for several labels, None where the model returns its own loss
    drawn[column]: int32 (n,) or (n, count): the rows that this epoch draws of a column of ids, where one does
    """

    n: int
    rows: Mapping[str, Rows]
    values: Mapping[str, np.ndarray]
    target: np.ndarray | None
    drawn: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])

    def take(self, index: np.ndarray) -> "Examples":
        """The examples at `index`, in that order."""
        return Examples(
            len(index),
            {c: rows.take(index) if isinstance(rows, Ragged) else rows[index] for c, rows in self.rows.items()},
            {c: values[index] for c, values in self.values.items()},
            None if self.target is None else self.target[index],
            {c: drawn[index] for c, drawn in self.drawn.items()},
        )


def encode(
    frame: pl.DataFrame,
    report: Report,
    layout: Layout,
    vocabularies: Mapping[str, Vocabulary],
    *,
    found: Mapping[str, Ragged] | None = None,
) -> tuple[Examples, Report]:
    """The frame as examples, and the report with the examples counted that the unknown row stands in for.

    A text is counted if it has no known word. `found` are the rows of texts, where they are known already.
    """
    rows: dict[str, Rows] = {}
    values: dict[str, np.ndarray] = {}
    unknown: dict[str, int] = {}
    for name, column in layout.ids.items():
        if name not in frame.columns:
            continue
        vocabulary = vocabularies[column.vocabulary]
        if isinstance(vocabulary, WordVocabulary):
            ragged = (found or {}).get(name) or vocabulary.encode(frame[name])
            sides = (vocabulary.text.pad, vocabulary.text.cut)
            unknown[name] = vocabulary.n_without_words(ragged)
        elif column.is_list:
            ragged, sides = _lists(frame, name, column, vocabulary), ("front", "front")
            unknown[name] = 0
        else:
            of_ids = rows[name] = vocabulary.rows(frame[name])
            unknown[name] = vocabulary.n_unknown(of_ids)
            continue
        rows[name] = ragged if column.length is None else ragged.pad(column.length, *sides)
        for mask in (mask for mask, of in layout.masks.items() if of == name):
            values[mask] = ragged.is_filled(column.length or 0, sides[0]).astype(np.float32)
    values |= {
        name: np.ascontiguousarray(
            np.array(frame[name].to_list(), np.float32) if frame[name].dtype == pl.List else frame[name].to_numpy(),
            dtype=np.float32,
        )
        for name in layout.values
    }
    if layout.weight is not None:
        there = layout.weight in frame.columns
        values[layout.weight] = (
            frame[layout.weight].to_numpy().astype(np.float32) if there else np.ones(len(frame), np.float32)
        )
    target = None
    if layout.target is not None and layout.target in frame.columns:
        kind = layout.targets.dtype
        cells = frame[layout.target]
        numbers = cells.to_numpy() if layout.labels is None else np.array(cells.to_list(), kind)
        target = np.ascontiguousarray(numbers, dtype=kind)
    return Examples(len(frame), rows, values, target), replace(report, unknown=unknown)


def _lists(frame: pl.DataFrame, name: str, column: IdColumn, vocabulary: Vocabulary) -> Ragged:
    counts = sizes_of(frame[name]).to_numpy()

    def flat(of: str) -> pl.Series:
        return frame[of].filter(counts > 0).explode()

    weights = {of: flat(of).cast(pl.Float32).to_numpy() for of in column.weights}
    return Ragged(starts_of(counts), vocabulary.rows(flat(name)), weights)
