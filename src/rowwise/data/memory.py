"""Something in memory in, a Polars frame of the columns that are wanted out; the others are not looked at.

| given                                                                | is read as                              |
|----------------------------------------------------------------------|-----------------------------------------|
| a frame of Polars or pandas, an Arrow table, a mapping of columns    | its columns, by name                    |
| an Arrow stream (a reader, a DuckDB relation)                        | its columns, read once                  |
| mappings, named tuples, dataclasses, rows of SQLite; a cursor        | rows, their columns by name             |
| tuples, lists or arrays, one a row; a matrix of NumPy                | rows, whose columns have no names       |
| a structured array of NumPy                                          | its fields, by name                     |

Rows may come from any iterator, which is read to its end, once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from numbers import Number
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.ids import is_missing, mixed_types
from rowwise.data.opened import distinct
from rowwise.errors import BadData, RowwiseError, foreign
from rowwise.narrow import is_array, is_iterable, is_mapping


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns by name, none of them looked at before it is wanted; `has_names` is False where we made the names."""

    names: list[str]
    column: Callable[[int], Any]  # the k-th, in any form that Polars makes a series of
    has_names: bool = True

    def frame(self, wanted: Sequence[str]) -> pl.DataFrame:
        """The columns of these names.

        Raises:
            BadData: one is not a column of anything.
        """
        there = {name: k for k, name in enumerate(distinct(self.names))}
        columns = [_series(name, self.column(there[name])) for name in wanted]
        lengths = {column.name: len(column) for column in columns}
        if len(set(lengths.values())) > 1:
            raise BadData(
                f"the columns cannot be read: {', '.join(f'{name!r} has {n}' for name, n in lengths.items())} cells",
                expected="columns of one length",
                mend="give each row a cell in every column, None where it is missing",
            )
        return pl.DataFrame({column.name: column for column in columns})  # of a list Polars renames the column ""


def columns_of(source: Any) -> Columns:
    """The columns of something in memory.

    Raises:
        BadData: it is nothing that has rows and columns, or has none.
    """
    if is_mapping(source):
        values = list(source.values())
        return Columns([str(name) for name in source], values.__getitem__)
    if is_array(source):
        return _of_array(source)
    if hasattr(source, "iloc") and hasattr(source, "columns"):  # pandas
        return Columns([str(name) for name in source.columns], lambda k: _dense(source.iloc[:, k]))
    if hasattr(source, "column_names") and hasattr(source, "column"):  # an Arrow table
        return Columns([str(name) for name in source.column_names], source.column)
    if hasattr(source, "__arrow_c_stream__") or isinstance(source, pl.DataFrame):
        frame = _of_stream(source)
        return Columns(frame.columns, frame.to_series)
    if hasattr(source, "fetchall") and getattr(source, "description", None):  # a cursor of any database
        return _of_tuples(list(source.fetchall()), [str(each[0]) for each in source.description])
    if is_iterable(source) and not isinstance(source, str | bytes):
        return _of_rows(list(source), source)
    raise _no_rows(source)


def _of_array(array: np.ndarray) -> Columns:
    fields = array.dtype.names
    if fields is not None and array.ndim == 1:
        return Columns([*fields], lambda k: array[fields[k]])
    if array.ndim == 1 and array.dtype == object:
        return _of_rows(array.tolist(), array)
    if array.ndim != 2:
        raise _no_rows(array)
    return Columns(_numbered(array.shape[1]), lambda k: array[:, k], has_names=False)


def _of_rows(rows: list[Any], source: object) -> Columns:
    if not rows:
        raise BadData("there are no rows", expected="examples, one a row", mend="check how they were made")
    first = rows[0]
    if all(isinstance(row, pl.Series) for row in rows):
        return Columns([row.name for row in rows], rows.__getitem__)
    if is_dataclass(first) and not isinstance(first, type):
        rows = [asdict(row) for row in rows]
    elif hasattr(first, "keys") and not is_mapping(first):  # sqlite3.Row
        rows = [dict(zip(row.keys(), row, strict=True)) for row in rows]
    if all(isinstance(row, Mapping) for row in rows):
        keys = list(dict.fromkeys(key for row in rows for key in row))
        return Columns([str(key) for key in keys], lambda k: [row.get(keys[k]) for row in rows])
    if all(isinstance(row, tuple | list | np.ndarray) or hasattr(row, "_fields") for row in rows):
        return _of_tuples(rows, getattr(first, "_fields", None))
    raise _no_rows(source, next(row for row in rows if not isinstance(row, tuple | list | np.ndarray | Mapping)))


def _of_tuples(rows: list[Any], names: Sequence[str] | None) -> Columns:
    width = len(rows[0]) if names is None else len(names)
    for k, row in enumerate(rows):
        if len(row) != width:
            raise BadData(
                f"row {k} has {len(row)} cells",
                expected=f"{width} cells, as in the first row",
                mend="give each row all its cells, with None where one is missing",
            )
    made = _numbered(width) if names is None else list(names)
    return Columns(made, lambda k: [row[k] for row in rows], has_names=names is not None)


def _of_stream(source: Any) -> pl.DataFrame:
    try:
        return pl.DataFrame(source)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise _no_rows(source, why=str(error).partition("\n")[0]) from None


def _numbered(width: int) -> list[str]:
    return [f"column_{k}" for k in range(width)]  # as Polars calls them


def _dense(column: Any) -> Any:
    """A column of pandas, in which every number is there."""
    return column.sparse.to_dense() if str(column.dtype).startswith("Sparse[") else column


def _series(name: str, column: object) -> pl.Series:
    """A column of anything as Polars holds it, with no value changed."""
    if isinstance(column, pl.Series):
        return column.alias(name)
    if isinstance(column, str | bytes | Number | np.generic | None):  # a bare value: a column of one example
        return _of_values(name, [column])
    if is_iterable(column) and (isinstance(column, list | tuple | Iterator) or _holds_objects(column)):
        return _of_values(name, list(column))
    try:
        mend = "write it as a list: [15, 47]"
        with foreign(BadData, f"column {name!r} cannot be read", expected="numbers or text", mend=mend):
            return _plain(name, column)
    except BadData:
        if not is_iterable(column):
            raise
        return _of_values(name, list(column))


def _holds_objects(column: object) -> bool:
    return is_array(column) and column.dtype == object


def _plain(name: str, column: Any) -> pl.Series:
    try:
        return pl.Series(name, column)
    except ModuleNotFoundError:
        raise RowwiseError(
            "a pandas frame is read by pyarrow, which is not installed",
            expected="the extra `pandas`",
            mend="pip install 'rowwise[pandas]'",
        ) from None


def _of_values(name: str, values: list[Any]) -> pl.Series:
    """Python values as a column: numbers of one kind, texts, lists; else a refusal that shows two that differ."""
    if mixed := mixed_types(values, f"column {name!r}"):
        raise mixed
    values = [None if is_missing(value) else value for value in values]
    try:
        mend = "turn all of them into text, or into numbers"
        with foreign(BadData, f"column {name!r} cannot be read", expected="values of one kind", mend=mend):
            return pl.Series(name, values)
    except BadData:
        if all(value is None or isinstance(value, int | float | np.number) for value in values):
            return _of_numbers(name, values)
        raise


def _of_numbers(name: str, values: list[Any]) -> pl.Series:
    """Whole numbers and floats as floats, if no value changes by it; else as they are, in Python."""
    try:
        floats = [None if value is None else float(value) for value in values]
    except OverflowError:  # a whole number beyond all floats
        floats = []
    return pl.Series(name, floats, pl.Float64) if floats == values else pl.Series(name, values, dtype=pl.Object)


def _no_rows(source: object, row: object = None, *, why: str = "") -> BadData:
    told = f" ({why})" if why else f", whose rows are {type(row).__name__}," if row is not None else ""
    return BadData(
        f"a {type(source).__name__}{told} cannot be read as rows and columns",
        expected="a path, a frame of Polars or pandas, an Arrow table, a mapping of columns, rows, or Sql",
        mend="turn it into a Polars frame",
    )
