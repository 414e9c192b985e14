"""One piece of a batch in machine code: every example's gradients put into a buffer, with the rows they are for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import llvmlite.ir as ir
import numpy as np

from rowwise.backends.llvm.codegen.buffers import gradients_signature, is_weighted, readers_of
from rowwise.backends.llvm.codegen.example import Example, function, operand_value, walk
from rowwise.backends.llvm.codegen.four_examples import EXAMPLES, is_worthwhile, steps_together
from rowwise.backends.llvm.codegen.inputs import constant
from rowwise.backends.llvm.codegen.optimizer_step import is_not_finite
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.emit.builder import INDEX, INT, Index, LlvmValue, Variable
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine
from rowwise.backends.llvm.rules.moves import moved
from rowwise.backends.llvm.rules.primitives import each, instruction
from rowwise.program.inputs import Input
from rowwise.program.passes.anonymous import Names
from rowwise.program.passes.vectorize import SHARE
from rowwise.program.program import UPDATE, Program

FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()


def gradients(module, program: Program, names: Names | None):
    """@gradients, which returns -1 or the number of the first example whose loss is not finite."""
    machine, given = function(module, "gradients", gradients_signature(program), names)
    b = machine.builder
    b.function.attributes.add("noinline")
    tables = [name for name in program.updates if readers_of(program, name)]
    weights = [i for i in program.weights if i.value.name in program.updates]
    first = b.mul(given[Role.PIECE()], given[Role.PIECE_SIZE()])
    end = machine.least(b.add(first, given[Role.PIECE_SIZE()]), given[Role.COUNT()])
    starts = {name: b.mul(given[Role.PIECE()], given[Role.ROOM(name)]) for name in tables}
    filled = {name: machine.variable(start) for name, start in starts.items()}
    for i in weights:
        machine.copy(constant(machine, 0.0, i.value.shape), _sums(machine, given, i, given[Role.PIECE()]))
    total, bad = machine.variable(ir.Constant(DOUBLE, 0.0)), machine.variable(machine.index(-1))

    def keep(one: Found) -> None:
        for name in tables:
            _list_rows(machine, program, given, one, name, filled[name])
        total.add(b.fpext(one.loss, DOUBLE))
        is_first = b.and_(is_not_finite(machine, one.loss), b.icmp_signed("<", bad.get(), machine.index(0)))
        bad.set(b.select(is_first, one.example.number, bad.get()))

    if is_worthwhile(program):
        over = _turned(machine, program, given)
        n_turns = b.sdiv(b.add(b.sub(end, first), machine.index(EXAMPLES - 1)), machine.index(EXAMPLES))
        with machine.loop(n_turns, name="turn") as turn:
            begin = b.add(first, machine.times(turn, EXAMPLES))
            found, sums = _few(machine, program, given, [machine.plus(begin, e) for e in range(EXAMPLES)], end, over)
            for one in found:
                with b.if_then(one.is_there):
                    keep(one)
            for i in weights:
                _add_up(machine, given, i, sums[i.value.name])
    else:
        with machine.loop(end, first=first, name="j") as j:
            one, sums = _one(machine, program, given, j)
            keep(one)
            for i in weights:
                _add_up(machine, given, i, sums[i.value.name])
    for name in tables:
        count = b.sub(filled[name].get(), starts[name])
        machine.store(count, 1, given[Role.COUNTS(name)], "int64", offset=given[Role.PIECE()])
    machine.store(total.get(), 1, given[Role.LOSSES()], "float64", offset=given[Role.PIECE()])
    b.ret(bad.get())
    return machine.builder.function


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about the example at place `j` of a batch."""

    example: Example
    j: LlvmValue
    loss: LlvmValue
    gradients: Mapping[str, Lanes]  # of what it looked up, for its share of the batch
    is_there: LlvmValue = None


def _at(machine: Machine, program: Program, given, j: LlvmValue) -> Example:
    number = machine.builder.zext(machine.load(given[Role.ORDER()], "int32", offset=j), INDEX, name="example")
    return Example(machine, program, given, number)


def _one(machine: Machine, program: Program, given, j: LlvmValue) -> tuple[Found, Mapping[str, Lanes]]:
    """One example, and its gradients of the dense weights."""
    example = _at(machine, program, given, j)
    example.read(program.inputs)
    example.run(s for s in program.steps if s.phase != UPDATE)
    gradients = {
        name: _scaled(machine, example.result(gradient, program.input(name).value.shape), given[Role.SCALE()])
        for name, gradient in program.gradients.items()
    }
    return Found(example, j, machine.numbers(example.result(program.loss, ()))(0), gradients), gradients


def _turned(machine: Machine, program: Program, given) -> dict[str, Lanes]:
    """The matrices that `_few` reads by columns, turned over in memory."""
    found: dict[str, Lanes] = {}
    for name, value in steps_together(program)[1].items():
        matrix = machine.at_address(value.shape[::-1], value.dtype, given[Role.TABLE(name)])
        over = moved(machine, [matrix], np.arange(value.size).reshape(value.shape[::-1]).T)
        found[value.name] = machine.at_address(value.shape, value.dtype, machine.memory(over))
    return found


def _few(
    machine: Machine,
    program: Program,
    given,
    places: Sequence[LlvmValue],
    end: LlvmValue,
    over: Mapping[str, Lanes],
) -> tuple[list[Found], Mapping[str, Lanes]]:
    """A few examples at once, and the sums of their gradients of the dense weights.

    Those at places from `end` on count for nothing: what is read there is some other example.
    """
    b, (together, _) = machine.builder, steps_together(program)
    examples = [_at(machine, program, given, j) for j in places]
    are_there = [b.icmp_signed("<", j, end) for j in places]
    values: dict[str, Lanes] = {}
    for example in examples:
        example.read(i for i in program.inputs if not i.is_shared)
    for name in examples[0].values:
        values[name] = machine.stacked([example.values[name] for example in examples])
    nothing = ir.Constant(FLOAT, 0.0)
    shares = [Flat((), "float32", b.select(is_there, given[Role.SCALE()], nothing)) for is_there in are_there]
    values[SHARE] = machine.stacked(shares)
    examples[0].read([*(i for i in program.inputs if i.is_shared), *together.constants])
    values = {**examples[0].values, **values, **over}
    walk(machine, together.steps, values)
    losses = machine.unstacked(operand_value(machine, values, together.losses, (len(places),)))
    gradients = {
        name: machine.unstacked(operand_value(machine, values, gradient, (len(places), *gradient.shape[1:])))
        for name, gradient in together.gradients.items()
    }
    sums = {
        name: operand_value(machine, values, total, program.input(name).value.shape)
        for name, total in together.sums.items()
    }
    found = [
        Found(example, j, machine.numbers(loss)(0), {name: of_each[e] for name, of_each in gradients.items()}, is_there)
        for e, (example, j, loss, is_there) in enumerate(zip(examples, places, losses, are_there, strict=True))
    ]
    return found, sums


def _scaled(machine: Machine, value: Lanes, scale: LlvmValue) -> Lanes:
    return each(
        machine, value.shape, "float32", [value, Flat((), "float32", scale)], instruction(machine, "mul", "float32")
    )


def _list_rows(machine: Machine, program: Program, given, one: Found, name: str, filled: Variable) -> None:
    """One example's gradients of a table's rows put behind those before it, each with the row it is for."""
    b, readers = machine.builder, readers_of(program, name)
    source = machine.times(one.j, sum(i.n_gradients for i in readers))
    for i in readers:
        size, looked = i.row_size, one.example.looked[i.value.name]
        gradient = one.gradients[i.value.name]
        if looked.share is not None:
            gradient = _scaled(machine, gradient, looked.share)
        machine.copy(gradient, given[Role.GRADIENTS(name)], offset=machine.times(source, size))
        at = filled.get()

        def note(k: Index, at=at, source=source, looked=looked, i=i) -> None:
            row, place = looked.number(k), source if i.is_combined else machine.plus(source, k)
            machine.store(b.trunc(row, INT), 1, given[Role.ROWS(name)], "int32", offset=machine.plus(at, k))
            machine.store(b.trunc(place, INT), 1, given[Role.SOURCES(name)], "int32", offset=machine.plus(at, k))
            if is_weighted(program, name):
                weight = ir.Constant(FLOAT, 1.0) if looked.weight is None else looked.weight(k)
                machine.store(weight, 1, given[Role.ROW_WEIGHTS(name)], "float32", offset=machine.plus(at, k))

        if isinstance(looked.count, int):
            for k in machine.each_index(looked.count):
                note(k)
        else:
            with machine.loop(looked.count, name="k") as k:
                note(k)
        filled.set(machine.plus(at, looked.count))
        source = machine.plus(source, i.n_gradients)


def _sums(machine: Machine, given, i: Input, piece: LlvmValue) -> LlvmValue:
    """Where one piece adds up the gradient of a dense weight."""
    return machine.at(given[Role.SUMS(i.value.name)], "float32", machine.times(piece, i.value.size))


def _add_up(machine: Machine, given, i: Input, gradient: Lanes) -> None:
    address = _sums(machine, given, i, given[Role.PIECE()])
    so_far = machine.at_address(i.value.shape, "float32", address, changing="sums")
    machine.copy(
        each(machine, i.value.shape, "float32", [so_far, gradient], instruction(machine, "add", "float32")), address
    )
