"""One input in, its numbers in machine code out: a function for each kind of input."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import llvmlite.ir as ir
import numpy as np

from rowwise.backends.llvm.codegen.signature import Argument, Role
from rowwise.backends.llvm.emit import random_bits
from rowwise.backends.llvm.emit.builder import INDEX, INT, Index, LlvmValue
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, columns, is_flat
from rowwise.errors import UnsupportedPrimitive
from rowwise.program.inputs import (
    BagLookup,
    Constant,
    DenseWeight,
    Dropout,
    ExampleValue,
    Input,
    Lookup,
    RowLookup,
    RowsLookup,
    SampledLookup,
    SampledRowsLookup,
    Statistic,
    Target,
)
from rowwise.program.values import Shape

if TYPE_CHECKING:
    from rowwise.backends.llvm.codegen.example import Example

AHEAD = 16  # rows of a bag between asking for one and using it
ONE = ir.Constant(ir.FloatType(), 1.0)
ZERO = ir.Constant(ir.FloatType(), 0.0)


@dataclass(frozen=True, slots=True)
class Looked:
    """The rows of one lookup: how many, the number of each, and what each counts for where that is not 1.

    Row k counts for its own `weight(k)` times the `share` that is the same for all.
    """

    count: Index
    number: Callable[[Index], LlvmValue]  # as an index
    share: LlvmValue = None
    weight: Callable[[Index], LlvmValue] | None = None


@singledispatch
def read(i: Input, example: "Example", fitted: bool) -> Lanes:
    """The numbers of an input for one example; of a fitted model nothing is drawn: masks are 1, sampled rows 0."""
    raise NotImplementedError(f"{type(i).__name__} has no form in machine code")


@read.register(ExampleValue)
def _(i: ExampleValue, example: "Example", fitted: bool) -> Lanes:
    return _cell(i, example, Role.VALUES(i.column))


@read.register(Target)
def _(i: Target, example: "Example", fitted: bool) -> Lanes:
    if i.value.shape:
        return _cell(i, example, Role.TARGET())
    number = example.machine.load(example.given[Role.TARGET()], i.value.dtype, offset=example.number, name=i.value.name)
    return Flat((), i.value.dtype, number)


@read.register(Statistic)
def _(i: Statistic, example: "Example", fitted: bool) -> Lanes:
    return Flat((), "float32", example.given[Role.MEAN(i.value.name)])


@read.register(DenseWeight)
def _(i: DenseWeight, example: "Example", fitted: bool) -> Lanes:
    name = i.value.name
    address = example.given[Role.TABLE(i.parameter)]
    return example.machine.at_address(i.value.shape, "float32", address, changing=name, name=name)


@read.register(Constant)
def _(i: Constant, example: "Example", fitted: bool) -> Lanes:
    listed = example.machine.listed(np.asarray(i.numbers, i.value.dtype))
    return example.machine.at_address(i.value.shape, i.value.dtype, listed)


@read.register(Dropout)
def _(i: Dropout, example: "Example", fitted: bool) -> Lanes:
    m, n = example.machine, columns(i.value.shape)
    if fitted:
        return constant(m, 1.0, i.value.shape)
    key = example.given[Role.KEY(part=example.program.stream(i))]
    number = m.builder.trunc(example.number, INT)

    def row(k: Index) -> LlvmValue:
        first = m.builder.trunc(m.index(m.times(k, n)), INT)
        lanes = m.builder.add(m.splat(first, n), m.counted(n))
        return random_bits.kept(m, random_bits.bits(m, key, number, lanes), i.rate)

    return m.recipe(i.value.shape, "float32", row)


@read.register(RowLookup)
def _(i: RowLookup, example: "Example", fitted: bool) -> Lanes:
    if not is_flat(i.value.shape):
        raise UnsupportedPrimitive(
            f"a row holds {' × '.join(map(str, i.value.shape))} numbers",
            expected="rows of one axis, which the kernel holds in registers",
            mend="use engine='xla'",
        )
    row = example.row(i)
    example.looked[i.value.name] = Looked(1, lambda k: row)
    return Flat(i.value.shape, "float32", _row(i, example, 0))


@read.register(SampledLookup)
def _(i: SampledLookup, example: "Example", fitted: bool) -> Lanes:
    if fitted:
        return constant(example.machine, 0.0, i.value.shape)
    row = example.row(i)
    example.looked[i.value.name] = Looked(1, lambda k: row)
    return Flat(i.value.shape, "float32", _row(i, example, 0))


@read.register(SampledRowsLookup)
def _(i: SampledRowsLookup, example: "Example", fitted: bool) -> Lanes:
    return constant(example.machine, 0.0, i.value.shape) if fitted else _rows(i, example, Role.DRAWN(i.column))


@read.register(RowsLookup)
def _(i: RowsLookup, example: "Example", fitted: bool) -> Lanes:
    return _rows(i, example, Role.IDS(i.column))


def _rows(i: RowsLookup | SampledRowsLookup, example: "Example", of: Argument) -> Lanes:
    """The rows whose numbers stand side by side in a column."""
    m = example.machine
    ids = m.at(example.given[of], "int32", m.times(example.number, i.length))
    example.looked[i.value.name] = Looked(i.length, _numbers_at(m, ids))

    def row(k: Index) -> LlvmValue:
        return _row(i, example, k)

    if not i.row_shape:
        return m.from_numbers(i.value.shape, "float32", row)
    return m.recipe(i.value.shape, "float32", row, frozenset({i.table}))


@read.register(BagLookup)
def _(i: BagLookup, example: "Example", fitted: bool) -> Lanes:
    m, b, size = example.machine, example.machine.builder, i.row_size
    example.looked[i.value.name] = looked = _bag(i, example)
    total = m.variable(m.constant(0.0, m.type("float32", size)), size)
    with m.loop(looked.count, name="k") as k:
        later = m.least(b.add(k, m.index(AHEAD)), b.sub(m.index(looked.count), m.index(1)))
        m.prefetch(m.at(example.given[Role.TABLE(i.table)], "float32", m.times(looked.number(later), size)), size)
        row = _row(i, example, k)
        total.add(row if looked.weight is None else b.fmul(row, m.splat(looked.weight(k), size)))
    lanes = total.get()
    if looked.share is not None:
        lanes = b.fmul(lanes, m.splat(looked.share, size))
    return Flat(i.value.shape, "float32", lanes)


@singledispatch
def row_number(i: Lookup, example: "Example") -> LlvmValue:
    """The number of the one row that a lookup reads."""
    raise NotImplementedError(f"{type(i).__name__} reads no single row")


@row_number.register(RowLookup)
def _(i: RowLookup, example: "Example") -> LlvmValue:
    return example.machine.load(example.given[Role.IDS(i.column)], "int32", offset=example.number)


@row_number.register(SampledLookup)
def _(i: SampledLookup, example: "Example") -> LlvmValue:
    return example.machine.load(example.given[Role.DRAWN(i.column)], "int32", offset=example.number)


def constant(machine: Machine, number: object, shape: Shape, dtype: str = "float32") -> Lanes:
    lanes = machine.constant(number, machine.type(dtype, columns(shape)))
    return machine.recipe(shape, dtype, lambda i: lanes)


def _cell(i: Input, example: "Example", column: Any) -> Lanes:
    """What a column of numbers holds for the example."""
    m, name = example.machine, i.value.name
    start = m.at(example.given[column], "float32", m.times(example.number, i.value.size))
    return m.at_address(i.value.shape, "float32", start, name=name)


def _row(i: Lookup, example: "Example", k: Index) -> LlvmValue:
    """Row k of those that a lookup reads."""
    m, size = example.machine, i.row_size
    at = m.times(example.looked[i.value.name].number(k), size)
    return m.load(example.given[Role.TABLE(i.table)], "float32", size, offset=at, name=i.value.name)


def _numbers_at(m: Machine, ids: LlvmValue) -> Callable[[Index], LlvmValue]:
    return lambda k: m.builder.zext(m.load(ids, "int32", offset=k), INDEX)


def _bag(i: BagLookup, example: "Example") -> Looked:
    m, given = example.machine, example.given
    starts = given[Role.STARTS(i.column)]
    start = m.load(starts, "int64", offset=example.number)
    count = m.builder.sub(m.load(starts, "int64", offset=m.plus(example.number, 1)), start)
    ids = m.at(given[Role.IDS(i.column)], "int32", start)
    weight = None
    if i.weights:
        weights = m.at(given[Role.ID_WEIGHTS(i.weights)], "float32", start)
        weight = lambda k: m.load(weights, "float32", offset=k)  # noqa: E731
    return Looked(count, _numbers_at(m, ids), _share(m, i.combine, count, weight), weight)


def _share(m: Machine, combine: str, count: LlvmValue, weight: Callable[[Index], LlvmValue] | None) -> LlvmValue:
    """What a row of a bag counts for if its weight is 1: 1/n, 1 or 1/√n; of weights w, 1/Σw or 1/√Σw².

    The bag may be empty, or its weights all 0.
    """
    b = m.builder
    if combine == "sum":
        return None
    if weight is None:
        n = b.select(b.icmp_signed(">", count, m.index(1)), b.sitofp(count, ir.FloatType()), ONE)
    else:
        total = m.variable(ZERO)
        with m.loop(count, name="k") as k:
            w = weight(k)
            total.add(b.fmul(w, w) if combine == "sqrtn" else w)
        n = total.get()
        n = b.select(b.fcmp_ordered(">", n, ZERO), n, ONE)
    return b.fdiv(ONE, m.call("llvm.sqrt", n.type, n) if combine == "sqrtn" else n)
