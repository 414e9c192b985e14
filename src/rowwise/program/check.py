"""Is a program well formed? Every value assigned once before it is read, every primitive known, every shape true.

A program may come from a file, and machine code trusts it: what passes here reads and writes inside its arrays.
"""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

import numpy as np

from rowwise.errors import BadModel
from rowwise.primitives.arrays import Arrays, apply
from rowwise.primitives.table import known, unsupported
from rowwise.program.program import DERIVATIVE, FORWARD, UPDATE, Body, Literal, Operand, Program, Shape, Step, Value

LARGEST = 1 << 28  # numbers in one value: a gigabyte
DTYPES = ("float32", "int32", "uint32", "bool")


def check(program: Program) -> Program:
    """The program itself, if it is well formed.

    Raises:
        BadModel: a value read before it is assigned, assigned twice, or of another shape or type than its primitive
            gives; a place outside an array; a result of the wrong shape.
        UnsupportedPrimitive: a step whose primitive has no meaning.
    """
    given = [i.value for i in program.inputs] + [v for update in program.updates.values() for v in update.inputs]
    defined: dict[str, Value] = {}
    for value in given:
        _assign(value, defined, "an input")
    _check_steps(program.steps, defined)
    _check_results(program, defined)
    return program


def _check_steps(steps: Iterable[Step], defined: dict[str, Value]) -> None:
    for step in steps:
        if not known(step.primitive):
            raise unsupported(step.primitive, "arrays", step.place)
        if step.phase not in (FORWARD, DERIVATIVE, UPDATE):
            raise _broken(f"step {step} is of phase {step.phase!r}")
        for operand in step.inputs:
            _is_defined(operand, defined, f"step {step}")
        _assign(step.output, defined, f"step {step}")
        if "body" in step.params:
            _check_body(step, step.params["body"])
        _stays_inside(step)
        _gives_what_it_says(step)


def _check_body(step: Step, body: Body) -> None:
    """The steps of one round; what they read of the loop has the shapes that the loop is given."""
    defined: dict[str, Value] = {}
    for value in body.inputs:
        _assign(value, defined, f"the body of step {step}")
    _check_steps(body.steps, defined)
    for result in body.results:
        _is_defined(result, defined, f"the body of step {step}")
    length = step.params["length"]
    wanted = [v.shape for v in (*body.shared, *body.carried)] + [(length, *v.shape) for v in body.parts]
    if [operand.shape for operand in step.inputs] != wanted or not length:
        raise _broken(f"step {step} of {length} rounds is given {', '.join(str(o.shape) for o in step.inputs)}")
    if [(v.shape, v.dtype) for v in body.carried] != [(o.shape, o.dtype) for o in body.new]:
        raise _broken(f"step {step} hands on other shapes than it carries")


def _check_results(program: Program, defined: dict[str, Value]) -> None:
    inputs = {i.value.name: i.value.shape for i in program.inputs}
    wanted: list[tuple[Operand | None, Shape | None]] = [(program.prediction, None), (program.loss, ())]
    wanted += [(gradient, inputs.get(name, ())) for name, gradient in program.gradients.items()]
    for update in program.updates.values():
        wanted += [(update.new_row, update.row.shape), (update.gradient, update.row.shape), (update.learning_rate, ())]
        wanted += [(new, old.shape) for new, old in zip(update.new_state, update.state, strict=True)]
    for result, shape in wanted:
        _is_defined(result, defined, "a result")
        if result is not None and shape is not None and result.shape != shape:
            raise _broken(f"the result {result} is {result.shape}, where {shape} is needed")


def _assign(value: Value, defined: dict[str, Value], writer: str) -> None:
    if value.name in defined:
        raise _broken(f"{value} is assigned twice, again by {writer}")
    if value.dtype not in DTYPES or any(n < 0 for n in value.shape) or value.size > LARGEST:
        raise _broken(f"{value}, of {writer}, is {value.dtype} of shape {value.shape}")
    defined[value.name] = value


def _is_defined(operand: Operand | None, defined: dict[str, Value], reader: str) -> None:
    if isinstance(operand, Value) and defined.get(operand.name) != operand:
        raise _broken(f"{reader} reads {operand} {operand.shape}, which nothing before it assigns")
    if isinstance(operand, Literal) and (prod(operand.shape) > LARGEST or operand.dtype not in DTYPES):
        raise _broken(f"{reader} reads {operand}, {operand.dtype} of shape {operand.shape}")


def _stays_inside(step: Step) -> None:
    """Refuse places outside an array, which NumPy forgives and machine code does not."""
    params, shapes = step.params, [operand.shape for operand in step.inputs]
    match step.primitive:
        case "take" | "put_add":
            inside = all(0 <= k < prod(shapes[0]) for k in params["indices"])
            if step.primitive == "put_add":
                inside = inside and len(params["indices"]) == prod(shapes[1])
        case "slice":
            cuts = zip(params["start_indices"], params["limit_indices"], shapes[0], strict=True)
            inside = all(0 <= start <= limit <= n for start, limit, n in cuts)
            inside = inside and all(stride >= 1 for stride in params.get("strides") or ())
        case "broadcast_in_dim":
            axes = params["broadcast_dimensions"]
            inside = list(axes) == sorted(set(axes)) and all(axis < len(params["shape"]) for axis in axes)
        case _:
            inside = True
    signed = ("y", "padding_config")  # a power, and padding that cuts
    counted = [n for name, value in params.items() if name not in signed for n in _whole_numbers(value)]
    if not inside or any(n < 0 for n in counted):
        raise _broken(f"step {step} reaches outside of {', '.join(map(str, shapes))}")


def _whole_numbers(value: Any) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _whole_numbers(part)


def _gives_what_it_says(step: Step) -> None:
    """Run the step on ones: its output must have the shape and the kind of number it says."""
    try:
        with np.errstate(all="ignore"):
            out = np.asarray(apply(ONES, step.primitive, tuple(map(_ones, step.inputs)), step.params, step.place))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise _broken(f"step {step} cannot be computed ({error})") from None
    says = step.output
    if out.shape != says.shape or _kind(out.dtype) != _kind(np.dtype(says.dtype)):
        raise _broken(f"step {step} says {says.dtype} {says.shape}, but {step.primitive} gives {out.dtype} {out.shape}")


def _kind(dtype: np.dtype) -> str:
    return dtype.kind.replace("u", "i")  # of a whole number, the width and the sign are the target's


ONES = Arrays(np, np.float32)


def _ones(operand: Operand) -> Any:
    number = operand.value if isinstance(operand, Literal) else 1
    return np.broadcast_to(np.asarray(number, ONES.dtype(operand.dtype)), operand.shape)


def _broken(what: str) -> BadModel:
    return BadModel(
        f"the program is broken: {what}", expected="single assignment, in order, with true shapes and types"
    )
