"""What each primitive means on whole arrays, written once for `numpy` (the definition) and `jax.numpy` (XLA)."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from math import prod
from typing import Any, TypeVar

import numpy as np

from rowwise.program.arrays import Array, Arrays
from rowwise.program.primitives import ELEMENTWISE, REDUCTIONS, RULES, rule, unsupported
from rowwise.program.program import Body, Operand, Step
from rowwise.program.values import Axes, DimensionNumbers, Shape, Value

A = TypeVar("A")  # an array of the library at hand: what comes back is of the library of what goes in


def apply(xp: Arrays, primitive: str, inputs: tuple[A, ...], params: Mapping[str, Any], place: object = None) -> A:
    """`primitive` applied to arrays.

    Raises:
        UnsupportedPrimitive: the table has no row for it; the error names the source line.
    """
    row = ELEMENTWISE.get(primitive)
    if row is not None:
        return getattr(xp, row.arrays)(*inputs) if isinstance(row.arrays, str) else row.arrays(xp, *inputs)
    meaning = RULES["arrays"].get(primitive)
    if meaning is None:
        raise unsupported(primitive, "arrays", place)
    return meaning(xp, *inputs, **params)


def run(xp: Arrays, steps: Iterable[Step], values: dict[str, A]) -> dict[str, A]:
    """`values` by name, and the output of each step."""
    for step in steps:
        inputs = tuple(number(xp, values, operand) for operand in step.inputs)
        values[step.output.name] = apply(xp, step.primitive, inputs, step.params, step.place)
    return values


def number(xp: Arrays, values: Mapping[str, A], operand: Operand) -> A:
    """An operand's numbers: a value already worked out, or a literal."""
    if isinstance(operand, Value):
        return values[operand.name]
    return xp.module.full(operand.shape, operand.value, xp.dtype(operand.dtype))


@rule("integer_pow", backend="arrays")
def integer_pow(xp: Arrays, x: Array, *, y: int) -> Array:
    return x**y if y >= 0 else 1 / x**-y


@rule("convert_element_type", backend="arrays")
def convert_element_type(xp: Arrays, x: Array, *, new_dtype: str) -> Array:
    """A float becomes the whole number towards 0, or the last one there is, and 0 where it is NaN: so XLA has it."""
    x, dtype = xp.asarray(x), xp.dtype(new_dtype)
    if x.dtype.kind == "f" and dtype.kind in "iu" and xp.is_numpy:  # which leaves it to the processor
        inside = xp.clip(x.astype(np.float64), np.iinfo(dtype).min, np.iinfo(dtype).max)
        x = xp.where(xp.isnan(x), 0.0, inside)
    return x.astype(dtype)


@rule("select_n", backend="arrays")
def select_n(xp: Arrays, which: Array, first: Array, second: Array) -> Array:
    """`second` where `which` is true, `first` elsewhere."""
    return xp.where(which, second, first)


@rule("dot_general", backend="arrays")
def dot_general(xp: Arrays, x: Array, y: Array, *, dimension_numbers: DimensionNumbers) -> Array:
    """Contract some axes of x and y, pair others: (batch, rest of x, rest of y)."""
    (x_contracted, y_contracted), (x_batch, y_batch) = dimension_numbers
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    x_axes = [next(letters) for _ in xp.shape(x)]
    y_axes = [next(letters) for _ in xp.shape(y)]
    for i, j in (*zip(x_contracted, y_contracted, strict=True), *zip(x_batch, y_batch, strict=True)):
        y_axes[j] = x_axes[i]
    free_x = [a for i, a in enumerate(x_axes) if i not in (*x_contracted, *x_batch)]
    free_y = [a for j, a in enumerate(y_axes) if j not in (*y_contracted, *y_batch)]
    out = [x_axes[i] for i in x_batch] + free_x + free_y
    return xp.einsum(f"{''.join(x_axes)},{''.join(y_axes)}->{''.join(out)}", x, y)


def _reduction(name: str) -> Callable[..., Array]:
    def reduce(xp: Arrays, x: Array, *, axes: Axes) -> Array:
        x = xp.asarray(x)
        return getattr(xp, name)(x, axis=tuple(axes)).astype(x.dtype)  # NumPy sums int32 as int64

    return reduce


for _row in REDUCTIONS.values():
    rule(_row.name, backend="arrays")(_reduction(_row.arrays))


@rule("argmax", backend="arrays")
def argmax(xp: Arrays, x: Array, *, axes: Axes) -> Array:
    return xp.argmax(x, axis=axes[0])


@rule("argmin", backend="arrays")
def argmin(xp: Arrays, x: Array, *, axes: Axes) -> Array:
    return xp.argmin(x, axis=axes[0])


@rule("cumsum", backend="arrays")
def cumsum(xp: Arrays, x: Array, *, axis: int, reverse: bool) -> Array:
    summed = xp.flip(xp.cumsum(xp.flip(x, axis), axis), axis) if reverse else xp.cumsum(x, axis)
    return summed.astype(x.dtype)


ACCUMULATE = {"cumprod": "multiply", "cummax": "maximum", "cummin": "minimum", "cumlogsumexp": "logaddexp"}


def _accumulation(primitive: str, name: str) -> Callable[..., Array]:
    def accumulate(xp: Arrays, x: Array, *, axis: int, reverse: bool) -> Array:
        if not xp.is_numpy:
            return getattr(xp.lax, primitive)(x, axis, reverse)
        x = xp.flip(x, axis) if reverse else xp.asarray(x)
        found = getattr(xp, name).accumulate(x, axis, dtype=x.dtype)
        return xp.flip(found, axis) if reverse else found

    return accumulate


for _primitive, _name in ACCUMULATE.items():
    rule(_primitive, backend="arrays")(_accumulation(_primitive, _name))


@rule("sort", backend="arrays")
def sort(xp: Arrays, x: Array, *, axis: int) -> Array:
    return xp.sort(x, axis=axis)


@rule("argsort", backend="arrays")
def argsort(xp: Arrays, x: Array, *, axis: int) -> Array:
    """The places that put x in order; of equal numbers the first stays first."""
    return xp.argsort(x, axis=axis, stable=True).astype(np.int32)


@rule("take_at", backend="arrays")
def take_at(xp: Arrays, x: Array, places: Array) -> Array:
    """The numbers of x at flat places that are computed: the nearest place where one lies outside."""
    places = xp.clip(places, 0, prod(xp.shape(x)) - 1)
    return xp.reshape(x, (-1,))[places]


@rule("put_add_at", backend="arrays")
def put_add_at(xp: Arrays, x: Array, places: Array, updates: Array) -> Array:
    """Each number of `updates` added to x at its computed flat place: the derivative of `take_at`."""
    places = xp.reshape(xp.clip(places, 0, prod(xp.shape(x)) - 1), (-1,))
    return put_add(xp, x, updates, indices=places)


@rule("cholesky", backend="arrays")
def cholesky(xp: Arrays, x: Array) -> Array:
    """The lower triangular L with L Lᵀ = x; of NaN where x is not positive."""
    if not xp.is_numpy:
        return xp.lax.linalg.cholesky(x, symmetrize_input=False)
    try:
        return xp.module.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        return xp.tril(xp.full_like(x, np.nan))


@rule("triangular_solve", backend="arrays")
def triangular_solve(
    xp: Arrays, a: Array, b: Array, *, left_side: bool, lower: bool, transpose_a: bool, unit_diagonal: bool
) -> Array:
    """The x with a x = b, or x a = b; of a only one triangle counts, whose diagonal may be 1."""
    if not xp.is_numpy:
        how = {"left_side": left_side, "lower": lower, "transpose_a": transpose_a, "unit_diagonal": unit_diagonal}
        return xp.lax.linalg.triangular_solve(a, b, **how)
    a = xp.tril(a) if lower else xp.triu(a)
    if unit_diagonal:
        a = xp.where(xp.eye(a.shape[-1], dtype=bool), 1.0, a)
    a = xp.swapaxes(a, -1, -2) if transpose_a != (not left_side) else a
    b = b if left_side else xp.swapaxes(b, -1, -2)
    try:
        x = xp.module.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        x = xp.full_like(b, np.nan)
    return x if left_side else xp.swapaxes(x, -1, -2)


@rule("lu", backend="arrays")
def lu(xp: Arrays, x: Array, *, result: int) -> Array:
    """0: L below the diagonal and U above; 1: what each line was exchanged for; 2: the lines in their new order."""
    if not xp.is_numpy:
        return xp.lax.linalg.lu(x)[result]
    packed, pivots = import_module("scipy.linalg").lu_factor(x, check_finite=False)
    order = list(range(x.shape[-2]))
    for k, other in enumerate(pivots):
        order[k], order[other] = order[other], order[k]
    return (packed, pivots.astype(np.int32), xp.asarray(order, np.int32))[result]


@rule("broadcast_in_dim", backend="arrays")
def broadcast_in_dim(xp: Arrays, x: Array, *, shape: Shape, broadcast_dimensions: Axes) -> Array:
    """Axis i of x becomes axis `broadcast_dimensions[i]` of `shape`; the others repeat."""
    old = dict(zip(broadcast_dimensions, xp.shape(x), strict=True))
    return xp.broadcast_to(xp.reshape(x, [old.get(axis, 1) for axis in range(len(shape))]), shape)


@rule("reshape", "squeeze", "expand_dims", backend="arrays")
def reshape(xp: Arrays, x: Array, *, shape: Shape) -> Array:
    return xp.reshape(x, shape)


@rule("transpose", backend="arrays")
def transpose(xp: Arrays, x: Array, *, permutation: Axes) -> Array:
    return xp.transpose(x, permutation)


@rule("rev", backend="arrays")
def rev(xp: Arrays, x: Array, *, dimensions: Axes) -> Array:
    return xp.flip(x, tuple(dimensions))


@rule("concatenate", backend="arrays")
def concatenate(xp: Arrays, *parts: Array, dimension: int) -> Array:
    return xp.concatenate(parts, axis=dimension)


@rule("stack", backend="arrays")
def stack(xp: Arrays, *parts: Array, axis: int) -> Array:
    return xp.stack(parts, axis=axis)


@rule("slice", backend="arrays")
def slice_(xp: Arrays, x: Array, *, start_indices: Shape, limit_indices: Shape, strides: Shape | None = None) -> Array:
    steps = strides or (1,) * len(start_indices)
    return x[tuple(slice(a, b, s) for a, b, s in zip(start_indices, limit_indices, steps, strict=True))]


@rule("pad", backend="arrays")
def pad(xp: Arrays, x: Array, value: Array, *, padding_config: tuple[tuple[int, int, int], ...]) -> Array:
    """(before, after, between) numbers of `value` on each axis; a negative count cuts."""
    for axis, (low, high, between) in enumerate(padding_config):
        if between and x.shape[axis] > 1:
            spread = xp.full([*x.shape[:axis], x.shape[axis], between + 1, *x.shape[axis + 1 :]], value, x.dtype)
            spread = xp.put(spread, (slice(None),) * axis + (slice(None), 0), x)
            length = x.shape[axis] * (between + 1)
            flat = xp.reshape(spread, [*x.shape[:axis], length, *x.shape[axis + 1 :]])
            x = flat[(slice(None),) * axis + (slice(0, length - between),)]
        x = x[(slice(None),) * axis + (slice(max(0, -low), x.shape[axis] - max(0, -high)),)]
        shapes = ((*x.shape[:axis], max(0, count), *x.shape[axis + 1 :]) for count in (low, high))
        before, after = (xp.full(shape, value, x.dtype) for shape in shapes)
        x = xp.concatenate([before, x, after], axis=axis)
    return x


@rule("take", backend="arrays")
def take(xp: Arrays, x: Array, *, indices: Shape, shape: Shape) -> Array:
    """The numbers of x at fixed flat places: what indexing by a constant comes down to."""
    return xp.reshape(xp.reshape(x, (-1,))[np.asarray(indices, np.int32)], shape)


@rule("put_add", backend="arrays")
def put_add(xp: Arrays, x: Array, updates: Array, *, indices: Shape | Array) -> Array:
    """Each number of `updates` added to x at its fixed flat place: the derivative of `take`."""
    places, added = xp.asarray(indices, np.int32), xp.reshape(updates, (-1,))
    sums = xp.add_at(xp.zeros(prod(xp.shape(x)), added.dtype), places, added)
    return x + xp.reshape(sums, xp.shape(x))


@rule("scan", backend="arrays")
def scan(xp: Arrays, *inputs: Array, body: Body, length: int, reverse: bool) -> Array:
    """`length` rounds of a body: what each hands on and gives, end to end as one line, (length, width)."""
    known = dict(zip((value.name for value in body.inputs), inputs, strict=True))
    first = tuple(xp.asarray(known[value.name], xp.dtype(value.dtype)) for value in body.carried)

    def one_round(carried: tuple[Array, ...], parts: tuple[Array, ...]) -> tuple[tuple[Array, ...], Array]:
        values = dict(known)
        values |= zip((value.name for value in (*body.carried, *body.parts)), (*carried, *parts), strict=True)
        run(xp, body.steps, values)
        results = [xp.asarray(number(xp, values, result)) for result in body.results]
        line = xp.concatenate([xp.reshape(result, (-1,)).astype(xp.float_type) for result in results])
        return tuple(results[: len(body.carried)]), line

    return xp.loop(one_round, first, tuple(known[value.name] for value in body.parts), length, reverse=reverse)
