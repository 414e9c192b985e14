"""The gradient of a dense weight: the sum of what the examples of a batch ask for, each for its share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from math import prod
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from rowwise.program.array_rules import Arrays, apply, number, run
from rowwise.program.passes.batch_sums import add_up, batch_axes, sum_of, to_weigh
from rowwise.program.program import Operand, Program, Step, Value
from rowwise.program.values import DimensionNumbers

Array = Any
P = ParamSpec("P")
R = TypeVar("R")
XLA = Arrays(jnp, np.float32)


@dataclass(frozen=True)
class Batch:
    """An adder over the examples in front of every one of `values` that varies; `share` is what each counts for."""

    program: Program
    values: Mapping[str, Array]
    share: Array

    def sum(self, gradient: Operand) -> Array:
        """Σ share · gradient over the examples."""
        return add_up(sum_of(gradient, self._made, self._varies), self)

    @cached_property
    def _made(self) -> dict[str, Step]:
        return {step.output.name: step for step in self.program.steps}

    @cached_property
    def _axes(self) -> dict[str, int | None]:
        return batch_axes(self.program)

    def _varies(self, operand: Operand) -> bool:
        return isinstance(operand, Value) and self._axes[operand.name] == 0

    def read(self, operand: Operand) -> Array:
        return number(XLA, self.values, operand)

    def same(self, operand: Operand) -> Array:
        return self.read(operand) * self.share.sum()

    def values_of(self, operand: Operand, axes: tuple[int, ...]) -> Array:
        values = self.values[str(operand)]
        shape = [n for axis, n in enumerate(operand.shape) if axis not in axes]
        front = _in_front(values, (0, *(axis + 1 for axis in axes)))
        return (self._shares(len(front)) @ front).reshape(shape)

    def product(self, step: Step, dimension_numbers: DimensionNumbers) -> Array:
        """Σ over examples and contracted axes as one product of matrices: both with these axes in front, as one."""
        (axes, _) = dimension_numbers
        x, y = (_in_front(self.values[str(operand)], front) for operand, front in zip(step.inputs, axes, strict=True))
        share = self._shares(len(x))[:, None]
        x, y = (x * share, y) if to_weigh(step, self._made) == 0 else (x, y * share)
        return jnp.einsum("nx,ny->xy", x, y).reshape(step.output.shape)

    def _shares(self, n: int) -> Array:
        """The share of the example that each of n lines belongs to."""
        if n == len(self.share):
            return self.share
        # `jnp.repeat` would sum up where each share begins, and XLA would do so when it compiles, for seconds
        return jnp.broadcast_to(self.share[:, None], (len(self.share), n // len(self.share))).reshape(n)

    def step(self, step: Step, inputs: Sequence[Array]) -> Array:
        return apply(XLA, step.primitive, tuple(inputs), step.params, step.place)


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """The same, traced so that products of matrices are of float32.

    Of their own accord GPUs round the factors to 10 bits and TPUs to 7: a program would train to other tables there.
    """

    @wraps(function)
    def traced(*args: P.args, **kwargs: P.kwargs) -> R:
        with jax.default_matmul_precision("highest"):
            return function(*args, **kwargs)

    return traced


def batch_values(
    program: Program, steps: Sequence[Step], inputs: Mapping[str, Array], arrays: Arrays = XLA
) -> dict[str, Array]:
    """All values of a batch by name; what differs from example to example has them in front."""
    axes = batch_axes(program)
    constants = {i.value.name: jnp.asarray(i.numbers, i.value.dtype) for i in program.constants}

    def one(inputs: Mapping[str, Array]) -> dict[str, Array]:
        return run(arrays, steps, {**constants, **inputs})

    names = [*inputs, *constants, *(step.output.name for step in steps)]
    apart = jax.vmap(
        one, in_axes=({name: axes[name] for name in inputs},), out_axes={name: axes[name] for name in names}
    )
    return apart(inputs)


def _in_front(x: Array, axes: Sequence[int]) -> Array:
    """A matrix: the example and the contracted axes as its lines, (batch · contracted, rest)."""
    front = jnp.moveaxis(x, axes, range(len(axes)))
    return front.reshape(prod(front.shape[: len(axes)]), -1)
