"""What a person asks about in, ids of a vocabulary out: the one door of `recommend`, `similar` and their like.

Taken are one id (text or a whole number; 15.0 is 15), a sequence, array or series of them, and a frame that has the
column. Everything else is refused: True, 1.5, NaN, None, bytes, a mapping, a set, an array of two axes.
"""

from collections.abc import Set
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.ids import EXACT, Id, a_blank_counts
from rowwise.data.named import cells
from rowwise.data.vocabulary import Vocabulary
from rowwise.english import listed
from rowwise.errors import BadData
from rowwise.narrow import is_a, is_array, is_iterable, is_mapping
from rowwise.options import is_number, is_whole


def asked_ids(given: object, column: str, vocabulary: Vocabulary) -> pl.Series:
    """The ids asked about, in the type of the vocabulary: (n,), in their order, named as their column.

    Raises:
        BadData: it is no id, none of the forms above, or an id that this vocabulary could never hold.
    """
    cells = _cells(given, column, vocabulary)
    ids = [_id(cell, place if len(cells) > 1 else None, column, vocabulary) for place, cell in enumerate(cells)]
    return pl.Series(column, ids, dtype=vocabulary.ids.dtype)


def asked_id(given: object, column: str, vocabulary: Vocabulary) -> Id:
    """The one id asked about."""
    if is_array(given) and given.ndim == 0:
        given = given[()]
    if not _is_one(given):
        raise BadData(
            f"{_shown(given)} is no single {column}",
            expected="one id: text or a whole number",
            mend="ask for one after the other",
        )
    return _id(given, None, column, vocabulary)


def unknown_ids(ids: pl.Series, rows: np.ndarray, vocabulary: Vocabulary) -> str:
    """Which of the ids asked about training never saw, in a sentence; nothing where it saw them all."""
    strange = cells(ids).filter(~vocabulary.known(rows)).unique(maintain_order=True).to_list()
    if not strange:
        return ""
    blank = next((id for id in strange if isinstance(id, str) and id != id.strip()), None)
    note = "" if blank is None else f"; {a_blank_counts(ids.name, blank)}"
    return f"training never saw {ids.name} {listed(strange)}: answered from the unknown row{note}"


def _cells(given: object, column: str, vocabulary: Vocabulary) -> list[Any]:
    if is_array(given) and given.ndim == 0:
        given = given[()]
    if _is_one(given):
        return [given]
    if isinstance(given, pl.LazyFrame):
        given = given.collect()
    if hasattr(given, "columns") and not is_mapping(given):
        return _column_of(given, column)
    if is_array(given) and given.ndim != 1:
        raise _no_ids(f"an array of shape {given.shape}", column, vocabulary)
    if is_mapping(given) or isinstance(given, bytes | bytearray) or _is_set(given) or not is_iterable(given):
        raise _no_ids(_shown(given), column, vocabulary)
    return given.to_list() if isinstance(given, pl.Series) else list(given)


def _column_of(frame: Any, column: str) -> list[Any]:
    names = [str(name) for name in getattr(frame, "column_names", frame.columns)]  # Arrow's columns are arrays
    if column not in names:
        raise BadData(
            f"the frame has no column {column!r}",
            expected=f"a frame with the ids in {column!r}; it has {', '.join(names) or 'no column'}",
            mend="rename the column, or give the column itself",
        )
    cells = frame[column]
    return cells.to_pylist() if hasattr(cells, "to_pylist") else list(cells)


def _id(cell: object, place: int | None, column: str, vocabulary: Vocabulary) -> Id:
    where = "" if place is None else f" (at place {place})"
    cell = _python(cell)
    if isinstance(cell, str) and cell:
        id: Id = str(cell)
    elif is_whole(cell) or (is_number(cell) and float(cell).is_integer() and abs(float(cell)) < EXACT[pl.Float64]):
        id = int(cell)
    else:
        raise _no_ids(f"{_shown(cell)}{where}", column, vocabulary)
    if vocabulary.ids.dtype == pl.String:
        return str(id)
    if isinstance(id, int) and -(2**63) <= id < 2**63:
        return id
    if isinstance(id, str) and id.removeprefix("-").isdecimal() and str(int(id)) == id and len(id) < 19:
        return int(id)
    raise BadData(
        f"{_shown(id)}{where} can be no {column}",
        expected="a whole number of up to 64 bits, as in the training data",
        mend="check the id",
    )


def _python(cell: object) -> object:
    """A scalar of Arrow as Python has it, and a decimal that is whole as that number."""
    as_py = getattr(cell, "as_py", None)
    cell = cell if as_py is None else as_py()
    return int(cell) if isinstance(cell, Decimal) and cell.is_finite() and cell == int(cell) else cell


def _is_one(given: object) -> bool:
    """Whether it is one cell and no collection: an array of no axes too."""
    if is_array(given):
        return given.ndim == 0
    return isinstance(given, str | np.generic | Decimal) or is_number(given) or hasattr(given, "as_py")


def _is_set(given: object) -> bool:
    return isinstance(given, Set)


def _no_ids(what: str, column: str, vocabulary: Vocabulary) -> BadData:
    known = vocabulary.ids[vocabulary.first :]
    return BadData(
        f"{what} is no {column}",
        expected=f"an id, a list, array or series of ids, or a frame with the column {column!r}",
        mend=f"give ids as the training data have them, such as {(known[0] if len(known) else 15)!r}",
    )


def _shown(given: object) -> str:
    written = " ".join(repr(np.asarray(given).item() if is_a(given, np.generic) else given).split())
    return written if len(written) <= 60 else f"{written[:50]} …"
