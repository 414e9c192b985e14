"""A sum over an axis that the steps do not see (examples of a batch, rounds of a loop), taken as early as it can be.

The gradient of a dense weight is such a sum, of one product for each example. Products first and their sum after need
an array of the weight's size for each example; with the axis inside the product it is one product of matrices:
Σ outer(g, x) = G.T @ X.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rowwise.program.primitives import PRIMITIVES
from rowwise.program.program import DERIVATIVE, Operand, Program, Step, Value
from rowwise.program.values import DimensionNumbers

T = TypeVar("T")  # what a sum is to the adder: an array, or a value of the steps it writes


def batch_axes(program: Program) -> dict[str, int | None]:
    """For each value of an example, by name: 0 where a batch has one for each example, None where it is the same."""
    axes: dict[str, int | None] = {i.value.name: None if i.is_shared else 0 for i in program.inputs}
    for step in program.steps:
        varies = any(isinstance(operand, Value) and axes.get(operand.name) == 0 for operand in step.inputs)
        axes[step.output.name] = 0 if varies else None
    return axes


@dataclass(frozen=True, slots=True)
class Sum:
    """How to add up one value: `how` is

    same      it does not vary: n times itself
    values    its values, as they are, over `axes` of their own too
    product   the axis joins those that a dot_general contracts
    step      its step, given sums
    """

    how: str
    value: Operand
    step: Step | None = None
    parts: tuple["Sum | Operand", ...] = ()
    axes: tuple[int, ...] = ()


class Adder(Protocol[T]):
    """What adds up: XLA, a batch of arrays; a tape, by writing steps."""

    def read(self, operand: Operand) -> T:
        """An operand that does not vary."""
        ...

    def same(self, operand: Operand) -> T:
        """n times an operand that does not vary."""
        ...

    def values_of(self, operand: Operand, axes: tuple[int, ...]) -> T:
        """The sum of the values of an operand that varies, over `axes` of it too."""
        ...

    def product(self, step: Step, dimension_numbers: DimensionNumbers) -> T:
        """A dot_general of all values of its operands, the axis in front of each contracted too."""
        ...

    def step(self, step: Step, inputs: Sequence[T]) -> T:
        """A step applied to sums."""
        ...


def sum_of(value: Operand, made: Mapping[str, Step], varies: Callable[[Operand], bool]) -> Sum:
    """How to add up `value`, which `made` (steps by the name of their output) computes."""
    if not varies(value):
        return Sum("same", value)
    step = made.get(str(value))
    if step is None:
        return Sum("values", value)
    if step.primitive == "reduce_sum":
        inner = sum_of(step.inputs[0], made, varies)
        if inner.how == "values" and not inner.axes:
            return Sum("values", inner.value, axes=tuple(step.params["axes"]))
    linear = PRIMITIVES[step.primitive].linear_in([varies(operand) for operand in step.inputs], step.params)
    if linear:  # what it gives for sums is the sum of what it gives
        sums = (sum_of(o, made, varies) if k in linear else o for k, o in enumerate(step.inputs))
        return Sum("step", value, step, tuple(sums))
    if step.primitive == "dot_general" and step.params["dimension_numbers"][1] == ((), ()):
        return Sum("product", value, step, step.inputs)
    return Sum("values", value)


def to_weigh(step: Step, made: Mapping[str, Step]) -> int:
    """Which operand of a product is multiplied by the shares: the smaller, but no large derivative if that can be.

    Other products read the derivative as it is, and XLA would work out all that leads to it once more.
    """

    def is_derivative(operand: Operand) -> bool:
        return str(operand) in made and made[str(operand)].phase == DERIVATIVE

    sizes = [operand.size * (8 if is_derivative(operand) else 1) for operand in step.inputs]
    return sizes.index(min(sizes))


def add_up(sum: Sum, adder: Adder[T]) -> T:
    """The sum itself."""
    if sum.how == "same":
        return adder.same(sum.value)
    if sum.how == "values" or sum.step is None:
        return adder.values_of(sum.value, sum.axes)
    if sum.how == "product":
        numbers: DimensionNumbers = sum.step.params["dimension_numbers"]
        x_axes, y_axes = ((0, *(axis + 1 for axis in axes)) for axes in numbers[0])
        return adder.product(sum.step, ((x_axes, y_axes), ((), ())))
    return adder.step(
        sum.step, [add_up(part, adder) if isinstance(part, Sum) else adder.read(part) for part in sum.parts]
    )


def factors(sum: Sum) -> Iterator[Value]:
    """The values that must be known one by one, not only their sum."""
    if sum.how == "values" and isinstance(sum.value, Value):
        yield sum.value
    for part in sum.parts if sum.how != "same" else ():
        if isinstance(part, Sum):
            yield from factors(part)
        elif sum.how == "product" and isinstance(part, Value):
            yield part
