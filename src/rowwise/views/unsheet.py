"""A workbook in, tables out: the numbers of a model as somebody, or Solver, changed them."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.errors import BadData
from rowwise.views.workbook.tables import plain

REFERENCE = re.compile(r"^=(?:(?P<sheet>'(?:[^']|'')+'|\w+)!)?\$?(?P<column>[A-Z]+)\$?(?P<row>\d+)$")


def unsheet(path: str | Path, fitted: Any, *, sheet: str | None = None) -> dict[str, np.ndarray]:
    """Every table of `fitted`, float32, with the rows and weights that the workbook holds as they are there.

    `sheet` names the grid to read instead: "grid from random", after Solver. Its rows are then the model's, 0 in the
    factors that it does not show, and all other rows stay as they were.

    Raises:
        BadData: the file is no workbook of this model, or a cell of a row is not a number.
        UnknownId: an id of the workbook is not in the model's vocabulary.
    """
    book = _Workbook(Path(path))
    tables = {name: table.copy() for name, table in fitted.parameters.tables.items()}
    prefix = "table" if sheet is None else plain(sheet)
    for lookup in {str(i.table): i for i in fitted.program.lookups}.values():
        vocabulary = fitted.vocabularies[fitted.column_vocabulary[lookup.column]]
        ids = book.values("ids" if sheet is None else f"{prefix}_ids", vocabulary.name)
        numbers = book.values(prefix, str(lookup.table))
        if ids.shape[0] == 1 and numbers.shape[1] == ids.shape[1]:  # ids across the top
            ids, numbers = ids.T, numbers.T
        known = [0, *map(vocabulary.row, ids[1:, 0])] if sheet is None else list(map(vocabulary.row, ids[:, 0]))
        _put(tables[str(lookup.table)], known, numbers.astype(np.float32))
    for weight in fitted.program.weights if sheet is None else ():
        tables[weight.value.name][...] = book.values(prefix, weight.value.name).reshape(weight.value.shape)
    return tables


def _put(table: np.ndarray, rows: list[int], numbers: np.ndarray) -> None:
    """Numbers into rows; factors that `numbers` lacks become 0."""
    flat = table.reshape(len(table), -1)
    flat[rows] = 0.0
    flat[np.asarray(rows)[:, None], np.arange(numbers.shape[1])] = numbers


class _Workbook:
    """A workbook by the names that it gives to its blocks of cells."""

    def __init__(self, path: Path):
        import openpyxl

        self.path = path
        try:
            self.book = openpyxl.load_workbook(path)
        except Exception as error:  # openpyxl raises what the zip, the XML or its own reader raise
            raise BadData(
                f"{path.name} cannot be read ({error})",
                expected="a workbook that rowwise wrote, saved as .xlsx",
                mend="save it as .xlsx, or write it again with rowwise sheet",
            ) from None

    def values(self, prefix: str, name: str) -> np.ndarray:
        """The block that the workbook calls `prefix_name`, as (lines, columns) of numbers; ids may be text."""
        called = f"{prefix}_{plain(name)}"
        if called not in self.book.defined_names:
            raise BadData(
                f"{self.path.name} has no cells named {called}",
                expected=f"the workbook of a model with a table {name!r}",
                mend="use the model that the workbook was written from",
            )
        ((sheet, block),) = self.book.defined_names[called].destinations
        cells: Any = self.book[sheet][block.replace("$", "")]
        lines = cells if isinstance(cells, tuple) else ((cells,),)
        return np.array([[self._value(cell, text="ids" in prefix) for cell in line] for line in lines], object)

    def _value(self, cell: Any, *, text: bool) -> Any:
        """A cell's number, or that of the one cell it refers to."""
        seen = set()
        while isinstance(cell.value, str) and (found := REFERENCE.match(cell.value)) and cell not in seen:
            seen.add(cell)
            page = found["sheet"].strip("'").replace("''", "'") if found["sheet"] else cell.parent.title
            cell = self.book[page][f"{found['column']}{found['row']}"]
        if isinstance(cell.value, int | float) or (text and cell.value is not None):
            return cell.value
        raise BadData(
            f"{self.path.name}, sheet {cell.parent.title!r}, cell {cell.coordinate} holds {cell.value!r}",
            expected="a number",
            mend="type a number, or undo the change",
        )
