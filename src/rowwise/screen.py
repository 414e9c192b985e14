"""The one door to a terminal: every line that Rowwise prints goes through here, and no text moves the cursor.

Rich looks after widths and colours, and leaves colours out in a pipe; it is imported when a table is drawn.
"""

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from rowwise import inert

if TYPE_CHECKING:
    from rich.console import Console
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


def shown(text: object, style: Any = "") -> "Text":
    """One text of a table, on one line."""
    from rich.text import Text

    return Text(inert.line(text), style)


def paragraph(text: object, style: Any = "") -> "Text":
    """A text whose line breaks are ours."""
    from rich.text import Text

    return Text(inert.lines(text), style)


def assembled(*parts: "str | tuple[str, str]") -> "Text":
    """Texts side by side on one line, each with a style where there is one."""
    whole = shown("")
    for part in parts:
        whole.append_text(shown(part) if isinstance(part, str) else shown(*part))
    return whole


@cache
def _screen() -> "type[Console]":
    from rich.console import Console

    class Screen(Console):
        """A console on which a bare string is a text, in a cell, a heading or a line."""

        def render_str(self, text: str, *, style: Any = "", **_: Any) -> "Text":
            return shown(text, style)

    return Screen
