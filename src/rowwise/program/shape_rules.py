"""What each primitive gives, told from what it takes: shapes and types in, the shape and the type of the result out.

Nothing is computed: a product of 16,000 × 16,000 numbers is told as fast as one of two. A rule refuses parameters that
are not whole numbers, reach outside an array, or that its primitive does not have; so whoever computes need not ask.
`work` is how many numbers a primitive reads, multiplies or writes.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple, Protocol

from rowwise.narrow import ints_of, is_list
from rowwise.program.primitives import ELEMENTWISE, PRIMITIVES, RULES, Matrices, rule, unsupported
from rowwise.program.program import Body
from rowwise.program.values import DimensionNumbers, Shape

DTYPES = ("float32", "int32", "bool")
LARGEST_POWER = 1 << 16


class Operand(Protocol):
    """A value or a literal."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> str: ...
    @property
    def size(self) -> int: ...


class Told(NamedTuple):
    """The shape and the type of what a primitive gives."""

    shape: Shape
    dtype: str


class Misfit(ValueError):
    """What a primitive is given does not fit it."""


def told(primitive: str, inputs: Sequence[Operand], params: Mapping[str, Any], place: object = None) -> Told:
    """The shape and the type of `primitive` applied to `inputs`.

    Raises:
        UnsupportedPrimitive: the table has no row for it.
        Misfit: the inputs or the parameters are not what it takes.
    """
    row = ELEMENTWISE.get(primitive)
    if row is None and primitive not in RULES["shapes"]:
        raise unsupported(primitive, "arrays", place)
    if row is not None:
        _fit(not params, f"{primitive} has no parameters")
        return _number_by_number(row.takes, inputs)
    try:
        return RULES["shapes"][primitive](*inputs, **params)
    except TypeError as error:  # too many inputs, too few, a parameter that the rule does not know
        raise Misfit(str(error)) from None


def work(primitive: str, inputs: Sequence[Operand], params: Mapping[str, Any], out: Operand) -> int:
    """How many numbers the primitive reads, multiplies or writes, whichever is the most."""
    most = max(out.size, *(x.size for x in inputs), 0) if inputs else out.size
    if primitive == "dot_general":
        numbers: DimensionNumbers = params["dimension_numbers"]
        (contracted, _), _ = numbers
        return max(most, out.size * prod(inputs[0].shape[axis] for axis in contracted))
    return most * max(inputs[0].shape) if isinstance(PRIMITIVES[primitive], Matrices) else most


def _number_by_number(takes: str, inputs: Sequence[Operand]) -> Told:
    """All of one shape, a single number goes with every one; of one type where the letter is one.

    "nn>b": two numbers of the same type in, a truth value out.
    """
    taken, _, gives = takes.partition(">")
    _fit(len(inputs) == len(taken), f"it takes {len(taken)} values")
    dtypes = {"b": "bool"}
    for letter, x in zip(taken, inputs, strict=True):
        _of(x, letter)
        _fit(dtypes.setdefault(letter, x.dtype) == x.dtype, "it takes values of one type")
    return Told(_shared_shape(inputs), dtypes[gives])


CLASSES = {  # the letters of the column `takes`
    "f": {"float32"},
    "i": {"int32"},
    "n": {"float32", "int32"},
    "l": {"bool", "int32"},
    "a": {"float32", "int32", "bool"},
}


def _shared_shape(inputs: Sequence[Operand]) -> Shape:
    shapes = {x.shape for x in inputs} - {()}
    _fit(len(shapes) < 2, f"shapes {' and '.join(map(str, sorted(shapes)))} are not one")
    return next(iter(shapes), ())


# What the parameters have to be


def _fit(fits: bool, otherwise: str) -> None:
    if not fits:
        raise Misfit(otherwise)


def _listed(given: object, otherwise: str, n: int | None = None) -> Sequence[object]:
    """A list, of `n` things where that is told."""
    listed = given if is_list(given) else ()
    _fit(is_list(given) and n in (None, len(listed)), otherwise)
    return listed


def _ints(numbers: object, what: str, *, least: int = 0, below: int | None = None) -> tuple[int, ...]:
    """A list of whole numbers inside a range: what comes from a file may be anything."""
    found = ints_of(numbers)
    inside = found is not None and all(n >= least and (below is None or n < below) for n in found)
    _fit(inside, f"{what} {_short(numbers)} reaches outside")
    return tuple(found or ())


def _axes(axes: object, x: Operand) -> tuple[int, ...]:
    found = _ints(axes, "axis", below=len(x.shape))
    _fit(len(set(found)) == len(found), f"axes {found} name one twice")
    return found


def _axis(axis: object, rank: int) -> int:
    return _ints((axis,), "axis", below=rank)[0]


def _one_type(inputs: Sequence[Operand]) -> str:
    dtypes = {x.dtype for x in inputs}
    _fit(len(dtypes) == 1, "it takes values of one type")
    return dtypes.pop()


def _of(x: Operand, kinds: str) -> None:
    _fit(x.dtype in CLASSES[kinds], f"it takes {' or '.join(sorted(CLASSES[kinds]))}")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 40 else f"{text[:40]}…"


# The rules


@rule("integer_pow", backend="shapes")
def integer_pow(x: Operand, *, y: object) -> Told:
    _of(x, "n")
    power = y if type(y) is int else LARGEST_POWER + 1
    _fit(abs(power) <= LARGEST_POWER, f"the power {_short(y)} is no whole number up to {LARGEST_POWER}")
    _fit(power >= 0 or x.dtype == "float32", "a whole number has no negative power")
    return Told(x.shape, x.dtype)


@rule("convert_element_type", backend="shapes")
def convert_element_type(x: Operand, *, new_dtype: object) -> Told:
    _fit(new_dtype in DTYPES, f"there is no type {_short(new_dtype)}")
    return Told(x.shape, str(new_dtype))


@rule("select_n", backend="shapes")
def select_n(which: Operand, first: Operand, second: Operand) -> Told:
    _fit(which.dtype == "bool", "it chooses by truth values")
    return Told(_shared_shape((which, first, second)), _one_type((first, second)))


@rule("dot_general", backend="shapes")
def dot_general(x: Operand, y: Operand, *, dimension_numbers: object) -> Told:
    otherwise = "it takes the axes as ((of x, of y), (paired of x, paired of y))"
    pairs = [_listed(pair, otherwise, 2) for pair in _listed(dimension_numbers, otherwise, 2)]
    (of_x, of_y), (paired_x, paired_y) = ([_listed(axes, otherwise) for axes in pair] for pair in pairs)
    all_x, all_y = _axes((*of_x, *paired_x), x), _axes((*of_y, *paired_y), y)
    _fit(len(of_x) == len(of_y) and len(paired_x) == len(paired_y), "axes go in pairs")
    dtype = _one_type((x, y))
    _of(x, "n")
    together = zip(all_x, all_y, strict=True)
    _fit(all(x.shape[i] == y.shape[j] for i, j in together), f"{x.shape} and {y.shape} do not fit together")
    free_x = [n for i, n in enumerate(x.shape) if i not in all_x]
    free_y = [n for j, n in enumerate(y.shape) if j not in all_y]
    return Told((*(x.shape[i] for i in all_x[len(of_x) :]), *free_x, *free_y), dtype)


def _reduction(kinds: str, *, of_nothing: bool) -> Callable[..., Told]:
    def reduction(x: Operand, *, axes: object) -> Told:
        _of(x, kinds)
        gone = _axes(axes, x)
        _fit(of_nothing or all(x.shape[axis] for axis in gone), "of nothing there is none")
        return Told(tuple(n for axis, n in enumerate(x.shape) if axis not in gone), x.dtype)

    return reduction


rule("reduce_sum", "reduce_prod", backend="shapes")(_reduction("n", of_nothing=True))
rule("reduce_max", "reduce_min", backend="shapes")(_reduction("n", of_nothing=False))


@rule("reduce_and", "reduce_or", backend="shapes")
def reduce_truth(x: Operand, *, axes: object) -> Told:
    _fit(x.dtype == "bool", "it takes truth values")
    gone = _axes(axes, x)
    return Told(tuple(n for axis, n in enumerate(x.shape) if axis not in gone), "bool")


@rule("argmax", "argmin", backend="shapes")
def argmax(x: Operand, *, axes: object) -> Told:
    _of(x, "n")
    gone = _axes(axes, x)
    _fit(len(gone) == 1 and x.shape[gone[0]] > 0, "it takes one axis that is not empty")
    return Told(tuple(n for axis, n in enumerate(x.shape) if axis not in gone), "int32")


@rule("cumsum", "cumprod", "cummax", "cummin", backend="shapes")
def cumsum(x: Operand, *, axis: object, reverse: object) -> Told:
    _of(x, "n")
    _axis(axis, len(x.shape))
    _fit(type(reverse) is bool, "reverse is true or false")
    return Told(x.shape, x.dtype)


@rule("cumlogsumexp", backend="shapes")
def cumlogsumexp(x: Operand, *, axis: object, reverse: object) -> Told:
    _of(x, "f")
    return cumsum(x, axis=axis, reverse=reverse)


@rule("sort", backend="shapes")
def sort(x: Operand, *, axis: object) -> Told:
    _of(x, "n")
    _axis(axis, len(x.shape))
    return Told(x.shape, x.dtype)


@rule("argsort", backend="shapes")
def argsort(x: Operand, *, axis: object) -> Told:
    return Told(sort(x, axis=axis).shape, "int32")


@rule("take_at", backend="shapes")
def take_at(x: Operand, places: Operand) -> Told:
    _fit(places.dtype == "int32" and x.size > 0, "it takes int32 places of something that is not empty")
    return Told(places.shape, x.dtype)


@rule("put_add_at", backend="shapes")
def put_add_at(x: Operand, places: Operand, updates: Operand) -> Told:
    take_at(x, places)
    _of(x, "n")
    _fit(updates.shape == places.shape and updates.dtype == x.dtype, "it takes a place for each number")
    return Told(x.shape, x.dtype)


@rule("cholesky", backend="shapes")
def cholesky(x: Operand) -> Told:
    _square(x)
    return Told(x.shape, x.dtype)


@rule("triangular_solve", backend="shapes")
def triangular_solve(
    a: Operand, b: Operand, *, left_side: object, lower: object, transpose_a: object, unit_diagonal: object
) -> Told:
    _square(a)
    _fit(all(type(how) is bool for how in (left_side, lower, transpose_a, unit_diagonal)), "how is true or false")
    fits = len(b.shape) == len(a.shape) and b.shape[:-2] == a.shape[:-2] and b.dtype == "float32"
    _fit(fits and b.shape[-2 if left_side else -1] == a.shape[-1], f"{a.shape} and {b.shape} do not fit together")
    return Told(b.shape, b.dtype)


@rule("lu", backend="shapes")
def lu(x: Operand, *, result: object) -> Told:
    _fit(len(x.shape) == 2 and min(x.shape) > 0 and x.dtype == "float32", "it takes one float32 matrix")
    found = (Told(x.shape, x.dtype), Told((min(x.shape),), "int32"), Told(x.shape[:1], "int32"))
    return found[_ints((result,), "result", below=3)[0]]


def _square(x: Operand) -> None:
    is_square = len(x.shape) >= 2 and x.shape[-1] == x.shape[-2] > 0
    _fit(is_square and x.dtype == "float32", f"{x.shape} holds no square matrices of float32")


@rule("broadcast_in_dim", backend="shapes")
def broadcast_in_dim(x: Operand, *, shape: object, broadcast_dimensions: object) -> Told:
    shape = _ints(shape, "size")
    to = _ints(broadcast_dimensions, "axis", below=len(shape))
    _fit(len(to) == len(x.shape) and list(to) == sorted(set(to)), f"axes {to} do not name each axis once, in order")
    _fit(all(n in (1, shape[axis]) for n, axis in zip(x.shape, to, strict=True)), f"{x.shape} reaches outside {shape}")
    return Told(shape, x.dtype)


@rule("reshape", "squeeze", "expand_dims", backend="shapes")
def reshape(x: Operand, *, shape: object) -> Told:
    shape = _ints(shape, "size")
    _fit(prod(shape) == x.size, f"{x.shape} does not fill {shape}")
    return Told(shape, x.dtype)


@rule("transpose", backend="shapes")
def transpose(x: Operand, *, permutation: object) -> Told:
    order = _axes(permutation, x)
    _fit(len(order) == len(x.shape), "it names every axis")
    return Told(tuple(x.shape[axis] for axis in order), x.dtype)


@rule("rev", backend="shapes")
def rev(x: Operand, *, dimensions: object) -> Told:
    _axes(dimensions, x)
    return Told(x.shape, x.dtype)


@rule("concatenate", backend="shapes")
def concatenate(*parts: Operand, dimension: object) -> Told:
    _fit(bool(parts), "it takes one part or more")
    axis = _axis(dimension, len(parts[0].shape))
    around = {(*x.shape[:axis], *x.shape[axis + 1 :]) for x in parts if len(x.shape) > axis}
    fits = len(around) == 1 and all(len(x.shape) == len(parts[0].shape) for x in parts)
    _fit(fits, f"the parts {', '.join(str(x.shape) for x in parts[:4])} do not fit together")
    long = sum(x.shape[axis] for x in parts)
    return Told((*parts[0].shape[:axis], long, *parts[0].shape[axis + 1 :]), _one_type(parts))


@rule("stack", backend="shapes")
def stack(*parts: Operand, axis: object) -> Told:
    _fit(bool(parts) and len({x.shape for x in parts}) == 1, "it takes parts of one shape")
    shape, axis = parts[0].shape, _axis(axis, len(parts[0].shape) + 1)
    return Told((*shape[:axis], len(parts), *shape[axis:]), _one_type(parts))


@rule("slice", backend="shapes")
def slice_(x: Operand, *, start_indices: object, limit_indices: object, strides: object = None) -> Told:
    starts, limits = _ints(start_indices, "start"), _ints(limit_indices, "limit")
    steps = _ints(strides, "stride", least=1) if strides is not None else (1,) * len(x.shape)
    _fit(len(starts) == len(limits) == len(steps) == len(x.shape), "it takes a start and a limit for each axis")
    cuts = list(zip(starts, limits, steps, x.shape, strict=True))
    _fit(all(start <= limit <= n for start, limit, _, n in cuts), f"{starts} to {limits} reaches outside {x.shape}")
    return Told(tuple(-(-(limit - start) // step) for start, limit, step, _ in cuts), x.dtype)


@rule("pad", backend="shapes")
def pad(x: Operand, value: Operand, *, padding_config: object) -> Told:
    _fit(value.shape == (), "it fills up with one number")
    otherwise = "it takes (before, after, between) for each axis"
    shape: list[int] = []
    for n, config in zip(x.shape, _listed(padding_config, otherwise, len(x.shape)), strict=True):
        low, high, between = _three(config, otherwise)
        wide = n + max(n - 1, 0) * between
        _fit(max(0, -low) + max(0, -high) <= wide, f"{(low, high, between)} cuts off more than there is")
        shape.append(low + wide + high)
    return Told(tuple(shape), _one_type((x, value)))


def _three(config: object, otherwise: str) -> tuple[int, int, int]:
    numbers = ints_of(config) or []
    _fit(len(numbers) == 3 and numbers[2] >= 0, otherwise)
    return numbers[0], numbers[1], numbers[2]


@rule("take", backend="shapes")
def take(x: Operand, *, indices: object, shape: object) -> Told:
    shape = _ints(shape, "size")
    _fit(prod(shape) == len(_ints(indices, "place", below=x.size)), f"so many places do not fill {shape}")
    return Told(shape, x.dtype)


@rule("put_add", backend="shapes")
def put_add(x: Operand, updates: Operand, *, indices: object) -> Told:
    _fit(_one_type((x, updates)) == "float32", "it takes float32")
    _fit(updates.size == len(_ints(indices, "place", below=x.size)), "it takes a place for each number")
    return Told(x.shape, x.dtype)


@rule("scan", backend="shapes")
def scan(*inputs: Operand, body: Body, length: object, reverse: object) -> Told:
    rounds = length if type(length) is int else 0
    _fit(rounds >= 1, f"{_short(length)} is no number of rounds")
    _fit(type(reverse) is bool, "reverse is true or false")
    wanted = [(v.shape, v.dtype) for v in (*body.shared, *body.carried)]
    wanted += [((rounds, *v.shape), v.dtype) for v in body.parts]
    given = [(x.shape, x.dtype) for x in inputs]
    _fit(given == wanted, f"of {rounds} rounds is given {', '.join(str(shape) for shape, _ in given)}")
    new = [(o.shape, o.dtype) for o in body.new]
    _fit([(v.shape, v.dtype) for v in body.carried] == new, "it hands on other shapes than it carries")
    _fit(bool(body.results), "its rounds give nothing")
    return Told((rounds, body.width), "float32")
