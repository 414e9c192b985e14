"""X and y apart, as scikit-learn hands them over, in; frames out, with the names and types that they had."""

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.source import read
from rowwise.english import n_of
from rowwise.errors import BadData


def features(X: object, names: Sequence[str]) -> pl.DataFrame:
    """X as a frame: what has names as it is; of bare rows the first columns are called by `names`, others "x2", ….

    Raises:
        BadData: it is no table of two axes, or has fewer columns than there are names.
    """
    if has_names(X):
        return read(X)
    rows = X if isinstance(X, np.ndarray) else _as_array(X)
    if rows.ndim == 1 and rows.size == 0:
        rows = rows.reshape(0, len(names))
    if np.iscomplexobj(rows):
        raise BadData("Complex data not supported: X is complex", expected="ids", mend="give whole numbers or text")
    if rows.ndim != 2 or rows.shape[1] < len(names):
        n = rows.shape[1] if rows.ndim == 2 else 0
        least = f"{n} feature(s) (shape={rows.shape}) while a minimum of {len(names)} is required."
        raise BadData(
            f"X has {least}" if rows.ndim == 2 else f"X has the shape {rows.shape}. Reshape your data",
            expected=f"a table with a column each for {' and '.join(names)}",
            mend="give pairs, such as [(15, 32), (15, 47)], or a frame",
        )
    named = [*names, *(f"x{k}" for k in range(len(names), rows.shape[1]))]
    columns = [rows[:, k].tolist() if rows.dtype == object else rows[:, k] for k in range(rows.shape[1])]
    return pl.DataFrame([_series(name, column) for name, column in zip(named, columns, strict=True)])


def targets(y: object, n: int) -> pl.Series:
    """y as one column of `n` cells: a series, an array or a list, also of shape (n, 1).

    Raises:
        BadData: it has another length, or more columns than one.
    """
    if is_frame(y):
        frame = read(y)
        if frame.width != 1:
            raise BadData(
                f"y has the columns {', '.join(frame.columns) or 'none'}",
                expected="one column",
                mend=f"name one of them: frame[{frame.columns[0]!r}]" if frame.columns else "give a list of numbers",
            )
        column = frame.to_series()
    elif isinstance(y, pl.Series):
        column = y
    else:
        cells = y if isinstance(y, np.ndarray) else _as_array(y, name=getattr(y, "name", None))
        if cells.ndim == 2 and cells.shape[1] == 1:
            cells = cells[:, 0]
        if cells.ndim != 1:
            raise BadData(
                f"y has the shape {cells.shape}", expected="one target for each row of X", mend="give a list of numbers"
            )
        column = _series("", cells.tolist() if cells.dtype == object else cells)
    if len(column) != n:
        raise BadData(
            f"X has {n_of(n, 'row')} and y {n_of(len(column), 'cell')}: inconsistent numbers of samples",
            expected="a target for each row",
            mend="take X and y from the same rows",
        )
    return column


def is_frame(X: object) -> bool:
    """Whether it has named columns: of Polars, pandas, Arrow."""
    return hasattr(X, "columns") and not isinstance(X, np.ndarray)


def has_names(X: object) -> bool:
    """Whether its columns have names of their own: a frame, a structured array, mappings, named tuples, dataclasses."""
    if isinstance(X, np.ndarray):
        return X.dtype.names is not None
    first = X[0] if isinstance(X, list | tuple) and X else None
    return is_frame(X) or hasattr(first, "keys") or hasattr(first, "_fields") or is_dataclass(first)


def _series(name: str, cells: Any) -> pl.Series:
    try:
        return pl.Series(name, cells)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, list(cells), dtype=pl.Object)  # the reader says what is wrong with it


def _as_array(X: Any, name: object = None) -> np.ndarray:
    """Rows or cells as an array that changes none of them: [(1, "a")] stays a number and a text."""
    if hasattr(X, "toarray"):
        raise BadData("X is sparse data", expected="a dense table of ids", mend="X.toarray()")
    cells = X.to_list() if hasattr(X, "to_list") else X
    try:
        rows = [tuple(row) if isinstance(row, list | tuple | np.ndarray) else row for row in cells]
    except TypeError:
        return np.asarray(X, dtype=object)
    width = len(rows[0]) if rows and isinstance(rows[0], tuple) else None
    if width is None:
        array = np.empty(len(rows), dtype=object)
        array[:] = rows
        return array
    array = np.empty((len(rows), width), dtype=object)
    for k, row in enumerate(rows):
        if not isinstance(row, tuple) or len(row) != width:
            raise BadData(
                f"row {k} of X is {row!r}",
                expected=f"{n_of(width, 'cell')}, as in row 0",
                mend=f"give it {n_of(width, 'cell')}, None where one is missing",
            )
        array[k] = row
    return array
