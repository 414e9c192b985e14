"""One row of a table, or one dense weight, moved: the optimizer's steps, and where their results are stored."""

from collections.abc import Mapping

import llvmlite.ir as ir

from rowwise.backends.llvm.codegen.example import operand_value, walk
from rowwise.backends.llvm.codegen.signature import Argument, Role
from rowwise.backends.llvm.emit.builder import Index, LlvmValue
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, Walked, is_at_hand
from rowwise.program.program import UPDATE, Program

Stores = list[tuple[LlvmValue, Lanes]]  # addresses, and what comes there


def optimizer_step(
    machine: Machine,
    program: Program,
    given: Mapping[Argument, LlvmValue],
    name: str,
    gradient: Lanes,
    number: Index = 0,
    row: Lanes | None = None,
) -> Stores:
    """The new values of row `number` of a table and of its states, and where they belong; nothing is stored yet.

    `row` is the row's value where it has been read already.
    """
    update = program.updates[name]
    values = [update.row, *update.state]
    arrays = [Role.TABLE(name), *(Role.STATE(name, k) for k in range(len(update.state)))]
    addresses = [
        machine.at(given[array], value.dtype, machine.times(number, value.size))
        for array, value in zip(arrays, values, strict=True)
    ]
    read = [
        row
        if row is not None and value is update.row
        else machine.at_address(value.shape, value.dtype, at, changing=name)
        for value, at in zip(values, addresses, strict=True)
    ]
    rate = Flat((), "float32", given[Role.RATE()])
    known = dict(zip((v.name for v in update.inputs), [read[0], gradient, rate, *read[1:]], strict=True))
    walk(machine, (s for s in program.needed(update.outputs) if s.phase == UPDATE), known)
    new = [operand_value(machine, known, o, v.shape) for o, v in zip(update.outputs, values, strict=True)]
    return list(zip(addresses, new, strict=True))


def store(machine: Machine, stores: Stores) -> None:
    """The new row and states stored; where they have many rows, each row of all of them in one turn of one loop."""
    for address, value in stores:
        if is_at_hand(value):
            machine.copy(value, address)
    large = [(address, value) for address, value in stores if isinstance(value, Walked) and not is_at_hand(value)]
    if large:
        with machine.loop(large[0][1].n_rows) as i:
            rows = [value.row(i) for _, value in large]
            for (address, value), row in zip(large, rows, strict=True):
                machine.store(row, value.columns, address, value.dtype, offset=machine.times(i, value.columns))


def prefetch_row(
    machine: Machine, program: Program, given: Mapping[Argument, LlvmValue], name: str, number: LlvmValue
) -> None:
    """Ask the memory for row `number` of a table and of its states, which are to be moved soon."""
    update = program.updates[name]
    sizes = {Role.TABLE(name): update.row.size}
    sizes |= {Role.STATE(name, k): state.size for k, state in enumerate(update.state)}
    for array, size in sizes.items():
        machine.prefetch(machine.at(given[array], "float32", machine.times(number, size)), size)


def is_not_finite(machine: Machine, loss: LlvmValue) -> LlvmValue:
    size = machine.call("llvm.fabs", loss.type, loss)
    return machine.builder.fcmp_unordered(">=", size, ir.Constant(loss.type, float("inf")))
