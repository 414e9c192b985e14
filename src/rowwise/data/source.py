"""A source of any kind in, the same source opened once out: its cells as they stand, and where each row stands."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from rowwise.data.ids import whole_if_all_are
from rowwise.data.memory import columns_of
from rowwise.data.read import Source, Sql, cells_of, is_text, line_of, name_of
from rowwise.errors import BadData
from rowwise.forks import not_in_a_fork

Columns = Sequence[str] | Callable[[list[str]], Sequence[str]] | None  # names, what chooses among all of them, or all

DECIMAL = r"^-?(0|[1-9][0-9]*)(\.[0-9]+([eE][+-]?[0-9]+)?|[eE]-[0-9]+)?$"  # 3E2 may be the name of a room


def _row(row: int) -> str:
    return f"row {row}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A source, read once. Wherever a source is asked for, an opened one does as well, and is not read again.

    In a text format every column of `frame` is String, each cell exactly as it stands in the file: what a cell means
    is decided by whoever reads it, never by the other cells. Elsewhere the columns have the types of the source.
    """

    name: str  # what messages call it
    frame: pl.DataFrame
    is_text: bool = False
    where: Callable[[int], str] = _row  # the line that an editor shows, or else the row counted from 0
    has_names: bool = True  # False of rows such as (15, 32, 4.5), whose columns have names of our making

    def place(self, row: int) -> str:
        """Where a row stands, for a message: "ratings.csv, line 3", or "the frame, row 1"."""
        return f"{self.name}, {self.where(row)}"

    def only(self, columns: Columns, *, names: Sequence[str] = ()) -> "Opened":
        """Nothing but these columns, each once; what has no names of its own is called `names`, from left to right.

        Raises:
            BadData: there is no such column.
        """
        there = self.frame.columns
        frame = self.frame.rename({} if self.has_names else dict(zip(there, names, strict=False)))
        return replace(self, frame=frame.select(chosen(columns, frame.columns, name=self.name)))

    def row(self, row: int) -> "Opened":
        """One row by itself, which stands where it stood."""
        return replace(self, frame=self.frame[row], where=lambda _: self.where(row))


@not_in_a_fork
def open_source(source: "Source | Opened", *, columns: Columns = None, names: Sequence[str] = ()) -> Opened:
    """A source, read once: all its columns, or those that `columns` names or chooses; no others are looked at.

    Rows without names of columns, such as (15, 32, 4.5), are called `names`, from left to right.

    Raises:
        BadData: there is no such source, it is empty or unreadable, or it lacks one of the columns.
    """
    if isinstance(source, Opened):
        return source.only(columns, names=names)
    if not isinstance(source, str | Path | Sql | pl.LazyFrame):
        return _in_memory(source, columns, names)
    name = name_of(source)
    frame = cells_of(source, lambda there: chosen(columns, there, name=name))
    where = partial(line_of, source) if isinstance(source, str | Path) else _row
    return Opened(name, frame, is_text(source), where)


def _in_memory(source: object, columns: Columns, names: Sequence[str]) -> Opened:
    found = columns_of(source)
    if not found.has_names:
        found = replace(found, names=[*names[: len(found.names)], *found.names[len(names) :]])
    name = "the frame" if found.has_names else "the rows"
    return Opened(name, found.frame(chosen(columns, found.names, name=name)), has_names=found.has_names or bool(names))


def chosen(columns: Columns, there: list[str], *, name: str) -> list[str]:
    """The columns that are wanted, each once, of those that are there in the source called `name`."""
    wanted = there if columns is None else columns(there) if callable(columns) else columns
    for column in wanted:
        if column not in there:
            near = difflib.get_close_matches(column, there, n=1)
            raise BadData(
                f"{name} has no column {column!r}",
                expected=f"one of its columns: {', '.join(there)}",
                mend=f"did you mean {near[0]!r}?" if near else "name one of its columns",
            )
    return list(dict.fromkeys(wanted))


def read(source: "Source | Opened", *, columns: Columns = None) -> pl.DataFrame:
    """The rows of a source in its own order; all its columns, or only `columns`.

    A source is a path, a frame of Polars or pandas, an Arrow table, a mapping of columns, rows, or `Sql`. Of a text
    file a column becomes numbers where no cell loses anything by it: see `typed`.

    Raises:
        BadData: there is no such source, it is empty or unreadable, or it lacks one of the columns.
    """
    opened = open_source(source, columns=columns)
    return typed(opened.frame) if opened.is_text else opened.frame


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of text with whole numbers and decimal ones where every cell of a column is one; 007 and 3E2 are text."""
    return frame.with_columns(_typed(column) for column in frame if column.dtype == pl.String)


def _typed(column: pl.Series) -> pl.Series:
    if column.null_count() == len(column):
        return column
    (found,) = whole_if_all_are([column])
    if found.dtype != pl.String or not column.str.contains(DECIMAL).all():
        return found
    spelt = column.str.contains("[.eE]").any()  # else they are whole numbers beyond 64 bits, which only text holds
    return column.cast(pl.Float64) if spelt else column
