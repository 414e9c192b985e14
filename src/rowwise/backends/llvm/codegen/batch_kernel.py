"""Program in, the IR of kernels that move the tables after every batch out.

define i64 @batches(…)    for each batch: its order shuffled, all of @gradients, all of @apply
define i64 @gradients(…)  of one piece of a batch: each example's gradients go into a buffer, with the rows they are for
define i64 @apply(…)      one piece of the tables: the gradients of each row that occurred summed, the row moved once

A batch is cut into pieces whose number does not depend on the threads. Each piece of @gradients has buffers of its
own; each piece of @apply owns the rows whose number leaves that remainder, and sums their gradients in the order of
the examples. So the pieces may run on any thread.
"""

import llvmlite.ir as ir

from rowwise.backends.llvm.codegen.batch_gradients import gradients
from rowwise.backends.llvm.codegen.batch_scatter import apply
from rowwise.backends.llvm.codegen.buffers import batches_signature, common_signature
from rowwise.backends.llvm.codegen.example import function
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.emit import random_bits
from rowwise.program.passes.anonymous import Names
from rowwise.program.program import Program

FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()


def batch_ir(program: Program, names: Names | None = None) -> str:
    module = ir.Module()
    shuffle = random_bits.shuffle(module)
    _batches(module, program, names, shuffle, gradients(module, program, names), apply(module, program, names))
    return str(module)


def _batches(module, program: Program, names: Names | None, shuffle, gradients, apply) -> None:
    machine, given = function(module, "batches", batches_signature(program), names)
    b = machine.builder
    common = [given[argument] for argument in common_signature(program)]
    with machine.loop(given[Role.LAST()], first=given[Role.FIRST()], name="batch") as batch:
        begin = b.mul(batch, given[Role.BATCH_SIZE()])
        n, key = given[Role.N_EXAMPLES()], given[Role.ORDER_KEY()]
        count = machine.least(b.sub(n, begin), given[Role.BATCH_SIZE()])
        b.call(shuffle, [given[Role.ORDER()], machine.index(0), begin, count, n, key])
        scale = b.fdiv(ir.Constant(FLOAT, 1.0), b.sitofp(count, FLOAT))
        with machine.loop(given[Role.N_PIECES()], name="piece") as piece:
            bad = b.call(gradients, [*common, piece, count, scale])
            with b.if_then(b.icmp_signed(">=", bad, machine.index(0)), likely=False):
                b.ret(bad)
            total = b.load(given[Role.TOTAL()], typ=DOUBLE)
            b.store(b.fadd(total, machine.load(given[Role.LOSSES()], "float64", offset=piece)), given[Role.TOTAL()])
        with machine.loop(given[Role.N_PIECES()], name="piece") as piece:
            b.call(apply, [*common, piece])
    b.ret(machine.index(-1))
