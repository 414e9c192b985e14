"""A sheet for each vocabulary: id, title, and the rows of every table that its ids name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rowwise.data.vocabulary import Id
from rowwise.primitives.cells import Cell, Cells, area, cells_of
from rowwise.views.workbook.book import Book
from rowwise.views.workbook.shown import Shown, label, vocabulary_of

FIRST = 5  # the line of the first row of a table
WILD = re.compile(r"[*?~]")
Linked = Mapping[tuple[str, int], Cells]  # (table, row) -> the cells of the grid that hold it


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the rows of the tables stand, and the formulas that find them."""

    sheets: dict[str, str]  # by vocabulary
    ids: dict[str, str]  # by vocabulary: the range of its ids
    findable: dict[str, set[int]]  # by vocabulary: the rows whose id MATCH finds
    order: dict[str, list[int]]  # by vocabulary: the rows, in the order of the sheet
    columns: dict[str, list[str]]  # by table: the range of each of its columns
    titles: dict[str, str]  # by vocabulary that has titles: their range

    def place(self, vocabulary: str, row: int, id_cell: Cell) -> str | int:
        """The place of an id among those of its sheet; the first, of the unknown row, where it is not there."""
        if row not in self.findable[vocabulary]:
            return self.order[vocabulary].index(row) + 1
        match = f"MATCH({id_cell},{self.ids[vocabulary]},0)"
        return f"IF(COUNT({match})=1,{match},1)"

    def read(self, table: str, place: Cell) -> Cells:
        """The numbers of one row, by its place."""
        return cells_of([f"INDEX({column},{replace(place, pin='column')})" for column in self.columns[table]])


def write_tables(book: Book, fitted: Any, shown: Shown, linked: Linked) -> Tables:
    """Rows that the grid holds are read from the grid, so that a change there is a change everywhere."""
    tables = Tables({}, {}, {}, {}, {}, {})
    for vocabulary in fitted.vocabularies:
        _write_vocabulary(book, fitted, shown, linked, vocabulary, tables)
    return tables


def _write_vocabulary(book: Book, fitted: Any, shown: Shown, linked: Linked, vocabulary: str, found: Tables) -> None:
    page = book.page(sheet_name(vocabulary))
    names = list(dict.fromkeys(str(i.table) for i in fitted.program.lookups if vocabulary_of(fitted, i) == vocabulary))
    rows, ids = shown.rows[vocabulary], fitted.vocabularies[vocabulary]
    titles = shown.titles.get(vocabulary, {})
    page.say(0, 0, f"{vocabulary}: one row of numbers for each id", "title")
    page.say(1, 0, f"{len(rows) - 1:,} of {len(ids) - 1:,} ids: those that this workbook uses. "
             "Any id that is not here gets the row “unknown”.", "note")  # fmt: skip
    if linked:
        page.say(
            2,
            0,
            "White numbers are read from the sheet “grid”; change them there. Yellow ones can be changed here.",
            "note",
        )
    page.say(FIRST - 1, 0, vocabulary, "head")
    page.say(FIRST - 1, 1, "title" if titles else "", "head")
    page.sheet.set_column(0, 0, 12)
    page.sheet.set_column(1, 1, 34 if titles else 2)
    labels = [label(ids, row) for row in rows]
    for k, id in enumerate(labels):
        page.say(FIRST + k, 0, id, "left")
        page.say(FIRST + k, 1, titles.get(str(id), ""), "small")
    last = FIRST + len(rows) - 1
    column = 2
    for name in names:
        values = fitted.parameters.tables[name].reshape(len(ids), -1)
        width = values.shape[1]
        page.say(FIRST - 2, column, name, "head")
        for k in range(width):
            page.say(FIRST - 1, column + k, k + 1 if fitted.parameters.tables[name].ndim > 1 else "", "head", "right")
        for k, row in enumerate(rows):
            cells = linked.get((name, row))
            if cells is None:
                page.put(FIRST + k, column, values[row].astype(float), 0, "number", "free")
            else:
                page.put(FIRST + k, column, cells.ravel(), values[row].astype(float))
        found.columns[name] = [
            area(Cell(FIRST, column + k, page.name, "both"), Cell(last, column + k, "", "both")) for k in range(width)
        ]
        corner = Cell(last, column + width - 1, "", "both")
        book.name(f"table_{plain(name)}", area(Cell(FIRST, column, page.name, "both"), corner))
        column += width + 1
    page.sheet.freeze_panes(FIRST, 2)
    found.sheets[vocabulary] = page.name
    found.ids[vocabulary] = area(Cell(FIRST, 0, page.name, "both"), Cell(last, 0, "", "both"))
    if titles:
        found.titles[vocabulary] = area(Cell(FIRST, 1, page.name, "both"), Cell(last, 1, "", "both"))
    found.order[vocabulary] = rows
    found.findable[vocabulary] = {rows[k] for k in findable(labels)}
    book.name(f"ids_{plain(vocabulary)}", found.ids[vocabulary])


def findable(ids: list[Id]) -> list[int]:
    """The places of the ids that MATCH finds: to it capitals are small letters, and * and ? stand for anything."""
    seen: set[str] = set()
    found = []
    for k, id in enumerate(ids):
        folded = str(id).casefold()
        if folded not in seen and not (isinstance(id, str) and (WILD.search(id) or len(id) > 255)):
            found.append(k)
        seen.add(folded)
    return found


def sheet_name(name: str) -> str:
    """A name that every calculator takes for a sheet, and that no other sheet of the workbook has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:28] or "ids"
    taken = ("grid", "examples", "learn", "loss", "weights", "read me", "history")
    return f"{plain} ids" if plain.casefold() in taken or plain.casefold().startswith(("learn", "grid")) else plain


def plain(name: str) -> str:
    """A name as a workbook takes it."""
    return re.sub(r"\W", "_", name)
