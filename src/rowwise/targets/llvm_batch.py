"""Program in, the IR of kernels that move the tables after every batch out.

define i64 @batches(…)    for each batch: its order shuffled, all of @gradients, all of @apply
define i64 @gradients(…)  of one piece of a batch: each example's gradients go into a buffer, with the rows they are for
define i64 @apply(…)      one piece of the tables: the gradients of each row that occurred summed, the row moved once

A batch is cut into pieces whose number does not depend on the threads. Each piece of @gradients has buffers of its
own; each piece of @apply owns the rows whose number leaves that remainder, and sums their gradients in the order of
the examples. So the pieces may run on any thread.

For each table the occurrences of rows in a batch are listed: `rows[o]` is the row, `sources[o]` the place of its
gradient. `heads[row]` is the first occurrence of a row, `nexts[o]` the next one of the same row, or -1.
"""

import llvmlite.ir as ir

from rowwise.primitives import machine_draws
from rowwise.primitives.emitter import INDEX, INT, LlvmValue
from rowwise.primitives.machine import each, instruction
from rowwise.primitives.machine_values import Flat, Index, Lanes, Machine, columns
from rowwise.program.program import UPDATE, Input, Program
from rowwise.targets.llvm_example import Arguments, Example, arguments, constant, function, row_size
from rowwise.targets.llvm_update import ask_for, is_not_finite, moved, store

AHEAD = 16  # occurrences between asking for a row and using it
FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()
BUFFERS = ("gradients", "rows", "sources", "counts", "heads", "nexts")


def readers_of(program: Program, table: str) -> list[Input]:
    return [i for i in program.lookups if i.table == table]


def slots(i: Input) -> int:
    """How many rows of gradients one example has for a lookup; all rows of a bag share one."""
    return i.value.shape[0] if i.kind == "rows" else 1


def common_arguments(program: Program) -> Arguments:
    """What all three functions are called with: the columns and tables, and the buffers of a batch."""
    made = arguments(program, program.inputs)
    for name in program.updates:
        if readers_of(program, name):
            made |= {f"{name} {buffer}": "pointer" for buffer in BUFFERS} | {f"{name} room": "index"}
        else:
            made[f"{name} sums"] = "pointer"
    return made | {"the order": "pointer", "the piece_size": "index", "the n_pieces": "index", "the losses": "pointer"}


def gradients_arguments(program: Program) -> Arguments:
    return common_arguments(program) | {"the piece": "index", "the count": "index", "the scale": "float"}


def apply_arguments(program: Program) -> Arguments:
    return common_arguments(program) | {"the piece": "index"}


def batches_arguments(program: Program) -> Arguments:
    more = {
        "the first": "index",
        "the last": "index",
        "the batch_size": "index",
        "the n_examples": "index",
        "the order_key": "int",
        "the total": "pointer",
    }
    return common_arguments(program) | more


def batch_ir(program: Program) -> str:
    module = ir.Module(name=program.name)
    shuffle = machine_draws.shuffle(module)
    gradients = _gradients(module, program)
    apply = _apply(module, program)
    _batches(module, program, shuffle, gradients, apply)
    return str(module)


def _batches(module, program: Program, shuffle, gradients, apply) -> None:
    machine, given = function(module, "batches", batches_arguments(program))
    b = machine.builder
    common = [given[name] for name in common_arguments(program)]
    with machine.loop(given["the last"], first=given["the first"], name="batch") as batch:
        begin = b.mul(batch, given["the batch_size"])
        left = b.sub(given["the n_examples"], begin)
        count = b.select(b.icmp_signed("<", left, given["the batch_size"]), left, given["the batch_size"])
        b.call(
            shuffle,
            [given["the order"], machine.index(0), begin, count, given["the n_examples"], given["the order_key"]],
        )
        scale = b.fdiv(ir.Constant(FLOAT, 1.0), b.sitofp(count, FLOAT))
        with machine.loop(given["the n_pieces"], name="piece") as piece:
            bad = b.call(gradients, [*common, piece, count, scale])
            with b.if_then(b.icmp_signed(">=", bad, machine.index(0)), likely=False):
                b.ret(bad)
            total = b.load(given["the total"], typ=DOUBLE)
            b.store(b.fadd(total, machine.load(given["the losses"], "float64", offset=piece)), given["the total"])
        with machine.loop(given["the n_pieces"], name="piece") as piece:
            b.call(apply, [*common, piece])
    b.ret(machine.index(-1))


# ── gradients ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _gradients(module, program: Program):
    machine, given = function(module, "gradients", gradients_arguments(program))
    b = machine.builder
    b.function.attributes.add("noinline")
    tables = [name for name in program.updates if readers_of(program, name)]
    weights = [i for i in program.weights if i.value.name in program.updates]
    first = b.mul(given["the piece"], given["the piece_size"])
    end = b.add(first, given["the piece_size"])
    end = b.select(b.icmp_signed("<", end, given["the count"]), end, given["the count"])
    starts = {name: b.mul(given["the piece"], given[f"{name} room"]) for name in tables}
    filled = {name: machine.variable(INDEX) for name in tables}
    for name in tables:
        b.store(starts[name], filled[name])
    for i in weights:
        machine.copy(constant(machine, 0.0, i.value.shape), _sums(machine, given, i, given["the piece"]))
    total, bad = machine.variable(DOUBLE), machine.variable(INDEX)
    b.store(ir.Constant(DOUBLE, 0.0), total)
    b.store(machine.index(-1), bad)
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
        b.store(b.fadd(b.load(total, typ=DOUBLE), b.fpext(loss, DOUBLE)), total)
        is_first = b.and_(is_not_finite(machine, loss), b.icmp_signed("<", b.load(bad, typ=INDEX), machine.index(0)))
        b.store(b.select(is_first, number, b.load(bad, typ=INDEX)), bad)
    for name in tables:
        count = b.sub(b.load(filled[name], typ=INDEX), starts[name])
        machine.store(count, 1, given[f"{name} counts"], "int64", offset=given["the piece"])
    machine.store(b.load(total, typ=DOUBLE), 1, given["the losses"], "float64", offset=given["the piece"])
    b.ret(b.load(bad, typ=INDEX))
    return machine.builder.function


def _scaled(machine: Machine, value: Lanes, scale: LlvmValue) -> Lanes:
    return each(
        machine, value.shape, "float32", [value, Flat((), "float32", scale)], instruction(machine, "mul", "float32")
    )


def _list_rows(machine: Machine, program: Program, given, example: Example, name: str, j: LlvmValue, filled) -> None:
    """One example's gradients of a table's rows put behind those before it, each with the row it is for."""
    b, readers = machine.builder, readers_of(program, name)
    source = machine.times(j, sum(map(slots, readers)))
    for i in readers:
        size, looked = row_size(i), example.looked[i.value.name]
        gradient = _scaled(machine, example.result(program.gradients[i.value.name], i.value.shape), given["the scale"])
        if looked.share is not None:
            gradient = _scaled(machine, gradient, looked.share)
        machine.copy(gradient, given[f"{name} gradients"], offset=machine.times(source, size))
        at = b.load(filled, typ=INDEX)

        def note(k: Index, at=at, source=source, looked=looked, i=i) -> None:
            row, place = looked.number(k), source if i.kind == "bag" else machine.plus(source, k)
            machine.store(b.trunc(row, INT), 1, given[f"{name} rows"], "int32", offset=machine.plus(at, k))
            machine.store(b.trunc(place, INT), 1, given[f"{name} sources"], "int32", offset=machine.plus(at, k))

        if isinstance(looked.count, int):
            for k in machine.each_index(looked.count):
                note(k)
        else:
            with machine.loop(looked.count, name="k") as k:
                note(k)
        b.store(machine.plus(at, looked.count), filled)
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


# ── updates ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _apply(module, program: Program):
    machine, given = function(module, "apply", apply_arguments(program))
    b = machine.builder
    b.function.attributes.add("noinline")
    weights = [i for i in program.weights if i.value.name in program.updates]
    for name in program.updates:
        if readers_of(program, name):
            _link(machine, given, name)
            _move_rows(machine, program, given, name)
    for k, i in enumerate(weights):
        mine = b.icmp_signed("==", b.urem(machine.index(k), given["the n_pieces"]), given["the piece"])
        with b.if_then(mine):
            store(machine, moved(machine, program, given, i.value.name, _summed(machine, given, i)))
    b.ret(machine.index(0))
    return b.function


def _occurrences(machine: Machine, given, name: str, *, backwards: bool):
    """A loop over the rows that occurred, in all pieces: the occurrence, its row where this piece owns it, and the row
    of an occurrence some way ahead, to ask for."""
    b = machine.builder
    last_piece = b.sub(given["the n_pieces"], machine.index(1))

    def is_mine(row: LlvmValue) -> LlvmValue:
        return b.icmp_signed("==", b.and_(row, last_piece), given["the piece"])

    with machine.loop(given["the n_pieces"], name="p") as p:
        p = b.sub(last_piece, p) if backwards else p
        start = b.mul(p, given[f"{name} room"])
        count = machine.load(given[f"{name} counts"], "int64", offset=p)
        last = b.sub(count, machine.index(1))

        def occurrence(k: LlvmValue) -> tuple[LlvmValue, LlvmValue]:
            o = b.add(start, b.sub(last, k) if backwards else k)
            return b.trunc(o, INT), b.zext(machine.load(given[f"{name} rows"], "int32", offset=o), INDEX)

        with machine.loop(count, name="k") as k:
            o, row = occurrence(k)
            with b.if_then(is_mine(row)):
                _, later = occurrence(machine.call("llvm.smin", INDEX, b.add(k, machine.index(AHEAD)), last))
                yield o, row, b.select(is_mine(later), later, row)


def _link(machine: Machine, given, name: str) -> None:
    """Occurrences of the same row chained, the first one first."""
    b = machine.builder
    for o, row, later in _occurrences(machine, given, name, backwards=True):
        machine.prefetch(machine.at(given[f"{name} heads"], "int32", later), 1)
        head = machine.load(given[f"{name} heads"], "int32", offset=row)
        machine.store(head, 1, given[f"{name} nexts"], "int32", offset=b.zext(o, INDEX))
        machine.store(o, 1, given[f"{name} heads"], "int32", offset=row)


def _move_rows(machine: Machine, program: Program, given, name: str) -> None:
    """Each row that occurred moved once, by the sum of its gradients, where it occurs first."""
    b, update = machine.builder, program.updates[name]
    size, shape = update.row.size, update.row.shape

    def gradient_of(o: LlvmValue) -> LlvmValue:
        source = b.zext(machine.load(given[f"{name} sources"], "int32", offset=b.zext(o, INDEX)), INDEX)
        return machine.load(given[f"{name} gradients"], "float32", size, offset=machine.times(source, size))

    total, at = machine.variable(machine.type("float32", size)), machine.variable(INT)
    for o, row, later in _occurrences(machine, given, name, backwards=False):
        ask_for(machine, program, given, name, later)
        heads = machine.at(given[f"{name} heads"], "int32", row)
        with b.if_then(b.icmp_signed("==", machine.load(heads, "int32"), o)):
            b.store(gradient_of(o), total)
            b.store(machine.load(given[f"{name} nexts"], "int32", offset=b.zext(o, INDEX)), at)
            with machine.loop_while(lambda: b.icmp_signed(">=", b.load(at, typ=INT), ir.Constant(INT, 0))):
                o = b.load(at, typ=INT)
                b.store(b.fadd(b.load(total, typ=machine.type("float32", size)), gradient_of(o)), total)
                b.store(machine.load(given[f"{name} nexts"], "int32", offset=b.zext(o, INDEX)), at)
            gradient = Flat(shape, "float32", b.load(total, typ=machine.type("float32", size)))
            store(machine, moved(machine, program, given, name, gradient, row))
            machine.store(ir.Constant(INT, -1), 1, heads, "int32")


def _summed(machine: Machine, given, i: Input) -> Lanes:
    """The gradient of a dense weight: the sums of all pieces, in their order."""
    b, shape, size = machine.builder, i.value.shape, i.value.size
    sums, n = given[f"{i.value.name} sums"], columns(shape)
    total, type = machine.variable(machine.type("float32", n)), machine.type("float32", n)

    def row(r: Index) -> LlvmValue:
        b.store(machine.constant(0.0, type), total)
        with machine.loop(given["the n_pieces"], name="p") as p:
            at = machine.plus(machine.times(p, size), machine.times(r, n))
            b.store(b.fadd(b.load(total, typ=type), machine.load(sums, "float32", n, offset=at)), total)
        return b.load(total, typ=type)

    return machine.recipe(shape, "float32", row)
