"""A column in, the numbers of its cells out; what float32 cannot hold is none of them."""

from typing import Any

import numpy as np
import polars as pl

from rowwise.data.named import cells
from rowwise.errors import BadData

LARGEST = float(np.finfo(np.float32).max)
HELD = f"a finite number, of {LARGEST:.1e} at the most"  # every engine computes in float32


def as_numbers(column: pl.Series) -> pl.Series:
    """The column as numbers; null where a cell is none. In text "true" is 1 and "false" 0, as in a column of those.

    Raises:
        BadData: the column holds neither numbers nor text.
    """
    name, column = column.name, cells(column)
    if column.dtype in (pl.Int128, pl.UInt128) or column.dtype.is_decimal() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64)
    if column.dtype.is_integer() or column.dtype.is_float():
        return column
    if column.dtype == pl.Object:
        return pl.Series([_number(cell) for cell in column], dtype=pl.Float64)
    if column.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return _of_text(column.cast(pl.String).str.strip_chars())
    raise BadData(
        f"column {name!r} holds {column.dtype}",
        expected="numbers",
        mend="name a column of numbers, or convert it",
    )


def _number(cell: Any) -> float | None:
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return None


def is_held(numbers: pl.Series) -> pl.Series:
    """Where there is a number that float32 holds."""
    return numbers.is_between(-LARGEST, LARGEST).fill_null(False)


def _of_text(text: pl.Series) -> pl.Series:
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers
    words = text.str.to_lowercase().replace_strict({"true": 1.0, "false": 0.0}, default=None, return_dtype=pl.Float64)
    return numbers.fill_null(words)
