"""A sheet for each vocabulary: id, title, and the rows of every table that its ids name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of
from rowwise.data.ids import Id
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import UNFOLDED, Book
from rowwise.views.workbook.lines import WIDTH
from rowwise.views.workbook.names import cell_names, sheet_names
from rowwise.views.workbook.shown import Shown, label, vocabulary_of
from rowwise.views.workbook.texts import word_of

FIRST = 5  # the line of the first row of a table
WILD = re.compile(r"[*?~]")
Linked = Mapping[tuple[str, int], Cells]  # (table, row) -> the cells of the grid that hold it


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the rows of the tables stand, and the formulas that find them."""

    ids: dict[str, str]  # by vocabulary: the range of its ids
    findable: dict[str, set[int]]  # by vocabulary: the rows whose id MATCH finds
    order: dict[str, list[int]]  # by vocabulary: the rows, in the order of the sheet
    columns: dict[str, list[str]]  # by table: the range of each of its columns
    spelt: dict[str, dict[str, list[int]]]  # by vocabulary: the places of the ids that a calculator takes for one
    facts: dict[str, dict[str, str]]  # by vocabulary: the range of its titles, or of the rows of its words

    def place(self, vocabulary: str, row: int, id_cell: Cell) -> str | int:
        """The place of an id among those of its sheet; the first, of the unknown row, where it is not there."""
        if row not in self.findable[vocabulary]:
            return self.order[vocabulary].index(row) + 1
        match = f"MATCH({id_cell},{self.ids[vocabulary]},0)"
        return f"IF(COUNT({match})=1,{match},1)"

    def place_of_word(self, vocabulary: str, word: str, row: int, word_cell: Cell) -> str | int:
        """The place of a word among those of its sheet: 1, of the padding, for none, and 2 for a rare one.

        MATCH takes * and ? for anything, so words that hold them are compared one by one. A number is a word too. A
        word that differs from others only in capitals, which no calculator tells apart, has its place as a number.
        """
        place = self.order[vocabulary].index(row) + 1
        if self.spelt[vocabulary].get(word.casefold(), [2]) != [place]:
            return place
        typed, ids = f'{word_cell}&""', self.ids[vocabulary]
        if WILD.search(word):
            found = f"MAX(2,SUMPRODUCT(MAX(({ids}={typed})*{self.facts[vocabulary]['line']})))"
        else:
            found = f"IF(COUNT(MATCH({typed},{ids},0))=1,MATCH({typed},{ids},0),2)"
        return f'IF({word_cell}="",1,{found})'

    def fact(self, vocabulary: str, name: str, place: Cell) -> str:
        """What the sheet of a vocabulary says of one id, by its place."""
        return f"INDEX({self.facts[vocabulary][name]},{place})"

    def read(self, table: str, place: Cell) -> Cells:
        """The numbers of one row, by its place."""
        return cells_of([f"INDEX({column},{replace(place, pin='column')})" for column in self.columns[table]])


def write_tables(book: Book, fitted: Trained, shown: Shown, linked: Linked) -> Tables:
    """Rows that the grid holds are read from the grid, so that a change there is a change everywhere."""
    tables = Tables({}, {}, {}, {}, {}, {})
    for vocabulary in fitted.vocabularies:
        _write_vocabulary(book, fitted, shown, linked, vocabulary, tables)
    return tables


def _write_vocabulary(
    book: Book, fitted: Trained, shown: Shown, linked: Linked, vocabulary: str, found: Tables
) -> None:
    page = book.page(sheet_names(fitted.vocabularies)[vocabulary])
    called, called_ids = cell_names(fitted)
    names = list(dict.fromkeys(str(i.table) for i in fitted.program.lookups if vocabulary_of(fitted, i) == vocabulary))
    rows, ids = shown.rows[vocabulary], fitted.vocabularies[vocabulary]
    labels, facts = _words(ids, rows) if isinstance(ids, WordVocabulary) else _ids(ids, rows, shown)
    page.say(0, 0, f"{vocabulary}: one row of numbers for each {'word' if 'rank' in facts else 'id'}", "title")
    for k, note in enumerate(_notes(ids, rows, linked)):
        page.say(1 + k, 0, note, "note")
    last = FIRST + len(rows) - 1

    def column_of(column: int) -> str:
        return area(Cell(FIRST, column, page.name, "both"), Cell(last, column, "", "both"))

    page.say(FIRST - 1, 0, "word" if "row" in facts else vocabulary, "head")
    page.sheet.set_column(0, 0, 22 if "row" in facts else 12)
    for k, id in enumerate(labels):
        page.say(FIRST + k, 0, id, "left")
    column = 1
    for name, told in facts.items():
        side = () if name == "title" else ("right",)
        page.say(FIRST - 1, column, name, "head", *side)
        page.sheet.set_column(column, column, 34 if name == "title" else 8)
        for k, fact in enumerate(told):
            page.say(FIRST + k, column, fact, "small", *side)
        column += 1
    found.facts[vocabulary] = {name: column_of(1 + k) for k, name in enumerate(facts)}
    if "title" not in facts:
        page.sheet.set_column(column, column, 2)
        column += 1
    page.sheet.freeze_panes(FIRST, column)
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
        found.columns[name] = [column_of(column + k) for k in range(width)]
        corner = Cell(last, column + width - 1, "", "both")
        book.name(f"table_{called[name]}", area(Cell(FIRST, column, page.name, "both"), corner))
        page.fold_columns(range(column + UNFOLDED, column + width), WIDTH, WIDTH)
        column += width + 1
    found.ids[vocabulary] = column_of(0)
    found.order[vocabulary] = rows
    spelt = found.spelt[vocabulary] = {}
    for k, id in enumerate(labels):
        spelt.setdefault(str(id).casefold(), []).append(k + 1)
    found.findable[vocabulary] = {rows[k] for k in findable(labels)}
    book.name(called_ids[vocabulary], found.ids[vocabulary])


Facts = Mapping[str, list[Any]]  # by the name of a column: what it says of each id


def _ids(ids: Vocabulary, rows: list[int], shown: Shown) -> tuple[list[Id], Facts]:
    labels = [label(ids, row) for row in rows]
    titles = shown.titles.get(ids.name, {})
    return labels, {"title": [titles.get(str(id), "") for id in labels]} if titles else {}


def _words(ids: WordVocabulary, rows: list[int]) -> tuple[list[Id], Facts]:
    """The words, the line of each on the sheet, its row in the model, and how often it stood."""
    counts = ids.counts[rows].tolist()
    facts = {
        "line": list(range(1, len(rows) + 1)),
        "row": rows,
        "count": ["" if row == 0 else n for row, n in zip(rows, counts, strict=True)],
    }
    return [word_of(ids, row) for row in rows], facts


def _notes(ids: Vocabulary, rows: list[int], linked: Linked) -> list[str]:
    """What the sheet of a vocabulary says above its numbers."""
    if isinstance(ids, WordVocabulary):
        return [
            f"{len(rows) - 2:,} of {ids.n_own:,} words: those of the texts and the most frequent first. "
            "Any other word is ‹rare› here.",
            f"The row of a word is its number in the model: 0 pads short texts, {ids.rare:,} is for all rarer words. "
            "The count is how often it stood in the texts learnt from.",
        ]
    found = [
        f"{len(rows) - 1:,} of {len(ids) - 1:,} ids: those that this workbook uses. "
        "Any id that is not here gets the row “unknown”."
    ]
    if linked:
        found.append(
            "White numbers are read from the sheet “grid”; change them there. Yellow ones can be changed here."
        )
    return found


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
