"""The first sheet of a workbook in, its cells out; and a frame as a workbook.

openpyxl reads it: Rowwise needs that anyway to take a workbook back, and a sheet ends at a million rows, so that a
faster reader would not be worth another dependency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import Any

import polars as pl

from rowwise.data.files.content import Content
from rowwise.data.files.file import File
from rowwise.data.opened import Columns, Opened, chosen, distinct
from rowwise.errors import BadData


@dataclass(frozen=True, slots=True)
class Workbook:
    """The first sheet: names in the first row that has any, then a row each."""

    endings: tuple[str, ...]
    writes = True
    title = "a workbook"

    def read(self, content: Content, file: File, columns: Columns) -> Opened:

        import openpyxl

        book = openpyxl.load_workbook(BytesIO(content.bytes()), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size need not be so
            rows = [(k, row) for k, row in enumerate(sheet.iter_rows(), 1) if any(c.value is not None for c in row)]
        finally:
            book.close()
        if not rows:
            raise BadData(f"{content.name}: its first sheet is empty", expected="a header and rows", mend="fill it")
        filled = {k for _, row in rows for k, cell in enumerate(row) if cell.value is not None}
        names = ["" if cell.value is None else _text(cell.value) for cell in rows[0][1]]
        header = [(name, k) for k, name in enumerate(names) if k in filled]
        places = dict(zip(distinct([name for name, _ in header]), (k for _, k in header), strict=True))
        _refuse_errors(content.name, rows[1:])
        cells = {
            n: _column(row[places[n]].value if places[n] < len(row) else None for _, row in rows[1:])
            for n in chosen(columns, [name for name, _ in header], name=content.name)
        }
        return Opened(content.name, pl.DataFrame(cells), True, partial(_where, [k for k, _ in rows[1:]]))

    def write(self, frame: pl.DataFrame, file: BytesIO) -> None:
        # text stays text: a cell that begins with = is no formula, one with an address no link
        with import_module("xlsxwriter").Workbook(
            file, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        ) as book:
            sheet = book.add_worksheet("data")
            for column, series in enumerate(frame):
                sheet.write_string(0, column, series.name)
                for row, value in enumerate(series.to_list(), 1):
                    _write(sheet, row, column, value)


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < 10**15:  # a sheet keeps 15 digits
        sheet.write_number(row, column, value)
    elif sheet.write_string(row, column, _text(value)) != 0:
        raise BadData(f"row {row}: a text of {len(str(value)):,} letters", expected="32,767 letters in a cell at most",
                      mend="write another format: .csv, .parquet")  # fmt: skip


def _where(numbers: list[int], row: int) -> str:
    return f"row {numbers[row]} of the sheet"


def _refuse_errors(name: str, rows: Iterable[tuple[int, Any]]) -> None:
    for number, row in rows:
        for cell in row:
            if getattr(cell, "data_type", "") == "e":
                raise BadData(f"{name}, row {number} of the sheet: a formula gives {cell.value}", expected="a value",
                              mend="correct the formula, or put its value in its place")  # fmt: skip


def _column(values: Iterable[Any]) -> pl.Series:
    return pl.Series([None if value is None else _text(value) for value in values], dtype=pl.String)


def _text(value: object) -> str:
    """A cell as people see it: 15 and not 15.0, true, 2026-11-26."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)
