"""The one door to a terminal: every line that Rowwise prints goes through here, and no text moves the cursor.

Rich looks after widths and colours, and leaves colours out in a pipe; it is imported when a table is drawn.
"""

import sys
from contextlib import suppress
from functools import cache
from threading import Timer
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rowwise import inert

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text


def say(text: object = "", *, err: bool = False, bold: bool = False) -> None:
    """Print lines; the line breaks in `text` are ours."""
    import click

    words = inert.lines(text)
    click.echo(click.style(words, bold=True) if bold else words, err=err)


def pass_on(text: str) -> None:
    """Data for a program on the standard output, in UTF-8 and letter for letter; on a terminal a person reads them."""
    import click

    if sys.stdout.isatty():
        say(text.removesuffix("\n"))
    else:
        click.echo(text.encode(), nl=False)


def console(*, err: bool = False, **options: Any) -> "Console":
    """A console of Rich that reads no markup in any text."""
    return _screen()(stderr=err, highlight=False, markup=False, emoji=False, **options)


def shown(text: object, style: str = "") -> "Text":
    """One text of a table, on one line."""
    from rich.text import Text

    return Text(inert.line(text), style)


def paragraph(text: object, style: str = "") -> "Text":
    """A text whose line breaks are ours."""
    from rich.text import Text

    return Text(inert.lines(text), style)


def assembled(*parts: "str | tuple[str, str]") -> "Text":
    """Texts side by side on one line, each with a style where there is one."""
    whole = shown("")
    for part in parts:
        whole.append_text(shown(part) if isinstance(part, str) else shown(*part))
    return whole


class Bar:
    """A context that draws how far something is, on a terminal and nowhere else; it says nothing afterwards."""

    def __init__(self, what: str, total: int, *, show: bool = True, patience: float = 0.0, time_left: bool = False):
        """Of `total` things called `what`; nothing is drawn in the first `patience` seconds."""
        self.what, self.total, self.patience, self.time_left = what, total, patience, time_left
        self.is_live = sys.stderr is not None and sys.stderr.isatty() and show
        self.bar: Progress | None = None
        self.n_begun = 0

    def __enter__(self) -> "Bar":
        if not self.is_live:
            return self
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = [
            TextColumn(self.what),
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("{task.fields[said]}", markup=False),
        ]
        columns += [TimeRemainingColumn()] if self.time_left else []
        self.bar = bar = Progress(*columns, console=console(err=True), transient=True)
        self.task = bar.add_task("", total=self.total, said="")
        self.waiting = Timer(self.patience, bar.start) if self.patience else None
        start = self.waiting.start if self.waiting else bar.start
        start()
        return self

    def show(self, done: int, said: object) -> None:
        """So many are done; `said` is what there is to say of it."""
        if self.bar is not None:
            with suppress(OSError):  # whoever watched has gone: no reason to stop
                self.bar.update(self.task, completed=done, said=inert.line(said))

    def begin(self, what: object) -> None:
        """The next one is under way, and all before it are done."""
        self.show(self.n_begun, what)
        self.n_begun += 1

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.bar is not None:
            if self.waiting:
                self.waiting.cancel()
                self.waiting.join()
            with suppress(OSError):
                self.bar.stop()


@cache
def _screen() -> "type[Console]":
    from rich.console import Console

    class Screen(Console):
        """A console on which a bare string is a text, in a cell, a heading or a line."""

        def render_str(self, text: str, *, style: Any = "", **_: object) -> "Text":
            return shown(text, style)

    return Screen
