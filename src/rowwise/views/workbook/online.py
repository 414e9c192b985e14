"""Training as formulas, online: one example a line, the next line starting from the rows the last one left."""

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of
from rowwise.program.inputs import DenseWeight, Lookup
from rowwise.views.workbook.book import Page, block
from rowwise.views.workbook.chart import loss_chart
from rowwise.views.workbook.lines import IDS, Key, Lines, ids_of, place_steps
from rowwise.views.workbook.shown import Example
from rowwise.views.workbook.training import Learner, Moving, fresh, move, of_column, own_row, state_key, write_head

STEP = Key("step")
START = 5  # the line of the head of the starting rows


def write_online(page: Page, learner: Learner, *, epochs: int) -> None:
    """The examples one after another, `epochs` times over."""
    program = learner.program
    write_head(
        page,
        learner,
        "one example at a time",
        "Each line is one example: it looks up its rows where they were last moved, and moves them. The yellow rows "
        "are where they start.",
    )
    owners: dict[Key, Lines] = {}
    rows: dict[str, list[Moving]] = {}
    column = 0
    for owner, ids in learner.ids.items():
        owners[owner] = begin = Lines(page, START, column, gaps=False)
        tables = [t for t, o in learner.owner.items() if o == owner]
        for k, id in enumerate(ids):
            begin.say(START + 2 + k, IDS, owner.of, id)
            for table in tables:
                old = fresh(learner, table, k)
                begin.put(START + 2 + k, Key("row", table), f"{table}: start", old.row, 0, "number", "free")
                rows.setdefault(table, []).append(old)
        column = begin.next + 1
    head = START + 2 + max(16, *(len(ids) for ids in learner.ids.values())) + 2
    lines = Lines(page, head, gaps=False)
    first = head + 2
    schedule = [example for _ in range(epochs) for example in learner.examples]
    updates = learner.mover.updates
    stateful = [name for name, table in learner.reads.items() if table in updates and updates[table].state]
    columns = learner.columns | learner.gradients(stateful)
    names = lowering.names(program, columns)
    needed = program.needed([program.prediction, program.loss, *program.gradients.values()])
    for k, example in enumerate(schedule):
        line = first + k
        lines.say(line, STEP, "step", k + 1)
        tables = {table: np.stack([row.row_value for row in olds]) for table, olds in rows.items()}
        values = learner.values(tables, example)
        cells, olds = _inputs(lines, line, first, learner, owners, rows, example, values)
        first_or_later = "first" if line == first else "later"
        place = place_steps(lines, line, names, values, columns)
        gradients = lines.walk(line, first_or_later, needed, cells, place, list(program.gradients.values()))
        for (name, gradient), there in zip(program.gradients.items(), gradients, strict=True):
            table = learner.reads[name]
            slope, there = reference.number(values, gradient), there.ravel()[: learner.widths[table]]
            moved = move(lines, line, (first_or_later, name), learner, table, olds[name], there, slope)
            rows[table][own_row(example, name)] = moved
    page.sheet.freeze_panes(head + 2 if head < 20 else 0, 1)
    loss = lines.columns[Key("value", str(program.loss))]
    loss_chart(page, START, len(schedule), column + 1, numbers=loss, first=first)


def _inputs(
    lines: Lines,
    line: int,
    first: int,
    learner: Learner,
    owners: dict[Key, Lines],
    rows: dict,
    example: Example,
    values,
) -> tuple[dict[str, Cells], dict[str, Moving]]:
    """The cells of what one example reads, and each row with its states as the last line that moved it left them."""
    program = learner.program
    found, olds = lowering.constants(program.inputs), {}
    for i in program.lookups:
        lines.say(line, *ids_of(i), learner.ids[of_column(str(i.column))][own_row(example, i.value.name)], "free")
    for i in program.inputs:
        name = i.value.name
        if i.is_given:
            found[name] = lines.put(line, Key("value", name), i.names["column"], values[name], 0, "free").reshape(
                i.value.shape
            )
    found |= {i.value.name: cells_of(float(values[i.value.name])) for i in program.statistics}
    for i in program.lookups:
        _last(lines, line, first, i, example, learner)
    for i in (*program.lookups, *program.weights):
        olds[i.value.name] = _old(lines, line, first, learner, owners, rows, i, example)
        cells = olds[i.value.name].row
        found[i.value.name] = learner.shown(cells, i.value.shape)
    return found, olds


def _last(lines: Lines, line: int, first: int, lookup: Lookup, example: Example, learner: Learner) -> None:
    """The step that last moved the row of this id; 0 where none did."""
    column, key = str(lookup.column), Key("last", str(lookup.column))
    at = lines.column(key, f"last step with this {column}")
    if line == first:
        lines.page.put(line, at, 0, 0, "small")
        return
    ids, step_numbers = (
        area(Cell(first, lines.columns[key], pin="both"), Cell(line - 1, lines.columns[key], pin="column"))
        for key in (ids_of(lookup)[0], STEP)
    )
    mine = Cell(line, lines.columns[ids_of(lookup)[0]], pin="column")
    own = own_row(example, lookup.value.name)
    n = len(learner.examples)
    before = [k for k in range(line - first) if own_row(learner.examples[k % n], lookup.value.name) == own]
    lines.put(
        line, key, "", f"SUMPRODUCT(MAX(({ids}={mine})*{step_numbers}))", before[-1] + 1 if before else 0, "small"
    )


def _old(
    lines: Lines,
    line: int,
    first: int,
    learner: Learner,
    owners: dict,
    rows: dict,
    i: Lookup | DenseWeight,
    example: Example,
) -> Moving:
    """The row that an input reads on this line."""
    name, table = i.value.name, learner.reads[i.value.name]
    old: Moving = rows[table][own_row(example, name)]
    start, width = owners[learner.owner[table]], learner.widths[table]
    n = len(rows[table])
    if isinstance(i, DenseWeight):
        if line > first:
            return old
        cells = block(START + 2, start.columns[Key("row", table)], (width,), "both")
        return Moving(cells, old.states, old.row_value, old.state_values)
    ids = start.down(IDS, START + 2, n)
    id_cell = Cell(line, lines.columns[ids_of(i)[0]], pin="column")
    match = f"MATCH({id_cell},{area(ids[0], ids[-1])},0)"
    last = Cell(line, lines.columns[Key("last", str(i.column))], pin="column")
    looked_up = []
    for j in range(width):
        begun = start.down(Key("row", table), START + 2, n, j)
        looked_up.append(
            _latest(lines, line, first, Key("new row", table), j, last, f"INDEX({area(begun[0], begun[-1])},{match})")
        )
    cells = lines.put(line, Key("value", name), name, cells_of(looked_up), old.row_value[:width])
    update = learner.mover.updates.get(table)
    if update is None:
        return Moving(cells, (), old.row_value, ())
    states = []
    for state, begin in zip(update.state, update.start, strict=True):
        key = state_key(table, state)
        n_state = width if state.shape == update.row.shape else state.size
        found = [_latest(lines, line, first, key, j, last, begin) for j in range(n_state)]
        states.append(cells_of(found))
    return Moving(cells, states, old.row_value, old.state_values)


def _latest(lines: Lines, line: int, first: int, key: Key, number: int, last: Cell, start: str | float) -> str | float:
    """What the last line that moved this id's row left in a column; `start` where none did."""
    if line == first:
        return start
    column = lines.columns[key] + number
    above = area(Cell(first, column, pin="both"), Cell(line - 1, column, pin="column"))
    return f"IF({last}=0,{start},INDEX({above},{last}))"
