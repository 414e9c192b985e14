"""The steps of a few examples at once, where vectors are multiplied by matrices: each matrix is read once for all.

One after another, every example would fetch each dense weight three times: for its prediction, for the derivative,
and to add up the gradient. Together they fetch it three times in all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from rowwise.backends.llvm.emit.builder import FEW, SCRATCH
from rowwise.backends.llvm.emit.values import is_flat, n_rows
from rowwise.capture.flatten import Flattener
from rowwise.capture.jaxpr import Source, trace
from rowwise.capture.tape import Tape
from rowwise.program.array_rules import number
from rowwise.program.inputs import Constant, DenseWeight, Input
from rowwise.program.passes.batch_sums import batch_axes
from rowwise.program.program import FORWARD, UPDATE, Operand, Place, Program, Step, Value, needed

EXAMPLES = 4  # whose rows of 80 numbers are the registers of a processor
SHARE = "share"
MADE_BY = re.compile(r"⟨step (\d+)⟩")


@dataclass(frozen=True)
class Together:
    """Steps on the inputs of `EXAMPLES` examples, in a leading axis, on what each counts for, and on `turned`."""

    steps: tuple[Step, ...]
    constants: tuple[Input, ...]
    turned: Mapping[str, Value]  # dense weights that are read by columns, turned over once for a piece of a batch
    losses: Operand
    gradients: Mapping[str, Operand]  # of lookups, of each example for its share
    sums: Mapping[str, Operand]  # of dense weights, over the examples


def is_worthwhile(program: Program) -> bool:
    """Whether a vector of each example meets a matrix that is the same for all, and no value of one is itself large."""
    steps = [step for step in program.steps if step.phase != UPDATE]
    matrices = {i.value.name for i in program.weights if n_rows(i.value.shape) > FEW}
    meets = any(step.primitive == "dot_general" and matrices & set(map(str, step.inputs)) for step in steps)
    read = [i.value for i in program.inputs if not i.is_shared]
    made = [step.output for step in steps if step.phase == FORWARD]
    return meets and all(is_flat(value.shape) for value in [*read, *made])


def steps_together(program: Program) -> Together:
    """The steps of a program for which that `is_worthwhile`: traced once more, over a leading axis."""
    return _traced(program)


@lru_cache(maxsize=4)
def _traced(program: Program) -> Together:
    import jax
    import jax.numpy as jnp

    from rowwise.backends.xla.sums import XLA, Batch, batch_values

    program, turned = _by_rows(program)
    steps = program.needed([program.loss, *program.gradients.values()])
    axes = batch_axes(program)
    inputs = [i for i in program.inputs if not isinstance(i, Constant)]

    def all_of(given: Mapping[str, Any], share: Any) -> tuple[Any, ...]:
        values = batch_values(program, steps, given)
        batch = Batch(program, values, share)
        gradients, sums = {}, {}
        for name, gradient in program.gradients.items():
            with jax.named_scope(_scope(steps, gradient)):
                if axes[name] == 0:
                    of_each = jnp.broadcast_to(number(XLA, values, gradient), (EXAMPLES, *gradient.shape))
                    gradients[name] = of_each * share.reshape(-1, *(1,) * len(gradient.shape))
                else:
                    sums[name] = batch.sum(gradient)
        return number(XLA, values, program.loss), gradients, sums

    def at_once(value: Value) -> Value:
        return replace(value, shape=(EXAMPLES, *value.shape)) if axes[value.name] == 0 else value

    values = {i.value.name: at_once(i.value) for i in inputs}
    share = Value(SHARE, (EXAMPLES,), "float32")
    structs = {name: jax.ShapeDtypeStruct(value.shape, value.dtype) for name, value in values.items()}
    traced, out = trace(all_of, structs, jax.ShapeDtypeStruct(share.shape, share.dtype))

    def place_of(source: Source) -> Place | None:
        found = MADE_BY.findall(source.scopes)
        return steps[int(found[-1])].place if found else None

    tape = Tape()
    results = Flattener(tape, place_of).flatten(traced, [*(values[name] for name in sorted(values)), share])
    results = [tape.operand(result) for result in results]
    losses, gradients, sums = jax.tree.unflatten(jax.tree.structure(out), results)
    return Together(needed(tape.steps, results), tuple(tape.constants), turned, losses, gradients, sums)


def _by_rows(program: Program) -> tuple[Program, dict[str, Value]]:
    """The program with each product of a matrix' columns as one of the rows of that matrix turned over."""
    matrices = {i.value.name: i.value for i in program.weights if len(i.value.shape) == 2 and i.value.size <= SCRATCH}
    turned: dict[str, Value] = {}

    def by_rows(step: Step) -> Step:
        for matrix, vector, axes in _sides(step):
            found = matrices.get(str(matrix))
            if found and len(vector.shape) == 1 and axes == ((1,), (0,)):
                over = turned.setdefault(found.name, Value(f"{found.name} turned", found.shape[::-1], found.dtype))
                return replace(step, inputs=(vector, over), params={"dimension_numbers": (((0,), (0,)), ((), ()))})
        return step

    steps = tuple(step if step.phase == UPDATE else by_rows(step) for step in program.steps)
    more = tuple(DenseWeight(value) for value in turned.values())
    return replace(program, steps=steps, inputs=program.inputs + more), turned


def _sides(step: Step) -> Iterator[tuple[Operand, Operand, Any]]:
    """The operands of a product, either first, and the axes of each that are contracted."""
    if step.primitive == "dot_general" and step.params["dimension_numbers"][1] == ((), ()):
        (x, y), axes = step.inputs, step.params["dimension_numbers"][0]
        yield from ((x, y, axes), (y, x, axes[::-1]))


def _scope(steps: tuple[Step, ...], made: Operand) -> str:
    return next((f"⟨step {k}⟩" for k, step in enumerate(steps) if step.output == made), "⟨gradient⟩")
