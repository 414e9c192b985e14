"""Primitives that only move numbers about, as machine code: all are one rule.

The definition in `arrays.py`, run on the *places* of the numbers, says which number comes where. Few numbers are
moved by shuffles of vectors; the rows of a large value are found where they lie in memory.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import prod

import numpy as np

from rowwise.backends.llvm.emit.builder import FEW, INDEX, Index, LlvmValue
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, Walked, columns
from rowwise.backends.llvm.rules.primitives import each, elsewhere, instruction, reads
from rowwise.program.array_rules import Arrays
from rowwise.program.primitives import MOVES, RULES, rule

PLACES = Arrays(np, np.int64)


def move(primitive, emit, out, *inputs, **params):
    """The definition of `primitive`, run on the places of the inputs' numbers laid end to end."""
    places, at = [], 0
    for x in inputs:
        places.append(np.arange(at, at + prod(x.shape)).reshape(x.shape))
        at += prod(x.shape)
    return moved(emit, inputs, np.asarray(RULES["arrays"][primitive](PLACES, *places, **params)))


for primitive in MOVES:
    rule(primitive, backend="llvm")(partial(move, primitive))


def moved(emit: Machine, inputs: Sequence[Lanes], places: np.ndarray) -> Lanes:
    """The value whose numbers are those at `places` of the inputs laid end to end."""
    shape, dtype = places.shape, inputs[0].dtype
    table = places.reshape(-1, columns(shape))
    if len(table) <= FEW and not any(isinstance(x, Walked) and x.n_rows > FEW for x in inputs):
        vectors = [part for x in inputs for part in parts(x)]
        return emit.recipe(shape, dtype, lambda i: emit.assemble(vectors, table[i]), frozenset())
    make, aligned = _row_reader(emit, inputs[0] if len(inputs) == 1 else _end_to_end(emit, inputs), table)
    return emit.recipe(shape, dtype, make, reads(*inputs) if aligned else elsewhere(*inputs))


def parts(x: Lanes) -> list[tuple[LlvmValue, int]]:
    """The rows at hand of a value, each with its size."""
    if isinstance(x, Flat):
        return [(x.lanes, prod(x.shape))]
    return [(x.row(i), x.columns) for i in range(x.n_rows)]


def _end_to_end(emit: Machine, inputs: Sequence[Lanes]) -> Lanes:
    """The inputs' numbers copied into one piece of memory."""
    size, dtype, at = sum(prod(x.shape) for x in inputs), inputs[0].dtype, 0
    room = emit.scratch(dtype, size)
    for x in inputs:
        emit.copy(x, room, offset=at)
        at += prod(x.shape)
    return Walked((size,), dtype, lambda i: room, room)


def _row_reader(emit: Machine, x: Lanes, table: np.ndarray) -> tuple[Callable[[Index], LlvmValue], bool]:
    """What makes row i of the numbers of x at the places `table[i]`, and whether that is row i of x itself."""
    starts, n = table[:, 0], table.shape[1]
    in_one_piece = (table == starts[:, None] + np.arange(n)).all()
    if in_one_piece and isinstance(x, Walked) and x.columns == n and not (starts % n).any():
        row_at, read = _whole_number(emit, starts // n), emit.rows(x)
        return lambda i: read(row_at(i)), bool((starts == n * np.arange(len(starts))).all())
    number = emit.numbers(x)
    if (table == starts[:, None]).all():  # each row repeats one number
        start_at = _whole_number(emit, starts)
        return lambda i: emit.splat(number(start_at(i)), n), False
    room, dtype = emit.memory(x), x.dtype
    if in_one_piece:
        start_at = _whole_number(emit, starts)
        return lambda i: emit.load(room, dtype, n, offset=start_at(i)), False
    listed = emit.listed(table)

    def gather(i: Index) -> LlvmValue:
        return emit.gather(room, dtype, emit.load(listed, "int32", n, offset=emit.times(i, n)), n)

    return gather, False


def _whole_number(emit: Machine, numbers: np.ndarray) -> Callable[[Index], Index]:
    """numbers[i] as an index: a + b·i where they run so, else read from a list in the code."""
    step = int(numbers[1] - numbers[0]) if len(numbers) > 1 else 0
    if (numbers == numbers[0] + step * np.arange(len(numbers))).all():
        return lambda i: emit.plus(emit.times(i, step), int(numbers[0]))
    listed = emit.listed(numbers)

    def read(i: Index) -> Index:
        if isinstance(i, int):
            return int(numbers[i])
        return emit.builder.zext(emit.load(listed, "int32", offset=i), INDEX)

    return read


@rule("put_add", backend="llvm")
def put_add(emit, out, x, updates, *, indices):
    """Each number of `updates` added to x at its fixed flat place; as many rounds as the busiest place has numbers."""
    size = prod(updates.shape)
    queues: dict[int, list[int]] = {}
    for k, place in enumerate(indices):
        queues.setdefault(place, []).append(k)
    for turn in range(max(map(len, queues.values()), default=0)):
        places = np.full(prod(x.shape), size)  # the place of the zero behind the updates
        for place, queue in queues.items():
            if turn < len(queue):
                places[place] = queue[turn]
        x = _add(emit, x, moved(emit, [updates, _zero(emit, x)], places.reshape(x.shape)))
    return x


# accumulation   two numbers meet by   what is before the first: floats, integers
ACCUMULATE = {
    "cumsum": ("add", 0.0, 0),
    "cumprod": ("mul", 1.0, 1),
    "cummax": ("max", float("-inf"), -(2**31)),
    "cummin": ("min", float("inf"), 2**31 - 1),
}


def accumulate(primitive, emit, out, x, *, axis, reverse):
    """Sums of 1, 2, 4, 8 … neighbours: each round adds the numbers twice as far away."""
    pair, *starts = ACCUMULATE[primitive]
    meet, start = instruction(emit, pair, x.dtype), _number(emit, x.dtype, starts[x.dtype != "float32"])
    places = np.arange(prod(x.shape)).reshape(x.shape)
    distance = 1
    while distance < x.shape[axis]:
        shifted = np.full(x.shape, prod(x.shape))  # the place of what is before the first, behind x
        far, near = (np.s_[distance:], np.s_[:-distance]) if not reverse else (np.s_[:-distance], np.s_[distance:])
        before = (np.s_[:],) * axis
        shifted[(*before, far)] = places[(*before, near)]
        x = each(emit, x.shape, x.dtype, [x, moved(emit, [x, start], shifted)], meet)
        distance *= 2
    return x


for primitive in ACCUMULATE:
    rule(primitive, backend="llvm")(partial(accumulate, primitive))


def _zero(emit: Machine, x: Lanes) -> Lanes:
    return _number(emit, x.dtype, 0)


def _number(emit: Machine, dtype: str, number: float) -> Lanes:
    return Flat((), dtype, emit.constant(number, emit.type(dtype)))


def _add(emit: Machine, x: Lanes, y: Lanes) -> Lanes:
    return each(emit, x.shape, x.dtype, [x, y], instruction(emit, "add", x.dtype))
