"""Sorting, and reading and writing at places that are computed, as machine code.

A line is short, and to compare one number with all of it is one instruction: the place of each number in the order is
counted by as many instructions as there are numbers, without a jump that depends on them.
"""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from rowwise.backends.llvm.emit.builder import INDEX, INT, Index, LlvmValue
from rowwise.backends.llvm.emit.values import Lanes, Machine, columns
from rowwise.backends.llvm.rules.moves import moved
from rowwise.backends.llvm.rules.primitives import each, elsewhere, instruction
from rowwise.program.primitives import rule
from rowwise.program.values import Value

Number = Callable[[Index], LlvmValue]  # one number by its flat place


@rule("sort", backend="llvm")
def sort(emit, out, x, *, axis):
    return _in_order(emit, out, x, axis, lambda number, line, j: number(emit.plus(line, j)))


@rule("argsort", backend="llvm")
def argsort(emit, out, x, *, axis):
    return _in_order(emit, out, x, axis, lambda number, line, j: _as_number(emit, j))


def _in_order(
    emit: Machine, out: Value, x: Lanes, axis: int, given: Callable[[Number, Index, Index], LlvmValue]
) -> Lanes:
    """What is `given` of each number, in the order of the numbers of its line along the axis."""
    n, size = x.shape[axis], prod(x.shape)
    places = np.moveaxis(np.arange(size).reshape(x.shape), axis, -1)
    lines = moved(emit, [x], places.reshape(-1, n))
    read, number = emit.rows(lines), emit.numbers(lines)
    room, ranks = emit.scratch(out.dtype, size), emit.scratch("int32", n)
    for i in emit.each_index(size // n):
        line = emit.times(i, n)
        emit.store(
            _ranks(emit, read(i), lambda j, line=line: number(emit.plus(line, j)), n, x.dtype), n, ranks, "int32"
        )
        for j in emit.each_index(n):
            rank = _as_index(emit, emit.load(ranks, "int32", offset=j))
            emit.store(given(number, line, j), 1, room, out.dtype, offset=emit.plus(line, rank))
    made = emit.at_address((size // n, n), out.dtype, room)
    return moved(emit, [made], np.argsort(places.ravel()).reshape(out.shape))


def _ranks(emit: Machine, lanes: LlvmValue, number: Number, n: int, dtype: str) -> LlvmValue:
    """How many numbers of a line go before each: those that are smaller, and of equal ones those that stand before."""
    b, counted = emit.builder, emit.counted(n)
    less, same = instruction(emit, "lt", dtype), instruction(emit, "eq", dtype)
    total = emit.variable(emit.constant(0, counted.type), n)
    for j in emit.each_index(n):
        other = emit.splat(number(j), n)
        before = b.icmp_signed("<", emit.splat(_as_number(emit, j), n), counted)
        goes = b.or_(less(other, lanes), b.and_(same(other, lanes), before))
        total.set(b.add(total.get(), b.zext(goes, counted.type)))
    return total.get()


@rule("take_at", backend="llvm")
def take_at(emit, out, x, places):
    """The numbers at the places, the nearest where one lies outside."""
    room, dtype, n = emit.memory(x), x.dtype, columns(out.shape)
    inside = _within(emit, places, x.shape)
    read = emit.rows(inside)

    def gather(i: Index) -> LlvmValue:
        if n == 1:
            return emit.load(room, dtype, offset=_as_index(emit, read(i)))
        return emit.gather(room, dtype, read(i), n)

    return emit.recipe(out.shape, dtype, gather, elsewhere(inside))


@rule("put_add_at", backend="llvm")
def put_add_at(emit, out, x, places, updates):
    """One after another, because two may have one place."""
    room, add = emit.scratch(out.dtype, prod(out.shape)), instruction(emit, "add", out.dtype)
    emit.copy(x, room)
    place, update = emit.numbers(_within(emit, places, x.shape)), emit.numbers(updates)
    for k in emit.each_index(prod(updates.shape)):
        at = _as_index(emit, place(k))
        there = emit.load(room, out.dtype, offset=at)
        emit.store(add(there, update(k)), 1, room, out.dtype, offset=at)
    return emit.at_address(out.shape, out.dtype, room)


def _within(emit: Machine, places: Lanes, shape: Sequence[int]) -> Lanes:
    def nearest(lanes: LlvmValue) -> LlvmValue:
        low, high = (emit.constant(number, lanes.type) for number in (0, prod(shape) - 1))
        return emit.call("llvm.smin", lanes.type, emit.call("llvm.smax", lanes.type, lanes, low), high)

    return each(emit, places.shape, "int32", [places], nearest)


def _as_index(emit: Machine, number: LlvmValue) -> LlvmValue:
    return emit.builder.zext(number, INDEX)


def _as_number(emit: Machine, j: Index) -> LlvmValue:
    return emit.constant(j, INT) if isinstance(j, int) else emit.builder.trunc(j, INT)
