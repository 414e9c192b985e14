"""One piece of a batch in machine code: every example's gradients put into a buffer, with the rows they are for."""

import llvmlite.ir as ir

from rowwise.primitives.emitter import INDEX, INT, Index, LlvmValue, Variable
from rowwise.primitives.machine import each, instruction
from rowwise.primitives.machine_values import Flat, Lanes, Machine
from rowwise.program.program import UPDATE, Input, Program
from rowwise.targets.llvm_buffers import gradients_arguments, is_weighted, readers_of, slots
from rowwise.targets.llvm_example import Example, constant, function, row_size
from rowwise.targets.llvm_update import is_not_finite

FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()


def gradients(module, program: Program):
    """@gradients, which returns -1 or the number of the first example whose loss is not finite."""
    machine, given = function(module, "gradients", gradients_arguments(program))
    b = machine.builder
    b.function.attributes.add("noinline")
    tables = [name for name in program.updates if readers_of(program, name)]
    weights = [i for i in program.weights if i.value.name in program.updates]
    first = b.mul(given["the piece"], given["the piece_size"])
    end = machine.least(b.add(first, given["the piece_size"]), given["the count"])
    starts = {name: b.mul(given["the piece"], given[f"{name} room"]) for name in tables}
    filled = {name: machine.variable(start) for name, start in starts.items()}
    for i in weights:
        machine.copy(constant(machine, 0.0, i.value.shape), _sums(machine, given, i, given["the piece"]))
    total, bad = machine.variable(ir.Constant(DOUBLE, 0.0)), machine.variable(machine.index(-1))
    with machine.loop(end, first=first, name="j") as j:
        number = b.zext(machine.load(given["the order"], "int32", offset=j), INDEX, name="example")
        example = Example(machine, program, given, number)
        example.read(program.inputs)
        example.run(s for s in program.steps if s.phase != UPDATE)
        for name in tables:
            _list_rows(machine, program, given, example, name, j, filled[name])
        for i in weights:
            _add_up(machine, program, given, example, i)
        loss = machine.numbers(example.result(program.loss, ()))(0)
        total.add(b.fpext(loss, DOUBLE))
        is_first = b.and_(is_not_finite(machine, loss), b.icmp_signed("<", bad.get(), machine.index(0)))
        bad.set(b.select(is_first, number, bad.get()))
    for name in tables:
        count = b.sub(filled[name].get(), starts[name])
        machine.store(count, 1, given[f"{name} counts"], "int64", offset=given["the piece"])
    machine.store(total.get(), 1, given["the losses"], "float64", offset=given["the piece"])
    b.ret(bad.get())
    return machine.builder.function


def _scaled(machine: Machine, value: Lanes, scale: LlvmValue) -> Lanes:
    return each(
        machine, value.shape, "float32", [value, Flat((), "float32", scale)], instruction(machine, "mul", "float32")
    )


def _list_rows(
    machine: Machine, program: Program, given, example: Example, name: str, j: LlvmValue, filled: Variable
) -> None:
    """One example's gradients of a table's rows put behind those before it, each with the row it is for."""
    b, readers = machine.builder, readers_of(program, name)
    source = machine.times(j, sum(map(slots, readers)))
    for i in readers:
        size, looked = row_size(i), example.looked[i.value.name]
        gradient = _scaled(machine, example.result(program.gradients[i.value.name], i.value.shape), given["the scale"])
        if looked.share is not None:
            gradient = _scaled(machine, gradient, looked.share)
        machine.copy(gradient, given[f"{name} gradients"], offset=machine.times(source, size))
        at = filled.get()

        def note(k: Index, at=at, source=source, looked=looked, i=i) -> None:
            row, place = looked.number(k), source if i.kind == "bag" else machine.plus(source, k)
            machine.store(b.trunc(row, INT), 1, given[f"{name} rows"], "int32", offset=machine.plus(at, k))
            machine.store(b.trunc(place, INT), 1, given[f"{name} sources"], "int32", offset=machine.plus(at, k))
            if is_weighted(program, name):
                weight = ir.Constant(FLOAT, 1.0) if looked.weight is None else looked.weight(k)
                machine.store(weight, 1, given[f"{name} weights"], "float32", offset=machine.plus(at, k))

        if isinstance(looked.count, int):
            for k in machine.each_index(looked.count):
                note(k)
        else:
            with machine.loop(looked.count, name="k") as k:
                note(k)
        filled.set(machine.plus(at, looked.count))
        source = machine.plus(source, slots(i))


def _sums(machine: Machine, given, i: Input, piece: LlvmValue) -> LlvmValue:
    """Where one piece adds up the gradient of a dense weight."""
    return machine.at(given[f"{i.value.name} sums"], "float32", machine.times(piece, i.value.size))


def _add_up(machine: Machine, program: Program, given, example: Example, i: Input) -> None:
    gradient = _scaled(machine, example.result(program.gradients[i.value.name], i.value.shape), given["the scale"])
    address = _sums(machine, given, i, given["the piece"])
    so_far = machine.at_address(i.value.shape, "float32", address, changing="sums")
    machine.copy(
        each(machine, i.value.shape, "float32", [so_far, gradient], instruction(machine, "add", "float32")), address
    )
