"""One piece of the tables in machine code: the gradients of each row that occurred summed, the row moved once."""

from collections.abc import Iterator

import llvmlite.ir as ir

from rowwise.backends.llvm.codegen.buffers import apply_signature, is_weighted, readers_of
from rowwise.backends.llvm.codegen.example import function
from rowwise.backends.llvm.codegen.optimizer_step import optimizer_step, prefetch_row, store
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.emit.builder import INDEX, INT, Index, LlvmValue
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, columns
from rowwise.program.passes.anonymous import Names
from rowwise.program.program import Input, Program

AHEAD = 16  # occurrences between asking for a row and using it


def apply(module, program: Program, names: Names | None):
    """@apply, for one piece of the rows and of the dense weights."""
    machine, given = function(module, "apply", apply_signature(program), names)
    b = machine.builder
    b.function.attributes.add("noinline")
    weights = [i for i in program.weights if i.value.name in program.updates]
    for name in program.updates:
        if readers_of(program, name):
            _link(machine, given, name)
            _move_rows(machine, program, given, name)
    for k, i in enumerate(weights):
        mine = b.icmp_signed("==", b.urem(machine.index(k), given[Role.N_PIECES()]), given[Role.PIECE()])
        with b.if_then(mine):
            store(machine, optimizer_step(machine, program, given, i.value.name, _summed(machine, given, i)))
    b.ret(machine.index(0))
    return b.function


def _occurrences(machine: Machine, given, name: str, *, backwards: bool) -> Iterator[tuple]:
    """A loop over the rows that occurred, in all pieces: the occurrence, its row where this piece owns it, and the row
    of an occurrence some way ahead, to ask for."""
    b = machine.builder
    last_piece = b.sub(given[Role.N_PIECES()], machine.index(1))

    def is_mine(row: LlvmValue) -> LlvmValue:
        return b.icmp_signed("==", b.and_(row, last_piece), given[Role.PIECE()])

    with machine.loop(given[Role.N_PIECES()], name="p") as p:
        p = b.sub(last_piece, p) if backwards else p
        start = b.mul(p, given[Role.ROOM(name)])
        count = machine.load(given[Role.COUNTS(name)], "int64", offset=p)
        last = b.sub(count, machine.index(1))

        def occurrence(k: LlvmValue) -> tuple[LlvmValue, LlvmValue]:
            o = b.add(start, b.sub(last, k) if backwards else k)
            return b.trunc(o, INT), b.zext(machine.load(given[Role.ROWS(name)], "int32", offset=o), INDEX)

        with machine.loop(count, name="k") as k:
            o, row = occurrence(k)
            with b.if_then(is_mine(row)):
                _, later = occurrence(machine.least(b.add(k, machine.index(AHEAD)), last))
                yield o, row, b.select(is_mine(later), later, row)


def _link(machine: Machine, given, name: str) -> None:
    """Occurrences of the same row chained, the first one first."""
    b = machine.builder
    for o, row, later in _occurrences(machine, given, name, backwards=True):
        machine.prefetch(machine.at(given[Role.HEADS(name)], "int32", later), 1)
        head = machine.load(given[Role.HEADS(name)], "int32", offset=row)
        machine.store(head, 1, given[Role.NEXTS(name)], "int32", offset=b.zext(o, INDEX))
        machine.store(o, 1, given[Role.HEADS(name)], "int32", offset=row)


def _move_rows(machine: Machine, program: Program, given, name: str) -> None:
    """Each row that occurred moved once, by the sum of its gradients, where it occurs first."""
    b, update = machine.builder, program.updates[name]
    size, shape = update.row.size, update.row.shape

    def gradient_of(o: LlvmValue) -> LlvmValue:
        source = b.zext(machine.load(given[Role.SOURCES(name)], "int32", offset=b.zext(o, INDEX)), INDEX)
        gradient = machine.load(given[Role.GRADIENTS(name)], "float32", size, offset=machine.times(source, size))
        if not is_weighted(program, name):
            return gradient
        weight = machine.load(given[Role.ROW_WEIGHTS(name)], "float32", offset=b.zext(o, INDEX))
        return b.fmul(gradient, machine.splat(weight, size))

    def next_of(o: LlvmValue) -> LlvmValue:
        return machine.load(given[Role.NEXTS(name)], "int32", offset=b.zext(o, INDEX))

    for o, row, later in _occurrences(machine, given, name, backwards=False):
        prefetch_row(machine, program, given, name, later)
        heads = machine.at(given[Role.HEADS(name)], "int32", row)
        with b.if_then(b.icmp_signed("==", machine.load(heads, "int32"), o)):
            total, at = machine.variable(gradient_of(o), size), machine.variable(next_of(o))
            with machine.loop_while(lambda at=at: b.icmp_signed(">=", at.get(), ir.Constant(INT, 0))):
                total.add(gradient_of(at.get()))
                at.set(next_of(at.get()))
            store(machine, optimizer_step(machine, program, given, name, Flat(shape, "float32", total.get()), row))
            machine.store(ir.Constant(INT, -1), 1, heads, "int32")


def _summed(machine: Machine, given, i: Input) -> Lanes:
    """The gradient of a dense weight: the sums of all pieces, in their order."""
    shape, size, n = i.value.shape, i.value.size, columns(i.value.shape)
    sums = given[Role.SUMS(i.value.name)]

    def row(r: Index) -> LlvmValue:
        total = machine.variable(machine.constant(0.0, machine.type("float32", n)), n)
        with machine.loop(given[Role.N_PIECES()], name="p") as p:
            at = machine.plus(machine.times(p, size), machine.times(r, n))
            total.add(machine.load(sums, "float32", n, offset=at))
        return total.get()

    return machine.recipe(shape, "float32", row)
