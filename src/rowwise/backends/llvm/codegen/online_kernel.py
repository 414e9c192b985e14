"""Program in, the IR of a kernel that moves the tables after every example out.

define i64 @online(tables, columns, …, runs, n_runs, losses)
    for each run: its order is shuffled into a buffer; for each example of it:
        rows and states loaded ─▶ forward ─▶ derivative ─▶ updates ─▶ all stored, and the loss into a buffer

A run is (base, first, count, n, key): the examples base + place(first … first + count - 1, n, key). A kernel returns
-1, or the number of the first example whose loss is not finite, when it has come to the end of that example's run.
"""

from collections.abc import Sequence

import llvmlite.ir as ir

from rowwise.backends.llvm.codegen.example import Example, function
from rowwise.backends.llvm.codegen.optimizer_step import Stores, is_not_finite, optimizer_step, prefetch_row, store
from rowwise.backends.llvm.codegen.signature import Argument, Role, Signature, inputs_signature, signature
from rowwise.backends.llvm.emit import random_bits
from rowwise.backends.llvm.emit.builder import FAST, INDEX, INT, LlvmValue
from rowwise.backends.llvm.emit.scaling import scale_numbers_first
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, Walked
from rowwise.program.inputs import ExampleValue, Input, RowLookup, SampledLookup, Target
from rowwise.program.passes.anonymous import Names
from rowwise.program.program import UPDATE, Program

RUN = 4096  # examples whose order is made at once: a buffer that stays in the first cache
AHEAD = 16  # examples between asking for a row and using it
DOUBLE = ir.DoubleType()


def online_signature(program: Program) -> Signature:
    return signature(inputs_signature(program, program.inputs), Role.RUNS(), Role.N_RUNS(), Role.LOSSES())


def online_ir(program: Program, names: Names | None = None) -> str:
    """The module. Rows are asked for some examples ahead: of a long example the processor sees no further itself."""
    module = ir.Module()
    machine, given = function(module, "online", online_signature(program), names)
    b, run = machine.builder, _Run(machine, program, given)
    with machine.loop(given[Role.N_RUNS()], name="run") as k:
        count = run.begin(k)
        with machine.loop(count, name="j") as j:
            _prefetch_columns(run.example(machine.plus(j, 2 * AHEAD)))
            _prefetch_rows(run.example(machine.plus(j, AHEAD)))
            machine.comment("this example")
            machine.store(_learn(run.example(j)), 1, run.losses, "float32", offset=j)
        total = run.total(count)
        with b.if_then(is_not_finite(machine, total), likely=False):
            run.return_the_first_bad(count)
        machine.store(total, 1, given[Role.LOSSES()], "float64", offset=k)
    b.ret(machine.index(-1))
    scale_numbers_first(b.function)
    return str(module)


class _Run:
    """The examples of one run: their order is made for the whole run at once.

    Their losses are summed and tested together, too: after every example that takes a seventh of the time, with rows
    of 10.
    """

    def __init__(self, machine: Machine, program: Program, given: dict[Argument, LlvmValue]):
        self.machine, self.program, self.given = machine, program, given
        self.shuffle = random_bits.shuffle(machine.builder.module)
        self.order = self._room()
        self.losses = machine.room(ir.ArrayType(ir.FloatType(), RUN))

    def _room(self) -> LlvmValue:
        return self.machine.room(ir.ArrayType(INT, RUN + 2 * AHEAD + 16))

    def begin(self, k: LlvmValue) -> LlvmValue:
        """Make run `k`; the number of its examples."""
        machine, b = self.machine, self.machine.builder
        record = machine.at(self.given[Role.RUNS()], "int64", machine.times(k, 5))
        base, first, count, n, key = (machine.load(record, "int64", offset=part) for part in range(5))
        further = b.add(count, machine.index(2 * AHEAD))
        b.call(self.shuffle, [self.order, base, first, further, n, b.trunc(key, INT)])
        return count

    def example(self, j: LlvmValue) -> Example:
        machine = self.machine

        def number(room: LlvmValue) -> LlvmValue:
            return machine.builder.zext(machine.load(room, "int32", offset=j), INDEX)

        return Example(machine, self.program, self.given, number(self.order))

    def total(self, count: LlvmValue) -> LlvmValue:
        """The sum of the losses: in any order, so that LLVM makes vectors of them."""
        machine, b = self.machine, self.machine.builder
        total = machine.variable(ir.Constant(DOUBLE, 0.0))
        with machine.loop(count, name="loss") as j:
            loss = b.fpext(machine.load(self.losses, "float32", offset=j), DOUBLE)
            total.set(b.fadd(total.get(), loss, flags=FAST))
        return total.get()

    def return_the_first_bad(self, count: LlvmValue) -> None:
        """Leave the kernel with the first example whose loss is not finite: all after it moved rows for nothing."""
        machine, b = self.machine, self.machine.builder
        with machine.loop(count, name="bad") as j:
            is_bad = is_not_finite(machine, machine.load(self.losses, "float32", offset=j))
            with b.if_then(is_bad):
                b.ret(self.example(j).number)


def _learn(example: Example) -> LlvmValue:
    """One example read, learnt from and stored; its loss."""
    machine, program, given = example.machine, example.program, example.given
    example.read(program.inputs)
    example.run(s for s in program.steps if s.phase != UPDATE)
    loss = machine.numbers(example.result(program.loss, ()))(0)
    stores: list[Stores] = []
    for name in program.updates:
        readers = [i for i in program.lookups if i.table == name]
        for i in readers:
            gradient = _gradient(example, i, readers)
            row, value = example.looked[i.value.name].number(0), example.values[i.value.name]
            stores.append(optimizer_step(machine, program, given, name, gradient, row, value))
        if not readers:
            shape = program.input(name).value.shape
            gradient = _settled(machine, name, example.result(program.gradients[name], shape))
            stores.append(optimizer_step(machine, program, given, name, gradient, 0, example.values[name]))
    for together in stores:
        store(machine, together)
    return loss


def _gradient(example: Example, i: Input, readers: Sequence[Input]) -> Lanes:
    """The gradient of a lookup's row; lookups of the same row each get the sum, and so make the same new row."""
    machine, b, total = example.machine, example.machine.builder, None
    mine = example.looked[i.value.name].number(0)
    for other in readers:
        found = example.result(example.program.gradients[other.value.name], other.value.shape)
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


def _prefetch_columns(ahead: Example) -> None:
    """Ask the memory for what the columns hold for an example to come."""
    machine = ahead.machine
    machine.comment(f"what the columns hold {2 * AHEAD} examples ahead")
    program = ahead.program
    sizes = {Role.IDS(i.column): 1 for i in program.inputs_of(RowLookup)}
    sizes |= {Role.DRAWN(i.column): 1 for i in program.inputs_of(SampledLookup)}
    sizes |= {Role.VALUES(i.column): i.value.size for i in program.inputs_of(ExampleValue)}
    sizes |= {Role.TARGET(): i.value.size for i in program.inputs_of(Target)}
    for column, size in sizes.items():
        machine.prefetch(machine.at(ahead.given[column], "float32", machine.times(ahead.number, size)), size)


def _prefetch_rows(ahead: Example) -> None:
    """Ask the memory for the rows and states of an example to come."""
    ahead.machine.comment(f"rows {AHEAD} examples ahead")
    for i in ahead.program.lookups:
        if i.table in ahead.program.updates:
            prefetch_row(ahead.machine, ahead.program, ahead.given, i.table, ahead.row(i))
