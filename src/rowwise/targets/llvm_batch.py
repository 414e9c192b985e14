"""Program in, the IR of kernels that move the tables after every batch out.

define i64 @batches(…)    for each batch: its order shuffled, all of @gradients, all of @apply
define i64 @gradients(…)  of one piece of a batch: each example's gradients go into a buffer, with the rows they are for
define i64 @apply(…)      one piece of the tables: the gradients of each row that occurred summed, the row moved once

A batch is cut into pieces whose number does not depend on the threads. Each piece of @gradients has buffers of its
own; each piece of @apply owns the rows whose number leaves that remainder, and sums their gradients in the order of
the examples. So the pieces may run on any thread.
"""

from functools import lru_cache

import llvmlite.ir as ir

from rowwise.primitives import machine_draws
from rowwise.program.program import Program
from rowwise.targets.llvm_apply import apply
from rowwise.targets.llvm_buffers import batches_arguments, common_arguments
from rowwise.targets.llvm_example import function
from rowwise.targets.llvm_gradients import gradients

FLOAT, DOUBLE = ir.FloatType(), ir.DoubleType()


def batch_ir(program: Program) -> str:
    return _batch_ir(program.to_json())


@lru_cache(maxsize=16)  # asked for twice, by whether there is one and by the engine
def _batch_ir(program_json: str) -> str:
    program = Program.from_json(program_json)
    module = ir.Module(name=program.name)
    shuffle = machine_draws.shuffle(module)
    _batches(module, program, shuffle, gradients(module, program), apply(module, program))
    return str(module)


def _batches(module, program: Program, shuffle, gradients, apply) -> None:
    machine, given = function(module, "batches", batches_arguments(program))
    b = machine.builder
    common = [given[name] for name in common_arguments(program)]
    with machine.loop(given["the last"], first=given["the first"], name="batch") as batch:
        begin = b.mul(batch, given["the batch_size"])
        n, key = given["the n_examples"], given["the order_key"]
        count = machine.least(b.sub(n, begin), given["the batch_size"])
        b.call(shuffle, [given["the order"], machine.index(0), begin, count, n, key])
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
