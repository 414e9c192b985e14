"""What `fit` is given, as one array for each Input: arrays, lists of them, frames, mappings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from rowwise.errors import BadData
from rowwise.keras_style.symbol import Symbol, shown, squeezed


def arrays_of(x: Any, inputs: Sequence[Symbol]) -> Iterator[np.ndarray]:
    """One array for each Input, of a frame by name, of a list by place."""
    if hasattr(x, "columns") or isinstance(x, Mapping):
        for symbol in inputs:
            yield column_of(x, symbol.name)
        return
    given = list(x) if isinstance(x, list | tuple) and len(inputs) == len(x) and _is_list_of_arrays(x) else [x]
    if len(given) != len(inputs):
        raise BadData(
            f"{len(given)} array for {len(inputs)} Inputs: {', '.join(s.name for s in inputs)}",
            expected="one array for each, in that order",
            mend="fit([users, movies], ratings)",
        )
    for array in given:
        yield np.asarray(array)


def _is_list_of_arrays(x: Sequence[Any]) -> bool:
    return all(hasattr(array, "__len__") or hasattr(array, "__array__") for array in x)


def column_of(x: Any, name: str) -> np.ndarray:
    columns = list(x.columns) if hasattr(x, "columns") else list(x)
    if name not in columns:
        raise BadData(
            f"the data have no column {name!r}", expected=f"one of {', '.join(map(str, columns))}",
            mend="name the Input after its column: Input(shape=(1,), name='userId')",
        )  # fmt: skip
    column = x[name]
    if isinstance(column, pl.Series) and column.dtype == pl.List:
        return np.array(column.to_list())
    return np.asarray(column)


def shaped(array: np.ndarray, symbol: Symbol) -> np.ndarray:
    """The data of an Input in its shape without axes of length 1."""
    size = (len(array), *squeezed(symbol.shape))
    if array.ndim == 0 or (len(array), *squeezed(array.shape[1:])) != size:
        raise BadData(
            f"{symbol.name} is given an array of shape {array.shape}",
            expected=shown(symbol.shape),
            mend="one row for each example" if array.ndim < 2 else "pad or cut each list to that length",
        )
    return array.reshape(size)
