"""Is a program well formed? Every value assigned once before it is read, every primitive known, every result there."""

from rowwise.errors import BadModel
from rowwise.primitives.arrays import Arrays, apply
from rowwise.primitives.table import known, unsupported
from rowwise.program.program import Literal, Operand, Program, Step, Value


def check(program: Program) -> Program:
    """The program itself, if it is well formed.

    Raises:
        BadModel: a value read before it is assigned, assigned twice, or of another shape than its primitive gives.
        UnsupportedPrimitive: a step whose primitive has no meaning.
    """
    defined = {i.value.name: i.value for i in program.inputs}
    for update in program.updates.values():
        defined |= {value.name: value for value in update.inputs}
    for step in program.steps:
        if not known(step.primitive):
            raise unsupported(step.primitive, "arrays", step.place)
        for operand in step.inputs:
            _is_defined(operand, defined, f"step {step}")
        if step.output.name in defined:
            raise _broken(f"{step.output} is assigned twice, again by step {step}")
        _has_shape(step)
        defined[step.output.name] = step.output
    results = [program.prediction, program.loss, *program.gradients.values()]
    results += [o for update in program.updates.values() for o in update.outputs]
    for result in results:
        _is_defined(result, defined, "a result")
    return program


def _is_defined(operand: Operand | None, defined: dict[str, Value], reader: str) -> None:
    if isinstance(operand, Value) and defined.get(operand.name) != operand:
        raise _broken(f"{reader} reads {operand} {operand.shape}, which nothing before it assigns")


def _has_shape(step: Step) -> None:
    """Run the step on zeros: its output must have the shape it says."""
    import numpy as np

    xp = Arrays(np, np.float32)
    inputs = tuple(np.full(o.shape, o.value if isinstance(o, Literal) else 1, xp.dtype(o.dtype)) for o in step.inputs)
    with np.errstate(all="ignore"):
        shape = np.shape(apply(xp, step.primitive, inputs, step.params, step.place))
    if shape != step.output.shape:
        raise _broken(f"step {step} says {step.output.shape}, but {step.primitive} gives {shape}")


def _broken(what: str) -> BadModel:
    return BadModel(f"the program is broken: {what}", expected="single assignment, in order, with true shapes")
