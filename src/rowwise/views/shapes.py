"""Shapes in words: what each step of a line does to them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

from rowwise.program.program import Shape, Step
from rowwise.views.formula import Formulas
from rowwise.views.numbers import count


def shape(of: Shape) -> str:
    """`(5,000, 32)`, `(50,)`, `()`."""
    return f"({', '.join(f'{n:,}' for n in of)}{',' * (len(of) == 1)})"


def notes(steps: Iterable[Step], formulas: Formulas) -> tuple[str, ...]:
    """What a line does to shapes, for each step that changes one."""
    told = [SHAPES[step.primitive](_Sides(step, formulas)) for step in steps if step.primitive in SHAPES]
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


def _reduced(how: str) -> Callable[[_Sides], str]:
    def tell(sides: _Sides) -> str:
        shape_in = sides.step.inputs[0].shape
        n = prod(shape_in[axis] for axis in sides.step.params["axes"])
        return f"{sides} → {sides.out}: {how.format(n)}"

    return tell


def _rounds(sides: _Sides) -> str:
    body, length = sides.step.params["body"], sides.step.params["length"]
    carried = f", each handing on {count(sum(v.size for v in body.carried), 'number')}" if body.carried else ""
    return f"{count(length, 'round')} of {body.name} → {sides.out}{carried}: one line of numbers a round"


SHAPES: dict[str, Callable[[_Sides], str]] = {
    "dot_general": _dot,
    "concatenate": lambda sides: f"{sides} → {sides.out}: laid end to end, nothing is added up",
    "stack": lambda sides: f"{sides} → {sides.out}: stacked, nothing is added up",
    "reduce_sum": _reduced("{} numbers added up into one"),
    "reduce_max": _reduced("the largest of {}"),
    "reduce_min": _reduced("the smallest of {}"),
    "scan": _rounds,
    "transpose": lambda sides: f"{sides} → {sides.out}: rows become columns",
}
