"""What the sheets of training share: a few examples learnt from small numbers, and one row moved by the optimizer."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, cells_of, text
from rowwise.capture.capture import capture
from rowwise.models.arguments import Dense
from rowwise.models.initializers import initializer
from rowwise.models.recipe import Recipe
from rowwise.program.program import Phase, Program, Step, Value
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import Page
from rowwise.views.workbook.lines import Key, Lines
from rowwise.views.workbook.shown import Example, inputs_of

# Learning rates with which some ten ratings are learnt in some thirty steps.
RATES = {"sgd": 0.05, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.3, "rmsprop": 0.03, "adam": 0.05, "adamw": 0.05}

RATE = Cell(3, 1, pin="both")  # where the learning rate stands on the sheets of training

WIDE = 300  # columns made wide enough for their names

Tables = Mapping[str, np.ndarray]  # by table: (own rows, numbers of a row), float64
States = Mapping[str, Sequence[Sequence[np.ndarray]]]  # by table, own row and state


@dataclass(frozen=True)
class Learner:
    """Whose program learns which examples, by which optimizer, from which numbers.

    Its tables hold only the rows that its examples read; a dense weight is a table of one row. Factors beyond
    `widths` are 0 and stay 0.
    """

    fitted: Trained
    mover: Program  # its updates are those of the optimizer
    examples: Sequence[Example]  # whose rows count in the learner's own tables
    ids: Mapping[Key, Sequence[Any]]  # by owner: what each own row is called
    start: Tables
    widths: Mapping[str, int]
    rate: float

    @property
    def program(self) -> Program:
        return self.fitted.program

    @property
    def reads(self) -> dict[str, str]:
        """By input that is looked up or learnt, its table."""
        return {i.value.name: i.parameter for i in (*self.program.lookups, *self.program.weights)}

    @property
    def owner(self) -> dict[str, Key]:
        """By table, the column of ids that names its rows, or the dense weight itself."""
        columns = {str(i.table): of_column(str(i.column)) for i in self.program.lookups}
        return {table: columns.get(table, of_weight(table)) for table in self.start}

    @cached_property
    def columns(self) -> dict[str, int]:
        """The values worth a column of their own: single numbers that the loss goes through, or that are read twice."""
        program = self.program
        work = [step for step in program.steps if step.phase != Phase.UPDATE]
        read = [str(i) for step in work for i in step.inputs if isinstance(i, Value)]
        read += [str(gradient) for gradient in program.gradients.values()]
        results = {str(program.prediction), str(program.loss)}
        return {
            step.output.name: step.output.size
            for step in work
            if step.output.name in results
            or (not step.output.shape and (step.phase == Phase.FORWARD or read.count(step.output.name) > 1))
        }

    @cached_property
    def moves(self) -> dict[str, list[Step]]:
        """By table, the steps that move a row."""
        updates = self.mover.updates.items()
        return {t: [s for s in self.mover.needed(u.outputs) if s.phase == Phase.UPDATE] for t, u in updates}

    def gradients(self, of: Iterable[str]) -> dict[str, int]:
        """The gradients of these inputs as further columns."""
        slopes = self.program.gradients
        return {str(slopes[name]): self.widths[self.reads[name]] for name in of if isinstance(slopes.get(name), Value)}

    @cached_property
    def not_over_ranges(self) -> dict[str, int]:
        """The gradients that cannot be summed over columns as they are: MAX, MIN and IF take a range for one number."""
        program = self.program

        def anything(shape: tuple[int, ...]) -> Cells:
            return np.full(shape, "x", object)

        def place(step: Step, formulas: Cells) -> Cells:
            return anything(formulas.shape) if step.output.name in self.columns else formulas

        found = {i.value.name: anything(i.value.shape) for i in program.inputs}
        found = lowering.walk([step for step in program.steps if step.phase != Phase.UPDATE], found, place)
        texts = {n: " ".join(map(text, lowering.operand(found, g).flat)) for n, g in program.gradients.items()}
        return self.gradients(name for name, words in texts.items() if re.search(r"\b(MAX|MIN|IF)\(", words))

    def values(self, tables: Tables, example: Example) -> dict[str, np.ndarray]:
        """Every forward and derivative value of one example."""
        shapes = {i.value.name: i.value.shape for i in self.program.inputs}
        rows = {name: tables[t][own_row(example, name)].reshape(shapes[name]) for name, t in self.reads.items()}
        given = inputs_of(self.fitted, example, rows)
        return reference.walk((s for s in self.program.steps if s.phase != Phase.UPDATE), given)

    def fresh_states(self) -> dict[str, list[list[np.ndarray]]]:
        """The optimizer's state before any update."""
        return {
            table: [
                [np.full(v.shape, b, float) for v, b in zip(u.state, u.start, strict=True)] for _ in self.start[table]
            ]
            for table, u in self.mover.updates.items()
        }

    def shown(self, cells: Cells, shape: tuple[int, ...]) -> Cells:
        """The cells of a row as the function reads it, 0 where the row is not shown."""
        elements = [*cells.ravel(), *[0.0] * (int(np.prod(shape)) - cells.size)]
        return cells_of(elements).reshape(shape)


def of_column(column: str) -> Key:
    """The owner of the rows that a column of ids names."""
    return Key("ids", column)


def of_weight(name: str) -> Key:
    """The owner of a dense weight, which may be called as a column is."""
    return Key("row", name)


def write_head(page: Page, learner: Learner, title: str, note: str) -> None:
    """What a sheet of training begins with: its title, how it is read, the learning rate to change."""
    page.say(0, 0, f"Training as formulas: {learner.mover.optimizer}, {title}", "title")
    page.say(1, 0, f"{note} Change the learning rate and watch the curve.", "note")
    page.sheet.set_column(0, 0, 13)
    page.sheet.set_column(1, WIDE, 9.5)
    page.say(RATE.row, 0, "learning rate", "head")
    page.put(RATE.row, RATE.column, learner.rate, 0, "free")


def own_row(example: Example, name: str) -> int:
    """The own row that an input of an example reads; of a dense weight the only one."""
    return int(example.rows[name][0]) if name in example.rows else 0


def mover(program: Program, optimizer: str) -> Program:
    """A program whose updates move the tables and weights of a sparse `program` by the optimizer of this name."""
    if optimizer == program.optimizer:
        return program
    rows = {name: Dense(update.row.shape, 0.0, initializer("zeros")) for name, update in program.updates.items()}
    stand_in = Recipe("rows", lambda **rows: sum(row.sum() for row in rows.values()), rows, None, None, None, None)
    return capture(stand_in, optimizer=optimizer, update="sparse")


@dataclass(frozen=True, slots=True)
class Moving:
    """One row, or what moves with it: its cells and its numbers."""

    row: Cells
    states: Sequence[Cells]
    row_value: np.ndarray
    state_values: Sequence[np.ndarray]


def move(
    lines: Lines,
    line: int,
    key: Hashable,
    learner: Learner,
    table: str,
    old: Moving,
    gradient: Cells,
    slope: np.ndarray,
) -> Moving:
    """The row after one update, in cells of this line: its new states, then the row itself.

    Lines of one `key` are alike, and are filled down from the first.
    """
    update = learner.mover.updates[table]
    shape, width = update.row.shape, learner.widths[table]
    given = {
        update.row.name: learner.shown(old.row, shape),
        update.gradient.name: learner.shown(gradient, shape),
        update.learning_rate.name: cells_of(RATE),
        **{v.name: learner.shown(s, v.shape) for v, s in zip(update.state, old.states, strict=True)},
    }
    values = reference.run_update(
        learner.mover, update, old.row_value.reshape(shape), slope.reshape(shape), learner.rate, old.state_values
    )
    states = zip(update.state, update.new_state, strict=True)
    named = {str(new): (state_key(table, old), called(old)) for old, new in states}
    named[update.new_row.name] = Key("new row", table), "new row"

    def place(step: Step, formulas: Cells) -> Cells:
        name = step.output.name
        if name not in named:
            return formulas
        n = width if formulas.shape == shape else formulas.size
        key, title = named[name]
        styles = (
            ("number", "answer")
            if name == update.new_row.name
            else ("number" if step.output.dtype == "float32" else "count",)
        )
        numbers = values[name].ravel()[:n]
        cells = lines.put(line, key, f"{table}: {title}", formulas.ravel()[:n], numbers, *styles)
        return learner.shown(cells, formulas.shape)

    row, *states = lines.walk(line, key, learner.moves[table], given, place, update.outputs)
    kept = [s.ravel()[: width if s.shape == shape else s.size] for s in states]
    return Moving(
        row=row.ravel()[:width],
        states=kept,
        row_value=values[update.new_row.name].ravel(),
        state_values=[reference.number(values, state) for state in update.new_state],
    )


def state_key(table: str, state: Value) -> Key:
    """The block of what a table's rows have of one state of the optimizer."""
    return Key("state", table, state.name)


def called(state: Value) -> str:
    """A state of an optimizer in words, where Optax gives it a letter of the paper."""
    name = state.name.partition(".")[2]
    return {"mu": "mean gradient (mu)", "nu": "mean gradient² (nu)", "trace": "momentum"}.get(
        name, name.replace("_", " ")
    )


def fresh(learner: Learner, table: str, own: int) -> Moving:
    """A row before any update; its states are numbers in the formulas."""
    width, shape = (
        learner.widths[table],
        learner.mover.updates[table].row.shape if table in learner.mover.updates else (),
    )
    states = learner.fresh_states().get(table, [[]] * (own + 1))[own]
    cells = [cells_of(s).ravel()[: width if s.shape == shape else s.size] for s in states]
    return Moving(cells_of(learner.start[table][own][:width]), cells, learner.start[table][own], states)
