"""Program in, the IR of a kernel that moves the tables after every example out.

define i64 @online(tables, columns, …, runs, n_runs, losses)
    for each run: its order is shuffled into a buffer; for each example of it:
        rows and states loaded ─▶ forward ─▶ derivative ─▶ updates ─▶ all stored

A run is (base, first, count, n, key): the examples base + place(first … first + count - 1, n, key). A kernel returns
-1, or the number of the first example whose loss is not finite.
"""

import llvmlite.ir as ir

from rowwise.primitives import machine_draws
from rowwise.primitives.emitter import INDEX, INT, LlvmValue
from rowwise.primitives.machine_values import Flat, Lanes, Machine, Walked
from rowwise.program.program import UPDATE, Input, Program
from rowwise.targets.llvm_example import Arguments, Example, arguments, function
from rowwise.targets.llvm_update import Stores, ask_for, is_not_finite, moved, store

RUN = 4096  # examples whose order is made at once: a buffer that stays in the first cache
AHEAD = 16  # examples between asking for a row and using it


def online_arguments(program: Program) -> Arguments:
    made = arguments(program, program.inputs)
    return made | {"the runs": "pointer", "the n_runs": "index", "the losses": "pointer"}


def online_ir(program: Program) -> str:
    """The module. Rows are asked for some examples ahead: of a long example the processor sees no further itself."""
    module = ir.Module(name=program.name)
    machine, given = function(module, "online", online_arguments(program))
    shuffle, sample = machine_draws.shuffle(module), machine_draws.sample(module)
    b = machine.builder
    drawn = {str(i.column): i for i in program.lookups if i.kind == "sampled"}  # lookups of one column draw one row
    order, *rows = (machine.variable(ir.ArrayType(INT, RUN + 2 * AHEAD + 16)) for _ in range(1 + len(drawn)))
    total = machine.variable(ir.DoubleType())
    with machine.loop(given["the n_runs"], name="run") as run:
        record = machine.at(given["the runs"], "int64", machine.times(run, 5))
        base, first, count, n, key = (machine.load(record, "int64", offset=k) for k in range(5))
        further = b.add(count, machine.index(2 * AHEAD))
        b.call(shuffle, [order, base, first, further, n, b.trunc(key, INT)])
        for room, i in zip(rows, drawn.values(), strict=True):
            b.call(sample, [room, order, further, given[f"key {program.stream(i)}"], given[f"rows {i.table}"]])
        b.store(ir.Constant(ir.DoubleType(), 0.0), total)
        with machine.loop(count, name="j") as j:

            def at(j: LlvmValue) -> tuple[LlvmValue, dict[tuple[str, str], LlvmValue]]:
                """An example, and the rows that it draws."""
                found = [b.zext(machine.load(room, "int32", offset=j), INDEX) for room in (order, *rows)]
                return found[0], {("sampled", column): row for column, row in zip(drawn, found[1:], strict=True)}

            _prefetch_columns(machine, program, given, at(machine.plus(j, 2 * AHEAD))[0])
            _prefetch_rows(machine, program, given, *at(machine.plus(j, AHEAD)))
            b.comment("this example")
            number, known = at(j)
            loss = _one(machine, program, given, Example(machine, program, given, number, known))
            with b.if_then(is_not_finite(machine, loss), likely=False):  # last: rows stay in registers in one block
                b.ret(number)
            b.store(b.fadd(b.load(total, typ=ir.DoubleType()), b.fpext(loss, ir.DoubleType())), total)
        machine.store(b.load(total, typ=ir.DoubleType()), 1, given["the losses"], "float64", offset=run)
    b.ret(machine.index(-1))
    return str(module)


def _one(machine: Machine, program: Program, given: dict[str, LlvmValue], example: Example) -> LlvmValue:
    """One example read, learnt from and stored; its loss."""
    example.read(program.inputs)
    example.run(s for s in program.steps if s.phase != UPDATE)
    loss = example.result(program.loss, ())
    assert isinstance(loss, Flat)
    stores: list[Stores] = []
    for name in program.updates:
        readers = [i for i in program.lookups if i.table == name]
        for i in readers:
            gradient = _gradient(machine, program, example, i, readers)
            row, value = example.looked[i.value.name].number(0), example.values[i.value.name]
            stores.append(moved(machine, program, given, name, gradient, row, value))
        if not readers:
            shape = program.input(name).value.shape
            gradient = _settled(machine, name, example.result(program.gradients[name], shape))
            stores.append(moved(machine, program, given, name, gradient, 0, example.values[name]))
    for together in stores:
        store(machine, together)
    return loss.lanes


def _gradient(machine: Machine, program: Program, example: Example, i: Input, readers: list[Input]) -> Lanes:
    """The gradient of a lookup's row; lookups of the same row each get the sum, and so make the same new row."""
    b, total = machine.builder, None
    mine = example.looked[i.value.name].number(0)
    for other in readers:
        found = example.result(program.gradients[other.value.name], other.value.shape)
        assert isinstance(found, Flat)
        lanes = found.lanes
        if other is not i:
            is_same = b.icmp_signed("==", mine, example.looked[other.value.name].number(0))
            lanes = b.select(is_same, lanes, machine.constant(0.0, lanes.type))
        total = lanes if total is None else b.fadd(total, lanes)
    return Flat(i.value.shape, "float32", total)


def _settled(machine: Machine, name: str, gradient: Lanes) -> Lanes:
    """The gradient of a dense weight, worked out now where its recipe reads what another update may have moved."""
    if isinstance(gradient, Walked) and gradient.reads - {name}:
        return machine.from_rows(gradient.shape, gradient.dtype, gradient.row)
    return gradient


def _prefetch_columns(machine: Machine, program: Program, given: dict[str, LlvmValue], number: LlvmValue) -> None:
    """Ask for what the columns hold for an example to come."""
    machine.builder.comment(f"what the columns hold {2 * AHEAD} examples ahead")
    sizes = {f"ids {i.column}": 1 for i in program.lookups if i.kind == "row"}
    sizes |= {f"values {i.column}": i.value.size for i in program.inputs if i.kind == "value"}
    if any(i.kind == "target" for i in program.inputs):
        sizes["the target"] = 1
    for name, size in sizes.items():
        machine.prefetch(machine.at(given[name], "float32", machine.times(number, size)), size)


def _prefetch_rows(machine: Machine, program: Program, given, number: LlvmValue, known) -> None:
    """Ask for the rows and states of an example to come."""
    machine.builder.comment(f"rows {AHEAD} examples ahead")
    ahead = Example(machine, program, given, number, known)
    for i in program.lookups:
        if i.table in program.updates:
            ask_for(machine, program, given, str(i.table), ahead.row(i))
