"""`draws.py` as machine code: the same bits from the same counters. Each function takes and gives int32 lanes."""

from collections.abc import Callable, Iterator
from typing import Any

import llvmlite.ir as ir
import numpy as np

from rowwise.backends.llvm.emit.builder import BIT, INDEX, INT, POINTER, Emitter, LlvmValue, width
from rowwise.program.draws import GOLDEN, MASK, MULTIPLIERS

LANES = 16  # numbers that @shuffle makes at once


def mix(emit: Emitter, x: LlvmValue) -> LlvmValue:
    b = emit.builder

    def spread(x: LlvmValue, shift: int) -> LlvmValue:
        return b.xor(x, b.lshr(x, emit.constant(shift, x.type)))

    for shift, multiplier in zip((16, 15), MULTIPLIERS, strict=True):
        x = b.mul(spread(x, shift), emit.constant(multiplier, x.type))
    return spread(x, 15)


def bits(emit: Emitter, key: LlvmValue, example: LlvmValue, lane: LlvmValue) -> LlvmValue:
    b = emit.builder
    first = mix(emit, b.add(example, key))
    return mix(emit, b.add(emit.splat(first, width(lane)), b.mul(lane, emit.constant(GOLDEN, lane.type))))


def kept(emit: Emitter, bits: LlvmValue, rate: float) -> LlvmValue:
    """float32 lanes: 0 with probability `rate`, else 1 / (1 - rate)."""
    b, n = emit.builder, width(bits)
    keep = b.icmp_unsigned(">=", bits, emit.constant(min(int(rate * 2**32), MASK), bits.type))
    scale = emit.constant(float(np.float32(1 / (1 - rate))), emit.type("float32", n))
    return b.select(keep, scale, emit.constant(0.0, scale.type))


def _helper(module: object, name: str, **arguments: object) -> tuple[Emitter, Any]:
    """A function that the kernel alone calls; its text comes after the kernel's."""
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), list(arguments.values())), name)
    function.linkage = "internal"
    for arg, named in zip(function.args, arguments, strict=True):
        arg.name = named
    return Emitter(ir.IRBuilder(function.append_basic_block("entry"))), function


def _vectors(emit: Emitter, count: LlvmValue) -> Iterator[LlvmValue]:
    """A loop over `count` numbers, a whole vector at a time: where each begins."""
    n_vectors = emit.builder.udiv(emit.builder.add(count, emit.index(LANES - 1)), emit.index(LANES))
    with emit.loop(n_vectors, name="vector") as v:
        yield emit.builder.mul(v, emit.index(LANES))


def shuffle(module: object) -> Any:
    """@shuffle(order, base, first, count, n, key): order[j] = base + place(first + j, n, key) for j below `count`.

    What lies behind `count`, up to a whole vector, holds numbers that are in range and in no useful order.
    """
    emit, function = _helper(module, "shuffle", order=POINTER, base=INDEX, first=INDEX, count=INDEX, n=INDEX, key=INT)
    order, base, first, count, n, key = function.args
    b = emit.builder

    def all_lanes(number: LlvmValue) -> LlvmValue:
        return emit.splat(number, LANES)

    n_lanes, base_lanes = all_lanes(b.trunc(n, INT)), all_lanes(b.trunc(base, INT))
    last = b.sub(n_lanes, emit.constant(1, n_lanes.type))
    once = _permutation(emit, b.trunc(n, INT), key, all_lanes)
    for at in _vectors(emit, count):
        counters = b.add(all_lanes(b.trunc(b.add(first, at), INT)), emit.counted(LANES))
        counters = emit.call("llvm.umin", counters.type, counters, last)
        before, walk, done = b.block, b.append_basic_block("walk"), b.append_basic_block("placed")
        b.branch(walk)
        b.position_at_end(walk)  # until every lane is below n
        x, beyond = b.phi(counters.type), b.phi(ir.VectorType(BIT, LANES))
        further = b.select(beyond, once(x), x)
        still_beyond = b.icmp_unsigned(">=", further, n_lanes)
        x.add_incoming(counters, before)
        x.add_incoming(further, walk)
        beyond.add_incoming(emit.constant(1, beyond.type), before)
        beyond.add_incoming(still_beyond, walk)
        b.cbranch(emit.call("llvm.vector.reduce.or", BIT, still_beyond), walk, done)
        b.position_at_end(done)
        emit.store(b.add(further, base_lanes), LANES, order, "int32", offset=at)
    b.ret_void()
    return function


def _permutation(
    emit: Emitter, n: LlvmValue, key: LlvmValue, all_lanes: Callable[[LlvmValue], LlvmValue]
) -> Callable[[LlvmValue], LlvmValue]:
    """One round trip of `draws.place`: a permutation of the numbers below the power of two that holds n."""
    b = emit.builder

    def whole(number: int) -> LlvmValue:
        return ir.Constant(INT, number)

    leading = emit.call("llvm.ctlz", INT, b.sub(n, whole(1)), ir.Constant(BIT, 0), overloads=(INT,))
    size = emit.call("llvm.umax", INT, b.sub(whole(32), leading), whole(2))
    mask = all_lanes(b.lshr(whole(MASK), b.sub(whole(32), size)))
    shift = all_lanes(b.lshr(size, whole(1)))
    odds = [b.or_(mix(emit, b.add(whole(MULTIPLIERS[0] * (k + 1) & MASK), key)), whole(1)) for k in range(3)]
    rounds = [(all_lanes(odd), all_lanes(b.lshr(odd, whole(3)))) for odd in odds]

    def once(x: LlvmValue) -> LlvmValue:
        for odd, add in rounds:
            x = b.and_(b.add(b.mul(x, odd), add), mask)
            x = b.xor(x, b.lshr(x, shift))
        return x

    return once
