"""Sums, maxima and products of arrays as machine code: a total over some axes, one loop for all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from functools import reduce as in_turn
from math import prod
from string import ascii_lowercase
from typing import Any

import llvmlite.ir as ir

from rowwise.backends.llvm.emit.builder import FEW, INT, Index, LlvmValue
from rowwise.backends.llvm.emit.values import Lanes, Machine, columns
from rowwise.backends.llvm.rules.primitives import each, elsewhere, instruction
from rowwise.errors import UnsupportedPrimitive
from rowwise.program.primitives import rule
from rowwise.program.values import DimensionNumbers, Value

# reduction    two numbers meet by   across a vector: floats, integers   a total starts at: floats, integers
FOLDS = {
    "reduce_sum": ("add", "fadd", "add", 0.0, 0),
    "reduce_prod": ("mul", "fmul", "mul", 1.0, 1),
    "reduce_max": ("max", "fmaximum", "smax", float("-inf"), -(2**31)),
    "reduce_min": ("min", "fminimum", "smin", float("inf"), 2**31 - 1),
    "reduce_and": ("and", "", "and", 1, 1),
    "reduce_or": ("or", "", "or", 0, 0),
}
Place = Mapping[str, Index]  # an index for each axis, by its letter


class Fold:
    """How the numbers of one reduction meet: two by two, and across one vector."""

    def __init__(self, emit: Machine, primitive: str, dtype: str):
        pair, floats, integers, *starts = FOLDS[primitive]
        is_float = dtype == "float32"
        self.emit, self.dtype = emit, dtype
        self.name = f"llvm.vector.reduce.{floats if is_float else integers}"
        self.start = starts[0] if is_float else starts[1]
        self.pair = instruction(emit, pair, dtype)

    def across(self, lanes: LlvmValue, n: int) -> LlvmValue:
        """The n numbers of one vector as one number."""
        if n == 1:
            return lanes
        lanes = self.emit.narrow(lanes, n)
        number = lanes.type.element
        first = [ir.Constant(number, self.start)] if self.name.endswith(("fadd", "fmul")) else []
        return self.emit.call(self.name, number, *first, lanes, fast=isinstance(number, ir.FloatType))

    def over(self, n: int, make: Callable[[Index], LlvmValue], size: int) -> LlvmValue:
        """make(0) … make(n - 1), vectors of `size` numbers, as one."""
        return self.side_by_side(n, [make], size)[0]

    def side_by_side(self, n: int, makes: Sequence[Callable[[Index], LlvmValue]], size: int) -> list[LlvmValue]:
        """The same for each of `makes`, in one loop: what they read in common is read once."""
        if n <= FEW:
            return [in_turn(self.pair, map(make, range(n))) for make in makes]
        start = self.emit.constant(self.start, self.emit.type(self.dtype, size))
        totals = [self.emit.variable(start, size) for _ in makes]
        with self.emit.loop(n, name="k") as k:
            for total, make in zip(totals, makes, strict=True):
                total.set(self.pair(total.get(), make(k)))
        return [total.get() for total in totals]


class Axes:
    """The letters of the axes longer than 1, and their lengths."""

    def __init__(self, emit: Machine, lengths: Mapping[str, int]):
        self.emit, self.lengths = emit, lengths

    def place(self, letters: str, index: Index) -> Place:
        return dict(zip(letters, self.emit.unravel(index, [self.lengths[a] for a in letters]), strict=True))

    def index(self, letters: str, place: Place) -> Index:
        return self.emit.ravel([place[a] for a in letters], [self.lengths[a] for a in letters])

    def size(self, letters: str) -> int:
        return prod(self.lengths[a] for a in letters)

    def each_place(self, letters: str) -> Iterator[Place]:
        """Every place, once. A short first axis runs fastest: what is read along the others is read once for all."""
        few = letters[:1] if self.size(letters[:1]) <= FEW else ""
        for i in self.emit.each_index(self.size(letters) // self.size(few)):
            for a in range(self.size(few)):
                yield {**self.place(few, a), **self.place(letters.removeprefix(few), i)}

    def totals(
        self, fold: Fold, out: Value, kept: str, summed: str, vector: str, term: Callable[[Place], LlvmValue]
    ) -> Lanes:
        """Every total of `term` over the `summed` axes, for each place on the `kept` ones.

        A term is a row along the axis `vector`, the last of either kind, or a number where `vector` is "".
        """
        rows, terms = kept.replace(vector, ""), summed.replace(vector, "")

        def terms_of(row: Place) -> Callable[[Index], LlvmValue]:
            return lambda k: term({**row, **self.place(terms, k)})

        def total(row: Place) -> LlvmValue:
            return fold.over(self.size(terms), terms_of(row), self.size(vector))

        def number(row: Place) -> LlvmValue:
            return fold.across(total(row), self.size(vector))

        if vector and vector in kept:
            if self.size(rows) > FEW:
                return self.emit.from_rows(out.shape, out.dtype, lambda i: total(self.place(rows, i)))
            each = [terms_of(self.place(rows, i)) for i in range(self.size(rows))]
            made = fold.side_by_side(self.size(terms), each, self.size(vector))
            return self.emit.recipe(out.shape, out.dtype, lambda i: made[i])
        if self.size(rows) <= FEW:
            return self.emit.from_numbers(out.shape, out.dtype, lambda i: number(self.place(rows, i)))
        room = self.emit.scratch(out.dtype, self.size(rows))
        for place in self.each_place(rows):
            self.emit.store(number(place), 1, room, out.dtype, offset=self.index(rows, place))
        return self.emit.at_address(out.shape, out.dtype, room)


def reduce(primitive: str, emit: Machine, out: Value, x: Lanes, *, axes: Sequence[int]) -> Lanes:
    letters = {a: ascii_lowercase[a] for a, n in enumerate(x.shape) if n > 1}
    lengths = Axes(emit, {letter: x.shape[a] for a, letter in letters.items()})
    every = "".join(letters.values())
    kept = "".join(letter for a, letter in letters.items() if a not in axes)
    summed = "".join(letter for a, letter in letters.items() if a in axes)
    row = emit.rows(x)
    fold = Fold(emit, primitive, x.dtype)
    return lengths.totals(fold, out, kept, summed, every[-1:], lambda place: row(lengths.index(every[:-1], place)))


for primitive in FOLDS:
    rule(primitive, backend="llvm")(partial(reduce, primitive))


@rule("dot_general", backend="llvm")
def dot_general(emit, out, x, y, *, dimension_numbers):
    """Contract some axes of x and y, pair others: (batch, rest of x, rest of y).

    Rows of y scaled by numbers of x are added up, or, where both end in a contracted axis, rows are multiplied and
    summed; a product whose last axis comes from x is made the other way round.
    """
    of_x, of_y, of_out = _letters(x.shape, y.shape, dimension_numbers)
    lengths = Axes(emit, dict(zip(of_x, x.shape, strict=True)) | dict(zip(of_y, y.shape, strict=True)))
    of_x, of_y, of_out = ("".join(a for a in letters if lengths.lengths[a] > 1) for letters in (of_x, of_y, of_out))
    return _product(emit, lengths, out, (x, of_x), (y, of_y), of_out)


def _letters(x: Sequence[int], y: Sequence[int], dimension_numbers: DimensionNumbers) -> tuple[str, str, str]:
    """A letter for each axis of x, of y and of their product; what is contracted or paired has one letter in both."""
    (x_contracted, y_contracted), (x_batch, y_batch) = dimension_numbers
    of_x = ascii_lowercase[: len(x)]
    pairs = dict(zip((*y_contracted, *y_batch), (*x_contracted, *x_batch), strict=True))
    of_y = "".join(of_x[pairs[j]] if j in pairs else ascii_lowercase[len(x) + j] for j in range(len(y)))
    free_x = [a for i, a in enumerate(of_x) if i not in (*x_contracted, *x_batch)]
    free_y = [a for j, a in enumerate(of_y) if j not in pairs]
    return of_x, of_y, "".join([*(of_x[i] for i in x_batch), *free_x, *free_y])


def _product(emit: Machine, axes: Axes, out: Any, left: Any, right: Any, of_out: str) -> Lanes:
    (x, of_x), (y, of_y) = left, right
    multiply, fold = instruction(emit, "mul", x.dtype), Fold(emit, "reduce_sum", x.dtype)
    if not of_x or not of_y or of_x == of_y == of_out:
        return each(emit, out.shape, out.dtype, [x, y], multiply)
    if of_x[-1] == of_out[-1:] and of_x[-1] not in of_y:
        return _product(emit, axes, out, right, left, of_out)
    summed = "".join(a for a in of_x if a not in of_out)
    if of_y[-1] == of_out[-1:] and of_y[-1] not in of_x:
        number, row, n = emit.numbers(x), emit.rows(y), axes.size(of_y[-1])

        def scaled(place: Place) -> LlvmValue:
            return multiply(emit.splat(number(axes.index(of_x, place)), n), row(axes.index(of_y[:-1], place)))

        if axes.size(summed) <= FEW:  # an outer product, or the sum of a few, is not stored

            def of_few(i: Index) -> LlvmValue:
                place = axes.place(of_out[:-1], i)
                terms = (scaled({**place, **axes.place(summed, k)}) for k in range(axes.size(summed)))
                return in_turn(fold.pair, terms)

            return emit.recipe(out.shape, out.dtype, of_few, elsewhere(x, y))
        return axes.totals(fold, out, of_out, summed, of_y[-1], scaled)
    vector = of_x[-1] if of_x[-1] == of_y[-1] and of_x[-1] in summed else ""
    term_x, term_y = (emit.rows(x), emit.rows(y)) if vector else (emit.numbers(x), emit.numbers(y))
    of_x, of_y = of_x.removesuffix(vector), of_y.removesuffix(vector)

    def term(place: Place) -> LlvmValue:
        return multiply(term_x(axes.index(of_x, place)), term_y(axes.index(of_y, place)))

    return axes.totals(fold, out, of_out, summed, vector, term)


@rule("argmax", backend="llvm")
def argmax(emit, out, x, *, axes):
    return _place_of("reduce_max", emit, out, x, axes)


@rule("argmin", backend="llvm")
def argmin(emit, out, x, *, axes):
    return _place_of("reduce_min", emit, out, x, axes)


def _place_of(primitive: str, emit: Machine, out: Value, x: Lanes, axes: Sequence[int]) -> Lanes:
    """The first place on the last axis of the number that a reduction finds."""
    n = columns(x.shape)
    if x.shape[axes[0]] != n or prod(x.shape[axes[0] :]) != n:
        raise UnsupportedPrimitive(
            f"the place of a maximum over axis {axes[0]} of {x.shape}",
            expected="the last axis",
            mend="use engine='xla'",
        )
    row, fold = emit.rows(x), Fold(emit, primitive, x.dtype)

    def first(i: Index) -> LlvmValue:
        lanes = row(i)
        is_best = instruction(emit, "eq", x.dtype)(lanes, emit.splat(fold.across(lanes, n), n))
        if x.dtype == "float32":  # the best of some that are NaN is NaN, which equals none
            is_best = emit.builder.or_(is_best, emit.builder.fcmp_unordered("uno", lanes, lanes))
        places = emit.counted(n)
        found = emit.builder.select(is_best, places, emit.constant(n, places.type))
        return emit.call("llvm.vector.reduce.smin", INT, emit.narrow(found, n))

    return emit.from_numbers(out.shape, out.dtype, first)
