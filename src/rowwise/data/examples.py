"""A frame as arrays: what every engine reads, a column of row numbers for each column of ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from rowwise.data.check import Report, check
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.read import Source, name_of, read
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData

Rows = np.ndarray | Ragged


@dataclass(frozen=True, slots=True)
class Examples:
    """`n` examples: the row numbers of each column of ids, the numbers of each column of values, the target.

    rows[column]: int32 (n,) for Row, (n, length) for Rows, Ragged for Bag
    values[column]: float32 (n,) or (n, size)
    target: float32 (n,), int32 for classes, None where the model returns its own loss
    """

    n: int
    rows: Mapping[str, Rows]
    values: Mapping[str, np.ndarray]
    target: np.ndarray | None

    def take(self, index: np.ndarray) -> "Examples":
        """The examples at `index`, in that order."""
        return Examples(
            len(index),
            {c: rows.take(index) if isinstance(rows, Ragged) else rows[index] for c, rows in self.rows.items()},
            {c: values[index] for c, values in self.values.items()},
            None if self.target is None else self.target[index],
        )


@dataclass(frozen=True, slots=True)
class IdColumn:
    """How a column of ids is read: one id a cell, or lists of ids as they are or padded to `length`."""

    vocabulary: str
    is_list: bool = False
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a frame a model reads, and as what."""

    ids: Mapping[str, IdColumn]
    values: Sequence[str]
    target: str | None
    targets: str  # number | binary | class | count
    means: Sequence[str] = ()  # columns whose mean the model reads

    @property
    def columns(self) -> list[str]:
        """Everything that an example to learn from must hold."""
        return list(dict.fromkeys([*self.ids, *self.values, *([self.target] if self.target else []), *self.means]))


def learn_vocabularies(frame: pl.DataFrame, layout: Layout, *, min_count: int = 1) -> dict[str, Vocabulary]:
    """The vocabularies that the layout names, each from all of its columns; rarer ids than `min_count` are left out."""
    columns: dict[str, list[pl.Series]] = {}
    for name, column in layout.ids.items():
        ids = frame[name].explode().drop_nulls() if column.is_list else frame[name]
        columns.setdefault(column.vocabulary, []).append(ids)
    found = {name: pl.concat([s.alias(name) for s in series]) for name, series in columns.items()}
    return {name: Vocabulary.of(name, ids, min_count=min_count) for name, ids in found.items()}


def read_examples(source: Source, layout: Layout, *, learn: bool) -> tuple[pl.DataFrame, Report]:
    """The checked frame of a source, with the columns of the layout, and what was found in it.

    `learn=False` reads what is to be answered: the target may be missing or constant.
    """
    columns = layout.columns if learn else [*layout.ids, *layout.values]
    frame = read(source) if not learn else read(source, columns=columns)
    if not set(columns) <= set(frame.columns):
        read(source, columns=columns)  # refuses, and names the column
    if not learn and layout.target in frame.columns:
        columns = [*columns, str(layout.target)]
    frame = frame.select(list(dict.fromkeys(columns)))
    single = [name for name, column in layout.ids.items() if not column.is_list]
    numbers = [name for name in (*layout.values, *layout.means) if name in columns and frame[name].dtype != pl.List]
    target = layout.target if layout.target in frame.columns else None
    checked = check(
        frame,
        source=source,
        ids=single,
        numbers=list(dict.fromkeys([*numbers, *([target] if target and not learn else [])])),
        target=target if learn else None,
    )
    if target:
        _check_targets(checked.frame[target], layout.targets, name_of(source))
    return checked.frame, checked.report


def encode(
    frame: pl.DataFrame, report: Report, layout: Layout, vocabularies: Mapping[str, Vocabulary]
) -> tuple[Examples, Report]:
    """The frame as examples, and the report with the examples counted that the unknown row stands in for."""
    rows: dict[str, Rows] = {}
    unknown: dict[str, int] = {}
    for name, column in layout.ids.items():
        if name not in frame.columns:
            continue
        found = _rows(frame[name], column, vocabularies[column.vocabulary])
        rows[name] = found
        unknown[name] = int(np.count_nonzero(found == 0)) if isinstance(found, np.ndarray) and not column.is_list else 0
    values = {
        name: np.ascontiguousarray(
            np.array(frame[name].to_list(), np.float32) if frame[name].dtype == pl.List else frame[name].to_numpy(),
            dtype=np.float32,
        )
        for name in layout.values
    }
    target = None
    if layout.target is not None and layout.target in frame.columns:
        kind = np.int32 if layout.targets == "class" else np.float32
        target = np.ascontiguousarray(frame[layout.target].to_numpy(), dtype=kind)
    return Examples(len(frame), rows, values, target), replace(report, unknown=unknown)


def _rows(ids: pl.Series, column: IdColumn, vocabulary: Vocabulary) -> Rows:
    if not column.is_list:
        return vocabulary.rows(ids)
    counts = ids.list.len().fill_null(0).to_numpy()
    flat = vocabulary.rows(ids.filter(counts > 0).explode())
    ragged = Ragged(starts_of(counts), flat)
    return ragged if column.length is None else ragged.pad(column.length)


_TARGETS = {
    "binary": (lambda t: t.is_in([0.0, 1.0]), "0 or 1", "write the target as 0 and 1, or use loss=rw.squared_error"),
    "class": (lambda t: (t >= 0) & (t == t.round()), "a class number 0, 1, 2, …", "number the classes from 0"),
    "count": (lambda t: t >= 0, "0 or more", "use loss=rw.squared_error for numbers below 0"),
}


def _check_targets(target: pl.Series, targets: str, source: str) -> None:
    if targets not in _TARGETS:
        return
    good, expected, mend = _TARGETS[targets]
    bad = target.filter(~good(target))
    if len(bad):
        raise BadData(f"{source}: {target.name!r} is {bad[0]} in {len(bad):,} rows", expected=expected, mend=mend)
