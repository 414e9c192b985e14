"""The options that say how data are written, or which rows of a database they are: a command gets a source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from rowwise.errors import BadOption

if TYPE_CHECKING:
    from rowwise.data.source import Opened

DIALECT = ("header", "columns", "separator", "encoding")
ESCAPES = {"\\t": "\t", "tab": "\t", "space": " "}  # what a shell does not turn into the letter


@dataclass(frozen=True, slots=True)
class Told:
    """What the options say of the data."""

    header: bool | None
    columns: str | None
    separator: str | None
    encoding: str | None
    params: Mapping[str, str]

    def source(self, path: str, query: str | None) -> Any:
        """A path as a source: a query where there is one, a file that is read as it is told, or the path itself."""
        from rowwise.data.files.database import Sql, is_database
        from rowwise.data.files.file import File

        if query is not None:
            if not is_database(path):
                raise BadOption(
                    f"--sql with {path}", expected="the URL of a database",
                    mend="sqlite:///shop.db, postgresql://user@host/name, or leave --sql out",
                )  # fmt: skip
            return Sql(query, path, self.params)
        separator = None if self.separator is None else ESCAPES.get(self.separator, self.separator)
        file = File(path, self.header, self.columns or (), separator, self.encoding)
        return file if file.told else path


def reads(argument: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A command whose `argument` is data: it gets a source, and has the options that say what the source is.

    Where the command has a `validation`, that is read in the same way, by a query of its own.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def called(**given: Any) -> Any:
            told = Told(params=_params(given), **{name: given.pop(name) for name in DIALECT})
            query, path = given.pop("sql"), given[argument]
            if path is not None:
                given[argument] = told.source(path, query)
            if "validation" in given:
                given["validation"] = _validation(told, given, str(path))
            return command(**given)

        for option in reversed(OPTIONS):
            called = option(called)
        return called

    return decorate


def items_file(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that shows titles: its `items` are a source."""

    @wraps(command)
    def called(**given: Any) -> Any:
        query, path = given.pop("items_sql"), given["items"]
        if query is not None:
            if path is None:
                raise BadOption("--items-sql without --items", expected="the URL of a database", mend="--items URL")
            given["items"] = Told(None, None, None, None, {}).source(path, query)
        return command(**given)

    for option in reversed(ITEMS):
        called = option(called)
    return called


def opened(source: object) -> "Opened":
    """A source opened once, to be used several times: a stream is spent then, and a database may answer otherwise."""
    from rowwise.data.source import open_source

    return open_source(source)


def _validation(told: Told, given: dict[str, Any], path: str) -> Any:
    """A share as it was typed, or a source: by `--validation-sql` from the database of the data or its own."""
    from rowwise.data.files.database import is_database

    query, typed = given.pop("validation_sql"), given["validation"]
    if query is not None:
        return told.source(typed if is_database(typed) else path, query)
    try:
        float(typed)
    except ValueError:
        return told.source(typed, None)
    return typed


def _params(given: dict[str, Any]) -> dict[str, str]:
    """What --param gave, by name. The database turns a text into what it is compared with."""
    pairs = [typed.partition("=") for typed in given.pop("params")]
    for name, equals, value in pairs:
        if not name.isidentifier() or not equals:
            raise BadOption(f"--param {name}{equals}{value}", expected="a name and a value", mend="--param since=2024")
    return {name: value for name, _, value in pairs}


ITEMS = (
    click.option("--items", metavar="FILE", help="Ids and titles: titles are shown, not bare ids."),
    click.option("--items-sql", metavar="QUERY", help="The items are in the database --items, and this selects them."),
)
OPTIONS = (
    click.option("--sql", metavar="QUERY", help="The data are the URL of a database, and this selects the rows."),
    click.option("--param", "params", metavar="NAME=VALUE", multiple=True,
                 help="The value of :NAME in a query; it is handed over beside it, and cannot become a part of it."),
    click.option("--columns", metavar="NAMES", help="The names of the columns, with commas between: user,item,rating."),
    click.option("--header/--no-header", default=None, help="Whether the first line holds names. [default: seen]"),
    click.option("--separator", metavar="TEXT", help="What parts the cells: ';', '\\t', '::', … [default: seen]"),
    click.option("--encoding", metavar="NAME", help="The encoding of the text, such as latin-1. [default: seen]"),
)  # fmt: skip
