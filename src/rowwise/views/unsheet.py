"""A workbook in, tables out: the numbers of a model as somebody, or Solver, changed them.

A workbook comes from anywhere: what is read of it is bounded by the size of the model's own tables, each number has to
fit float32, and whatever else stands in a cell is named and refused.
"""

import re
import warnings
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.data.files.content import existing
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData, UnknownId, foreign
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import EXACT_INTEGER, cell_text
from rowwise.views.workbook.names import cell_names
from rowwise.views.workbook.shown import label
from rowwise.views.workbook.texts import word_of

REFERENCE = re.compile(r"^=(?:(?P<sheet>'(?:[^']|'')+'|\w+)!)?\$?(?P<column>[A-Z]{1,3})\$?(?P<row>\d{1,7})$")
LARGEST = float(np.finfo(np.float32).max)
MOST_BYTES = 2**29  # of a workbook unpacked
MOST_CELLS = 20_000_000  # that cells which point elsewhere may lie apart
MOST_STEPS = 8  # from one cell that points elsewhere to the next
Place = tuple[str, int, int]  # sheet, row and column, from 1


def unsheet(path: str | Path, fitted: Trained, *, sheet: str | None = None) -> dict[str, np.ndarray]:
    """Every table of `fitted`, float32, with the rows and weights that the workbook holds as they are there.

    `sheet` names the grid to read instead: "grid from random", after Solver. Its rows are then the model's, 0 in the
    factors that it does not show, and all other rows stay as they were.

    Raises:
        BadData: the file is no workbook of this model, or a cell of a row is not a number that float32 holds.
        UnknownId: an id of the workbook is not in the model's vocabulary.
    """
    book = _Workbook(existing(Path(path)))
    called, called_ids = cell_names(fitted)
    tables = {name: table.copy() for name, table in fitted.parameters.tables.items()}
    ahead = "" if sheet is None else f"{re.sub(r'[^0-9A-Za-z]', '_', sheet)}_"
    for lookup in {str(i.table): i for i in fitted.program.lookups}.values():
        name, vocabulary = str(lookup.table), fitted.vocabularies[fitted.column_vocabulary[lookup.column]]
        flat = tables[name].reshape(len(tables[name]), -1)
        ids = book.block(ahead + called_ids[vocabulary.name], *_turned((len(vocabulary), 1), sheet))
        numbers = book.block((ahead or "table_") + called[name], *_turned(flat.shape, sheet))
        if ids.across and numbers.size[1] == ids.size[1]:
            ids, numbers = ids.turned, numbers.turned
        rows = _rows(book, ids, vocabulary, unknown_first=sheet is None)
        n, width = numbers.size
        fits = width == flat.shape[1] if sheet is None else width <= flat.shape[1]
        if n != len(rows) or not fits:
            raise book.wrong_place(numbers.name, f"{n:,} × {width:,} cells", (len(rows), flat.shape[1]))
        flat[rows] = 0.0
        flat[np.asarray(rows)[:, None], np.arange(numbers.size[1])] = book.numbers(numbers)
    for weight in fitted.program.weights if sheet is None else ():
        table = tables[weight.value.name]
        lines = table.reshape(-1, table.shape[-1]) if table.ndim > 1 else table.reshape(1, -1)
        block = book.block(f"table_{called[weight.value.name]}", *lines.shape)
        if block.size != lines.shape:
            raise book.wrong_place(block.name, f"{block.size[0]:,} × {block.size[1]:,} cells", lines.shape)
        lines[...] = book.numbers(block)
    return tables


def _turned(shape: tuple[int, int], sheet: str | None) -> tuple[int, int]:
    """The most lines and columns of a block; a grid may have its ids down or across."""
    return shape if sheet is None else (max(shape), max(shape))


def _rows(book: "_Workbook", ids: "_Block", vocabulary: Vocabulary, *, unknown_first: bool) -> list[int]:
    """The rows of a table that the ids of a block name, each once."""
    names = (
        word_of(vocabulary, k) if isinstance(vocabulary, WordVocabulary) else label(vocabulary, k)
        for k in range(len(vocabulary))
    )
    row_of = {_as_cell(name): k for k, name in enumerate(names) if k or not unknown_first}
    found: dict[int, None] = {0: None} if unknown_first else {}
    places, values = book.read(ids)
    for place, id in list(zip(places, values, strict=True))[len(found) :]:
        row = None if id is None or isinstance(id, bool) else row_of.get(_as_cell(id))
        if row is None:
            raise UnknownId(
                f"{book.where(place)} holds {id!r}, which is not in the {vocabulary.name!r} vocabulary",
                expected=f"one of its {len(vocabulary) - 1:,} ids",
                mend="undo the change: ids stay as they were written",
            )
        if row in found:
            raise BadData(
                f"{book.where(place)} holds {id!r}, which stands above already",
                expected="each id once",
                mend="undo the change: ids stay as they were written",
            )
        found[row] = None
    return list(found)


def _as_cell(id: object) -> str:
    """An id as a cell holds it, compared as text; a calculator may write 7 as 7.0."""
    if isinstance(id, float) and id.is_integer() and abs(id) < EXACT_INTEGER:
        return str(int(id))
    return cell_text(id)


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of cells that a workbook names: rows and columns from 1; `flipped` says that it is read turned."""

    name: str
    sheet: str
    first: tuple[int, int]
    last: tuple[int, int]
    flipped: bool = False

    @property
    def size(self) -> tuple[int, int]:
        lines, columns = (last - first + 1 for first, last in zip(self.first, self.last, strict=True))
        return (columns, lines) if self.flipped else (lines, columns)

    @property
    def across(self) -> bool:
        return self.size[0] == 1

    @property
    def turned(self) -> "_Block":
        return _Block(self.name, self.sheet, self.first, self.last, not self.flipped)


class _Workbook:
    """A workbook by the names that it gives to its blocks of cells, read line by line."""

    def __init__(self, path: Path):
        self.path = path
        with self._read():
            with zipfile.ZipFile(path) as packed:
                n_bytes = sum(part.file_size for part in packed.infolist())
            if n_bytes > MOST_BYTES:
                raise ValueError(f"{n_bytes:,} bytes unpacked, more than {MOST_BYTES:,}")
            self.book = _opened(path)

    def block(self, name: str, most_lines: int, most_columns: int) -> _Block:
        """The block that the workbook calls `name`, of a size that the model has."""
        from openpyxl.utils.cell import range_boundaries

        if name not in self.book.defined_names:
            raise BadData(
                f"{self.path.name} has no cells named {name}",
                expected="the workbook of this model, with the names that rowwise sheet gave",
                mend="use the model that the workbook was written from",
            )
        try:
            ((sheet, cells),) = self.book.defined_names[name].destinations
            corners = range_boundaries(cells.replace("$", ""))
            left, top, right, bottom = (int(corner or 0) for corner in corners)
            sheet = sheet.replace("''", "'")
            if not (left and top and right and bottom and sheet in self.book.sheetnames):
                raise ValueError(cells)  # a whole column has no first row
        except Exception:  # openpyxl raises what its tokenizer, its pattern or a missing sheet raise
            raise self.wrong_place(
                name, repr(self.book.defined_names[name].value), (most_lines, most_columns)
            ) from None
        if bottom - top >= most_lines or right - left >= most_columns:
            raise self.wrong_place(
                name, f"{bottom - top + 1:,} × {right - left + 1:,} cells", (most_lines, most_columns)
            )
        return _Block(name, sheet, (top, left), (bottom, right))

    def wrong_place(self, name: str, given: str, most: tuple[int, ...]) -> BadData:
        """The error for a name that points at something else than the model's numbers."""
        return BadData(
            f"{self.path.name}: the name {name} points at {given}",
            expected=f"cells of one sheet, {most[0]:,} × {most[1]:,} at most",
            mend="undo the change, or write the workbook again with rowwise sheet",
        )

    def numbers(self, block: _Block) -> np.ndarray:
        """The numbers of a block, float32."""
        places, values = self.read(block)
        for place, value in zip(places, values, strict=True):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadData(
                    f"{self.where(place)} holds {value!r}",
                    expected="a number",
                    mend="type a number, or undo the change",
                )
            if not abs(value) <= LARGEST:
                raise BadData(
                    f"{self.where(place)} holds {f'{value:g}' if abs(value) < 1e308 else 'a number beyond 1e308'}",
                    expected=f"a number that float32 holds, from -{LARGEST:.2g} to {LARGEST:.2g}",
                    mend="type a smaller number, or undo the change",
                )
        return np.array(values, np.float64).reshape(block.size).astype(np.float32)

    def read(self, block: _Block) -> tuple[list[Place], list[Any]]:
        """The cells of a block, line by line, and what each holds, or the one cell that it points at."""
        (top, left), (bottom, right) = block.first, block.last
        places = [(block.sheet, r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        if block.flipped:
            places = np.array(places, object).reshape(*block.size[::-1], 3).swapaxes(0, 1).reshape(-1, 3).tolist()
            places = [tuple(place) for place in places]
        for _ in range(MOST_STEPS):
            found = self._cells(places)
            after = [self._points_at(place, value) for place, value in zip(places, found, strict=True)]
            if after == places:
                return places, found
            places = after
        raise self.wrong_place(block.name, "cells that point at one another", block.size)

    def where(self, place: Place) -> str:
        from openpyxl.utils.cell import get_column_letter

        sheet, row, column = place
        return f"{self.path.name}, sheet {sheet!r}, cell {get_column_letter(column)}{row}"

    def _points_at(self, place: Place, value: object) -> Place:
        """The one cell that a formula reads; the place itself where there is none, or it is not there."""
        from openpyxl.utils.cell import column_index_from_string

        found = REFERENCE.match(value) if isinstance(value, str) else None
        if found is None:
            return place
        sheet = found["sheet"].removeprefix("'").removesuffix("'").replace("''", "'") if found["sheet"] else place[0]
        row, column = int(found["row"]), column_index_from_string(found["column"])
        is_there = sheet in self.book.sheetnames and 1 <= row <= 2**20 and column <= 2**14
        return (sheet, row, column) if is_there else place

    def _cells(self, places: list[Place]) -> list[Any]:
        """What stands in some cells; each sheet is read once, and only between the outermost of them."""
        held: dict[Place, Any] = {}
        for sheet in {place[0] for place in places}:
            rows, columns = (np.array([place[axis] for place in places if place[0] == sheet]) for axis in (1, 2))
            box = {"min_row": int(rows.min()), "max_row": int(rows.max())}
            box |= {"min_col": int(columns.min()), "max_col": int(columns.max())}
            apart = (box["max_row"] - box["min_row"] + 1) * (box["max_col"] - box["min_col"] + 1)
            if apart > MOST_CELLS:
                raise self.wrong_place(sheet, f"cells {apart:,} apart", (MOST_CELLS, 1))
            with self._read():  # as above: a sheet is opened when it is read
                lines = list(self.book[sheet].iter_rows(values_only=True, **box))
            for r, line in enumerate(lines, box["min_row"]):
                held |= {(sheet, r, c): value for c, value in enumerate(line, box["min_col"]) if value is not None}
        return [held.get(place) for place in places]

    @contextmanager
    def _read(self) -> Generator[None]:
        """Inside, openpyxl raises what the zip, the XML or its own reader raise."""
        with foreign(
            BadData,
            f"{self.path.name} cannot be read",
            expected="a workbook that rowwise wrote, saved as .xlsx",
            mend="save it as .xlsx, or write it again with rowwise sheet",
        ):
            yield


def _opened(path: Path) -> Any:
    """Line by line: a sheet of a million merged cells is as quick as one of none."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of openpyxl, about parts that are not read here
        return openpyxl.load_workbook(path, read_only=True, keep_links=False)
