"""How every command behaves: its errors, its notes, its help, and the options that several share."""

import difflib
import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from rowwise.cli.options import Named, Whole
from rowwise.cli.words import as_typed
from rowwise.errors import BadOption, NotKeptWarning, RowwiseError, SlowDeviceWarning, UnknownIdsWarning
from rowwise.screen import say
from rowwise.storage.refusals import refusal

NOTES = (UnknownIdsWarning, NotKeptWarning, SlowDeviceWarning)
LOST = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # what a full file says, or a terminal that has gone


class ToMend(click.ClickException):
    """What was given, what was expected and how to mend it: three lines, no traceback, exit status 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        say(self.message, err=True)


class Commands(click.Group):
    """Commands in the order in which a person needs them, with errors told as a person wants them."""

    def main(self, *args: Any, **options: Any) -> Any:
        _fill_closed_streams()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # a terminal of few letters shows the others as escapes
        sys.excepthook = _fault
        return super().main(*args, **options)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with _told(self):
            return super().make_context(*args, **options)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            mend = f"did you mean {near[0]!r}?" if near else "rowwise --help lists them"
            raise ToMend(str(BadOption(f"there is no command {args[0]!r}", mend=mend)))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _told(self, ctx), _warnings_as_lines():
            _check_current_folder()
            return super().invoke(ctx)


@contextmanager
def _told(group: click.Group, ctx: click.Context | None = None) -> Iterator[None]:
    """Whatever a person can mend becomes the three lines, in the words of the command that was typed."""
    try:
        yield
    except RowwiseError as error:
        command = group.commands.get((ctx and ctx.invoked_subcommand) or "", group)
        raise ToMend(as_typed(str(error), command)) from None
    except click.NoSuchOption as error:
        near = difflib.get_close_matches(error.option_name, error.possibilities or [], n=1)
        raise ToMend(_three_lines(error, f"no such option: {error.option_name}", *near)) from None
    except click.UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # of click 8.2 and later: the help, and no error
            raise
        said = error.format_message().rstrip(".")
        raise ToMend(_three_lines(error, said[:1].lower() + said[1:])) from None
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # the reader of a pipe has seen enough
            raise
        if error.filename is None and error.errno in LOST:
            raise _output_lost(error) from None
        if error.filename is None:
            raise
        if error.errno in LOST:
            raise ToMend(str(refusal(Path(os.fsdecode(error.filename)), error.errno, str(error.strerror)))) from None
        raise ToMend(f"{error.filename}: {error.strerror}") from None


def _output_lost(error: OSError) -> ToMend:
    """What is said when the standard output takes no more. What waits for it is dropped: Python would try again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    given = f"the output cannot be written: {error.strerror}"
    mend = "free some space, or write elsewhere"
    return ToMend(str(BadOption(given, expected="a file or a pipe that takes it", mend=mend)))


def _fill_closed_streams() -> None:
    """Give away no number of a stream that the shell has closed: else a model's file, opened next, would get it, and in
    it what a library says on the standard error.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if number == 0 else "w", encoding="utf-8"))  # noqa: SIM115


def _check_current_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise BadOption(
            "the current folder is gone",
            expected="a folder that paths begin in",
            mend="cd to one that is there",
        ) from None


def _three_lines(error: click.UsageError, given: str, *near: str) -> str:
    command = error.ctx.command_path if error.ctx else "rowwise"
    return str(BadOption(given, mend=f"did you mean {near[0]!r}?" if near else f"{command} --help shows an example"))


def _fault(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """A fault of Rowwise itself, as Python shows it; no text in it acts on the terminal."""
    say("".join(traceback.format_exception(kind, error, trace)).rstrip(), err=True)


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Each of our warnings is one line on the standard error; others stay as they are."""
    with warnings.catch_warnings():
        for kind in NOTES:
            warnings.simplefilter("always", kind)
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, NOTES):
                say(f"note: {message}", err=True)
            else:
                usual(message, category, *rest, **more)

        warnings.showwarning = show
        yield


def example(*lines: str) -> str:
    """The examples under a command's help, as they are typed."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
how_many: Decorator = click.option(
    "-n", "n", type=Whole(1, 10), default=10, show_default=True, help="How many to list."
)

numbers_besides: Decorator = click.option(
    "--value",
    "values",
    type=Named(),
    metavar="NAME=VALUE",
    multiple=True,
    help="What the model reads besides: a number, an id, several with commas, a text.",
)
