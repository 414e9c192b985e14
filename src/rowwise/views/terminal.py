"""Frames in, tables on the screen out."""

import sys
from collections.abc import Mapping
from typing import Any

import polars as pl

from rowwise import inert, screen

NO_VALUE = "–"
DIGITS = 4  # decimals
GAP = 2  # letters between two columns
NARROWEST = 8


def show(frame: pl.DataFrame, *, digits: Mapping[str, int] | None = None, indent: int = 0) -> None:
    """Print a frame as a table, a line a row: numbers to the right with `digits` decimals, long text cut with an …

    No line is longer than the terminal is wide, or than 80 columns where there is none.
    """
    from rich.padding import Padding

    console = screen.console()
    table = _table(frame, digits or {}, console.width - indent)
    with console.capture() as captured:
        console.print(Padding(table, (0, 0, 0, indent)))
    for line in captured.get().splitlines():
        print(line.rstrip())
    sys.stdout.flush()


def _table(frame: pl.DataFrame, digits: Mapping[str, int], width: int) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    cells = {name: [_cell(value, digits.get(name, DIGITS)) for value in frame[name]] for name in frame.columns}
    for name, letters in _widths(frame, cells, width).items():
        justify = "right" if frame[name].dtype.is_numeric() else "left"
        table.add_column(name, justify=justify, no_wrap=True, overflow="ellipsis", width=letters)
    for row in zip(*cells.values(), strict=True):
        table.add_row(*row)
    return table


def _widths(frame: pl.DataFrame, cells: Mapping[str, list[str]], width: int) -> dict[str, int]:
    """The letters of each column; where all are too many the widest text gives way, and never a number."""
    from rich.cells import cell_len

    widths = {name: max(map(cell_len, [inert.line(name), *column])) for name, column in cells.items()}
    texts = [name for name in frame.columns if not frame[name].dtype.is_numeric()]
    over = sum(widths.values()) + GAP * (len(widths) - 1) - width
    while over > 0 and texts and max(widths[name] for name in texts) > NARROWEST:
        widest = max(texts, key=lambda name: widths[name])
        widths[widest] -= 1
        over -= 1
    return widths


def _cell(value: object, digits: int) -> str:
    if value is None:
        return NO_VALUE
    return f"{value:.{digits}f}" if isinstance(value, float) else inert.line(value)
