"""Training as formulas, full batch: every step a block, whose rows are those that the block above left."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rowwise.primitives.cells import Cell, Cells, area, cells_of, text, total
from rowwise.program.program import Step
from rowwise.targets import sheet, steps
from rowwise.views.workbook.book import Page, block
from rowwise.views.workbook.chart import loss_chart
from rowwise.views.workbook.lines import Lines
from rowwise.views.workbook.training import Learner, Moving, fresh, main_steps, move, own_row

RATE = Cell(3, 1, pin="both")
SUMMARY = 5  # the line above the losses
Rows = dict[str, list[Moving]]  # by table, one an own row


def write_learn(page: Page, learner: Learner, *, n_steps: int) -> None:
    """`n_steps` steps of the mean gradient over all the examples; each row moves once a step."""
    n = len(learner.examples)
    page.say(0, 0, f"Training as formulas: {learner.mover.optimizer}, all {n} examples at every step", "title")
    page.say(1, 0, "Each block below is one step. On its left the rows, their gradients and where they move to; on its "
             "right the examples. Multiply the learning rate by 10 and watch the curve.", "note")  # fmt: skip
    page.say(RATE.row, 0, "learning rate", "head")
    page.put(RATE.row, RATE.column, learner.rate, 0, "free")
    page.say(SUMMARY, 0, "step", "head", "right")
    page.say(SUMMARY, 1, "loss", "head", "right")
    rows: Rows = {table: [fresh(learner, table, k) for k in range(len(start))] for table, start in learner.start.items()}
    top = SUMMARY + n_steps + 3
    for k in range(n_steps):
        page.say(top, 0, f"step {k + 1}", "title")
        rows, losses, loss, last = _step(page, learner, rows, top + 2, first=k == 0)
        page.say(SUMMARY + 1 + k, 0, k + 1)
        page.put(SUMMARY + 1 + k, 1, f"SUM({losses})/{n}", loss, "number", "error")
        top = last + 2
    page.sheet.set_column(0, 0, 13)
    page.sheet.freeze_panes(SUMMARY, 0)
    loss_chart(page, SUMMARY, n_steps, 4)


def _step(page: Page, learner: Learner, rows: Rows, top: int, *, first: bool) -> tuple[Rows, str, float, int]:
    """One block: the rows after it, the range of the losses, their mean, and the last line."""
    groups, line = {}, top
    for owner, ids in learner.ids.items():
        groups[owner] = Lines(page, line)
        line += len(ids) + 3
    here: Rows = {}
    for table, olds in rows.items():
        here[table] = [_row(groups[learner.owner[table]], learner, table, k, old, first) for k, old in enumerate(olds)]
    for table in learner.mover.updates:
        for key, size in _blocks(learner, table):
            groups[learner.owner[table]].column(f"{table} {key}", f"{table}: {key}", size)
    right = Lines(page, top, 2 + max(lines.next for lines in groups.values()))
    gradients, slopes, losses, loss = _examples(right, learner, groups, here)
    for table in learner.mover.updates:
        lines, width = groups[learner.owner[table]], learner.widths[table]
        for k, old in enumerate(here[table]):
            at = lines.head + 2 + k
            summed = cells_of([_sum(learner, right, gradients, table, lines, at, j) for j in range(width)])
            cells = lines.put(at, f"{table} gradient", f"{table}: gradient", summed, slopes[table][k][:width])
            here[table][k] = move(lines, at, learner, table, old, cells, slopes[table][k], RATE)
    return here, losses, loss, max(line, top + 3 + len(learner.examples))


def _blocks(learner: Learner, table: str) -> list[tuple[str, int]]:
    """What stands beside a row, so that the examples begin on the right of it all."""
    update, width = learner.mover.updates[table], learner.widths[table]
    sizes = [(v.name.partition(".")[2], width if v.shape == update.row.shape else v.size) for v in update.state]
    return [("gradient", width), *sizes, ("new row", width)]


def _row(lines: Lines, learner: Learner, table: str, k: int, old: Moving, first: bool) -> Moving:
    """A row at the beginning of a step: given, or what the step before left."""
    line = lines.head + 2 + k
    lines.say(line, "id", learner.owner[table], learner.ids[learner.owner[table]][k])
    styles = ("number", "free") if first else ("number",)
    width = learner.widths[table]
    cells = lines.put(line, table, f"{table}: row", old.row, old.row_value[:width], *styles)
    return Moving(cells, old.states, old.row_value, old.state_values)


def _examples(
    right: Lines, learner: Learner, groups: Mapping[str, Lines], rows: Rows
) -> tuple[dict[str, Cells], dict[str, list[np.ndarray]], str, float]:
    """Every example on a line: by input, the columns of its gradient; by table, the mean gradient of each row."""
    program, names, placed = learner.program, sheet.names(learner.program), main_steps(learner)
    work = [step for step in program.steps if step.phase != "update"]
    top, n = right.head + 2, len(learner.examples)
    tables = {table: np.stack([row.row_value for row in olds]) for table, olds in rows.items()}
    slopes = {table: [np.zeros(values.shape[1]) for _ in values] for table, values in tables.items()}
    columns: dict[str, Cells] = {}
    loss_cells, losses = [], []
    for k, example in enumerate(learner.examples):
        line = top + k
        values = learner.values(tables, example)
        cells = _inputs(right, line, learner, groups, rows, example, values)
        place = right.placer(line, names, values)

        def choose(step: Step, formulas: Cells, place=place) -> Cells:
            return place(step, formulas) if step.output.name in placed else formulas

        found = sheet.walk(work, cells, choose)
        loss_cells.append(sheet.operand(found, program.loss).item())
        losses.append(float(steps.number(values, program.loss)))
        for name, gradient in program.gradients.items():
            table = learner.reads[name]
            slopes[table][own_row(example, name)] += steps.number(values, gradient).ravel() / n
            columns[name] = _column_of(sheet.operand(found, gradient).ravel()[: learner.widths[table]], top, n)
    return columns, slopes, area(loss_cells[0], loss_cells[-1]), float(np.mean(losses))


def _column_of(elements: Cells, top: int, n: int) -> Cells:
    """For each number of a gradient, the range of its column over all the examples."""
    ranges = [
        area(Cell(top, e.column, pin="both"), Cell(top + n - 1, e.column, pin="both")) if isinstance(e, Cell) else e
        for e in elements
    ]
    return cells_of(ranges)


def _inputs(
    right: Lines, line: int, learner: Learner, groups: Mapping[str, Lines], rows: Rows, example: Any, values: Any
) -> dict[str, Cells]:
    """The cells of what one example reads: its ids, its values and target, the rows that its ids name."""
    program = learner.program
    found = sheet.constants(program.inputs)
    for i in program.lookups:
        right.say(line, _id_key(i), _id_key(i), learner.ids[str(i.column)][own_row(example, i.value.name)])
    for i in program.inputs:
        name = i.value.name
        if i.kind in ("value", "target"):
            found[name] = right.put(line, name, str(i.column), values[name], 0, "free").reshape(i.value.shape)
        elif i.kind == "mean":
            found[name] = cells_of(float(values[name]))
        elif i.kind == "weight":
            found[name] = rows[name][0].row.reshape(i.value.shape)
    for i in program.lookups:
        name, table = i.value.name, str(i.table)
        lines, width = groups[str(i.column)], learner.widths[table]
        first, n = lines.head + 2, len(rows[table])
        ids = block(first, lines.columns["id"], (n, 1), "both").ravel()
        match = f"MATCH({Cell(line, right.columns[_id_key(i)], pin='column')},{area(ids[0], ids[-1])},0)"
        formulas = []
        for j in range(width):
            column = lines.down(table, first, n, j)
            formulas.append(f"INDEX({area(column[0], column[-1])},{match})")
        cells = right.put(line, name, name, cells_of(formulas), values[name].ravel()[:width])
        found[name] = learner.shown(table, cells, i.value.shape)
    return found


def _id_key(lookup: Any) -> str:
    return f"{lookup.column}, drawn" if lookup.kind == "sampled" else str(lookup.column)


def _sum(
    learner: Learner, right: Lines, columns: Mapping[str, Cells], table: str, lines: Lines, line: int, number: int
) -> str:
    """The mean gradient of one number of one row, over all the inputs that read its table."""
    n, top = len(learner.examples), right.head + 2
    terms = []
    for i in learner.program.inputs:
        if i.value.name not in columns or learner.reads[i.value.name] != table:
            continue
        slope = columns[i.value.name][number]
        if i.kind == "weight":
            terms.append(f"SUM({text(slope)})")
        else:
            ids = right.down(_id_key(i), top, n)
            mine = Cell(line, lines.columns["id"], pin="column")
            terms.append(f"SUMPRODUCT(({area(ids[0], ids[-1])}={mine})*{text(slope)})")
    summed = text(total(terms))
    return f"{summed}/{n}" if len(terms) == 1 else f"({summed})/{n}"
