"""A `jax.lax.scan` in, one step out: `scan`, whose body is one round of the loop, written as steps of its own.

The step gives one line of numbers for each round, (rounds, width), float32: what the round hands on, then what else it
gives. Slices of it are the loop's results. In the derivative of a loop, what rounds only add to (the gradient of a
weight that every round reads) is taken out of it: one product after the loop, in place of one sum a round.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rowwise.capture.jaxpr import Equation, Traced
from rowwise.capture.tape import Arg, Known, Tape
from rowwise.program.passes.batch_sums import Sum, add_up, factors, sum_of
from rowwise.program.program import Body, Operand, Place, Shape, Step, Value, needed
from rowwise.program.values import DimensionNumbers

Flatten = Callable[[Tape, Traced, Sequence[Any]], list[Any]]  # (tape, one round, inputs) -> outputs


def scan(tape: Tape, loop: Equation, args: Sequence[Any], place: Place | None, flatten: Flatten) -> list[Any]:
    """The outputs of a scan: what is carried after the last round, then what each round gives, stacked."""
    whole, outside = _body(loop, args, flatten)
    length, reverse = int(loop.params["length"]), bool(loop.params["reverse"])
    body, sums = _without_sums(whole)
    params = {"body": body, "length": length, "reverse": reverse}
    lines = tape.write("scan", [outside[v] for v in body.inputs], (length, body.width), "float32", params, place)
    last: dict[Operand, Any] = {}
    column, final = 0, 0 if reverse else length - 1
    for result in body.results:
        columns = (column, column := column + result.size)
        outside[result] = _part(tape, lines, (0, length), columns, (length, *result.shape), result.dtype, place)
        last[result] = _part(tape, lines, (final, final + 1), columns, result.shape, result.dtype, place)
    adder = _Adder(tape, outside, length)
    carried = []
    for start, new in zip(whole.carried, whole.new, strict=True):
        if start in sums:
            inputs = [outside[start], add_up(sums[start], adder)]
            carried.append(tape.write("add", inputs, start.shape, start.dtype, {}, place))
        else:
            carried.append(last[new])
    return carried + [outside[given] for given in whole.gives]


def _body(loop: Equation, args: Sequence[Any], flatten: Flatten) -> tuple[Body, dict[Operand, Any]]:
    """One round as steps; and for each value that it reads, what that is outside: of a sequence, all rounds."""
    one_round = loop.body
    n_shared, n_carried = loop.params["num_consts"], loop.params["num_carry"]
    names = [f"shared{k + 1}" for k in range(n_shared)] + [f"carried{k + 1}" for k in range(n_carried)]
    names += [f"part{k + 1}" for k in range(len(args) - len(names))]
    inputs = [Value(name, *kind) for name, kind in zip(names, one_round.inputs, strict=True)]
    shared, carried, parts = np.split(np.array(inputs, object), [n_shared, n_shared + n_carried])
    given = [_the_same(a) for a in args[:n_shared]] + [None] * n_carried
    given += [_the_same(a, rounds=True) for a in args[n_shared + n_carried :]]
    tape = Tape()
    outs = flatten(tape, one_round, [v if known is None else known for v, known in zip(inputs, given, strict=True)])
    outs = [tape.operand(out) for out in outs]
    outside: dict[Operand, Any] = dict(zip(inputs, args, strict=True))
    outside |= {i.value: Known(np.asarray(i.numbers, i.value.dtype)) for i in tape.constants}
    body = Body(
        name=one_round.name,
        shared=(*shared, *(i.value for i in tape.constants)),
        carried=tuple(carried),
        parts=tuple(parts),
        steps=tuple(tape.steps),
        new=tuple(outs[:n_carried]),
        gives=tuple(outs[n_carried:]),
    )
    return body, outside


def _the_same(arg: object, *, rounds: bool = False) -> Known | None:
    """Numbers known at capture that are the same in every round."""
    if not isinstance(arg, Known):
        return None
    if not rounds:
        return arg
    return Known(arg.array[0]) if (arg.array == arg.array[:1]).all() else None


def _without_sums(body: Body) -> tuple[Body, dict[Value, Sum]]:
    """The body without what its rounds only add to, giving the factors of those sums; the sums by carried value."""
    made = {step.output.name: step for step in body.steps}
    reads = Counter(str(o) for step in body.steps for o in step.inputs) + Counter(map(str, body.results))
    fixed = set(body.shared)
    sums = {}
    for carried, new in zip(body.carried, body.new, strict=True):
        step, once = made.get(str(new)), reads[carried.name] == reads[str(new)] == 1
        if once and step is not None and step.primitive == "add" and carried in step.inputs:
            added = step.inputs[1 - step.inputs.index(carried)]
            sums[carried] = sum_of(added, made, lambda o: isinstance(o, Value) and o not in fixed)
    kept = [(c, n) for c, n in zip(body.carried, body.new, strict=True) if c not in sums]
    there = {*body.parts, *body.gives, *(new for _, new in kept)}
    found = dict.fromkeys(f for s in sums.values() for f in factors(s) if f not in there)
    results = *(n for _, n in kept), *body.gives, *found
    steps = needed(body.steps, results)
    used = {o for step in steps for o in step.inputs} | set(results)
    smaller = replace(
        body,
        shared=tuple(v for v in body.shared if v in used),
        carried=tuple(c for c, _ in kept),
        parts=tuple(v for v in body.parts if v in used),
        steps=steps,
        new=results[: len(kept)],
        gives=results[len(kept) :],
    )
    return smaller, sums


@dataclass(frozen=True, slots=True)
class _Adder:
    """Writes the sum over all rounds; `outside` has the values of every round."""

    tape: Tape
    outside: Mapping[Operand, Any]
    length: int

    def read(self, operand: Operand) -> Any:
        return self.outside[operand] if isinstance(operand, Value) else operand

    def same(self, operand: Operand) -> Any:
        times = Known(np.full(operand.shape, self.length, np.float32))
        return self.tape.write("mul", [self.read(operand), times], operand.shape, operand.dtype, {}, None)

    def values_of(self, operand: Operand, axes: tuple[int, ...]) -> Any:
        shape = tuple(n for axis, n in enumerate(operand.shape) if axis not in axes)
        params = {"axes": (0, *(axis + 1 for axis in axes))}
        return self.tape.write("reduce_sum", [self.outside[operand]], shape, operand.dtype, params, None)

    def product(self, step: Step, dimension_numbers: DimensionNumbers) -> Any:
        inputs = [self.outside[operand] for operand in step.inputs]
        params = {"dimension_numbers": dimension_numbers}
        return self.tape.write("dot_general", inputs, step.output.shape, step.output.dtype, params, step.place)

    def step(self, step: Step, inputs: Sequence[Any]) -> Any:
        return self.tape.write(step.primitive, inputs, step.output.shape, step.output.dtype, step.params, step.place)


def _part(
    tape: Tape,
    lines: Arg,
    rounds: tuple[int, int],
    columns: tuple[int, int],
    shape: Shape,
    dtype: str,
    place: Place | None,
) -> Any:
    """Some rounds and columns of a loop's lines, in the shape and type they had."""
    cut = {"start_indices": (rounds[0], columns[0]), "limit_indices": (rounds[1], columns[1]), "strides": None}
    wide = (rounds[1] - rounds[0], columns[1] - columns[0])
    part = tape.write("slice", [lines], wide, "float32", cut, place)
    part = tape.write("reshape", [part], shape, "float32", {"shape": shape}, place)
    return tape.write("convert_element_type", [part], shape, dtype, {"new_dtype": dtype}, place)
