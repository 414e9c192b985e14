"""Cells and numbers in, an .xlsx file out: the styles of the workbook, and the writing of one block of cells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

import numpy as np
import xlsxwriter
from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, CellNumberTuple, Worksheet

from rowwise import inert
from rowwise.backends.sheet.rules import Cell, Cells, Element, is_number, letters, text
from rowwise.errors import BadOption
from rowwise.storage.whole import replaced_whole

COLUMNS, ROWS = 16_384, 1_048_576  # of a sheet, in every calculator
LONGEST_TEXT = 32_767  # letters of 16 bits that a cell holds
UNFOLDED = 8  # numbers side by side; more of them are folded away, behind a + at their end
EXACT_INTEGER = 10**15  # a sheet keeps 15 digits; longer ids are text

STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15, "font_color": "#1F3864"},
    "note": {"italic": True, "font_color": "#595959"},
    "head": {"bold": True, "bottom": 1, "valign": "bottom"},
    "bold": {"bold": True, "font_color": "#1F3864"},
    "code": {"font_name": "Courier New", "font_size": 10},
    "wrapped": {"text_wrap": True},
    "small": {"font_size": 9, "font_color": "#595959"},
    "indented": {"indent": 1},
    "turned": {"rotation": 60, "align": "left", "valign": "bottom"},
    "left": {"align": "left"},
    "right": {"align": "right"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "number": {"num_format": "0.000"},
    "short": {"num_format": "0.00"},
    "tiny": {"num_format": "0.0E+00"},
    "count": {"num_format": "0"},
    "free": {"bg_color": "#FFF7D6"},  # a number to change
    "answer": {"bg_color": "#E2F0D9"},  # a prediction
    "error": {"bg_color": "#FBE0D6", "bold": True},
    "model": {"font_color": "#7F7F7F"},  # a number copied from the trained model
}
LEGEND = {
    "free": "a number to change: a factor, a rating, a learning rate",
    "answer": "a prediction, computed from the yellow numbers",
    "error": "how wrong the predictions are: the number that training makes small",
    "model": "a number copied from the trained model, for comparison",
}


def cell_text(words: object) -> str:
    """A text as a cell holds it: whole numbers of many digits too, nothing that XML cannot say, and not too much."""
    text = inert.lines(words)
    if len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT:
        return text
    ending = f"… {crc32(text.encode()):08x}"  # two long ids that begin alike stay two
    return text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - len(ending))].decode("utf-16-le", "ignore") + ending


class Book:
    """An .xlsx file being written; pages stand in the order they are added. `begun` is told of each being written."""

    def __init__(self, file: BinaryIO, begun: Callable[[str], None]):
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.file: Any = xlsxwriter.Workbook(file, {**plain, "nan_inf_to_errors": True, "in_memory": True})
        self.formats: dict[tuple[str, ...], Any] = {}
        self.pages: dict[str, Page] = {}
        self.begun = begun

    def add(self, name: str) -> None:
        """An empty page behind the others."""
        self.pages[name] = Page(self, name)

    def page(self, name: str) -> "Page":
        """The page of this name, to be written now."""
        self.begun(name)
        return self.pages[name]

    def style(self, *names: str) -> Any:
        if names not in self.formats:
            merged = {key: value for name in names for key, value in STYLES[name].items()}
            self.formats[names] = self.file.add_format(merged)
        return self.formats[names]

    def name(self, name: str, cells: str) -> None:
        """A name that points at cells."""
        self.file.define_name(name, f"={cells}")


@contextmanager
def written(path: Path, begun: Callable[[str], None]) -> Iterator[Book]:
    """A book that stands at `path` when it is finished, and not before."""
    ready = BytesIO()
    book = Book(ready, begun)
    yield book
    begun("the file")
    book.file.close()
    with replaced_whole(path) as file:
        file.write(ready.getbuffer())


class _Sheet(Worksheet):
    """A sheet of XlsxWriter with a short way for formulas, numbers and blanks.

    XlsxWriter searches every formula for functions newer than 2010, of which ours have none, and every attribute for
    letters to escape; a large grid takes twice as long by that.
    """

    table: Any
    fh: Any

    def formula(self, row: int, column: int, formula: str, style: object, value: object) -> None:
        self._check_dimensions(row, column)
        self.table[row][column] = CellFormulaTuple(formula, style, value)

    def number(self, row: int, column: int, number: float, style: object) -> None:
        self._check_dimensions(row, column)
        self.table[row][column] = CellNumberTuple(number, style)

    def blank(self, row: int, column: int, style: object) -> None:
        self._check_dimensions(row, column)
        self.table[row][column] = CellBlankTuple(style)

    def _write_cell(self, row: int, col: int, cell: object) -> None:
        if type(cell) is CellFormulaTuple and type(cell.value) in (int, float) and cell.format:
            written = cell.formula
            if "<" in written or ">" in written or "&" in written:
                written = written.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            content = f"<f>{written}</f><v>{cell.value}</v>"
        elif type(cell) is CellNumberTuple and cell.format and isfinite(cell.number):
            content = f"<v>{cell.number:.16G}</v>"
        elif type(cell) is CellBlankTuple and cell.format:
            content = ""
        else:
            super()._write_cell(row, col, cell)
            return
        self.fh.write(f'<c r="{letters(col)}{row + 1}" s="{cell.format._get_xf_index()}">{content}</c>')


class Page:
    """One sheet. Rows and columns count from 0."""

    def __init__(self, book: Book, name: str):
        self.book, self.name = book, name
        self.sheet: Any = book.file.add_worksheet(name, _Sheet)
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)

    def say(self, row: int, column: int, words: object, *styles: str) -> None:
        """Text, also where it begins with an equals sign; a whole number stays a number."""
        style = self.book.style(*styles) if styles else None
        if isinstance(words, int | float) and abs(words) < EXACT_INTEGER:
            self.sheet.write_number(row, column, words, style)
        else:
            self.sheet.write_string(row, column, cell_text(words), style)

    def put(self, row: int, column: int, elements: object, numbers: object, *styles: str) -> Cells:
        """The elements side by side from (row, column), each with its number; the cells they stand in, same shape."""
        elements = np.asarray(elements, object)
        room(row, column + elements.size)
        out = np.empty(elements.size, object)
        values = np.asarray(numbers, object).ravel().tolist()
        values = values * elements.size if len(values) == 1 else values
        for k, (element, value) in enumerate(zip(elements.ravel().tolist(), values, strict=True)):
            self.write(row, column + k, element, value, *styles)
            out[k] = Cell(row, column + k)
        return out.reshape(elements.shape)

    def write(self, row: int, column: int, element: Element, value: object, *styles: str) -> None:
        """One cell: a number, or a formula and what it comes to."""
        style = self.book.style(*(styles or ("number",)))
        if is_number(element):
            self.sheet.number(row, column, element, style)
        else:
            value = value if not isinstance(value, float) or isfinite(value) else "#NUM!"
            value = cell_text(value) if isinstance(value, str) else value  # a remembered text is a text, too
            self.sheet.formula(row, column, text(element), style, value)

    def fold_columns(self, columns: range, width: float, behind: float) -> None:
        """Hide columns of a width behind a +, which stands above the next column, `behind` wide."""
        if columns:
            self.sheet.set_column(columns[0], columns[-1], width, None, {"level": 1, "hidden": True})
            self.sheet.set_column(columns.stop, columns.stop, behind, None, {"collapsed": True})

    def fold_lines(self, lines: range) -> None:
        """Hide lines behind a +, which stands beside the next line."""
        for line in lines:
            self.sheet.set_row(line, None, None, {"level": 1, "hidden": True})
        if lines:
            self.sheet.set_row(lines.stop, None, None, {"collapsed": True})


def room(row: int, column: int) -> None:
    """Refuse what a sheet cannot hold."""
    if column > COLUMNS or row >= ROWS:
        raise BadOption(
            f"one sheet would need {column:,} columns and {row:,} rows",
            expected=f"at most {COLUMNS:,} columns and {ROWS:,} rows",
            mend="show fewer users, items or examples, or a model with fewer factors or a shorter text",
        )


def pinned(cells: Cells, pin: str, sheet: str | None = None) -> Cells:
    """The same cells, as a formula elsewhere writes them."""
    out = np.empty(cells.shape, object)
    for index in np.ndindex(cells.shape):
        cell: Any = cells[index]
        out[index] = replace(cell, pin=pin, sheet=cell.sheet if sheet is None else sheet)
    return out


def block(row: int, column: int, shape: tuple[int, ...], pin: str = "", sheet: str = "") -> Cells:
    """The cells of a block: one axis or none runs across; two axes run down and across."""
    if len(shape) < 2:
        cells = [Cell(row, column + k, sheet, pin) for k in range(int(np.prod(shape)))]
    else:
        cells = [Cell(row + i, column + j, sheet, pin) for i in range(shape[0]) for j in range(shape[1])]
    return np.array([*cells, None], object)[:-1].reshape(shape)
