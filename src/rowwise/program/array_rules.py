"""What each primitive means on whole arrays, written once for `numpy` (the definition) and `jax.numpy` (XLA).

`Arrays(numpy, float64)` gives the slow, exact meaning; `Arrays(jax.numpy, float32)` the same code for XLA to compile.
"""

from collections.abc import Callable, Iterable, Mapping
from math import prod
from types import ModuleType
from typing import Any

import numpy as np

from rowwise.program.primitives import ELEMENTWISE, REDUCTIONS, RULES, rule, unsupported

Array = Any


class Arrays:
    """An array module and the float type that stands for the program's float32."""

    def __init__(self, module: ModuleType, float_type: type):
        self.module = module
        self.float_type = float_type

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)

    def dtype(self, name: str) -> Any:
        return self.float_type if name == "float32" else np.dtype(name)

    def loop(self, round_: Callable[..., Any], first: tuple, parts: tuple, length: int, *, reverse: bool) -> Array:
        """The second results of `round_(carried, part) -> (carried, line)`, stacked: (length, …)."""
        if self.module is not np:
            import jax

            return jax.lax.scan(round_, first, parts, length, reverse)[1]
        lines: list[Any] = [None] * length
        for k in reversed(range(length)) if reverse else range(length):
            first, lines[k] = round_(first, tuple(part[k] for part in parts))
        return np.stack(lines)

    @property
    def lax(self) -> Any:
        """`jax.lax`, for what `jax.numpy` lacks."""
        import jax

        return jax.lax

    def special(self, name: str) -> Any:
        """A function that NumPy lacks and SciPy has, from the library that fits the array module."""
        if self.module is np:
            import scipy.special

            return getattr(scipy.special, name)
        import jax.scipy.special

        return getattr(jax.scipy.special, name)


def apply(xp: Arrays, primitive: str, inputs: tuple[Array, ...], params: Mapping[str, Any], place: Any = None) -> Array:
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


def run(xp: Arrays, steps: Iterable[Any], values: dict[str, Array]) -> dict[str, Array]:
    """`values` by name, and the output of each step."""
    for step in steps:
        inputs = tuple(number(xp, values, operand) for operand in step.inputs)
        values[step.output.name] = apply(xp, step.primitive, inputs, step.params, step.place)
    return values


def number(xp: Arrays, values: Mapping[str, Array], operand: Any) -> Array:
    """An operand's numbers: a value already worked out, or a literal, which has no name."""
    if hasattr(operand, "name"):
        return values[operand.name]
    return xp.full(operand.shape, operand.value, xp.dtype(operand.dtype))


@rule("integer_pow", backend="arrays")
def integer_pow(xp, x, *, y):
    return x**y if y >= 0 else 1 / x**-y


@rule("convert_element_type", backend="arrays")
def convert_element_type(xp, x, *, new_dtype):
    """A float becomes the whole number towards 0, or the last one there is, and 0 where it is NaN: so XLA has it."""
    x, dtype = xp.asarray(x), np.dtype(xp.dtype(new_dtype))
    if x.dtype.kind == "f" and dtype.kind in "iu" and xp.module is np:  # which leaves it to the processor
        inside = np.clip(x.astype(np.float64), np.iinfo(dtype).min, np.iinfo(dtype).max)
        x = np.where(np.isnan(x), 0.0, inside)
    return x.astype(dtype)


@rule("select_n", backend="arrays")
def select_n(xp, which, first, second):
    """`second` where `which` is true, `first` elsewhere."""
    return xp.where(which, second, first)


@rule("dot_general", backend="arrays")
def dot_general(xp, x, y, *, dimension_numbers):
    """Contract some axes of x and y, pair others: (batch, rest of x, rest of y)."""
    (x_contracted, y_contracted), (x_batch, y_batch) = dimension_numbers
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    x_axes = [next(letters) for _ in range(xp.ndim(x))]
    y_axes = [next(letters) for _ in range(xp.ndim(y))]
    for i, j in (*zip(x_contracted, y_contracted, strict=True), *zip(x_batch, y_batch, strict=True)):
        y_axes[j] = x_axes[i]
    free_x = [a for i, a in enumerate(x_axes) if i not in (*x_contracted, *x_batch)]
    free_y = [a for j, a in enumerate(y_axes) if j not in (*y_contracted, *y_batch)]
    out = [x_axes[i] for i in x_batch] + free_x + free_y
    return xp.einsum(f"{''.join(x_axes)},{''.join(y_axes)}->{''.join(out)}", x, y)


def _reduction(name: str) -> Callable[..., Array]:
    def reduce(xp, x, *, axes):
        x = xp.asarray(x)
        return getattr(xp, name)(x, axis=tuple(axes)).astype(x.dtype)  # NumPy sums int32 as int64

    return reduce


for _row in REDUCTIONS.values():
    rule(_row.name, backend="arrays")(_reduction(_row.arrays))


@rule("argmax", backend="arrays")
def argmax(xp, x, *, axes):
    return xp.argmax(x, axis=axes[0])


@rule("argmin", backend="arrays")
def argmin(xp, x, *, axes):
    return xp.argmin(x, axis=axes[0])


@rule("cumsum", backend="arrays")
def cumsum(xp, x, *, axis, reverse):
    summed = xp.flip(xp.cumsum(xp.flip(x, axis), axis), axis) if reverse else xp.cumsum(x, axis)
    return summed.astype(x.dtype)


ACCUMULATE = {"cumprod": "multiply", "cummax": "maximum", "cummin": "minimum", "cumlogsumexp": "logaddexp"}


def _accumulation(primitive: str, name: str) -> Callable[..., Array]:
    def accumulate(xp, x, *, axis, reverse):
        if xp.module is not np:
            return getattr(xp.lax, primitive)(x, axis, reverse)
        x = np.flip(x, axis) if reverse else np.asarray(x)
        found = getattr(np, name).accumulate(x, axis, dtype=x.dtype)
        return np.flip(found, axis) if reverse else found

    return accumulate


for _primitive, _name in ACCUMULATE.items():
    rule(_primitive, backend="arrays")(_accumulation(_primitive, _name))


@rule("sort", backend="arrays")
def sort(xp, x, *, axis):
    return xp.sort(x, axis=axis)


@rule("argsort", backend="arrays")
def argsort(xp, x, *, axis):
    """The places that put x in order; of equal numbers the first stays first."""
    return xp.argsort(x, axis=axis, stable=True).astype(np.int32)


@rule("take_at", backend="arrays")
def take_at(xp, x, places):
    """The numbers of x at flat places that are computed: the nearest place where one lies outside."""
    places = xp.clip(places, 0, prod(xp.shape(x)) - 1)
    return xp.reshape(x, (-1,))[places]


@rule("put_add_at", backend="arrays")
def put_add_at(xp, x, places, updates):
    """Each number of `updates` added to x at its computed flat place: the derivative of `take_at`."""
    places = xp.reshape(xp.clip(places, 0, prod(xp.shape(x)) - 1), (-1,))
    return put_add(xp, x, updates, indices=places)


@rule("cholesky", backend="arrays")
def cholesky(xp, x):
    """The lower triangular L with L Lᵀ = x; of NaN where x is not positive."""
    if xp.module is not np:
        return xp.lax.linalg.cholesky(x, symmetrize_input=False)
    try:
        return np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        return np.tril(np.full_like(x, np.nan))


@rule("triangular_solve", backend="arrays")
def triangular_solve(xp, a, b, *, left_side, lower, transpose_a, unit_diagonal):
    """The x with a x = b, or x a = b; of a only one triangle counts, whose diagonal may be 1."""
    if xp.module is not np:
        how = {"left_side": left_side, "lower": lower, "transpose_a": transpose_a, "unit_diagonal": unit_diagonal}
        return xp.lax.linalg.triangular_solve(a, b, **how)
    a = np.tril(a) if lower else np.triu(a)
    if unit_diagonal:
        a = np.where(np.eye(a.shape[-1], dtype=bool), 1.0, a)
    a = np.swapaxes(a, -1, -2) if transpose_a != (not left_side) else a
    b = b if left_side else np.swapaxes(b, -1, -2)
    try:
        x = np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        x = np.full_like(b, np.nan)
    return x if left_side else np.swapaxes(x, -1, -2)


@rule("lu", backend="arrays")
def lu(xp, x, *, result):
    """0: L below the diagonal and U above; 1: what each line was exchanged for; 2: the lines in their new order."""
    if xp.module is not np:
        return xp.lax.linalg.lu(x)[result]
    import scipy.linalg

    packed, pivots = scipy.linalg.lu_factor(x, check_finite=False)
    order = list(range(x.shape[-2]))
    for k, other in enumerate(pivots):
        order[k], order[other] = order[other], order[k]
    return (packed, pivots.astype(np.int32), np.array(order, np.int32))[result]


@rule("broadcast_in_dim", backend="arrays")
def broadcast_in_dim(xp, x, *, shape, broadcast_dimensions):
    """Axis i of x becomes axis `broadcast_dimensions[i]` of `shape`; the others repeat."""
    old = dict(zip(broadcast_dimensions, xp.shape(x), strict=True))
    return xp.broadcast_to(xp.reshape(x, [old.get(axis, 1) for axis in range(len(shape))]), shape)


@rule("reshape", "squeeze", "expand_dims", backend="arrays")
def reshape(xp, x, *, shape):
    return xp.reshape(x, shape)


@rule("transpose", backend="arrays")
def transpose(xp, x, *, permutation):
    return xp.transpose(x, permutation)


@rule("rev", backend="arrays")
def rev(xp, x, *, dimensions):
    return xp.flip(x, tuple(dimensions))


@rule("concatenate", backend="arrays")
def concatenate(xp, *parts, dimension):
    return xp.concatenate(parts, axis=dimension)


@rule("stack", backend="arrays")
def stack(xp, *parts, axis):
    return xp.stack(parts, axis=axis)


@rule("slice", backend="arrays")
def slice_(xp, x, *, start_indices, limit_indices, strides=None):
    steps = strides or (1,) * len(start_indices)
    return x[tuple(slice(a, b, s) for a, b, s in zip(start_indices, limit_indices, steps, strict=True))]


@rule("pad", backend="arrays")
def pad(xp, x, value, *, padding_config):
    """(before, after, between) numbers of `value` on each axis; a negative count cuts."""
    for axis, (low, high, between) in enumerate(padding_config):
        parts = []
        if between and x.shape[axis] > 1:
            spread = xp.full([*x.shape[:axis], x.shape[axis], between + 1, *x.shape[axis + 1 :]], value, x.dtype)
            index = (slice(None),) * axis + (slice(None), 0)
            spread = spread.at[index].set(x) if hasattr(spread, "at") else _set(spread, index, x)
            length = x.shape[axis] * (between + 1)
            flat = xp.reshape(spread, [*x.shape[:axis], length, *x.shape[axis + 1 :]])
            x = flat[(slice(None),) * axis + (slice(0, length - between),)]
        x = x[(slice(None),) * axis + (slice(max(0, -low), x.shape[axis] - max(0, -high)),)]
        for count in (max(0, low), None, max(0, high)):
            shape = [*x.shape[:axis], count, *x.shape[axis + 1 :]]
            parts.append(x if count is None else xp.full(shape, value, x.dtype))
        x = xp.concatenate(parts, axis=axis)
    return x


@rule("take", backend="arrays")
def take(xp, x, *, indices, shape):
    """The numbers of x at fixed flat places: what indexing by a constant comes down to."""
    return xp.reshape(xp.reshape(x, (-1,))[np.asarray(indices, np.int32)], shape)


@rule("put_add", backend="arrays")
def put_add(xp, x, updates, *, indices):
    """Each number of `updates` added to x at its fixed flat place: the derivative of `take`."""
    places, added = xp.asarray(indices, np.int32), xp.reshape(updates, (-1,))
    sums = xp.zeros(prod(xp.shape(x)), added.dtype)
    if hasattr(sums, "at"):
        sums = sums.at[places].add(added)
    else:
        np.add.at(sums, places, added)
    return x + xp.reshape(sums, xp.shape(x))


@rule("scan", backend="arrays")
def scan(xp, *inputs, body, length, reverse):
    """`length` rounds of a body: what each hands on and gives, end to end as one line, (length, width)."""
    known = dict(zip((value.name for value in body.inputs), inputs, strict=True))
    first = tuple(xp.asarray(known[value.name], xp.dtype(value.dtype)) for value in body.carried)

    def one_round(carried, parts):
        values = dict(known)
        values |= zip((value.name for value in (*body.carried, *body.parts)), (*carried, *parts), strict=True)
        run(xp, body.steps, values)
        results = [xp.asarray(number(xp, values, result)) for result in body.results]
        line = xp.concatenate([xp.reshape(result, (-1,)).astype(xp.float_type) for result in results])
        return tuple(results[: len(body.carried)]), line

    return xp.loop(one_round, first, tuple(known[value.name] for value in body.parts), length, reverse=reverse)


def _set(array, index, values):
    array[index] = values
    return array
