"""Shapes in words: what each step of a line does to them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

from rowwise.program.primitives import PRIMITIVES
from rowwise.program.program import Shape, Step
from rowwise.views.formula import Formulas
from rowwise.views.numbers import count


def shape(of: Shape) -> str:
    """`(5,000, 32)`, `(50,)`, `()`."""
    return f"({', '.join(f'{n:,}' for n in of)}{',' * (len(of) == 1)})"


def notes(steps: Iterable[Step], formulas: Formulas) -> tuple[str, ...]:
    """What a line does to shapes, for each step that changes one."""
    told = [SHAPES.get(step.primitive, _in_words)(_Sides(step, formulas)) for step in steps]
    return tuple(dict.fromkeys(note for note in told if note))


@dataclass(frozen=True, slots=True)
class _Sides:
    """A step whose operands are written as `user (50,)`."""

    step: Step
    formulas: Formulas

    def __str__(self) -> str:
        return " and ".join(self.operands)

    @property
    def operands(self) -> list[str]:
        return [f"{self._short(self.formulas.inline(o))} {shape(o.shape)}" for o in self.step.inputs]

    @property
    def out(self) -> str:
        return shape(self.step.output.shape)

    def _short(self, text: str) -> str:
        return text if len(text) <= 24 else "…"


def _dot(sides: _Sides) -> str:
    (x_axes, _), (batch, _) = sides.step.params["dimension_numbers"]
    x, y = (operand.shape for operand in sides.step.inputs)
    if not x_axes or batch:
        return ""
    added, made = prod(x[axis] for axis in x_axes), sides.step.output.size
    left, right = sides.operands
    if not sides.step.output.shape:
        what = f"{added} products, number by number, added up into one number"
    else:
        what = f"{count(made, 'dot product')}, each of {added} numbers with {added}"
        if len(x) == len(y) == 2:
            what += f" ({' × '.join(f'{n:,}' for n in sides.step.output.shape)})"
    return f"{left} @ {right} → {sides.out}: {what}"


def _in_words(sides: _Sides) -> str:
    """What the row of the primitive says; {} in it is how many numbers become one."""
    how, shape_in = PRIMITIVES[sides.step.primitive].shapes, sides.step.inputs[0].shape
    n = prod(shape_in[axis] for axis in sides.step.params.get("axes", ()))
    return how and f"{sides} → {sides.out}: {how.format(n)}"


def _rounds(sides: _Sides) -> str:
    body, length = sides.step.params["body"], sides.step.params["length"]
    carried = f", each handing on {count(sum(v.size for v in body.carried), 'number')}" if body.carried else ""
    return f"{count(length, 'round')} of {body.name} → {sides.out}{carried}: one line of numbers a round"


# What takes more words than a row of the table of primitives has.
SHAPES: dict[str, Callable[[_Sides], str]] = {
    "dot_general": _dot,
    "scan": _rounds,
}
