"""Training as formulas, full batch: every step a block, whose rows are those that the block above left."""

from collections.abc import Mapping

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of, text, total, write
from rowwise.program.inputs import DenseWeight, Lookup
from rowwise.program.program import Program
from rowwise.views.workbook.book import Page, pinned
from rowwise.views.workbook.chart import loss_chart
from rowwise.views.workbook.lines import IDS, Key, Lines, ids_of, place_steps
from rowwise.views.workbook.shown import Example
from rowwise.views.workbook.training import (
    Learner,
    Moving,
    called,
    fresh,
    move,
    of_column,
    own_row,
    state_key,
    write_head,
)

SUMMARY = 5  # the line above the losses
Rows = dict[str, list[Moving]]  # by table, one an own row


def write_learn(page: Page, learner: Learner, *, n_steps: int) -> None:
    """`n_steps` steps of the mean gradient over all the examples; each row moves once a step."""
    n = len(learner.examples)
    write_head(
        page,
        learner,
        f"all {n} examples at every step",
        "Each block below is one step: on its left the rows, their gradients and where they move to; on its right the "
        "examples.",
    )
    page.say(SUMMARY, 0, "step", "head", "right")
    page.say(SUMMARY, 1, "loss", "head", "right")
    rows: Rows = {
        table: [fresh(learner, table, k) for k in range(len(start))] for table, start in learner.start.items()
    }
    top = SUMMARY + n_steps + 3
    for k in range(n_steps):
        page.say(top, 0, f"step {k + 1}", "title")
        rows, losses, loss, last = _step(page, learner, rows, top + 2, first=k == 0)
        page.say(SUMMARY + 1 + k, 0, k + 1)
        page.put(SUMMARY + 1 + k, 1, f"SUM({losses})/{n}", loss, "number", "error")
        top = last + 2
    page.sheet.freeze_panes(SUMMARY, 0)
    loss_chart(page, SUMMARY, n_steps, 4)


def _step(page: Page, learner: Learner, rows: Rows, top: int, *, first: bool) -> tuple[Rows, str, float, int]:
    """One block: the rows after it, the range of the losses, their mean, and the last line."""
    groups, line = {}, top
    for owner, ids in learner.ids.items():
        groups[owner] = Lines(page, line, gaps=False)
        line += len(ids) + 3
    here: Rows = {}
    for table, olds in rows.items():
        here[table] = [_row(groups[learner.owner[table]], learner, table, k, old, first) for k, old in enumerate(olds)]
    for table in learner.mover.updates:
        for key, title, size in _blocks(learner, table):
            groups[learner.owner[table]].column(key, f"{table}: {title}", size)
    right = Lines(page, top, 2 + max(lines.next for lines in groups.values()))
    slopes, losses, loss = _examples(right, learner, groups, here)
    ranges = _over_ranges(right, learner, here)
    for table in learner.mover.updates:
        lines, width = groups[learner.owner[table]], learner.widths[table]
        for k, old in enumerate(here[table]):
            at = lines.head + 2 + k
            summed = cells_of([_sum(learner, right, ranges, table, lines, at, j) for j in range(width)])
            cells = lines.put(at, Key("gradient", table), f"{table}: gradient", summed, slopes[table][k][:width])
            here[table][k] = move(lines, at, table, learner, table, old, cells, slopes[table][k])
    return here, losses, loss, max(line, top + 3 + len(learner.examples))


def _blocks(learner: Learner, table: str) -> list[tuple[Key, str, int]]:
    """What stands beside a row, so that the examples begin on the right of it all."""
    update, width = learner.mover.updates[table], learner.widths[table]
    states = [(state_key(table, v), called(v), width if v.shape == update.row.shape else v.size) for v in update.state]
    return [(Key("gradient", table), "gradient", width), *states, (Key("new row", table), "new row", width)]


def _row(lines: Lines, learner: Learner, table: str, k: int, old: Moving, first: bool) -> Moving:
    """A row at the beginning of a step: given, or what the step before left."""
    line = lines.head + 2 + k
    lines.say(line, IDS, learner.owner[table].of, learner.ids[learner.owner[table]][k])
    styles = ("number", "free") if first else ("number",)
    width = learner.widths[table]
    cells = lines.put(line, Key("row", table), f"{table}: row", old.row, old.row_value[:width], *styles)
    return Moving(cells, old.states, old.row_value, old.state_values)


def _examples(
    right: Lines, learner: Learner, groups: Mapping[Key, Lines], rows: Rows
) -> tuple[dict[str, list[np.ndarray]], str, float]:
    """Every example on a line: by table the mean gradient of each row, the range of the losses, and their mean."""
    program, columns = learner.program, learner.columns | learner.not_over_ranges
    names = lowering.names(program, columns)
    needed = program.needed([program.prediction, program.loss, *program.gradients.values()])
    n = len(learner.examples)
    tables = {table: np.stack([row.row_value for row in olds]) for table, olds in rows.items()}
    slopes = {table: [np.zeros(values.shape[1]) for _ in values] for table, values in tables.items()}
    losses, loss_cells = [], []
    for k, example in enumerate(learner.examples):
        line = right.head + 2 + k
        values = learner.values(tables, example)
        place = place_steps(right, line, names, values, columns)
        cells = _inputs(right, line, learner, groups, rows, example, values)
        (loss_cell,) = right.walk(line, "example", needed, cells, place, [program.loss])
        loss_cells.append(loss_cell.item())
        losses.append(float(reference.number(values, program.loss)))
        for name, gradient in program.gradients.items():
            slopes[learner.reads[name]][own_row(example, name)] += reference.number(values, gradient).ravel() / n
    return slopes, area(loss_cells[0], loss_cells[-1]), float(np.mean(losses))


def _inputs(
    right: Lines,
    line: int,
    learner: Learner,
    groups: Mapping[Key, Lines],
    rows: Rows,
    example: Example,
    values: Mapping[str, np.ndarray],
) -> dict[str, Cells]:
    """The cells of what one example reads: its ids, its values and target, the rows that its ids name."""
    program = learner.program
    found = lowering.constants(program.inputs)
    for i in program.lookups:
        right.say(line, *ids_of(i), learner.ids[of_column(str(i.column))][own_row(example, i.value.name)])
    for i in program.inputs:
        name = i.value.name
        if i.is_given:
            found[name] = right.put(line, Key("value", name), i.names["column"], values[name], 0, "free").reshape(
                i.value.shape
            )
    found |= {i.value.name: cells_of(float(values[i.value.name])) for i in program.statistics} | _shared(program, rows)
    for i in program.lookups:
        name, table = i.value.name, str(i.table)
        lines, n = groups[of_column(str(i.column))], len(rows[table])
        first = lines.head + 2
        mine = Cell(line, right.columns[ids_of(i)[0]], pin="column")
        match = f"MATCH({mine},{_range(lines.down(IDS, first, n))},0)"
        columns = [lines.down(Key("row", table), first, n, j) for j in range(learner.widths[table])]
        formulas = cells_of([f"INDEX({_range(column)},{match})" for column in columns])
        cells = right.put(line, Key("value", name), name, formulas, values[name].ravel()[: learner.widths[table]])
        found[name] = learner.shown(cells, i.value.shape)
    return found


def _shared(program: Program, rows: Rows) -> dict[str, Cells]:
    """The cells of the dense weights, which stand in one place for all examples."""
    return {i.value.name: pinned(rows[i.value.name][0].row, "both").reshape(i.value.shape) for i in program.weights}


def _over_ranges(right: Lines, learner: Learner, rows: Rows) -> dict[str, Cells]:
    """By input its gradient, as formulas of whole columns: one formula for all the examples."""
    program, top, n = learner.program, right.head + 2, len(learner.examples)

    def column(name: str, size: int) -> Cells:
        return cells_of([_range(right.down(Key("value", name), top, n, j)) for j in range(size)])

    found = lowering.constants(program.inputs)
    found |= _shared(program, rows)
    found |= {i.value.name: cells_of(float(learner.fitted.means[i.value.name])) for i in program.statistics}
    for i in program.lookups:
        found[i.value.name] = learner.shown(column(i.value.name, learner.widths[i.table]), i.value.shape)
    for i in program.inputs:
        if i.is_given:
            found[i.value.name] = column(i.value.name, i.value.size).reshape(i.value.shape)
    found |= {name: column(name, size).reshape(()) for name, size in learner.columns.items() if size == 1}
    for name, gradient in program.gradients.items():
        if str(gradient) in learner.not_over_ranges:
            table = learner.reads[name]
            found[str(gradient)] = learner.shown(column(str(gradient), learner.widths[table]), gradient.shape)
    needed = [step for step in program.needed(program.gradients.values()) if step.output.name not in found]
    found = lowering.walk(needed, found)
    return {name: lowering.operand(found, gradient).ravel() for name, gradient in program.gradients.items()}


def _sum(
    learner: Learner, right: Lines, ranges: Mapping[str, Cells], table: str, lines: Lines, line: int, number: int
) -> str:
    """The mean gradient of one number of one row, over all the inputs that read its table."""
    n, top = len(learner.examples), right.head + 2
    terms: list[str] = []
    for i in learner.program.inputs:
        if i.value.name not in ranges or learner.reads[i.value.name] != table:
            continue
        slope = ranges[i.value.name][number]
        if isinstance(i, DenseWeight):
            terms.append(f"SUMPRODUCT({text(slope)})" if ":" in text(slope) else write("{0:2}*" + str(n), slope))
        elif isinstance(i, Lookup):
            mine = Cell(line, lines.columns[IDS], pin="column")
            ids = _range(right.down(ids_of(i)[0], top, n))
            terms.append(write("SUMPRODUCT(({0}={1})*{2:2})", ids, mine, slope))
    return write(f"{{0:2}}/{n}", total(terms))


def _range(cells: Cells) -> str:
    return area(cells[0], cells[-1])
