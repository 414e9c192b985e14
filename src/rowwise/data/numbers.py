"""A column in, the numbers of its cells out; what float32 cannot hold is none of them."""

import re
from typing import Any, cast

import numpy as np
import polars as pl

from rowwise.data.named import cells
from rowwise.errors import BadData

LARGEST = float(np.finfo(np.float32).max)
SIGNS = re.compile(r"[^\d.,+()\-−]")  # what a number is written among: a currency, a percent sign, a unit, blanks
CODE = re.compile(r"\s*(?![A-Z]{3}\b|[A-Z]{3}\d)[^\W\d_]")  # begins with a letter, as no number does; "EUR 3" is one
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
HELD = f"a finite number, of {LARGEST:.1e} at the most"  # every engine computes in float32


def as_numbers(column: pl.Series) -> pl.Series:
    """The column as numbers; null where a cell is none. In text "true" is 1 and "false" 0, as in a column of those.

    Raises:
        BadData: the column holds neither numbers nor text.
    """
    name, column = column.name, cells(column)
    if isinstance(column.dtype, pl.Int128 | pl.UInt128) or column.dtype.is_decimal() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64)
    if column.dtype.is_integer() or column.dtype.is_float():
        return column
    if column.dtype == pl.Object:
        return pl.Series([_number(cell) for cell in column], dtype=pl.Float64)
    if isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null):
        return _of_text(column.cast(pl.String).str.strip_chars())
    raise BadData(
        f"column {name!r} holds {column.dtype}",
        expected="numbers",
        mend="name another column, or write numbers in this one",
    )


def _number(cell: object) -> float | None:
    try:
        return float(cast(Any, cell))  # whatever it is: what it makes of itself is asked
    except (TypeError, ValueError, OverflowError):
        return None


def spelling(cell: object) -> str | None:
    """How a cell that a person reads as a number is to be written; None where there is nothing better to say.

    A last comma or point is that of the decimals, except where three digits follow each: those may be thousands.
    """
    if not isinstance(cell, str) or CODE.match(cell) or len(re.findall(r"\d[\d.,'’_\s]*", cell)) != 1:
        return None
    text = SIGNS.sub("", cell).replace("−", "-").rstrip(".,")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"  # as accountants write what is owed
    sign, digits = ("-" if text.startswith("-") else ""), text.lstrip("+-")
    if THOUSANDS.fullmatch(digits):
        without = sign + re.sub("[.,]", "", digits)
        may_be_decimals = digits.count(",") == 1
        decimal = f", or {sign}{digits.replace(',', '.')} if its comma begins decimals"
        return without + decimal * may_be_decimals
    whole, _, decimals = digits.replace(",", ".").rpartition(".")
    digits = f"{whole.replace('.', '')}.{decimals}" if "." in digits or "," in digits else decimals
    return f"{sign}{digits}" if re.fullmatch(r"\d*\.?\d+", digits) and f"{sign}{digits}" != cell.strip() else None


def is_held(numbers: pl.Series) -> pl.Series:
    """Where there is a number that float32 holds."""
    return numbers.is_between(-LARGEST, LARGEST).fill_null(False)


def _of_text(text: pl.Series) -> pl.Series:
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers
    words = text.str.to_lowercase().replace_strict({"true": 1.0, "false": 0.0}, default=None, return_dtype=pl.Float64)
    return numbers.fill_null(words)
