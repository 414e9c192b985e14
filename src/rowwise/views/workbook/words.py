"""Texts as formulas, one a block: word → its line in the table → its row → every step → prediction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of, text
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.program.inputs import BagLookup, Lookup, PaddingMask, Target
from rowwise.program.program import Step
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import Page
from rowwise.views.workbook.examples import has_loss, own_predictions
from rowwise.views.workbook.shown import Example, Shown, divisor, inputs_of, label, look_up, vocabulary_of
from rowwise.views.workbook.tables import Tables
from rowwise.views.workbook.texts import PADDING, places, text_columns

WORD, LINE, FOUND, ROW, COUNTS, NUMBERS = range(6)  # the columns of a block
HEAD = 5  # the line of the head of the summary
SPARE = 3  # empty lines below the words of a bag, for more
LETTERS = 150  # of a text that stand above its words


def write_words(
    page: Page, fitted: Trained, shown: Shown, tables: Tables, shared: Mapping[str, Cells], length: int | None
) -> None:
    """A summary of the texts, then each in a block, with the model's own prediction and the difference at its end."""
    page.say(0, 0, "From words to a prediction, one text a block", "title")
    for k, note in enumerate(_notes(fitted)):
        page.say(1 + k, 0, note, "note")
    page.sheet.set_column(WORD, WORD, 22)
    page.sheet.set_column(LINE, LINE, 6)
    page.sheet.set_column(FOUND, FOUND, 14)
    page.sheet.set_column(ROW, COUNTS, 7)
    page.sheet.set_column(NUMBERS, NUMBERS + 250, 8)
    beside = NUMBERS + (fitted.program.prediction.size if fitted.program.prediction else 0) + 2
    for column, head in ((WORD, "text"), (ROW, str(fitted.layout.target or "")), (NUMBERS, _called(fitted))):
        page.say(HEAD, column, head, "head")
    own = own_predictions(fitted, shown.examples)
    line = HEAD + len(shown.examples) + 3
    for k, example in enumerate(shown.examples):
        page.sheet.write_url(HEAD + 1 + k, WORD, f"internal:'{page.name}'!A{line + 1}", string=f"text {k + 1}")
        page.say(HEAD + 1 + k, ROW, _class(fitted, example.target), "small")
        page.say(HEAD + 1 + k, beside, _shortened(next(iter(example.words.values())).text), "small")
        block = Block(page, fitted, example, tables, length, line)
        page.say(line, WORD, f"text {k + 1}", "title")
        page.say(line, ROW, f"{fitted.layout.target}: {_class(fitted, example.target)}", "note")
        guess, numbers = block.write(shared)
        page.put(HEAD + 1 + k, NUMBERS, [str(cell) for cell in guess], numbers, "number", "answer")
        if own is not None:
            block.compare(guess, numbers, np.asarray(own[k], float).ravel())
        line = block.line + 2
    page.sheet.freeze_panes(0, 1)  # no lines: the head of the summary is not that of the blocks


@dataclass
class Block:
    """One text on its lines. `line` is the next that is free."""

    page: Page
    fitted: Trained
    example: Example
    tables: Tables
    length: int | None
    line: int
    cells: dict[str, Cells] = field(default_factory=dict)  # by input, then by value

    def write(self, shared: Mapping[str, Cells]) -> tuple[Cells, np.ndarray]:
        """The words, then every step; the cells of the prediction and what they come to."""
        program, example = self.fitted.program, self.example
        self.line += 1
        self.cells |= {**shared, **lowering.constants(program.inputs)}
        for columns in dict.fromkeys((i.column, i.names.get("weights")) for i in program.lookups):
            self._ids([i for i in program.lookups if (i.column, i.names.get("weights")) == columns])
        for i in program.inputs:
            known = example.target if isinstance(i, Target) else example.values.get(i.value.name)
            if i.is_given and not isinstance(i, PaddingMask) and known is not None:
                self.cells[i.value.name] = self._said(
                    i.names["column"], np.asarray(known, float), "free", i.value.shape
                )
        results = [program.prediction, *([program.loss] if has_loss(program, example) else [])]
        needed = program.needed(results)
        values = reference.walk(needed, inputs_of(self.fitted, example, look_up(self.fitted, example)))
        shown = {step.output.name for step in program.needed([program.prediction])} | {str(program.loss)}
        names = lowering.names(program, lowering.placed(program) & shown)

        def place(step: Step, formulas: Cells) -> Cells:
            output = step.output
            is_answer = output == program.prediction
            is_there = all(isinstance(element, Cell) for element in formulas.flat)  # a dropout's mask is 1
            if (
                lowering.is_move(step)
                or (is_there and not is_answer)
                or (not output.shape and output.name not in shown)
            ):
                return formulas
            if is_answer and output.shape and self.fitted.classes:
                for k, name in enumerate(self.fitted.classes):
                    self.page.say(self.line, NUMBERS + k, name, "small", "right")
                self.line += 1
            title = _called(self.fitted) if is_answer else names[output.name]
            styles = ("number", "answer") if is_answer else ("number",)
            return self._lines(title, formulas, values[output.name], *styles)

        found = lowering.walk(needed, self.cells, place)
        assert program.prediction is not None  # a model of texts answers
        guess = lowering.operand(found, program.prediction).ravel()
        return guess, reference.number(values, program.prediction).ravel()

    def compare(self, guess: Cells, numbers: np.ndarray, own: np.ndarray) -> None:
        """What the trained model itself says, and how far off the sheet is."""
        given = self._said("the trained model", own, "model", own.shape)
        self.page.say(self.line, WORD, "difference", "small")
        apart = [f"{text(a)}-{text(b)}" for a, b in zip(guess, given.ravel(), strict=True)]
        self.page.put(self.line, NUMBERS, apart, numbers - own, "small", "tiny")
        self.line += 1

    def _ids(self, lookups: list[Lookup]) -> None:
        """The ids of one column, one a line, with the numbers that arguments of this column look up, weighted alike."""
        vocabulary = self.fitted.vocabularies[vocabulary_of(self.fitted, lookups[0])]
        column = lookups[0].column
        masks = [i for i in self.fitted.program.inputs_of(PaddingMask) if i.mask_of == column]
        counted = lookups[0].is_combined or bool(masks)
        if isinstance(vocabulary, WordVocabulary):
            self._say_text(column)
        columns = self._heads(vocabulary, lookups, counted=counted)
        ids = self._ids_as_read(lookups[0])
        first, n = self.line, len(ids)
        rows: dict[str, list[Cells]] = {name: [] for name in columns}
        counts: list[Any] = []
        for k, (written, row, times) in enumerate(ids):
            place = self._id(vocabulary, written, row, times)
            if "weights" in lookups[0].names:
                given = self.example.weights[lookups[0].value.name]
                self.page.say(self.line, COUNTS, float(given[k]) if k < len(given) else "", "free")
            elif counted:
                counts += [self._counts(vocabulary, written, k, first, n) if times == 1 else 0.0] * times
            for i in lookups:
                formulas = self.tables.read(i.table, place)
                numbers = self.fitted.parameters.tables[i.table][row or 0].astype(float)
                rows[i.value.name] += [self.page.put(self.line, columns[i.value.name], formulas, numbers)] * times
            self.line += 1
        for i in lookups:
            name = i.value.name
            if isinstance(i, BagLookup):
                self.cells[name] = self._pooled(i, columns[name], first, n)
            else:
                self.cells[name] = np.stack(rows[name]).reshape(i.value.shape)
        for mask in masks:
            self.cells[mask.value.name] = cells_of(counts)
        self.line += 2 if lookups[0].is_combined else 1

    def _heads(self, vocabulary: Vocabulary, lookups: list[Lookup], *, counted: bool) -> dict[str, int]:
        """Two lines of heads; by argument the first column of its numbers."""
        of_words = isinstance(vocabulary, WordVocabulary)
        heads = {WORD: "word" if of_words else lookups[0].column, LINE: "line"}
        heads |= {FOUND: "found as", ROW: "row"} if of_words else {}
        heads |= {COUNTS: lookups[0].names.get("weights", "counts")} if counted else {}
        for column, head in heads.items():
            side = {WORD: "left", FOUND: "indented"}.get(column, "right")
            self.page.say(self.line + 1, column, head, "head", side)
        at = NUMBERS
        columns: dict[str, int] = {}
        for i in lookups:
            size = i.row_shape[-1] if i.row_shape else 1
            columns[i.value.name] = at
            self.page.say(self.line, at, i.value.name, "bold")
            for number in range(size):
                self.page.say(self.line + 1, at + number, number + 1 if size > 1 else "", "head", "right")
            at += size + 1
        self.line += 2
        return columns

    def _say_text(self, column: str) -> None:
        words = self.example.words[column]
        self.page.say(self.line, WORD, _shortened(words.text), "note")
        self.line += 1
        if words.n_cut:
            side = text_columns(self.fitted)[column].text.cut
            kept = "last" if side == "front" else "first"
            self.page.say(
                self.line,
                WORD,
                f"Cut to its {kept} {len(words.rows)} of {len(words.rows) + words.n_cut} words, for which "
                "this sheet has room: the prediction is the model's for these.",
                "note",
            )
            self.line += 1

    def _ids_as_read(self, lookup: Lookup) -> list[tuple[str | None, int | None, int]]:
        """(the id as it is written, its row, how many times) a line; None for an empty cell."""
        rows = self.example.rows[lookup.value.name]
        words = self.example.words.get(lookup.column)
        if lookup.is_combined:
            vocabulary = self.fitted.vocabularies[vocabulary_of(self.fitted, lookup)]
            written = words.written if words else [label(vocabulary, int(row)) for row in rows]
            pairs = zip(written, map(int, rows), strict=True)
            return [*((str(id), row, 1) for id, row in pairs), *[(None, None, 1)] * SPARE]
        if words is None:
            vocabulary = self.fitted.vocabularies[vocabulary_of(self.fitted, lookup)]
            shown = [None if row == 0 and lookup.is_list else label(vocabulary, int(row)) for row in rows]
            return [(id, int(row), 1) for id, row in zip(shown, rows, strict=True)]  # type: ignore[arg-type]
        own = places(lookup, self.length) or 0
        pad = text_columns(self.fitted)[lookup.column].text.pad
        empty = [(None, 0, 1)] * (own - len(words.rows))
        always = [(PADDING, 0, len(rows) - own)] if len(rows) > own else []
        pairs = [(id, int(row), 1) for id, row in zip(words.written, words.rows, strict=True)]
        return [*always, *empty, *pairs] if pad == "front" else [*pairs, *empty, *always]

    def _id(self, vocabulary: Vocabulary, written: str | None, row: int | None, times: int) -> Cell:
        """A line's id, its place and what was found for it; the cell of the place."""
        cell = Cell(self.line, WORD, pin="column")
        order = self.tables.order[vocabulary.name]
        if written == PADDING:
            self.page.say(self.line, WORD, f"{PADDING} × {times}", "small")
            place: str | int = 1
        else:
            self.page.say(self.line, WORD, "" if written is None else written, "free", "left")
            if isinstance(vocabulary, WordVocabulary):
                place = self.tables.place_of_word(vocabulary.name, written or "", row or 0, cell)
            else:
                place = self.tables.place(vocabulary.name, row or 0, cell)
        number = order.index(row or 0) + 1
        (there,) = self.page.put(self.line, LINE, [place], number, "small")
        if isinstance(vocabulary, WordVocabulary):
            ids = self.tables.ids[vocabulary.name]
            named = PADDING if not row else str(vocabulary.ids[row])
            self.page.put(self.line, FOUND, [f"INDEX({ids},{there})"], [named], "small", "indented")
            self.page.put(self.line, ROW, [self.tables.fact(vocabulary.name, "row", there)], row or 0, "small")
        return there

    def _counts(self, vocabulary: Vocabulary, written: str | None, k: int, first: int, n: int) -> Cell:
        """1 for a word that counts, 0 for an empty cell, or where each word counts once and it stands above already."""
        word, place = Cell(self.line, WORD), Cell(self.line, LINE)
        counted: int | str = 1
        if isinstance(vocabulary, WordVocabulary) and vocabulary.text.distinct:
            all_places = area(Cell(first, LINE, pin="both"), Cell(first + n - 1, LINE, pin="both"))
            counted = f"IF(MATCH({place},{all_places},0)={k + 1},1,0)"
        formula = f'IF({word}="",0,{counted})'
        return self.page.put(self.line, COUNTS, [formula], int(written is not None), "small", "count").item()

    def _pooled(self, lookup: BagLookup, column: int, first: int, n: int) -> Cells:
        """The rows of a bag as one, on the line below them."""
        counts = area(Cell(first, COUNTS, pin="both"), Cell(first + n - 1, COUNTS, pin="both"))
        by = {"sum": "", "mean": f"/MAX(1,SUM({counts}))", "sqrtn": f"/SQRT(MAX(1,SUM({counts})))"}[lookup.combine]
        said = {"sum": "sum", "mean": "mean: sum / n", "sqrtn": "sum / √n"}[lookup.combine]
        if lookup.weights:
            ids = area(Cell(first, WORD, pin="both"), Cell(first + n - 1, WORD, pin="both"))
            by, said = divisor(lookup, ids, counts), f"{lookup.combine}, weighted by {lookup.weights}"
            counts = f'({ids}<>"")*1,{counts}'
        formulas = []
        for k in range(lookup.value.size):
            numbers = area(Cell(first, column + k), Cell(first + n - 1, column + k))
            formulas.append(f"SUMPRODUCT({counts},{numbers}){by}")
        self.page.say(self.line, WORD, f"{lookup.value.name} ({said})", "bold")
        numbers = look_up(self.fitted, self.example)[lookup.value.name].ravel()
        return self.page.put(self.line, column, formulas, numbers).reshape(lookup.value.shape)

    def _said(self, title: str, numbers: np.ndarray, style: str, shape: tuple[int, ...]) -> Cells:
        self.page.say(self.line, WORD, title, "small")
        cells = self.page.put(self.line, NUMBERS, numbers.ravel(), 0, "number", style).reshape(shape)
        self.line += 1
        return cells

    def _lines(self, title: str, formulas: Cells, numbers: np.ndarray, *styles: str) -> Cells:
        """A step on a line, or on several where it is a matrix; lines that are alike are written once."""
        width = formulas.shape[-1] if formulas.ndim else 1
        lines, values = formulas.reshape(-1, width), numbers.reshape(-1, width)
        written: dict[tuple, Cells] = {}
        self.page.say(self.line, WORD, title, "small" if "answer" not in styles else "bold")
        for k, elements in enumerate(map(tuple, lines)):
            if elements in written:
                continue
            if len(lines) > 1:
                self.page.say(self.line, COUNTS, k + 1, "small", "right")
            written[elements] = self.page.put(self.line, NUMBERS, cells_of(elements), values[k], *styles)
            self.line += 1
        return np.stack([written[elements] for elements in map(tuple, lines)]).reshape(formulas.shape)


def _shortened(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


def _notes(fitted: Trained) -> list[str]:
    notes = [
        "Type another word into a yellow cell: its row is looked up, and the prediction follows. A word that has no "
        "row is ‹rare›, an empty cell ‹padding›; a typed * or ? finds anything.",
        "Column by column: word, its line on the sheet of words, the word found there, its row in the model, the "
        "numbers of that row; line by line below: every step, named as in the code.",
    ]
    longest = max(v.text.orders[-1] for v in text_columns(fitted).values())
    if longest > 1:
        once = any(v.text.distinct for v in text_columns(fitted).values())
        notes.append(
            f"This model reads runs of up to {longest} words{', each once a text' if once else ''}; here each run has "
            "a line of its own, so another word in the text is another word in several lines."
        )
    return notes


def _called(fitted: Trained) -> str:
    """What the prediction says."""
    return fitted.targets.says(str(fitted.layout.target), fitted.classes)


def _class(fitted: Trained, target: float | None) -> Any:
    if target is None:
        return "?"
    return fitted.classes[int(target)] if fitted.classes else f"{target:g}"
