"""A file, a frame or a query in, its cells as a Polars frame out; and back, from a row to the line it stands on."""

import difflib
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from rowwise.data.text_file import SEPARATORS, TextFile
from rowwise.errors import BadData, RowwiseError


@dataclass(frozen=True, slots=True)
class Sql:
    """The rows that a query selects in the database at a URL.

    `sqlite:///ratings.db` is a file in this folder (four slashes: a path from the root), `postgresql://user@host/name`
    a server.
    """

    query: str
    url: str = field(repr=False)  # may hold a password


Source: TypeAlias = str | Path | pl.DataFrame | pl.LazyFrame | Sql | Mapping[str, Any] | Any  # Any: pandas, Arrow
Choose: TypeAlias = Callable[[list[str]], list[str]]  # the columns that are wanted, of all that are there


def cells_of(source: str | Path | Sql | pl.LazyFrame, choose: Choose) -> pl.DataFrame:
    """The rows of a source in its own order, of the columns that `choose` takes among all; text stays text.

    A path ends in a key of `SEPARATORS` or `SCANS`.

    Raises:
        BadData: there is no such source, or it is empty or unreadable.
    """
    if isinstance(source, str | Path):
        return _read_file(Path(source), choose)
    if isinstance(source, Sql):
        return _select(_read_sql(source), choose)
    return _select(source, choose)


def is_text(source: Source) -> bool:
    """Whether the cells of a source have no types of their own."""
    file = TextFile.of(Path(source)) if isinstance(source, str | Path) else None
    return file is not None and file.separator is not None


def name_of(source: Source) -> str:
    """What messages call a source: a file by its name."""
    if isinstance(source, str | Path):
        return Path(source).name
    return "the query" if isinstance(source, Sql) else "the frame"


def line_of(source: Source, row: int) -> str:
    """Where a row stands: in a text file the line that an editor shows, elsewhere the row, counted from 0."""
    file = TextFile.of(Path(source)) if isinstance(source, str | Path) else None
    return f"line {file.line_of(row)}" if file else f"row {row}"


def _select(frame: pl.DataFrame | pl.LazyFrame, choose: Choose) -> pl.DataFrame:
    """The columns that are wanted; no others are read from a file."""
    return frame.lazy().select(choose(frame.lazy().collect_schema().names())).collect()


# A file


SCANS = {".parquet": pl.scan_parquet, ".arrow": pl.scan_ipc, ".feather": pl.scan_ipc, ".ipc": pl.scan_ipc}


def _read_file(path: Path, choose: Choose) -> pl.DataFrame:
    text, suffix = TextFile.of(path), path.suffix.lower()
    if text is None and suffix not in SCANS:
        raise BadData(
            f"{path.name} is in no format known here",
            expected=f"a file that ends in {', '.join((*SEPARATORS, *SCANS))}",
            mend="convert it, or read it yourself and give the frame",
        )
    if existing(path).stat().st_size == 0:
        raise BadData(f"{path.name} is empty", expected="a header and rows", mend="check how the file was made")
    try:
        return _read_text(text, choose) if text else _select(SCANS[suffix](path), choose)
    except (pl.exceptions.PolarsError, OSError, EOFError, zlib.error) as error:
        fault = text.fault() if text else None
        raise fault or BadData(
            f"{path.name} cannot be read ({_first_line(error)})",
            expected="what its name says it is",
            mend="check how the file was made",
        ) from None


def _read_text(file: TextFile, choose: Choose) -> pl.DataFrame:
    file.check_header()
    return _select(file.scan(), choose)


def existing(path: Path) -> Path:
    if not path.is_file():
        near = difflib.get_close_matches(path.name, [other.name for other in path.parent.glob("*")], n=1)
        raise BadData(
            f"there is no file {str(path)!r}",
            expected="the path of a file",
            mend=f"did you mean {near[0]!r}?" if near else "check the path, and the folder it starts from",
        )
    return path


# A database


def _read_sql(source: Sql) -> pl.DataFrame:
    """SQLite through Python itself, other databases through connectorx."""
    scheme, _, path = source.url.partition(":///")
    file = existing(Path(path)).absolute() if scheme == "sqlite" else None
    try:
        if file:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
                return pl.read_database(source.query, connection, infer_schema_length=None)
        return pl.read_database_uri(source.query, source.url)
    except ModuleNotFoundError:
        raise RowwiseError(
            "a database is read by connectorx, which is not installed",
            expected="the extra `sql`",
            mend="pip install 'rowwise[sql]'",
        ) from None
    except (sqlite3.Error, RuntimeError, ValueError, pl.exceptions.PolarsError) as error:
        raise BadData(
            f"the query {source.query!r} failed ({_first_line(error)})",
            expected="a query that selects rows, and a URL like sqlite:///ratings.db or postgresql://user@host/name",
            mend="try the query in the database's own shell",
        ) from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
