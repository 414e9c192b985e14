"""A source of any kind in, the same source opened once out: its cells as they stand, and where each row stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from rowwise.data.files.database import Sql, open_query
from rowwise.data.files.file import File
from rowwise.data.files.open import are_files, open_files
from rowwise.data.ids import whole_if_all_are
from rowwise.data.memory import columns_of
from rowwise.data.named import cells, named
from rowwise.data.opened import Columns, Opened, chosen, collecting
from rowwise.forks import not_in_a_fork
from rowwise.options import names_of_columns

Source: TypeAlias = (
    str | Path | File | Sequence[str | Path | File] | Sql | pl.DataFrame | pl.LazyFrame | Mapping[str, Any] | Any
)  # Any: pandas, Arrow, DuckDB, rows: see `rowwise.data.memory`

DECIMAL = r"^-?(0|[1-9][0-9]*)(\.[0-9]+([eE][+-]?[0-9]+)?|[eE]-[0-9]+)?$"  # 3E2 may be the name of a room


@not_in_a_fork
def open_source(source: "Source | Opened", *, columns: Columns = None, names: Sequence[str] = ()) -> Opened:
    """A source, read once: all its columns, or those that `columns` names or chooses; no others are looked at.

    Rows without names of columns, such as (15, 32, 4.5), are called `names`, from left to right.

    Raises:
        BadData: there is no such source, it is empty or unreadable, or it lacks one of the columns.
    """
    if columns is not None and not callable(columns):
        names_of_columns("columns", columns)
    if isinstance(source, Opened):
        return source.only(columns, names=names)
    if isinstance(source, Sql):
        return open_query(source, columns)
    if are_files(source):
        return open_files(source, columns)
    return _lazy(source, columns) if isinstance(source, pl.LazyFrame) else _in_memory(source, columns, names)


def _lazy(source: pl.LazyFrame, columns: Columns) -> Opened:
    with collecting():
        return Opened(
            "the frame",
            source.select(named(chosen(columns, source.collect_schema().names(), name="the frame"))).collect(),
        )


def _in_memory(source: object, columns: Columns, names: Sequence[str]) -> Opened:
    found = columns_of(source)
    if not found.has_names:
        found = replace(found, names=[*names[: len(found.names)], *found.names[len(names) :]])
    name = "the frame" if found.has_names else "the rows"
    return Opened(name, found.frame(chosen(columns, found.names, name=name)), has_names=found.has_names or bool(names))


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
    return frame.with_columns(_typed(cells(column)).alias(column.name) for column in frame if column.dtype == pl.String)


def with_whole_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of text with whole numbers where every cell of a column is one: written again, each is what it was."""
    text = [column for column in frame if column.dtype == pl.String and column.null_count() < len(column)]
    return frame.with_columns(whole_if_all_are([cells(column)])[0].alias(column.name) for column in text)


def _typed(column: pl.Series) -> pl.Series:
    if column.null_count() == len(column):
        return column
    (found,) = whole_if_all_are([column])
    if found.dtype != pl.String or not column.str.contains(DECIMAL).all():
        return found
    spelt = column.str.contains("[.eE]").any()  # else they are whole numbers beyond 64 bits, which only text holds
    return column.cast(pl.Float64) if spelt else column
