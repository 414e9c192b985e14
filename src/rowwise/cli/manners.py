"""How every command behaves: its errors, its notes, its help, and the options that several share."""

import difflib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from rowwise.errors import BadOption, RowwiseError, UnknownIdsWarning


class ToMend(click.ClickException):
    """What was given, what was expected and how to mend it: three lines, no traceback, exit status 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Commands(click.Group):
    """Commands in the order in which a person needs them, with errors told as a person wants them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            mend = f"did you mean {near[0]!r}?" if near else "rowwise --help lists them"
            raise ToMend(str(BadOption(f"there is no command {args[0]!r}", mend=mend)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _warnings_as_lines():
                return super().invoke(ctx)
        except RowwiseError as error:
            raise ToMend(str(error)) from None
        except OSError as error:
            if error.filename is None or isinstance(error, BrokenPipeError):
                raise
            raise ToMend(f"{error.filename}: {error.strerror}") from None


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Each of our warnings is one line on the standard error; others stay as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", UnknownIdsWarning)
        usual = warnings.showwarning

        def show(message: Any, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, UnknownIdsWarning):
                click.echo(f"note: {message}", err=True)
            else:
                usual(message, category, *rest, **more)

        warnings.showwarning = show
        yield


def example(*lines: str) -> str:
    """The examples under a command's help, as they are typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
how_many: Decorator = click.option("-n", "n", default=10, show_default=True, help="How many to list.")
items_file: Decorator = click.option("--items", metavar="FILE", help="Ids and titles: titles are shown, not bare ids.")

numbers_besides: Decorator = click.option(
    "--value", "values", metavar="NAME=NUMBER", multiple=True, help="A number that the model reads besides."
)
