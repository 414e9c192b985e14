"""Anything that may name a thing in, ids out: whole numbers or text, and none of them changed on the way.

7, 7.0, Decimal("7.00")      the whole number 7
"7", "007", " i1", "true"    text, as it stands; an empty text is a missing id
2**64                        text, "18446744073709551616": it is held exactly by text alone
7.5, 1e300, True, a date     no id, refused
"""

import math
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from rowwise.data.named import cells
from rowwise.errors import BadData, foreign
from rowwise.narrow import is_a, is_array, is_mapping

Id: TypeAlias = int | str
Ids: TypeAlias = Iterable[Any] | np.ndarray | pl.Series  # as users give them; `as_ids` checks

EXPECTED = "ids that are integers or text"
MEND = "turn them into text, or into integers"
EXACT: dict[type[pl.DataType], int] = {
    pl.Float16: 2**11,
    pl.Float32: 2**24,
    pl.Float64: 2**53,
}  # from here on a float stands for several numbers


class Flaw(NamedTuple):
    """The first cell of a column that is there and can be no id, and what would have to be there."""

    row: int
    value: object
    expected: str


def as_ids(ids: Ids, *, what: str) -> pl.Series:
    """Ids as Int64 or String, whichever they are; null where one is missing or no id: `flaw_of` tells which.

    Raises:
        BadData: they are a mix of numbers and text, or neither. `what` names them in the message.
    """
    series = cells(ids) if isinstance(ids, pl.Series) else _series(ids, what)
    if series.dtype == pl.Object:  # Python values, from NumPy or pandas
        series = _series(series.to_list(), what)
    if isinstance(series.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null):
        text = series.cast(pl.String)
        empty = text == ""
        return text.set(empty, None) if empty.any() else text
    if series.dtype.is_integer():
        return _whole_or_text(series)
    if series.dtype.is_float():
        return series.set(~_is_exact(series), None).cast(pl.Int64)
    if series.dtype.is_decimal():
        return _whole_or_text(_of_decimals(series))
    raise BadData(
        f"{what} holds {series.dtype}",
        expected=EXPECTED,
        mend=MEND,
    )


def flaw_of(column: pl.Series) -> Flaw | None:
    """What is wrong with the first number of a column of ids that is none; None if `as_ids` took all there are."""
    column = cells(column)
    if column.dtype.is_decimal():
        bad = _of_decimals(column).is_null() & column.is_not_null()
    elif column.dtype.is_float():
        bad = ~_is_exact(column) & column.is_not_nan().fill_null(False)
    else:
        return None
    if not bad.any():
        return None
    value = column[int(bad.arg_true()[0])]
    fraction = not math.isfinite(value) or value != math.floor(value)
    limit = f"an id that is held exactly: {column.dtype} stands for several whole numbers from {value:.0f} on"
    return Flaw(int(bad.arg_true()[0]), value, "an id: text, or a whole number" if fraction else limit)


def whole_numbers(text: pl.Series) -> pl.Series:
    """Text as the whole numbers that it spells in the one canonical way; null for any other, or beyond 64 bits.

    7 is spelt "7", and not "007", "+7", " 7", "7.0" or "7e0".
    """
    whole = text.cast(pl.Int64, strict=False)
    odd = (text.str.starts_with("0") & (text != "0")) | text.str.starts_with("+") | text.str.starts_with("-0")
    return whole.set(odd, None) if odd.any() else whole


def whole_if_all_are(columns: Sequence[pl.Series]) -> list[pl.Series]:
    """Columns of text as whole numbers, if every cell of all of them spells one canonically; else as they are."""
    found = [whole_numbers(column) for column in columns]
    kept = all(now.null_count() == column.null_count() for now, column in zip(found, columns, strict=True))
    return found if kept else list(columns)


def a_blank_counts(column: str, id: str) -> str:
    """What to know of an id that begins or ends with a blank, in a sentence."""
    return f"a blank is part of an id: the {column} {id!r} is another one than {id.strip()!r}"


def _is_exact(floats: pl.Series) -> pl.Series:
    """Where a float is a whole number, and of one whole number only."""
    return ((floats == floats.floor()) & (floats.abs() < EXACT[type(floats.dtype)])).fill_null(False)


def _of_decimals(decimals: pl.Series) -> pl.Series:
    """Decimals that are whole as whole numbers in text, null for the others."""
    text = decimals.cast(pl.String).str.replace(r"\.0+$", "")
    return text.set(text.str.contains(".", literal=True), None)


def _whole_or_text(whole: pl.Series) -> pl.Series:
    """Whole numbers as Int64, or as text where one of them is beyond 64 bits."""
    narrow = whole.cast(pl.Int64, strict=False)
    return narrow if narrow.null_count() == whole.null_count() else whole.cast(pl.String)


def _series(ids: Ids, what: str) -> pl.Series:
    with foreign(BadData, f"{what} cannot be read", expected=EXPECTED, mend=MEND):
        return _of_python(ids, what)


def _of_python(ids: Ids, what: str) -> pl.Series:
    if isinstance(ids, str | bytes) or is_mapping(ids):  # Python would take the letters, or the names
        raise BadData(f"{what} is {type(ids).__name__}", expected=EXPECTED, mend="give a list, also of one id: [15]")
    if is_array(ids) and ids.dtype != object:
        return pl.Series(ids)
    values: list[object] = list(ids)
    if mixed := mixed_types(values, what):
        raise mixed
    if any(isinstance(value, int | np.integer) and not isinstance(value, bool) for value in values):
        return _of_integers([_whole(value, what) for value in values])
    return pl.Series(values)


def _whole(value: object, what: str) -> int | None:
    """A number among whole numbers as an integer, None where it is missing."""
    if is_missing(value):
        return None
    if isinstance(value, Integral):
        return int(value)
    series = pl.Series([value])
    if flaw := flaw_of(series):
        raise BadData(f"{what} holds {value!r}", expected=flaw.expected, mend="correct it, or turn all ids into text")
    return int(as_ids(series, what=what)[0])


def _of_integers(integers: list[int | None]) -> pl.Series:
    """Integers as they are, or as text where one of them is beyond 64 bits."""
    fit = all(-(2**63) <= integer < 2**63 for integer in integers if integer is not None)
    return pl.Series(integers if fit else [None if integer is None else str(integer) for integer in integers])


def mixed_types(values: Iterable[object], what: str) -> BadData | None:
    """The error to raise for a mix of text, numbers and truth values, which shows the first of each; else None."""
    present = [value for value in values if not is_missing(value)]
    kinds = {type(value): _kind(value) for value in present}
    if len(set(kinds.values())) < 2:
        return None
    first = present[0]
    other = next(value for value in present if kinds[type(value)] != kinds[type(first)])
    return BadData(
        f"{what} mixes types: {first!r} is {type(first).__name__}, {other!r} is {type(other).__name__}",
        expected="ids that are all integers or all text",
        mend="turn all of them into text: str(id)",
    )


def _kind(value: object) -> str:
    return "text" if isinstance(value, str) else "truth" if isinstance(value, bool | np.bool_) else "other"


def is_missing(value: object) -> bool:
    """None, not a number, or what pandas has in their place."""
    if is_a(value, float, np.floating):
        return bool(value != value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")
