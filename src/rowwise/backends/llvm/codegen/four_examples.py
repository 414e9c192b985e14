"""The steps of a few examples at once, where vectors are multiplied by matrices: each matrix is read once for all.

One after another, every example would fetch each dense weight three times: for its prediction, for the derivative,
and to add up the gradient. Together they fetch it three times in all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rowwise.backends.llvm.emit.builder import FEW, SCRATCH
from rowwise.backends.llvm.emit.values import is_flat, n_rows
from rowwise.program.inputs import DenseWeight
from rowwise.program.passes.vectorize import Together, vectorize
from rowwise.program.program import FORWARD, UPDATE, Operand, Program, Step, Value

EXAMPLES = 4  # whose rows of 80 numbers are the registers of a processor


def is_worthwhile(program: Program) -> bool:
    """Whether a vector of each example meets a matrix that is the same for all, and no value of one is itself large."""
    steps = [step for step in program.steps if step.phase != UPDATE]
    matrices = {i.value.name for i in program.weights if n_rows(i.value.shape) > FEW}
    meets = any(step.primitive == "dot_general" and matrices & set(map(str, step.inputs)) for step in steps)
    read = [i.value for i in program.inputs if not i.is_shared]
    made = [step.output for step in steps if step.phase == FORWARD]
    return meets and all(is_flat(value.shape) for value in [*read, *made])


@lru_cache(maxsize=4)
def steps_together(program: Program) -> tuple[Together, Mapping[str, Value]]:
    """The steps of a program for which that `is_worthwhile`; and the dense weights that they read by columns, turned
    over once for a piece of a batch."""
    program, turned = _by_rows(program)
    return vectorize(program, EXAMPLES), turned


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
