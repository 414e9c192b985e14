"""What a learner is told: sentences about weights, lookups and moves, the same in every face of the steps."""

from collections.abc import Sequence
from functools import singledispatch
from math import prod

import numpy as np

from rowwise.data.ids import Id
from rowwise.program.inputs import (
    BagLookup,
    DenseWeight,
    Dropout,
    ExampleValue,
    Input,
    Lookup,
    RowLookup,
    RowsLookup,
    SampledLookup,
    SampledRowsLookup,
    Statistic,
    Target,
)
from rowwise.views.numbers import count, one
from rowwise.views.record import ArgumentSeen, LineSeen, Move, TableSeen, Walk

LETTERS = 200  # of a text that are shown before the rest is counted
MOST = 4  # rows of one table that are shown before the rest is counted
WEIGHTS = (
    "The weights are the rows of these tables: {} numbers, and nothing else is trained. This example reads {} of them."
)
DENSE = "The weights are the rows of the tables and the dense weights: {} numbers. This example reads {} of them."
EXAMPLE = "An id is a name, not a quantity: all it does is say which row of a table to read."
ROWS = "These vectors are the weights being trained:"
FORWARD = "The function, a line at a time, on the numbers above."
DERIVATIVE = (
    "Each line above is an expression that knows its derivative: it kept what it did and to what, so the chain rule "
    "can go back through it, last line first. A plain array holds the same numbers but has forgotten where they "
    "came from, so nothing could be learnt from it."
)
UPDATE = "Only what this example read can move, each number against its derivative."
DENSE_UPDATE = "The update is dense, as in Keras: every other row of a table moves too, as if its derivative were 0."
NO_TARGET = "Without a target there is no loss, so nothing to learn: give {} to see the derivative and the update."

FROZEN = "Nothing of this model moves by an example: it was solved for as a whole, or all of it is frozen."


def no_derivative(walk: Walk) -> str:
    """Why there is nothing to learn from an example."""
    return FROZEN if walk.target is None else NO_TARGET.format(walk.target)


@singledispatch
def about_argument(i: Input, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    """What the shape of an argument means, axis by axis; of a bag with weights, what each row counts for."""
    return i.says


@about_argument.register
def _(i: RowLookup, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"one row of {_each(i)}; {_table(i, n_rows)}"


@about_argument.register
def _(i: SampledLookup, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"one row of {_each(i)}, of an id drawn at random; {_table(i, n_rows)}"


@about_argument.register
def _(i: SampledRowsLookup, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"{len(ids)} ids drawn at random, each a row of {_each(i)}; {_table(i, n_rows)}"


@about_argument.register
def _(i: RowsLookup, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"{len(ids)} ids looked up, each a row of {_each(i)}; {_table(i, n_rows)}"


@about_argument.register
def _(i: BagLookup, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    told = f"the {_combined(i)} of {count(len(ids), 'row')}, each of {_each(i)}; {_table(i, n_rows)}"
    return told + _counting(i, ids, shares)


@about_argument.register
def _(i: Statistic, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"{i.says} over the training data"


@about_argument.register
def _(i: ExampleValue, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"the example's own {i.column}"


@about_argument.register
def _(i: DenseWeight, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"{count(i.value.size, 'dense weight')}, the same for every example"


@about_argument.register
def _(i: Dropout, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return f"all 1 here; in training each is 0 with probability {i.rate}"


@about_argument.register
def _(i: Target, n_rows: int | None, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    return "what the prediction should have been"


def _each(i: Lookup) -> str:
    return f"{i.row_size} numbers, the columns" if i.row_shape else "one number"


def _table(i: Lookup, n_rows: int | None) -> str:
    return f"table {i.table} has {count(n_rows or 0, 'row')}"


def _combined(i: BagLookup) -> str:
    root = "√Σw²" if i.weights else "√n"
    named = {"sqrtn": f"sum divided by {root}"}.get(i.combine, i.combine)
    return f"{named}, weighted by {i.weights}," if i.weights else named


def _counting(i: BagLookup, ids: Sequence[Id | None], shares: Sequence[float]) -> str:
    """`; in it count 15 for 0.5, 32 for 0.25, …`."""
    if not i.weights or not ids:
        return ""
    told = [f"{id} for {one(share)}" for id, share in zip(ids[:MOST], shares[:MOST], strict=True)]
    return f"; in it count {', '.join(told)}{', …' * (len(ids) > MOST)}"


def about_weights(walk: Walk) -> str:
    """Where the weights are, and how many this example reads."""
    total = sum(table.weights for table in walk.tables)
    read = sum(prod(table.row_shape) * (1 if table.rows is None else len(table.read)) for table in walk.tables)
    dense = any(table.rows is None for table in walk.tables)
    return (DENSE if dense else WEIGHTS).format(f"{total:,}", f"{read:,}")


def about_rows(walk: Walk) -> str:
    """That a looked-up row is a row of the table itself."""
    told = []
    for argument in walk.arguments:
        if argument.table is None:
            continue
        if not argument.of.is_list:
            told.append(f"{argument.name} is row {argument.rows[0]} of table {argument.table} itself, no copy")
        elif argument.of.is_combined:
            told.append(f"{argument.name} is made of {count(len(argument.rows), 'row')} of table {argument.table}")
        else:
            told.append(f"{argument.name} is {len(argument.rows)} rows of table {argument.table}")
    return f"{ROWS} {'; '.join(told[:2])}."


def about_moves(table: TableSeen, *, is_dense: bool) -> str:
    """`943 of the 944 rows of table user did not move.`"""
    if table.rows is None:
        return f"{table.name} is a dense weight: every example reads all of it and can move it"
    if not table.is_trained:
        return f"table {table.name} is frozen: none of its {count(table.rows, 'row')} moved"
    if is_dense:
        return f"table {table.name}: all {count(table.rows, 'row')} take part in a dense update"
    return f"table {table.name}: {table.rows - table.moved:,} of {count(table.rows, 'row')} did not move"


def about_distance(move: Move) -> str:
    """`moved by up to 0.05`."""
    by = float(np.abs(move.after - move.before).max(initial=0.0))
    return f"moved by {'up to ' if move.before.size > 1 else ''}{one(by)}" if by else "did not move"


def where(walk: Walk, line: LineSeen) -> str:
    """`model.py:7, your function`."""
    named = {walk.model: "your function"}.get(line.function, line.function.strip("_").replace("_", " "))
    return f"{line.place}, {named}"


def about_column(walk: Walk, name: str) -> str:
    """`→ row 15 of vocabulary userId`, or `the target`; nothing of a number."""
    reads = next((a for a in walk.arguments if a.rows and name in (a.column, a.name)), None)
    return f"→ {rows_of(reads)}" if reads else "the target" if name == walk.target else ""


def name_of(walk: Walk, argument: ArgumentSeen) -> str:
    """The name under which the record holds the numbers of an argument; a target is called by its column."""
    return argument.name if argument.name in walk.values else str(argument.column)


def rows_of(argument: ArgumentSeen) -> str:
    """`row 15 of vocabulary userId`, with what is to say about unknown, padded and drawn ones."""
    marks = [mark for mark in argument.marks if mark]
    told = [f"{marks.count(mark)} {mark}" if len(argument.rows) > 1 else mark for mark in dict.fromkeys(marks)]
    unknown = [str(id) for id, mark in zip(argument.ids, argument.marks, strict=True) if mark == "unknown"]
    if unknown and len(argument.rows) > 1:
        told.append(f"row 0 stands for {', '.join(dict.fromkeys(unknown))}")
    named = tuple(row for row, mark in zip(argument.rows, argument.marks, strict=True) if mark != "padding")
    ids = [str(id) for id, mark in zip(argument.ids, argument.marks, strict=True) if mark != "padding"]
    several = ", ".join(ids[:MOST]) + ", …" * (len(ids) > MOST) + " → " if argument.of.is_list else ""
    return f"{several}{listed(named)} of vocabulary {argument.vocabulary}" + "".join(f", {each}" for each in told)


def parts_of(move: Move) -> list[tuple[str, np.ndarray]]:
    """What an update reads and gives, in order: the row, its derivative, the optimizer's own numbers, the new row."""
    states = [(name, numbers) for name, (old, new) in move.state.items() for name, numbers in
              ((name, old), (f"new {name}", new))]  # fmt: skip
    return [("before", move.before), ("derivative", move.gradient), *states, ("after", move.after)]


def move_title(move: Move) -> str:
    """` row 15 (id 15)`; nothing for a dense weight."""
    return "" if move.row is None else f" row {move.row:,} ({'padding' if move.id is None else f'id {move.id}'})"


def listed(rows: tuple[int, ...]) -> str:
    """`row 15`, or `7 rows: 3, 8, 2, 5, …`."""
    if len(rows) == 1:
        return f"row {rows[0]:,}"
    return f"{len(rows):,} rows: {', '.join(f'{row:,}' for row in rows[:MOST])}{', …' if len(rows) > MOST else ''}"


def raw(given: object) -> str:
    """An id, a number, or the first of a list."""
    if isinstance(given, list | tuple | np.ndarray):
        return " ".join(map(str, given[:8])) + (f" … ({len(given)} in all)" if len(given) > 8 else "")
    text = str(given)
    return text if len(text) <= LETTERS else f"{text[:LETTERS]} … ({len(text):,} letters)"
