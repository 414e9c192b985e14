"""An operation of JAX that is no primitive of ours in, steps of several that are out.

Sorting and indexing by numbers that an example computes come down to *places*: flat whole numbers, worked out in steps
of their own. A convolution is a product of the kernel and the windows that it meets, at places that are known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from rowwise.capture.tape import Arg, Known, Tape
from rowwise.program.program import Place, Shape

Params = Mapping[str, Any]
# Each raises NotImplementedError for what of an operation has no steps.
Kinds = Sequence[tuple[Shape, str]]  # the shape and type of each result


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes steps that come of one line."""

    tape: Tape
    place: Place | None

    def __call__(self, primitive: str, inputs: Sequence[Any], shape: Shape, dtype: str, /, **params: object) -> Any:
        return self.tape.write(primitive, inputs, shape, dtype, params, self.place)

    def each(self, primitive: str, *inputs: Arg, dtype: str = "") -> Any:
        """Number by number; a single number goes with every one."""
        shape = next((x.shape for x in inputs if x.shape), ())
        return self(primitive, inputs, shape, dtype or inputs[0].dtype)

    def reshape(self, x: Arg, shape: Shape) -> Any:
        return self("reshape", [x], shape, x.dtype, shape=shape)

    def spread(self, x: Arg, shape: Shape, axes: Sequence[int]) -> Any:
        return self("broadcast_in_dim", [x], shape, x.dtype, shape=shape, broadcast_dimensions=tuple(axes))

    def transpose(self, x: Arg, permutation: Sequence[int]) -> Any:
        if list(permutation) == sorted(permutation):
            return x
        shape = tuple(x.shape[axis] for axis in permutation)
        return self("transpose", [x], shape, x.dtype, permutation=tuple(permutation))

    def first(self, x: Arg, n: int, axis: int) -> Any:
        """The first n along an axis."""
        limits = tuple(n if a == axis else size for a, size in enumerate(x.shape))
        starts = (0,) * len(limits)
        return self("slice", [x], limits, x.dtype, start_indices=starts, limit_indices=limits, strides=None)

    def take(self, x: Arg, places: Arg) -> Any:
        """The numbers of x at flat places, known or computed."""
        if isinstance(places, Known):
            indices = tuple(places.array.ravel().tolist())
            return self("take", [x], places.shape, x.dtype, indices=indices, shape=places.shape)
        return self("take_at", [x, places], places.shape, x.dtype)

    def choose(self, which: Arg, cases: Sequence[Any], shape: Shape, dtype: str) -> Any:
        """Case 0, 1, … by the whole number `which`; the nearest case where it is none of them."""
        chosen = cases[0]
        for k, case in enumerate(cases[1:], 1):
            reached = self("ge", [which, whole(k)], which.shape, "bool")
            chosen = self("select_n", [reached, chosen, case], shape, dtype)
        return chosen


def whole(numbers: object) -> Known:
    return Known(np.asarray(numbers, np.int32))


# In order


def sort(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    """By the first operand; the others go along with it."""
    axis, (shape, dtype) = params["dimension"], gives[0]
    key, *others = args
    if params["num_keys"] > 1:
        raise NotImplementedError("by several keys")
    in_order = write("sort", [key], shape, dtype, axis=axis)
    if not others:
        return [in_order]
    order = write("argsort", [key], shape, "int32", axis=axis)
    return [in_order, *(_along(write, other, order, axis) for other in others)]


def top_k(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    """The largest first: the smallest of -x."""
    (x,), k = args, params["k"]
    axis = params.get("axis", len(x.shape) - 1) % len(x.shape)
    minus = write.each("neg", x)
    least = write("sort", [minus], x.shape, x.dtype, axis=axis)
    order = write("argsort", [minus], x.shape, "int32", axis=axis)
    return [write.each("neg", write.first(least, k, axis)), write.first(order, k, axis)]


def _along(write: Writer, x: Arg, order: Arg, axis: int) -> Any:
    """x in an order along an axis."""
    if isinstance(x, Known) and (np.asarray(x.array) == np.indices(x.shape)[axis]).all():
        return order
    stride = prod(x.shape[axis + 1 :])
    lines = np.arange(prod(x.shape)).reshape(x.shape) - np.indices(x.shape)[axis] * stride
    return write.take(x, write.each("add", write.each("mul", order, whole(stride)), whole(lines)))


# At places that are computed


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of an array at computed starts, and where the axes of a window stand in what is read or written."""

    shape: Shape  # of the array
    sizes: Shape  # of a window, one for each axis of the array
    many: Shape  # windows there are
    starts: Mapping[int, Any]  # by axis: numbers of the shape `many`; the others are 0
    kept: tuple[int, ...]  # the axes of a window that are read or written
    at: tuple[int, ...]  # where these stand among the axes of what is read or written

    def places(self, write: Writer) -> tuple[Any, Any]:
        """The flat places, of windows moved into the array, and whether they were inside."""
        first, inside = whole(np.zeros(self.many)), Known(np.ones(self.many, bool))
        for axis, start in self.starts.items():
            last, stride = self.shape[axis] - self.sizes[axis], prod(self.shape[axis + 1 :])
            nearest = write("clamp", [whole(0), start, whole(last)], self.many, "int32")
            first = write.each("add", first, write.each("mul", nearest, whole(stride)))
            inside = write.each("and", inside, write.each("eq", nearest, start, dtype="bool"))
        strides = [prod(self.shape[axis + 1 :]) for axis in range(len(self.shape))]
        steps = [np.arange(self.sizes[axis]) * strides[axis] for axis in self.kept]
        offsets = sum(np.ix_(*steps), np.int64(0))  # (*kept,)
        shape = (*self.many, *np.shape(offsets))
        front = tuple(range(len(self.many)))
        flat = write.each("add", write.spread(first, shape, front), whole(np.broadcast_to(offsets, shape)))
        return self._in_place(write, flat), self._in_place(write, write.spread(inside, shape, front))

    def _in_place(self, write: Writer, x: Arg) -> Any:
        rest = iter(range(len(self.many)))
        kept = {place: len(self.many) + k for k, place in enumerate(self.at)}
        return write.transpose(x, [kept[axis] if axis in kept else next(rest) for axis in range(len(x.shape))])


def _columns(write: Writer, indices: Arg, index_map: Sequence[int], paired: Mapping[int, int]) -> dict[int, Any]:
    """The starts that the last axis of `indices` holds, by axis of the array; paired axes count along with theirs."""
    many, starts = indices.shape[:-1], {}
    for column, axis in enumerate(index_map):
        cut = ((0,) * len(many) + (column,), (*many, column + 1))
        one = write(
            "slice", [indices], (*many, 1), indices.dtype, start_indices=cut[0], limit_indices=cut[1], strides=None
        )
        starts[axis] = write.reshape(one, many)
    return starts | {axis: whole(np.indices(many)[of_indices]) for axis, of_indices in paired.items()}


def gather(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    (x, indices), told = args, params["dimension_numbers"]
    left_out = {*told.collapsed_slice_dims, *told.operand_batching_dims}
    paired = dict(zip(told.operand_batching_dims, told.start_indices_batching_dims, strict=True))
    windows = Windows(
        x.shape,
        tuple(params["slice_sizes"]),
        indices.shape[:-1],
        _columns(write, indices, told.start_index_map, paired),
        tuple(axis for axis in range(len(x.shape)) if axis not in left_out),
        tuple(told.offset_dims),
    )
    places, inside = windows.places(write)
    taken = write.take(x, places)
    if params["mode"].name != "FILL_OR_DROP":
        return [taken]
    fill = params["fill_value"]
    filler = np.full((), (np.nan if x.dtype == "float32" else 0) if fill is None else fill, x.dtype)
    filled = Known(np.broadcast_to(filler, taken.shape))
    return [write("select_n", [inside, filled, taken], taken.shape, taken.dtype)]


def scatter_add(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    x, _, updates = args
    places, inside = _written(write, args, params)
    if params["mode"].name == "FILL_OR_DROP":
        nothing = Known(np.zeros(updates.shape, updates.dtype))
        updates = write("select_n", [inside, nothing, updates], updates.shape, updates.dtype)
    return [write("put_add_at", [x, places, updates], x.shape, x.dtype)]


def scatter(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    x, _, updates = args
    places, inside = _written(write, args, params)
    return [_put(write, x, places, inside if params["mode"].name == "FILL_OR_DROP" else None, updates)]


def _put(write: Writer, x: Arg, places: Arg, inside: Arg | None, updates: Arg) -> Any:
    """`updates` in place of what is there: of several for one place, which JAX leaves open, their mean."""
    nothing, ones = Known(np.zeros(x.shape, x.dtype)), Known(np.ones(updates.shape, x.dtype))
    if inside is not None:
        none = Known(np.zeros(updates.shape, x.dtype))
        ones = write("select_n", [inside, none, ones], updates.shape, x.dtype)
        updates = write("select_n", [inside, none, updates], updates.shape, x.dtype)
    times = write("put_add_at", [nothing, places, ones], x.shape, x.dtype)
    there = write("put_add_at", [nothing, places, updates], x.shape, x.dtype)
    met = write("gt", [times, nothing], x.shape, "bool")
    many = write("max", [times, Known(np.ones(x.shape, x.dtype))], x.shape, x.dtype)
    return write("select_n", [met, x, write("div", [there, many], x.shape, x.dtype)], x.shape, x.dtype)


def _written(write: Writer, args: Sequence[Any], params: Params) -> tuple[Any, Any]:
    (x, indices, updates), told = args, params["dimension_numbers"]
    left_out = {*told.inserted_window_dims, *told.operand_batching_dims}
    kept = tuple(axis for axis in range(len(x.shape)) if axis not in left_out)
    long = dict(zip(kept, (updates.shape[axis] for axis in told.update_window_dims), strict=True))
    paired = dict(zip(told.operand_batching_dims, told.scatter_indices_batching_dims, strict=True))
    windows = Windows(
        x.shape,
        tuple(long.get(axis, 1) for axis in range(len(x.shape))),
        indices.shape[:-1],
        _columns(write, indices, told.scatter_dims_to_operand_dims, paired),
        kept,
        tuple(told.update_window_dims),
    )
    return windows.places(write)


def dynamic_slice(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    x, *starts = args
    return [write.take(x, _window(x.shape, tuple(params["slice_sizes"]), starts).places(write)[0])]


def dynamic_update_slice(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    x, updates, *starts = args
    places, _ = _window(x.shape, updates.shape, starts).places(write)
    return [_put(write, x, places, None, updates)]


def _window(shape: Shape, sizes: Shape, starts: Sequence[Any]) -> Windows:
    axes = tuple(range(len(shape)))
    return Windows(shape, sizes, (), dict(enumerate(starts)), axes, axes)


# Choices, and products of windows


def select(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    (shape, dtype), (which, *cases) = gives[0], args
    if which.dtype == "bool":
        return [write("select_n", args, shape, dtype)]
    return [write.choose(which, cases, shape, dtype)]


def convolution(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    """Each number of the result is the product of the kernel and one window of x. Source: openxla.org, ConvGeneral."""
    if params["feature_group_count"] != 1 or params["batch_group_count"] != 1:
        raise NotImplementedError("in groups")
    told, (shape, dtype) = params["dimension_numbers"], gives[0]
    x, kernel = write.transpose(args[0], told.lhs_spec), write.transpose(args[1], told.rhs_spec)
    around = [(low, high, by - 1) for (low, high), by in zip(params["padding"], params["lhs_dilation"], strict=True)]
    config = ((0, 0, 0), (0, 0, 0), *((int(low), int(high), int(between)) for low, high, between in around))
    wide = tuple(
        low + n + max(n - 1, 0) * between + high for n, (low, high, between) in zip(x.shape, config, strict=True)
    )
    x = write("pad", [x, Known(np.zeros((), np.float32))], wide, dtype, padding_config=config)
    out = tuple(shape[axis] for axis in told.out_spec)  # (examples, filters, *places)
    at = np.arange(prod(wide)).reshape(wide)
    rank = len(out) - 2
    grids = np.meshgrid(
        *(np.arange(n) for n in (out[0], *out[2:], wide[1], *kernel.shape[2:])), indexing="ij", sparse=True
    )
    example, spots, channel, inside = grids[0], grids[1 : 1 + rank], grids[1 + rank], grids[2 + rank :]
    spatial = [
        spot * stride + one * apart
        for spot, stride, one, apart in zip(
            spots, params["window_strides"], inside, params["rhs_dilation"], strict=True
        )
    ]
    windows = write.take(x, whole(at[(example, channel, *spatial)]))  # (examples, *places, channels, *kernel)
    axes = tuple(range(1 + rank, 2 + 2 * rank)), tuple(range(1, 2 + rank))
    product = write(
        "dot_general",
        [windows, kernel],
        (out[0], *out[2:], out[1]),
        dtype,
        dimension_numbers=(axes, ((), ())),
    )
    in_order = write.transpose(product, [0, rank + 1, *range(1, rank + 1)])
    back = [told.out_spec.index(axis) for axis in range(len(out))]
    return [write.transpose(in_order, back)]


# Matrices


def lu(write: Writer, args: Sequence[Any], params: Params, gives: Kinds) -> list[Any]:
    return [write("lu", args, shape, dtype, result=k) for k, (shape, dtype) in enumerate(gives)]


LOWERED: dict[str, Callable[[Writer, Sequence[Any], Params, Kinds], list[Any]]] = {
    "sort": sort,
    "top_k": top_k,
    "gather": gather,
    "scatter-add": scatter_add,
    "scatter_add": scatter_add,
    "scatter": scatter,
    "dynamic_slice": dynamic_slice,
    "dynamic_update_slice": dynamic_update_slice,
    "select_n": select,
    "conv_general_dilated": convolution,
    "lu": lu,
}
