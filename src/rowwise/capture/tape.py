"""Steps being written: fresh names, constants folded, what changes nothing left out, the rest as a person writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from rowwise.errors import BadModel
from rowwise.program import array_rules
from rowwise.program.inputs import Constant
from rowwise.program.primitives import PRIMITIVES
from rowwise.program.program import FORWARD, Literal, Operand, Place, Shape, Step, Value
from rowwise.program.shape_rules import DTYPES


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A value that is the same for every example: its numbers, folded at capture."""

    array: Any

    @property
    def shape(self) -> Shape:
        return self.array.shape

    @property
    def dtype(self) -> str:
        return dtype_of(self.array.dtype)


Arg = Operand | Known  # what an operation reads: a value, or numbers that are known


class Tape:
    """Steps being written, with fresh names; `Known` operands never become steps."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.constants: list[Constant] = []
        self.made: dict[str, Step] = {}  # by the name of their output
        self.count = 0

    def fresh(self, shape: Shape, dtype: str) -> Value:
        self.count += 1
        return Value(f"%{self.count}", shape, dtype)

    def operand(self, value: Arg) -> Operand:
        """A step's operand: known numbers become a literal where all are one, else a constant of the program."""
        if not isinstance(value, Known):
            return value
        array = np.asarray(value.array)
        if array.size and (array == array.flat[0]).all():
            first = array.flat[0]  # 0.1 as the user wrote it, not the float32 nearest to it; float32 targets agree
            number = float(str(first)) if array.dtype == np.float32 else first.item()
            return Literal(number, dtype_of(array.dtype), array.shape)
        numbers = array.tolist()
        for there in self.constants:
            if there.numbers == numbers and there.value.dtype == dtype_of(array.dtype):
                return there.value
        constant = Value(f"constant{len(self.constants) + 1}", array.shape, dtype_of(array.dtype))
        self.constants.append(Constant(constant, numbers))
        return constant

    def write(
        self,
        primitive: str,
        inputs: Sequence[Arg],
        shape: Shape,
        dtype: str,
        params: Mapping[str, Any],
        place: Place | None,
    ) -> Arg:
        """The output of one step, or known numbers where all its inputs are known, or there are none."""
        if not prod(shape):
            return Known(np.zeros(shape, dtype))
        if primitive == "concatenate":
            inputs = [i for i in inputs if prod(i.shape)]
        known = [i.array for i in inputs if isinstance(i, Known)]
        if len(known) == len(inputs):
            with np.errstate(all="ignore"):
                out = array_rules.apply(FOLD, primitive, tuple(known), params, place)
            return Known(np.broadcast_to(np.asarray(out, dtype), shape))
        simple = _simplify(primitive, inputs, shape, dtype, params)
        if simple is not None:
            return simple
        if dtype not in DTYPES:
            raise no_such_type(primitive, dtype, place)
        primitive, inputs, params = self.plainer(primitive, inputs, shape, params)
        output = self.fresh(shape, dtype)
        step = Step(primitive, tuple(self.operand(i) for i in inputs), output, params, FORWARD, place)
        self.steps.append(step)
        self.made[output.name] = step
        return output

    def plainer(
        self, primitive: str, inputs: Sequence[Any], shape: Shape, params: Mapping[str, Any]
    ) -> tuple[str, Sequence[Any], Mapping[str, Any]]:
        """The same numbers as a person would write them: -1 · x as -x, x + -y as x - y, (x yᵀ)ᵀ as y xᵀ."""
        for one, other in (inputs, inputs[::-1]) if len(inputs) == 2 else ():
            if primitive == "mul" and _is_all(one, -1) and _has_shape(other, shape):
                return "neg", [other], params
            before = self.made_by(other)
            if primitive == "add" and before and before.primitive == "neg":
                return "sub", [one, *before.inputs], params
        if primitive == "transpose":
            before = self.made_by(inputs[0])
            if before and before.primitive == "dot_general" and _exchanges(params["permutation"], before):
                (of_x, of_y), paired = before.params["dimension_numbers"]
                return "dot_general", before.inputs[::-1], {"dimension_numbers": ((of_y, of_x), paired)}
        return primitive, inputs, params

    def made_by(self, operand: object) -> Step | None:
        return self.made.get(operand.name) if isinstance(operand, Value) else None


FOLD = array_rules.Arrays(np, np.float32)


def dtype_of(dtype: DTypeLike) -> str:
    return str(np.dtype(dtype))


def _simplify(primitive: str, inputs: Sequence[Any], shape: Shape, dtype: str, params: Mapping[str, Any]) -> Any:
    """The operand that a step which changes nothing stands for, or None."""

    def same(k: int) -> Any:
        return inputs[k] if _has_shape(inputs[k], shape) else None

    row = PRIMITIVES[primitive]
    for k, neutral in enumerate(row.neutral):  # jax.nn.logsumexp guards against an empty maximum by max(x, -inf)
        if neutral is not None and _is_all(inputs[k], neutral):
            return same(1 - k)
    if primitive == "select_n" and isinstance(inputs[0], Known):
        return same(2) if inputs[0].array.all() else same(1) if not inputs[0].array.any() else None
    once = bool(row.times) and params[row.times] == 1
    return same(0) if once or (row.keeps and inputs[0].dtype == dtype) else None


def _exchanges(permutation: Sequence[int], product: Step) -> bool:
    """Whether the axes of a product that come from its second operand go before those from its first, and no more."""
    (of_x, _), (paired, _) = product.params["dimension_numbers"]
    n, first = len(permutation), len(product.inputs[0].shape) - len(of_x)
    return not paired and list(permutation) == [*range(first, n), *range(first)]


def _is_all(operand: object, number: float) -> bool:
    return isinstance(operand, Known) and bool(np.all(np.asarray(operand.array) == number))


def _has_shape(operand: object, shape: Shape) -> bool:
    return isinstance(operand, Value) and operand.shape == shape


def no_such_type(primitive: str, dtype: str, place: Place | None) -> BadModel:
    """The error for numbers of a type that no step holds; it names the line."""
    return BadModel(
        f"{primitive!r} gives {dtype}" + (f" at {place}" if place else ""),
        expected=f"numbers of {', '.join(DTYPES)}",
        mend="convert to one of them in that line, as in x.astype(jnp.int32)",
    )
