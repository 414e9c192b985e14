"""A source opened once: its cells as they stand, and where each row stands."""

import difflib
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from rowwise.data.named import named
from rowwise.errors import BadData, foreign

Columns = Sequence[str] | Callable[[list[str]], Sequence[str]] | None  # names, what chooses among all of them, or all

FEW = 40  # so many names a message shows


class Needed(tuple[str, ...]):
    """The columns that a model reads: nobody names others, so that those of the data are renamed."""

    __slots__ = ()


def row_from_0(row: int) -> str:
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
    where: Callable[[int], str] = row_from_0  # the line that an editor shows, or else the row counted from 0
    is_query: bool = False
    has_names: bool = True  # False of rows such as (15, 32, 4.5), whose columns have names of our making

    def place(self, row: int) -> str:
        """Where a row stands, for a message: "ratings.csv, line 3", or "the frame, row 1"."""
        return f"{self.name}, {self.where(row)}"

    @property
    def mend(self) -> str:
        """What is to be done about a value that cannot be taken: a file has cells, a frame rows, a query conditions."""
        if self.is_query:
            return "leave such rows out by a WHERE in the query, or correct them in the database"
        return "correct the cell, or leave out the row" if self.is_text else "correct the row, or leave it out"

    def only(self, columns: Columns, *, names: Sequence[str] = ()) -> "Opened":
        """Nothing but these columns, each once; what has no names of its own is called `names`, from left to right.

        Raises:
            BadData: there is no such column.
        """
        there = self.frame.columns
        frame = self.frame.rename({} if self.has_names else dict(zip(there, names, strict=False)))
        return replace(self, frame=frame.select(named(chosen(columns, frame.columns, name=self.name))))

    def row(self, row: int) -> "Opened":
        """One row by itself, which stands where it stood."""
        return replace(self, frame=self.frame[row], where=partial(_always, self.where(row)))


def _always(place: str, row: int) -> str:
    return place


@contextmanager
def collecting() -> Generator[None]:
    """Inside, a LazyFrame is computed, and its own expressions may fail."""
    mend = "frame.collect() says in full which expression fails: correct that one"
    with foreign(BadData, "the lazy frame cannot be read", expected="one that can be collected", mend=mend):
        yield


def distinct(names: Sequence[str]) -> list[str]:
    """The names of columns, those that were there before with their place behind them."""
    given, found = set(names), dict[str, None]()
    for k, name in enumerate(names):
        fresh = name
        while fresh in found or (fresh != name and fresh in given):
            fresh = f"{fresh}_{k + 1}"
        found[fresh] = None
    return list(found)


def chosen(columns: Columns, names: Sequence[str], *, name: str) -> list[str]:
    """The columns that are wanted, each once, of those that are there in the source called `name`, made distinct.

    Raises:
        BadData: there is no such column, or it is there twice: that is only refused where somebody asks for it.
    """
    there = distinct(names)
    wanted = there if columns is None else columns(there) if callable(columns) else columns
    known = set(there)
    if columns is not None and there != list(names):
        _refuse_twice(wanted, names, name)
    for column in wanted:
        if column not in known:
            near = difflib.get_close_matches(column, there, n=1)
            shown = f"{', '.join(there[:FEW])}{', …' if len(there) > FEW else ''}"
            if isinstance(wanted, Needed):
                raise BadData(
                    f"{name} has no column {column!r}, which the model reads; it has {shown}",
                    expected=f"the columns {', '.join(wanted)}",
                    mend=f"rename {near[0]!r} to {column!r}" if near else f"rename or add a column: {column!r}",
                )
            raise BadData(
                f"{name} has no column {column!r}",
                expected=f"one of its columns: {shown}",
                mend=f"did you mean {near[0]!r}?" if near else "name one of its columns",
            )
    return list(dict.fromkeys(wanted))


def _refuse_twice(wanted: Sequence[str], names: Sequence[str], name: str) -> None:
    twice = next((column for column in wanted if list(names).count(column) > 1), None)
    if twice is not None:
        raise BadData(
            f"{name} has {list(names).count(twice)} columns {twice!r}",
            expected="one of that name",
            mend="rename the others, or leave them out",
        )
