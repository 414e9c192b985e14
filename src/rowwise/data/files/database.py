"""A query in, the rows it selects out; and a frame into a new table: SQLite through Python, a server by SQLAlchemy."""

import re
import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from rowwise.data.files.content import existing
from rowwise.data.opened import Columns, Opened, chosen, distinct
from rowwise.errors import BadData, BadOption, RowwiseError, foreign
from rowwise.options import mapping, text

SECONDS = 5  # a server that has not answered by then is not there
PART = 100_000  # so many rows are fetched at a time
URL = re.compile(r"(sqlite|postgres|postgresql|mysql|mariadb|mssql|oracle)(\+\w+)?://", re.IGNORECASE)
KEPT = (bool, int, float, str, bytes, Decimal, date, datetime, time, timedelta, list)  # what a frame has a type for


@dataclass(frozen=True, slots=True)
class Sql:
    """The rows that a query selects in the database at a URL.

    `sqlite:///ratings.db` is a file in this folder (four slashes: a path from the root), `postgresql://user@host/name`
    a server. A value of `params` stands in the query as `:name`, and is handed over beside it: text from elsewhere
    cannot become a part of the query.
    """

    query: str
    url: str = field(repr=False)  # may hold a password
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        text("query", self.query, mend="rw.sql('SELECT customer, product, stars FROM reviews', url)")
        text("url", self.url, expected="the URL of a database", mend="url='sqlite:///ratings.db'")
        mapping("params", self.params, expected="a value for each :name of the query", mend="params={'year': 2020}")


def is_database(text: object) -> bool:
    """Whether a text is the URL of a database."""
    return isinstance(text, str) and URL.match(text) is not None


def needs_a_query(url: str) -> BadOption:
    """The error for a database where a source is asked for, and no query."""
    return BadOption(
        f"{hidden(url)} is a database",
        expected="a query that selects the rows",
        mend="rw.sql('SELECT customer, product, stars FROM reviews', url)",
    )


def hidden(url: str) -> str:
    """A URL without its password."""
    return re.sub(r"(//[^/:@]*):.*@", r"\1@", url.partition("?")[0])


def open_query(sql: Sql, columns: Columns) -> Opened:
    """The rows of a query, which runs once, of the columns that are wanted.

    Raises:
        BadData: the database does not answer, or not to this query; it lacks one of the columns.
    """
    database = _database(sql.url)
    with database.faults(f"the query {sql.query!r} failed", mend="try the query in the database's own shell"):
        names, parts = database.rows(sql.query, dict(sql.params))
    wanted = chosen(columns, names, name="the query")
    places = {name: k for k, name in enumerate(distinct(names))}
    frames = [pl.DataFrame({n: _column([row[places[n]] for row in part], n) for n in wanted}) for part in parts]
    return Opened("the query", pl.concat(frames, how="vertical_relaxed"), is_query=True)


def check_table(url: str, table: str | None) -> None:
    """Refuse a table that is there already, before any work is done.

    Raises:
        BadOption: no table is named, or it is there.
        BadData: the database does not answer.
    """
    if table is None:
        raise BadOption(f"{hidden(url)} is a database", expected="the name of a new table",
                        mend="--table predictions")  # fmt: skip
    database = _database(url)
    with database.faults(f"{hidden(url)} cannot be written", mend="check the URL, and that the server runs"):
        there = database.tables()
    if table in there:
        raise BadOption(f"there is a table {table!r} already", expected="the name of a new table",
                        mend=f"--table {table}_2")  # fmt: skip


def write_table(frame: pl.DataFrame, url: str, table: str) -> None:
    """The frame as a new table: all its rows, or no table."""
    database = _database(url)
    with database.faults(f"{hidden(url)} cannot be written", mend="check the URL, and that you may create tables"):
        database.write(frame, table)


@dataclass(frozen=True, slots=True)
class Sqlite:
    """A file, read and written by Python itself."""

    path: Path

    TYPES: ClassVar = {"integer": pl.selectors.integer() | pl.selectors.boolean(), "real": pl.selectors.float()}

    @contextmanager
    def faults(self, given: str, *, mend: str) -> Generator[None]:
        with foreign(BadData, given, expected="a query that SQLite understands, and a file it can open", mend=mend):
            yield

    def rows(self, query: str, params: dict[str, Any]) -> tuple[list[str], list[list[Sequence[Any]]]]:
        with closing(self._connected("ro")) as connection:
            cursor = connection.execute(query, params)
            if cursor.description is None:
                raise no_rows(query)
            return [column[0] for column in cursor.description], [cursor.fetchall()]

    def tables(self) -> list[str]:
        if not self.path.exists():
            return []
        return [name for (name,) in self.rows("select name from sqlite_master", {})[1][0]]

    def write(self, frame: pl.DataFrame, table: str) -> None:
        kinds = {n: kind for kind, which in self.TYPES.items() for n in frame.select(which).columns}
        columns = ", ".join(f"{_quoted(name)} {kinds.get(name, 'text')}" for name in frame.columns)
        marks = ", ".join("?" * frame.width)
        with closing(self._connected("rwc")) as connection, connection:
            connection.execute("begin")
            connection.execute(f"create table {_quoted(table)} ({columns})")
            connection.executemany(f"insert into {_quoted(table)} values ({marks})", _rows(frame))

    def _connected(self, mode: str) -> sqlite3.Connection:
        path = existing(self.path) if mode == "ro" else self.path
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)


@dataclass(frozen=True, slots=True)
class Server:
    """A server, spoken to by SQLAlchemy and the driver of its kind."""

    url: str

    @contextmanager
    def faults(self, given: str, *, mend: str) -> Generator[None]:
        import sqlalchemy
        from sqlalchemy.exc import DBAPIError

        expected = f"a query that {hidden(self.url)} answers"
        try:
            with foreign(BadData, given, expected=expected, mend=mend):
                try:
                    yield
                except DBAPIError as error:
                    raise error.orig or error from None
        except BadData as error:  # a driver may repeat the whole URL
            secret = sqlalchemy.engine.make_url(self.url).password
            if not secret or secret not in error.given:
                raise
            raise BadData(error.given.replace(secret, "***"), expected=error.expected, mend=error.mend) from None

    def rows(self, query: str, params: dict[str, Any]) -> tuple[list[str], list[list[Sequence[Any]]]]:
        import sqlalchemy

        with self._engine().connect() as connection:
            found = connection.execute(sqlalchemy.text(query), params)
            if not found.returns_rows or not found.keys():
                raise no_rows(query)
            return list(found.keys()), [list(part) for part in found.partitions(PART)] or [[]]

    def tables(self) -> list[str]:
        import sqlalchemy

        seen = sqlalchemy.inspect(self._engine())
        return [*seen.get_table_names(), *seen.get_view_names()]

    def write(self, frame: pl.DataFrame, table: str) -> None:
        import sqlalchemy as sa

        selectors = pl.selectors
        kinds = {sa.BigInteger: selectors.integer(), sa.Boolean: selectors.boolean(), sa.Double: selectors.float()}
        types = {name: kind for kind, which in kinds.items() for name in frame.select(which).columns}
        columns = [sa.Column(name, types.get(name, sa.Text), key=f"c{k}") for k, name in enumerate(frame.columns)]
        made = sa.Table(table, sa.MetaData(), *columns)
        keys = [column.key for column in columns]
        with self._engine().begin() as connection:
            made.create(connection)
            for part in frame.iter_slices(PART):
                connection.execute(sa.insert(made), [dict(zip(keys, row, strict=True)) for row in _rows(part)])

    def _engine(self) -> Any:
        import sqlalchemy

        url = sqlalchemy.engine.make_url(self.url)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        quick = {"connect_timeout": SECONDS} if url.get_backend_name() in ("postgresql", "mysql", "mariadb") else {}
        try:
            return sqlalchemy.create_engine(url, connect_args=quick, poolclass=sqlalchemy.pool.NullPool)
        except ModuleNotFoundError as error:
            raise RowwiseError(
                f"{hidden(self.url)} is read by the driver {error.name}, which is not installed",
                expected="a driver of SQLAlchemy's for this kind of server",
                mend="install it, or name another in the URL, as in mysql+pymysql://",
            ) from None


def no_rows(query: str) -> BadData:
    return BadData(
        f"the query {query!r} selects nothing", expected="a query that selects rows", mend="begin it with SELECT"
    )


def _database(url: str) -> Sqlite | Server:
    if not is_database(url):
        raise BadData(f"{hidden(url)!r} is the URL of no database",
                      expected="a URL like sqlite:///ratings.db or postgresql://user@host/name",
                      mend="begin it with sqlite:/// for a file, with postgresql:// for a server")  # fmt: skip
    scheme, _, path = url.partition(":///")
    if scheme.lower() == "sqlite":
        return Sqlite(Path(path))
    try:
        import_module("sqlalchemy")
    except ModuleNotFoundError:
        raise RowwiseError(
            "a database on a server is read by SQLAlchemy, which is not installed",
            expected="the extra `sql`",
            mend="pip install 'rowwise[sql]'",
        ) from None
    return Server(url)


def _column(values: list[Any], name: str) -> pl.Series:
    """A column with the type of its values; what a frame has none for (a UUID, a network) is text."""
    kept: list[Any] = [value if value is None or isinstance(value, KEPT) else str(value) for value in values]
    try:
        return pl.Series(name, kept, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        if all(isinstance(v, int | float | Decimal | None) for v in kept) and any(isinstance(v, float) for v in kept):
            return pl.Series(name, kept, dtype=pl.Float64, strict=False)
        return pl.Series(name, [None if value is None else str(value) for value in kept], dtype=pl.String)


def _rows(frame: pl.DataFrame) -> Iterable[Sequence[Any]]:
    """The rows with no other values than whole numbers, numbers and text: what every database takes."""
    plain = pl.selectors.numeric() | pl.selectors.boolean() | pl.selectors.string()
    return frame.with_columns((~plain).cast(pl.String, strict=False)).rows()


def _quoted(name: str) -> str:
    """A name in SQL: nothing in it ends the quotes."""
    return '"' + name.replace('"', '""') + '"'
