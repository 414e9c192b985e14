"""Every step of the program for one example a line: id, its row, each step, prediction, loss."""

from typing import Any

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of, text, total
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged, starts_of
from rowwise.program.inputs import BagLookup, ExampleValue, Lookup, RowLookup, Target
from rowwise.program.program import Program
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import UNFOLDED, Page, block
from rowwise.views.workbook.lines import WIDTH, Key, Lines, ids_of, place_steps
from rowwise.views.workbook.shown import Example, Shown, divisor, inputs_of, label, look_up, vocabulary_of
from rowwise.views.workbook.tables import Tables

HEAD = 4
NOTES = (
    "Type another id, rating or value into a yellow cell: the line follows. What it comes to stands beside the ids, "
    "every step that leads there on the right.",
    "Columns are named as in the code; (1), (2) and so on are the columns whose names begin so. "
    f"Of more than {UNFOLDED} numbers one is shown: the + above the next column shows the others.",
)


def write_examples(page: Page, fitted: Trained, shown: Shown, tables: Tables, shared: dict[str, Cells]) -> None:
    """The examples, each with what it comes to first, and with the model's own prediction at the end."""
    program = fitted.program
    page.say(0, 0, "Every step of the model, one example a line", "title")
    for k, note in enumerate(NOTES):
        page.say(1 + k, 0, note, "note")
    page.sheet.set_column(0, 60, WIDTH)
    lines = Lines(page, HEAD)
    placed = lowering.placed(program)
    names = lowering.names(program, placed)
    own = own_predictions(fitted, shown.examples)
    longest = {
        i.value.name: max(len(example.rows[i.value.name]) for example in shown.examples) for i in program.lookups
    }
    for k, example in enumerate(shown.examples):
        line = HEAD + 2 + k
        values = inputs_of(fitted, example, look_up(fitted, example))
        cells = {**shared, **lowering.constants(program.inputs)}
        places = _ids(lines, line, fitted, shown, example, tables, longest)
        for i in program.inputs:
            name = i.value.name
            if isinstance(i, ExampleValue):
                cells[name] = lines.put(line, Key("value", name), name, values[name], 0, "number", "free")
            if isinstance(i, Target) and example.target is not None:
                cells[name] = lines.put(line, Key("value", name), i.column, float(example.target), 0, "free")
        for result, name in ((program.prediction, "prediction"), (program.loss, "loss")):
            if result is not None and str(result) in placed:  # what the workings on the right of it come to
                lines.column(Key("value", str(result)), name, result.size)
        for i in program.lookups:
            cells[i.value.name] = _looked_up(lines, line, i, places[i.value.name], tables, example, fitted)
        results = [program.prediction, *([program.loss] if has_loss(program, example) else [])]
        needed = program.needed(results)
        numbers = reference.walk(needed, values)
        place = place_steps(lines, line, names, numbers)
        guess, *_ = lines.walk(line, f"{len(needed)} steps", needed, cells, place, results)
        if own is not None:
            mine = np.asarray(own[k], float)
            given = lines.put(line, Key("own"), "the trained model", mine, 0, "number", "model")
            apart = cells_of([f"{text(a)}-{text(b)}" for a, b in zip(guess.ravel(), given.ravel(), strict=True)])
            assert program.prediction is not None  # `own` holds one of each example
            far = reference.number(numbers, program.prediction).ravel() - mine.ravel()
            lines.put(line, Key("difference"), "difference", apart, far, "small", "tiny")
    single = all(size == 1 for size in longest.values())
    page.sheet.freeze_panes(HEAD + 2, len({ids_of(i)[0] for i in program.lookups}) if single else 0)


def own_predictions(fitted: Trained, examples: list[Example]) -> np.ndarray | None:
    """What the trained model itself says, in the arithmetic it was trained in."""
    from rowwise.trained.answer import answer

    if fitted.program.prediction is None or not examples:
        return None
    rows: dict[str, Any] = {}
    for i in fitted.program.lookups:
        found = [example.rows[i.value.name] for example in examples]
        if isinstance(i, BagLookup):
            rows.setdefault(i.column, _ragged(fitted, examples, i))
        elif not i.is_drawn or i.column not in rows:
            matrix = np.stack(found).astype(np.int32)
            rows[i.column] = matrix if i.is_list else matrix[:, 0]
    values = {
        i.column: np.asarray([example.values[i.value.name] for example in examples], np.float32)
        for i in fitted.program.inputs_of(ExampleValue)
    }
    return answer(
        fitted.program, fitted.parameters.tables, Examples(len(examples), rows, values, None), means=fitted.means
    )


def _ragged(fitted: Trained, examples: list[Example], lookup: BagLookup) -> Ragged:
    """The rows of a bag as the engines read them, with all weights that bags of its column have."""
    rows = [example.rows[lookup.value.name] for example in examples]
    weights = {
        i.weights: np.concatenate([example.weights[i.value.name] for example in examples]).astype(np.float32)
        for i in fitted.program.inputs_of(BagLookup)
        if i.weights and i.column == lookup.column
    }
    return Ragged(starts_of(np.array([len(r) for r in rows])), np.concatenate(rows).astype(np.int32), weights)


def has_loss(program: Program, example: Example) -> bool:
    """Whether the loss of an example is known."""
    return example.target is not None or program.target is None


def _ids(
    lines: Lines, line: int, fitted: Trained, shown: Shown, example: Example, tables: Tables, longest: dict[str, int]
) -> dict[str, Cells]:
    """The ids of an example and their places; by lookup, the cells of the places."""
    found: dict[str, Cells] = {}
    known: dict[Key, Cells] = {}  # by the key of the ids
    for i in fitted.program.lookups:  # all of them first: they stay when the page is scrolled
        lines.column(*ids_of(i), longest[i.value.name])
    for i in fitted.program.lookups:
        name = i.value.name
        key, title = ids_of(i)
        vocabulary = vocabulary_of(fitted, i)
        rows = example.rows[name]
        n = longest[name]
        first = lines.column(key, title, n)
        if key in known:
            found[name] = known[key]
            continue
        places = []
        for k in range(n):
            row = int(rows[k]) if k < len(rows) else None
            id_cell = Cell(line, first + k, pin="column")
            if row is None or (i.is_list and not i.is_combined and row == 0):
                lines.page.say(line, first + k, "", "free")
            else:
                lines.page.say(line, first + k, label(fitted.vocabularies[vocabulary], row), "free")
            places.append(tables.place(vocabulary, row or 0, id_cell))
        numbers = [tables.order[vocabulary].index(int(row)) + 1 for row in rows]
        numbers += [1] * (n - len(numbers))
        place_key, title_key = key._replace(role="place"), key._replace(role="title")
        found[name] = known[key] = lines.put(line, place_key, f"line of {i.column}", cells_of(places), numbers, "small")
        if isinstance(i, RowLookup) and "title" in tables.facts[vocabulary]:
            title = shown.titles[vocabulary].get(str(label(fitted.vocabularies[vocabulary], int(rows[0]))), "")
            formula = tables.fact(vocabulary, "title", found[name].item())
            lines.put(line, title_key, "title", formula, title, "small")
            at = lines.columns[title_key]
            lines.page.sheet.set_column(at, at, 24)
    return found


def _looked_up(
    lines: Lines, line: int, lookup: Lookup, places: Cells, tables: Tables, example: Example, fitted: Trained
) -> Cells:
    """The looked-up numbers of one argument: a row, rows one after another, or a bag as one row."""
    name, table = lookup.value.name, lookup.table
    values = fitted.parameters.tables[table]
    weighing = lookup.names.get("weights")
    weights = _weights(lines, line, lookup, weighing, example, places.size) if weighing else None
    members = []
    for k, place in enumerate(places.ravel()):
        formulas = tables.read(table, place)
        if lookup.is_combined:
            times = "" if weights is None else f"{weights[k]}*"
            formulas = cells_of([f'IF({_id_of(lines, lookup, line, k)}="",0,{times}{text(f)})' for f in formulas])
        row = int(example.rows[name][k]) if k < len(example.rows[name]) else 0
        numbers = values[row].astype(float) if k < len(example.rows[name]) or not lookup.is_combined else 0.0
        if weights is not None and k < len(example.rows[name]):
            numbers = numbers * float(example.weights[name][k])
        title = name if len(places) == 1 else f"{name} {k + 1}"
        title = f"{weighing} × {title}" if weighing else title
        members.append(lines.put(line, Key("member", name, k), title, formulas, np.asarray(numbers).ravel()))
    if not isinstance(lookup, BagLookup):
        return np.concatenate(members).reshape(lookup.value.shape)
    first = lines.columns[ids_of(lookup)[0]]
    ids = area(Cell(line, first), Cell(line, first + places.size - 1))
    by = divisor(lookup, ids, None if weights is None else area(weights[0], weights[-1]))
    sums = [total(list(column)) for column in zip(*members, strict=True)]
    formulas = cells_of([f"({text(s)}){by}" if by else text(s) for s in sums])
    return lines.put(line, Key("value", name), name, formulas, look_up(fitted, example)[name].ravel()).reshape(
        lookup.value.shape
    )


def _id_of(lines: Lines, lookup: Lookup, line: int, k: int) -> Cell:
    return Cell(line, lines.columns[ids_of(lookup)[0]] + k, pin="column")


def _weights(lines: Lines, line: int, lookup: Lookup, column: str, example: Example, n: int) -> Cells:
    """The weights of a bag's rows, to be typed over; those beyond its ids are empty."""
    first = lines.column(Key("weights", column), column, n)
    given = example.weights[lookup.value.name].tolist()
    for k in range(n):
        lines.page.say(line, first + k, given[k] if k < len(given) else "", "free")
    return block(line, first, (n,))
