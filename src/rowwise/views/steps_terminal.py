"""The record of one example, drawn for a terminal: colour where there is some, plain text where it is piped.

Three levels: a line of source at a time (`show`), every primitive too (`show(all=True)`), shapes only (`show_shapes`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from rowwise import screen
from rowwise.screen import assembled, paragraph, shown
from rowwise.views import says
from rowwise.views.numbers import brief, count, one, whole
from rowwise.views.record import LineSeen, Move, StepSeen, Walk
from rowwise.views.shapes import shape

WIDTH = 80  # of plain text
NAME, NUMBER, SLOPE, FAINT = "cyan", "green", "magenta", "dim"


def show(walk: Walk, *, all: bool = False, full: bool = False, console: Console | None = None) -> None:
    """Print the steps of one example; `all` every primitive, `full` every number."""
    face = _Terminal(walk, all=all, full=full)
    for title, parts in face.sections():
        _section(console or screen.console(), title, parts)


def as_text(walk: Walk, *, all: bool = False, full: bool = False) -> str:
    """The same as plain text of 80 columns."""
    return _plain(lambda console: show(walk, all=all, full=full, console=console))


def show_shapes(walk: Walk, *, console: Console | None = None) -> None:
    """Print the shapes alone: a summary of what is looked up and what each line gives, with the weights counted."""
    console = console or screen.console()
    table = _columns(value="left", shape="left", weights="right", **{"what it is": "left"})
    weights = {t.name: t.weights for t in walk.tables}
    counted: set[str] = set()
    for argument in walk.arguments:
        owner = argument.table or argument.name
        n = weights.get(owner, 0) if owner not in counted else 0
        counted.add(owner)
        name = says.name_of(walk, argument)
        table.add_row(shown(name, NAME), shape(walk.values[name].shape), f"{n:,}" if n else "", argument.says)
    for line in walk.lines:
        if not line.steps:  # the penalty: one number of each row, and no line of the function
            continue
        for name, formula in line.gives:
            table.add_row(shown(name, NAME), shape(walk.values[name].shape), "", f"{formula}  ({line.place})")
    _section(console, f"{walk.model}: the shapes of one example", [table, paragraph(f"\n{says.about_weights(walk)}")])


def show_side_by_side(walks: Mapping[str, Walk], *, console: Console | None = None) -> None:
    """Print what each line gives for several examples, a column each; `walks` are by what tells them apart."""
    first = next(iter(walks.values()))
    table = _columns(value="left", **dict.fromkeys(walks, "left"))
    for name in first.example:
        table.add_row(shown(name, NAME), *(says.raw(walk.example.get(name, "")) for walk in walks.values()))
    for line in first.lines:
        for name, _ in line.gives:
            table.add_row(shown(name, NAME), *(_narrow(walk.values[name]) for walk in walks.values()))
    _section(console or screen.console(), f"{first.model}: {count(len(walks), 'example')} side by side", [table])


def shapes_text(walk: Walk) -> str:
    """The summary of shapes as plain text of 80 columns."""
    return _plain(lambda console: show_shapes(walk, console=console))


class _Terminal:
    """One record at one level of detail, section by section."""

    def __init__(self, walk: Walk, *, all: bool, full: bool):
        self.walk = walk
        self.all = all
        self.write = whole if full else brief
        self.most = 10**9 if full else says.MOST

    def sections(self) -> Iterator[tuple[str, list[RenderableType]]]:
        walk = self.walk
        yield f"{walk.model}: one example, step by step", [_told(says.EXAMPLE), self._example()]
        yield "The weights", [_told(says.about_weights(walk)), self._tables()]
        yield "What the function receives", [_told(says.about_rows(walk)), *self._arguments()]
        yield "Forward: the function, line by line", [_told(says.FORWARD), *_spaced(map(self._line, walk.lines))]
        if not walk.learns:
            yield "No derivative", [shown(says.no_derivative(walk))]
            return
        yield "Derivative: back through the lines, last line first", [_told(says.DERIVATIVE), *self._derivatives()]
        yield f"Update: {walk.optimizer}, learning rate {walk.rate:g}", list(self._update())

    def _example(self) -> RenderableType:
        grid = _grid()
        for name, given in self.walk.example.items():
            told = says.about_column(self.walk, name)
            grid.add_row(shown(name, NAME), assembled((says.raw(given), NUMBER), f"  {told}" if told else ""))
        for argument in self.walk.arguments:
            if argument.rows and argument.of.is_drawn and argument.name not in self.walk.example:
                told = f"  → {says.rows_of(argument)}"
                grid.add_row(shown(argument.name, NAME), assembled((str(argument.ids[0]), NUMBER), told))
        return grid

    def _tables(self) -> RenderableType:
        table = _columns(table="left", rows="right", columns="right", weights="right", **{"this example reads": "left"})
        for seen in self.walk.tables:
            columns = " × ".join(f"{n:,}" for n in seen.row_shape) or "1"
            rows, reads = ("dense", "all of it") if seen.rows is None else (f"{seen.rows:,}", says.listed(seen.read))
            table.add_row(shown(seen.name, NAME), rows, columns, f"{seen.weights:,}", reads)
        return table

    def _arguments(self) -> Iterator[RenderableType]:
        for argument in self.walk.arguments:
            name = says.name_of(self.walk, argument)
            yield self._value(name, "", shown(argument.says))

    def _line(self, line: LineSeen) -> RenderableType:
        reads = ", ".join(f"{name} {shape(self.walk.values[name].shape)}" for name in line.reads)
        grid = _grid()
        grid.add_row(shown("reads", FAINT), reads)
        for note in line.notes:
            grid.add_row(shown("shapes", FAINT), note)
        for product in line.products:
            parts = self._numbers(product.terms), shown("added up, one after another:"), self._numbers(product.running)
            grid.add_row(shown("product", FAINT), Group(shown(product.of), _in(*parts)))
        for name, formula in line.gives:
            grid.add_row(shown("gives", FAINT), self._value(name, formula, filled=line.filled.get(name, "")))
        inside = [grid, *(self._step(step) for step in line.steps)] if self.all and len(line.steps) > 1 else [grid]
        return Group(_code(line), _in(shown(says.where(self.walk, line), FAINT), *inside))

    def _derivatives(self) -> Iterator[RenderableType]:
        lines = {line.number: line for line in self.walk.lines}
        told: dict[int, list[RenderableType]] = {}
        for d in self.walk.derivatives:
            title = assembled((d.title, SLOPE), (f" {shape(d.numbers.shape)}", FAINT), f" = {d.formula}")
            told.setdefault(d.line, []).append(Group(title, _in(self._numbers(d.numbers))))
        yield from _spaced(Group(_code(lines[number]), _in(*parts)) for number, parts in told.items())
        if self.all:
            steps = [self._step(step, tied=True) for step in self.walk.derivative_steps]
            yield Group(shown(""), shown("Every primitive of the derivative, in the order they run:"), _in(*steps))

    def _update(self) -> Iterator[RenderableType]:
        walk = self.walk
        yield _told(says.DENSE_UPDATE if walk.is_dense else says.UPDATE)
        yield Group(*(shown(f"{name} = {formula}") for name, formula in walk.rules), shown(""))
        for table in walk.tables:
            moves = [move for move in walk.moves if move.table == table.name]
            for move in moves[: self.most]:
                yield self._move(move)
            if len(moves) > self.most:
                yield shown(f"and {count(len(moves) - self.most, 'more row')} of table {table.name}")
            yield paragraph(f"{says.about_moves(table, is_dense=walk.is_dense)}\n", FAINT)

    def _move(self, move: Move) -> RenderableType:
        told = f"{says.move_title(move)} {says.about_distance(move)}"
        grid = _grid()
        for name, numbers in says.parts_of(move):
            grid.add_row(shown(name, FAINT), self._numbers(numbers))
        return Group(assembled((move.table, NAME), told), _in(grid))

    def _step(self, step: StepSeen, *, tied: bool = False) -> RenderableType:
        tie = shown(f"of line {step.line}", FAINT) if tied and step.line else None
        return self._value(step.gives, step.formula, tie)

    def _value(
        self, name: str, formula: str, told: RenderableType | None = None, *, filled: str = ""
    ) -> RenderableType:
        """`hidden (70,) = relu(…)`, then its numbers, then what is to say about it."""
        numbers = self.walk.values[name]
        title = assembled((name, NAME), (f" {shape(numbers.shape)}", FAINT), f" = {formula}" if formula else "")
        worked = [paragraph(f"= {filled}", NUMBER)] if filled else []
        return Group(title, _in(*worked, self._numbers(numbers), *([told] if told else [])))

    def _numbers(self, numbers: np.ndarray) -> RenderableType:
        return paragraph(self.write(numbers), NUMBER)


def _narrow(numbers: np.ndarray) -> RenderableType:
    return shown(brief(numbers) if not numbers.shape else f"{shape(numbers.shape)} mean {one(numbers.mean())}", NUMBER)


def _told(text: str) -> RenderableType:
    return Padding(shown(text, "italic"), (0, 0, 1, 0))


def _code(line: LineSeen) -> RenderableType:
    grid = _grid()
    grid.add_row(shown(f"{line.number}"), shown(line.code, "bold"))
    return grid


def _in(*parts: RenderableType) -> RenderableType:
    return Padding(Group(*parts), (0, 0, 0, 3))


def _spaced(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    for k, part in enumerate(parts):
        yield Group(shown(""), part) if k else part


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _columns(**headings: Any) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading, justify in headings.items():
        table.add_column(heading, justify=justify, overflow="fold")
    return table


def _section(console: Console, title: str, parts: list[RenderableType]) -> None:
    console.print(shown(title, "bold underline"))
    console.print(Padding(Group(*parts), (0, 0, 1, 2)))


def _plain(draw: Callable[[Console], None]) -> str:
    text = StringIO()
    draw(screen.console(file=text, width=WIDTH, no_color=True, force_terminal=False))
    lines = "\n".join(line.rstrip() for line in text.getvalue().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).rstrip() + "\n"
