"""Program in, formulas out: the same walk as `steps`, with cells in place of numbers."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from functools import singledispatch

import numpy as np

from rowwise.backends.sheet.rules import Cells, apply, cells_of, has_formula
from rowwise.errors import BadOption
from rowwise.program.inputs import Constant, Dropout, Input
from rowwise.program.primitives import MOVES, PRIMITIVES, Move, unsupported
from rowwise.program.program import Literal, Operand, Phase, Program, Step, Value

LONGEST = 8_192  # characters of a formula, in every calculator
MOST_WEIGHTS = 100_000
Place = Callable[[Step, Cells], Cells]  # writes a step's formulas somewhere and says where


def walk(steps: Iterable[Step], cells: Mapping[str, Cells], place: Place | None = None) -> dict[str, Cells]:
    """`cells` and the formulas of each step's output, or the cells that `place` put them in.

    Without `place` formulas grow into one another: a whole program as one formula.

    Raises:
        BadOption: a formula is longer than a sheet takes.
        UnsupportedPrimitive: a step has no formula.
    """
    found = dict(cells)
    for step in steps:
        output = apply(step.primitive, tuple(operand(found, i) for i in step.inputs), step.params, step.place)
        longest = max((len(element) for element in output.flat if isinstance(element, str)), default=0)
        if longest > LONGEST:
            raise BadOption(
                f"the formula of {step.place.text if step.place else step} has {longest:,} characters",
                expected=f"at most {LONGEST:,}, the longest that a sheet takes",
                mend="use fewer factors, a shorter text (length=20 in the model's Rows) or a smaller layer",
            )
        found[step.output.name] = output if place is None else place(step, output)
    return found


def check(program: Program) -> None:
    """Refuse a program that has no form in cells, before any is written.

    Raises:
        BadOption: it has more dense weights than a sheet shows.
        UnsupportedPrimitive: a step has no formula; the error names its source line.
    """
    for step in program.needed([program.prediction, program.loss]):
        if not has_formula(step.primitive):
            raise unsupported(step.primitive, "sheet", step.place)
    n = sum(i.value.size for i in program.weights)
    if n > MOST_WEIGHTS:
        largest = max(program.weights, key=lambda i: i.value.size).value
        raise BadOption(
            f"{program.name} has {n:,} dense weights ({largest.name}: {' × '.join(map(str, largest.shape))})",
            expected=f"at most {MOST_WEIGHTS:,}: a sheet shows every one, and formulas that multiply them",
            mend="fit fewer units, filters or factors, or shorter texts",
        )


def placed(program: Program) -> set[str]:
    """The values that a page which shows every step has cells for."""
    return {step.output.name for step in program.steps if not is_move(step)}


def is_move(step: Step) -> bool:
    """Whether a step only moves numbers, which takes no cells: the next step reads them where they are."""
    return step.primitive in MOVES


def operand(cells: Mapping[str, Cells], operand: Operand) -> Cells:
    """An operand's cells: a value already written, or a literal."""
    if isinstance(operand, Literal):
        return np.full(operand.shape, operand.value, object)
    return cells[operand.name]


def constants(inputs: Iterable[Input]) -> dict[str, Cells]:
    """The numbers that the function itself holds, as they stand in formulas; a dropout's mask is 1 when fitted."""
    known = {i.value.name: cells_of_input(i) for i in inputs}
    return {name: cells for name, cells in known.items() if cells is not None}


@singledispatch
def cells_of_input(i: Input) -> Cells | None:
    """The cells of an input that stands in the formulas themselves; None where a page writes it."""
    return None


@cells_of_input.register
def _(i: Constant) -> Cells | None:
    return cells_of(i.numbers)


@cells_of_input.register
def _(i: Dropout) -> Cells | None:
    return np.full(i.value.shape, 1.0, object)


def names(program: Program, shown: Container[str]) -> dict[str, str]:
    """What each value is called in the user's code: an argument, a variable, or the expression that computes it.

    Where an expression would be long, it refers to its parts by numbers, and what has a number begins with it:
    "(1) user + item", then "(1) · scale + bias". "…" is a part that is not among the `shown`, which have cells.
    """
    first = _Numbers(shown)
    _name(program, first)
    order = {step.output.name: k for k, step in enumerate(program.steps)}
    numbers = _Numbers(shown, {v: k for k, v in enumerate(sorted(first.of, key=lambda v: order.get(v, -1)), 1)})
    return {value: numbers.told(value, name) for value, name in _name(program, numbers).items()}


class _Numbers:
    """Which values are referred to by a number; a value that only moves numbers is what they came from."""

    def __init__(self, shown: Container[str], of: dict[str, int] | None = None):
        self.shown, self.of = shown, of or {}
        self.source: dict[str, str] = {}

    def follow(self, step: Step) -> None:
        if is_move(step) and step.inputs and isinstance(step.inputs[0], Value):
            first = step.inputs[0].name
            self.source[step.output.name] = self.source.get(first, first)

    def refer(self, value: str) -> str:
        value = self.source.get(value, value)
        return f"({self.of.setdefault(value, len(self.of) + 1)})" if value in self.shown else "…"

    def told(self, value: str, name: str) -> str:
        return f"({self.of[value]}) {name}" if value in self.of else name


def _name(program: Program, numbers: _Numbers) -> dict[str, str]:
    """The names without the numbers before them; `numbers` learns to what they refer."""
    named = {i.value.name: i.title for i in program.inputs}
    results = {program.loss: "loss", program.prediction: "prediction"}
    results |= {gradient: f"∂loss/∂{name}" for name, gradient in program.gradients.items()}
    last_of_line = {step.place.line: step.output for step in program.phase(Phase.FORWARD) if step.place}
    for step in program.steps:
        variable = re.match(r"(\w+)\s*=[^=]", step.place.text) if step.place else None
        if step.output in results:
            name = results[step.output]
        elif variable and step.place and last_of_line.get(step.place.line) == step.output:
            name = variable[1]
        else:
            parts = [named.get(str(i), str(i)) for i in step.inputs]
            name = _expression(step, parts)
            if len(name) > LONG:
                short = [
                    numbers.refer(str(i)) if _is_compound(part) else part
                    for i, part in zip(step.inputs, parts, strict=True)
                ]
                name = _expression(step, short)
        numbers.follow(step)
        named[step.output.name] = name
    return named


LONG = 28  # characters of a column's name


def _expression(step: Step, parts: list[str]) -> str:
    row = PRIMITIVES[step.primitive]
    if row.sign:
        return f" {row.sign} ".join(f"({part})" if row.sign != "+" and _is_compound(part) else part for part in parts)
    if step.primitive == "integer_pow":
        part = f"({parts[0]})" if _is_compound(parts[0]) else parts[0]
        return f"{part}^{step.params['y']}"
    if step.primitive == "neg":
        return f"-{parts[0]}"
    if isinstance(row, Move) and len(parts) == 1:
        return parts[0]
    return f"{row.called or row.name}({', '.join(parts)})"


def _is_compound(part: str) -> bool:
    return " " in re.sub(r"\([^()]*\)", "", part)
