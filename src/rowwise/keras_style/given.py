"""What `fit` is given, as one array for each Input: arrays, lists of them, frames, mappings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from rowwise.english import n_of
from rowwise.errors import BadData, BadOption, foreign
from rowwise.keras_style.symbol import Symbol, shown, squeezed
from rowwise.options import said, whole


def has_columns(x: object) -> bool:
    """Whether it is a frame or a mapping, whose columns have names."""
    return hasattr(x, "columns") or isinstance(x, Mapping)


def arrays_of(x: object, inputs: Sequence[Symbol]) -> Iterator[np.ndarray]:
    """One array for each Input, of a frame by name, of a list by place."""
    if has_columns(x):
        for symbol in inputs:
            yield column_of(x, symbol.name)
        return
    given = list(x) if isinstance(x, list | tuple) and len(inputs) == len(x) and _is_list_of_arrays(x) else [x]
    if len(given) != len(inputs):
        raise BadData(
            f"{n_of(len(given), 'array')} for {n_of(len(inputs), 'Input')}: {', '.join(s.name for s in inputs)}",
            expected="one array for each, in that order",
            mend=f"fit([{', '.join(s.name for s in inputs)}], y) with an array under each name",
        )
    for array, symbol in zip(given, inputs, strict=True):
        yield array_of(array, what=symbol.name)


def array_of(cells: object, *, what: str) -> np.ndarray:
    """Anything that holds a row for each example, as an array.

    Raises:
        BadData: it is no array, or its lists differ in length.
    """
    mend = "pad the lists to one length, and write a number for each id"
    with foreign(BadData, f"{what} cannot be read", expected="a number for each example, or one list", mend=mend):
        array = np.asarray(cells)
    if array.ndim == 0:
        raise BadData(
            f"{what} is {cells!r}", expected="a row for each example", mend=f"a list, also of one: [{cells!r}]"
        )
    return array


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
        column = column.to_list()
    return array_of(column, what=f"column {name!r}")


def shaped(array: np.ndarray, symbol: Symbol) -> np.ndarray:
    """The data of an Input in its shape without axes of length 1."""
    size = (len(array), *squeezed(symbol.shape))
    if (len(array), *squeezed(array.shape[1:])) != size:
        raise BadData(
            f"{symbol.name} is given an array of shape {array.shape}",
            expected=shown(symbol.shape),
            mend=f"pad or cut each list to that length, or write Input(shape={array.shape[1:] or (1,)})",
        )
    return array.reshape(size)


def held_back(pair: object) -> tuple[Any, Any]:
    """Validation data as (x, y).

    Raises:
        BadOption: they are no pair.
    """
    if isinstance(pair, tuple | list) and len(pair) == 2:
        return pair[0], pair[1]
    given = said("validation_data", pair)
    raise BadOption(given, expected="what is held back, and its targets", mend="validation_data=(x, y)")


def shown_by(verbose: object) -> bool | None:
    """Whether Keras' `verbose` shows progress: 0 does not, 1 and 2 do, None where there is a terminal."""
    if verbose is None or isinstance(verbose, bool):
        return verbose
    return whole("verbose", verbose, least=0, most=2) > 0


def target_of(y: object, n: int, *, is_class: bool, of: str) -> np.ndarray:
    """The targets of `n` examples: numbers, or the numbers of classes, which may come as one column a class.

    Raises:
        BadData: they are no numbers, or not as many.
    """
    target = array_of(y, what="y")
    if is_class and target.ndim == 2 and target.shape[1] > 1:
        target = target.argmax(1)
    if target.dtype.kind not in "biuf":
        raise BadData(
            f"targets of {of} are {target.dtype}, such as {target.ravel()[0]}",
            expected="numbers",
            mend="compare them with one of their values: labels == 'yes'",
        )
    if target.size != n or len(target) != n:
        raise BadData(
            f"{len(target):,} targets of shape {target.shape[1:]} for {n:,} examples",
            expected="one number for each example",
            mend="take x and y from the same rows",
        )
    return np.array(target.reshape(n), np.int32 if is_class else np.float32)
