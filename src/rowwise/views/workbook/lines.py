"""One example a line: blocks of columns handed out from left to right, each with its name above."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.lowering import Place
from rowwise.backends.sheet.rules import Cells, filled
from rowwise.program.inputs import Lookup
from rowwise.program.program import Operand, Step
from rowwise.views.workbook.book import UNFOLDED, Page, block

Role = Literal[
    "value", "ids", "place", "title", "member", "weights", "own", "difference", "step", "last", "row", "gradient",
    "state", "new row",
]  # fmt: skip


class Key(NamedTuple):
    """Which block of columns: what it holds, of what, and of several alike which one."""

    role: Role
    of: str = ""
    part: str | int = 0


IDS = Key("ids")  # of the rows themselves
WIDTH = 10.5  # of a column of numbers
GAP = 1.5  # the width of the column behind a block of several


class Lines:
    """Lines below one head of two lines: names, and below them the numbers 1, 2, … of a block's columns.

    `gaps` narrows the column behind a block of several, and folds a wide block away behind its first number: not where
    other lines of the page use these columns.
    """

    def __init__(self, page: Page, head: int, column: int = 0, *, gaps: bool = True):
        self.page, self.head, self.next, self.gaps = page, head, column, gaps
        page.sheet.set_row(head + 1, 75)
        self.columns: dict[Key, int] = {}
        self.written: dict[Hashable, tuple[int, list[tuple[Step, Cells]], list[Cells]]] = {}

    def column(self, key: Key, title: str, size: int = 1) -> int:
        """The first column of a block, which is given one where it has none; blocks of several stand a little apart."""
        if key not in self.columns:
            self.columns[key] = self.next
            is_folded = self.gaps and size > UNFOLDED and key.role != "ids"
            if size == 1 or is_folded:
                side = () if key.role == "title" else ("right",)
                title = f"{title}: 1 of {size}" if is_folded else title
                self.page.say(self.head + 1, self.next, title, "head", *side, "wrapped")
            else:
                self.page.say(self.head, self.next, title, "bold")
            for k in range(1 if is_folded else 0, size if size > 1 else 0):
                self.page.say(self.head + 1, self.next + k, k + 1, "head", "right")
            if self.gaps and size > 1:
                self.page.sheet.set_column(self.next + size, self.next + size, GAP)
            if is_folded:
                self.page.fold_columns(range(self.next + 1, self.next + size), WIDTH, GAP)
            self.next += size + (size > 1)
        return self.columns[key]

    def put(self, line: int, key: Key, title: str, elements: object, numbers: object, *styles: str) -> Cells:
        """Elements in their block on one line."""
        elements = np.asarray(elements, object)
        return self.page.put(line, self.column(key, title, elements.size), elements, numbers, *styles)

    def say(self, line: int, key: Key, title: str, words: object, *styles: str) -> None:
        self.page.say(line, self.column(key, title), words, *styles)

    def walk(
        self,
        line: int,
        key: Hashable,
        needed: Sequence[Step],
        cells: Mapping[str, Cells],
        place: Place,
        results: Sequence[Operand],
    ) -> list[Cells]:
        """The cells of `results` after the steps are placed on a line.

        The first line of a `key` is written from the program; others are filled down from it, as a person would.
        """
        if key not in self.written:
            placed: list[tuple[Step, Cells]] = []

            def noted(step: Step, formulas: Cells) -> Cells:
                there = place(step, formulas)
                if there is not formulas:
                    placed.append((step, formulas))
                return there

            found = lowering.walk(needed, cells, noted)
            self.written[key] = line, placed, [lowering.operand(found, result) for result in results]
            return self.written[key][2]
        first, placed, at = self.written[key]
        for step, formulas in placed:
            place(step, _filled(formulas, line - first))
        return [_filled(cells, line - first) for cells in at]

    def down(self, key: Key, first: int, n: int, number: int = 0) -> Cells:
        """One column of a block over n lines, as a fixed range reads it."""
        return block(first, self.columns[key] + number, (n, 1), "both").ravel()


def _filled(cells: Cells, down: int) -> Cells:
    out = np.empty(cells.size, object)
    out[:] = [filled(element, down) for element in cells.ravel()]
    return out.reshape(cells.shape)


def ids_of(lookup: Lookup) -> tuple[Key, str]:
    """The key and the title of the column of ids that a lookup reads; a drawn id stands beside the one of the data."""
    if lookup.is_drawn:
        return Key("ids", str(lookup.column), "drawn"), f"{lookup.column}, drawn"
    return Key("ids", str(lookup.column)), str(lookup.column)


def place_steps(
    lines: Lines,
    line: int,
    names: Mapping[str, str],
    values: Mapping[str, np.ndarray],
    only: Mapping[str, int] | None = None,
) -> Place:
    """What `sheet.walk` puts the steps of a line with: each in a block of its own.

    `only` holds the outputs to put, with how many of their numbers; the rest grows into the formulas that read it.
    Without it every step is put that does not only move numbers.
    """

    def place(step: Step, formulas: Cells) -> Cells:
        name = step.output.name
        if lowering.is_move(step) if only is None else name not in only:
            return formulas
        n = formulas.size if only is None else only[name]
        styles = ("number", "answer") if names[name] == "prediction" else ("number",)
        flat = formulas.ravel().copy()
        flat[:n] = lines.put(line, Key("value", name), names[name], flat[:n], values[name].ravel()[:n], *styles)
        return flat.reshape(formulas.shape)

    return place
