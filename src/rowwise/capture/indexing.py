"""Indexing by known numbers in, steps out: the places it reads and writes are told by its own operands.

JAX writes all indexing as windows of one size, cut out of an array at starts that an operand holds; what is outside of
the array is moved inside, or filled up, or promised not to be. Here a window becomes its *flat places*, worked out in
whole numbers, so that they are exact for an array of any size and cost nothing for what is not read.
Source: Gather, Scatter and DynamicSlice in openxla.org/xla/operation_semantics.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from rowwise.capture.tape import Arg, Known, Tape
from rowwise.errors import BadModel
from rowwise.program.program import Place, Shape

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """The flat place of each number that is read or written, 0 where it is not `inside`."""

    flat: Int64[np.ndarray, "..."]
    inside: Bool[np.ndarray, "..."]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of an array: their starts, and where the axes of a window stand in what is read or written."""

    shape: Shape  # of the array
    sizes: Shape  # of a window, one for each axis of the array
    starts: Int64[np.ndarray, "*many axes"]
    kept: tuple[int, ...]  # the axes of a window that are read or written; the others are of length 1 and left out
    at: tuple[int, ...]  # where these stand among the axes of what is read or written

    @property
    def last(self) -> Int64[np.ndarray, " axes"]:
        """The last start on each axis."""
        return np.subtract(self.shape, self.sizes, dtype=np.int64)

    def clipped(self) -> "Windows":
        """The nearest windows that lie in the array."""
        starts = np.maximum(np.minimum(self.starts, self.last), 0)
        return Windows(self.shape, self.sizes, starts, self.kept, self.at)

    def places(self) -> Places:
        """Window by window; one that reaches outside is outside as a whole."""
        inside = ((self.starts >= 0) & (self.starts <= self.last)).all(-1)  # (*many)
        stride = np.array([prod(self.shape[axis + 1 :]) for axis in range(len(self.shape))], np.int64)
        offsets = sum(np.ix_(*(np.arange(self.sizes[a]) * stride[a] for a in self.kept)), np.int64(0))
        first = np.where(inside, self.starts @ stride, 0)
        wide = inside.reshape((*inside.shape, *(1 for _ in self.kept)))
        flat = np.where(wide, first.reshape(wide.shape) + offsets, 0)  # (*many, *kept)
        axes = range(inside.ndim, flat.ndim)
        wide = np.broadcast_to(wide, flat.shape)
        return Places(np.moveaxis(flat, axes, self.at), np.moveaxis(wide, axes, self.at))

    def check(self, place: Place | None) -> None:
        """Refuse windows that reach outside.

        Raises:
            BadModel: one does; the line is named.
        """
        is_outside = (self.starts < 0) | (self.starts > self.last)
        if is_outside.any():
            first = tuple(np.argwhere(is_outside)[0])
            raise _outside(int(self.starts[first]), self.sizes[first[-1]], self.shape[first[-1]], place)


def _outside(start: int, size: int, n: int, place: Place | None) -> BadModel:
    read = f"number {start}" if size == 1 else f"numbers {start} to {start + size - 1}"
    return BadModel(
        f"{_where(place)} reads {read} of an axis that has {n}",
        expected=f"0 to {n - 1}, or -1 to -{n} counted from the end" if n else "no index: there is nothing",
        mend="index inside; jnp.take(x, index, mode='clip') gives the nearest, "
        "jnp.take(x, index, mode='fill', fill_value=0) gives 0",
    )


def _where(place: Place | None) -> str:
    return f"{place}: `{place.text}`" if place else "the model's function"


# What the operations say of themselves


def _slice(shape: Shape, sizes: Sequence[int], starts: Sequence[Known]) -> Windows:
    """The one window of a `dynamic_slice`."""
    where = np.array([int(start.array) for start in starts], np.int64)
    axes = tuple(range(len(shape)))
    return Windows(shape, tuple(sizes), where, axes, axes)


def _of_gather(x: Arg, indices: Known, params: Params) -> Windows:
    told = params["dimension_numbers"]
    starts = _starts(
        len(x.shape), indices, told.start_index_map, told.operand_batching_dims, told.start_indices_batching_dims
    )
    left_out = {*told.collapsed_slice_dims, *told.operand_batching_dims}
    kept = tuple(axis for axis in range(len(x.shape)) if axis not in left_out)
    return Windows(x.shape, tuple(params["slice_sizes"]), starts, kept, tuple(told.offset_dims))


def _of_scatter(x: Arg, indices: Known, updates: Arg, params: Params) -> Windows:
    told = params["dimension_numbers"]
    axes = told.scatter_dims_to_operand_dims, told.operand_batching_dims, told.scatter_indices_batching_dims
    left_out = {*told.inserted_window_dims, *told.operand_batching_dims}
    kept = tuple(axis for axis in range(len(x.shape)) if axis not in left_out)
    long = dict(zip(kept, (updates.shape[axis] for axis in told.update_window_dims), strict=True))
    sizes = tuple(long.get(axis, 1) for axis in range(len(x.shape)))
    return Windows(x.shape, sizes, _starts(len(x.shape), indices, *axes), kept, tuple(told.update_window_dims))


def _starts(
    rank: int, indices: Known, index_map: Sequence[int], paired: Sequence[int], paired_of_indices: Sequence[int]
) -> Int64[np.ndarray, "*many axes"]:
    """Numbers of the last axis of `indices` for the axes of `index_map`; paired axes count along with theirs."""
    many = indices.shape[:-1]
    starts = np.zeros((*many, rank), np.int64)
    starts[..., list(index_map)] = indices.array
    for axis, of_indices in zip(paired, paired_of_indices, strict=True):
        starts[..., axis] = np.indices(many)[of_indices]
    return starts


# Steps


def dynamic_slice(tape: Tape, args: Sequence[Any], params: Params, place: Place | None) -> Any:
    x, *starts = args
    windows = _slice(x.shape, params["slice_sizes"], starts)
    windows.check(place)
    return _take(tape, x, windows.places(), place)


def gather(tape: Tape, args: Sequence[Any], params: Params, place: Place | None) -> Any:
    """Outside: the nearest window if `clip`, `fill_value` if `fill`; a NaN would make every number of the model one."""
    x, indices = args
    windows = _of_gather(x, indices, params)
    mode, fill = _mode(params), params["fill_value"]
    if mode == "CLIP":
        windows = windows.clipped()
    elif mode != "FILL_OR_DROP" or fill is None or np.isnan(fill):
        windows.check(place)
    places = windows.places()
    taken = _take(tape, x, places, place)
    if places.inside.all():
        return taken
    filled = Known(np.full(taken.shape, fill, taken.dtype))
    return tape.write("select_n", [Known(places.inside), filled, taken], taken.shape, taken.dtype, {}, place)


def scatter_add(tape: Tape, args: Sequence[Any], params: Params, place: Place | None) -> Any:
    """What would fall outside is left out, or added to the nearest."""
    x, indices, updates = args
    places = _written(_of_scatter(x, indices, updates, params), params, place)
    return _put_add(tape, x, updates, places.flat.ravel(), np.flatnonzero(places.inside), place)


def scatter(tape: Tape, args: Sequence[Any], params: Params, place: Place | None) -> Any:
    x, indices, updates = args
    return _put(tape, x, updates, _written(_of_scatter(x, indices, updates, params), params, place), place)


def dynamic_update_slice(tape: Tape, args: Sequence[Any], params: Params, place: Place | None) -> Any:
    x, updates, *starts = args
    windows = _slice(x.shape, updates.shape, starts)
    windows.check(place)
    return _put(tape, x, updates, windows.places(), place)


def _written(windows: Windows, params: Params, place: Place | None) -> Places:
    if _mode(params) == "CLIP":
        return windows.clipped().places()
    if _mode(params) != "FILL_OR_DROP":
        windows.check(place)
    return windows.places()


def _mode(params: Params) -> str:
    return params["mode"].name


def _take(tape: Tape, x: Arg, places: Places, place: Place | None) -> Any:
    shape = places.flat.shape
    if not x.shape or not prod(x.shape):  # nothing can be read of nothing but what is filled up
        filler = Known(np.zeros((), x.dtype)) if not prod(x.shape) else x
        spread = {"shape": shape, "broadcast_dimensions": ()}
        return tape.write("broadcast_in_dim", [filler], shape, x.dtype, spread, place)
    params = {"indices": tuple(places.flat.ravel().tolist()), "shape": shape}
    return tape.write("take", [x], shape, x.dtype, params, place)


def _put(tape: Tape, x: Arg, updates: Arg, places: Places, place: Place | None) -> Any:
    """`updates` in place of what is there; of two for one place the last."""
    flat = places.flat.ravel()
    last = {int(flat[k]): int(k) for k in np.flatnonzero(places.inside)}
    is_free = np.zeros(prod(x.shape), bool)
    is_free[list(last)] = True
    zeros = Known(np.broadcast_to(np.zeros((), x.dtype), x.shape))
    choice = [Known(is_free.reshape(x.shape)), x, zeros]
    base = tape.write("select_n", choice, x.shape, x.dtype, {}, place) if last else x
    return _put_add(tape, base, updates, flat, np.array(sorted(last.values()), np.int64), place)


def _put_add(tape: Tape, x: Arg, updates: Arg, flat: np.ndarray, kept: np.ndarray, place: Place | None) -> Any:
    """`updates` of the numbers `kept` added to x at their places."""
    if not len(kept):
        return x
    if x.dtype != "float32":
        raise BadModel(
            f"{_where(place)} changes some numbers of a {x.dtype} array",
            expected="an array of float32, where the others depend on the example",
            mend="write x.astype(jnp.float32).at[index].set(number), and compare it with 0 or round it after",
        )
    if len(kept) < len(flat):
        updates = _take(tape, updates, Places(kept, np.ones(len(kept), bool)), place)
    params = {"indices": tuple(flat[kept].tolist())}
    return tape.write("put_add", [x, updates], x.shape, x.dtype, params, place)


@dataclass(frozen=True, slots=True)
class Indexing:
    """How an operation of JAX that indexes becomes steps, and which of its operands hold the index."""

    write: Callable[[Tape, Sequence[Any], Params, Place | None], Any]
    first: int  # operands from here on say where ...
    last: int | None = None  # ... up to here

    def is_known(self, args: Sequence[Any]) -> bool:
        return all(isinstance(arg, Known) for arg in args[self.first : self.last])


INDEXING = {
    "gather": Indexing(gather, 1),
    "dynamic_slice": Indexing(dynamic_slice, 1),
    "dynamic_update_slice": Indexing(dynamic_update_slice, 2),
    "scatter": Indexing(scatter, 1, 2),
    "scatter-add": Indexing(scatter_add, 1, 2),
    "scatter_add": Indexing(scatter_add, 1, 2),
}
