"""One input in, its numbers for a batch of examples out: a function for each kind of input."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import jax.numpy as jnp
import numpy as np

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.program import draws
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
    Statistic,
    Target,
)
from rowwise.program.program import Program

Array = Any


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch is read from: the columns of its examples, the tables, and what is the same for all."""

    program: Program
    columns: Mapping[str, Array]
    tables: Mapping[str, Array]
    means: Mapping[str, Any]
    kept: Mapping[str, Array] | None = None  # of each dropout, what it keeps; None: all, as where nothing is learnt

    @property
    def size(self) -> int:
        return len(next(iter(self.columns.values())))


@singledispatch
def read(i: Input, taken: Taken) -> Array:
    """The numbers of an input, with a leading batch axis where they differ from example to example."""
    raise NotImplementedError(f"{type(i).__name__} has no form in XLA")


@read.register
def _(i: RowLookup | RowsLookup, taken: Taken) -> Array:
    return taken.tables[i.table][rows_of(i, taken)]


@read.register
def _(i: BagLookup, taken: Taken) -> Array:
    """The rows of each bag as one: their mean, sum or sum / √n, as they are weighted; an empty bag is 0."""
    table, rows = taken.tables[i.table], rows_of(i, taken)
    return (over(_share(i, taken), table) * table[jnp.maximum(rows, 0)]).sum(1)


@read.register
def _(i: SampledLookup, taken: Taken) -> Array:
    if _drawn(i) not in taken.columns:  # a prediction, which draws nothing
        return jnp.zeros((taken.size, *i.value.shape), jnp.float32)
    return taken.tables[i.table][rows_of(i, taken)]


@read.register
def _(i: DenseWeight, taken: Taken) -> Array:
    return taken.tables[i.parameter]


@read.register
def _(i: Statistic, taken: Taken) -> Array:
    return jnp.float32(taken.means[i.value.name])


@read.register
def _(i: Constant, taken: Taken) -> Array:
    return jnp.asarray(i.numbers, i.value.dtype)


@read.register
def _(i: ExampleValue, taken: Taken) -> Array:
    return taken.columns[f"values {i.column}"]


@read.register
def _(i: Target, taken: Taken) -> Array:
    return taken.columns.get("target", jnp.zeros((taken.size, *i.value.shape), i.value.dtype))


@read.register
def _(i: Dropout, taken: Taken) -> Array:
    if taken.kept is None:
        return jnp.ones((taken.size, *i.value.shape), jnp.float32)
    return draws.mask(taken.kept[i.value.name], i.rate)


@singledispatch
def columns_of(i: Input, examples: Examples) -> dict[str, np.ndarray]:
    """The columns that one input reads, as dense arrays: "ids …", "drawn …", "weights …", "values …" by column."""
    return {}


@columns_of.register
def _(i: RowLookup | RowsLookup, examples: Examples) -> dict[str, np.ndarray]:
    return {f"ids {i.column}": np.asarray(examples.rows[i.column])}


@columns_of.register
def _(i: SampledLookup, examples: Examples) -> dict[str, np.ndarray]:
    return {_drawn(i): examples.drawn[i.column]} if examples.drawn else {}


@columns_of.register
def _(i: BagLookup, examples: Examples) -> dict[str, np.ndarray]:
    """A bag becomes (n, longest), filled up with -1, and its weights with 0."""
    lists = examples.rows[i.column]
    assert isinstance(lists, Ragged)
    found = {f"ids {i.column}": _padded(lists, lists.rows, -1)}
    return found | ({f"weights {i.weights}": _padded(lists, lists.weights[i.weights], 0)} if i.weights else {})


@columns_of.register
def _(i: ExampleValue, examples: Examples) -> dict[str, np.ndarray]:
    return {f"values {i.column}": examples.values[i.column]}


def rows_of(i: Lookup, taken: Taken) -> Array:
    """The row numbers of one lookup for a batch: (batch,), (batch, length), or padded with -1 for a bag."""
    return taken.columns[_drawn(i) if i.is_drawn else f"ids {i.column}"]


def _drawn(i: Lookup) -> str:
    return f"drawn {i.column}"


def kept_by(i: Dropout, key: Array, index: Array) -> Array:
    """What a dropout keeps of a batch: (batch, *shape); drawn in this shape, which saves XLA a division a number."""
    lanes = jnp.arange(i.value.size, dtype=jnp.uint32).reshape(i.value.shape)
    examples = index.astype(jnp.uint32).reshape(-1, *(1,) * lanes.ndim)
    return draws.keeps(draws.bits(key, examples, lanes), i.rate)


@singledispatch
def gradients_of_rows(i: Lookup, gradient: Array, taken: Taken) -> Array:
    """The gradient of each row that a lookup read, given that of its value."""
    return gradient


@gradients_of_rows.register
def _(i: BagLookup, gradient: Array, taken: Taken) -> Array:
    """Rows of a bag share one."""
    return gradient[:, None] * over(_share(i, taken), taken.tables[i.table])


def over(x: Array, table: Array) -> Array:
    """Numbers of rows, with axes of length 1 for what a row holds."""
    return x.reshape(*x.shape, *(1,) * (table.ndim - 1))


def _share(i: BagLookup, taken: Taken) -> Array:
    """What each row of a bag counts for, (batch, longest): its weight w (1 without weights), w/Σw or w/√Σw²."""
    there = taken.columns[f"ids {i.column}"] >= 0
    weights = taken.columns[f"weights {i.weights}"] if i.weights else there.astype(jnp.float32)
    if i.combine == "sum":
        return weights
    total = weights.sum(1, keepdims=True) if i.combine == "mean" else jnp.sqrt((weights**2).sum(1, keepdims=True))
    return weights / jnp.where(total > 0, total, 1.0)


def width_of(longest: int) -> int:
    """Room for lists of up to so many: at most an eighth more than they need, and few widths, as each is compiled."""
    step = 1 << max(0, longest.bit_length() - 4)
    return max(1, -(-longest // step) * step)


def _padded(ragged: Ragged, flat: np.ndarray, filling: int) -> np.ndarray:
    """What stands beside the rows of lists, or the rows themselves, list by list."""
    counts = ragged.lengths
    padded = np.full((len(ragged), width_of(int(counts.max(initial=0)))), filling, flat.dtype)
    padded[np.arange(padded.shape[1]) < counts[:, None]] = flat
    return padded
