"""New rows for the ids of one column, everything else held still: where what their examples cost is least.

The slope of that cost is what the program's own derivative steps work out, the penalty included. Where the cost is of
degree 2 in the rows, as it is where the loss is and the score is affine in them, one step of Newton's is exact.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rowwise.backends.xla.batch import columns
from rowwise.backends.xla.inputs import Taken, read
from rowwise.backends.xla.newton import newton
from rowwise.backends.xla.sums import batch_values
from rowwise.data.examples import Examples
from rowwise.program.array_rules import Arrays, number
from rowwise.program.inputs import Lookup, RowLookup
from rowwise.program.passes.anonymous import anonymous
from rowwise.program.program import Program

Array = Any
EXACT = Arrays(jnp, np.float64)
MOST = 1 << 24  # numbers of all examples' rows that are worked on at a time: 128 MB


def best_rows(
    program: Program,
    tables: Mapping[str, np.ndarray],
    examples: Examples,
    *,
    column: str,
    means: Mapping[str, float],
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Which rows the examples name in `column`, and by table that training moves what is best there.

    (n,) in ascending order, and float32 (n, *row shape). Each row begins where it stands in `tables`.
    """
    rows = np.asarray(examples.rows[column])
    lookups = lookups_of(program, column)
    widths = {str(i.table): i.value.size for i in lookups}
    own, owners = np.unique(rows, return_inverse=True)
    found = np.concatenate([tables[name][own].reshape(len(own), -1) for name in widths], axis=1)
    by_owner = np.argsort(owners, kind="stable")
    for first, last, part in _parts(owners[by_owner], most=max(1, MOST // max(1, found.shape[1]))):
        some = _padded(examples.take(by_owner[part]), owners[by_owner[part]] - first)
        found[first:last] = _solved(program, tables, *some, found[first:last], column=column, means=means)
    begins = np.cumsum([0, *widths.values()])
    return own, {
        name: found[:, begin : begin + width].reshape(len(own), *tables[name].shape[1:]).astype(np.float32)
        for (name, width), begin in zip(widths.items(), begins, strict=False)
    }


def lookups_of(program: Program, column: str) -> list[Lookup]:
    """The single rows that a column is looked up for and that training moves."""
    return [
        i
        for i in program.inputs_of(RowLookup)
        if i.column == column and i.value.name in program.gradients and i.table in program.updates
    ]


def _parts(owners: np.ndarray, *, most: int) -> list[tuple[int, int, slice]]:
    """Owners from … to …, and their examples: as many whole owners at a time as `most` examples allow, at least one."""
    ends = np.flatnonzero(np.diff(owners, append=owners[-1:] + 1)) + 1
    parts, first, begin = [], 0, 0
    while first < len(ends):
        last = max(int(np.searchsorted(ends, begin + most, side="right")), first + 1)
        parts.append((first, last, slice(begin, int(ends[last - 1]))))
        first, begin = last, int(ends[last - 1])
    return parts


def _padded(examples: Examples, owners: np.ndarray) -> tuple[Examples, np.ndarray]:
    """Filled up with the first example to a power of two, so that few sizes are compiled; those belong to nobody."""
    room = 1 << max(6, (examples.n - 1).bit_length())
    more = room - examples.n
    return examples.take(np.r_[np.arange(examples.n), np.zeros(more, int)]), np.r_[owners, np.full(more, -1)]


def _solved(
    program: Program,
    tables: Mapping[str, np.ndarray],
    examples: Examples,
    owners: np.ndarray,
    start: np.ndarray,
    *,
    column: str,
    means: Mapping[str, float],
) -> np.ndarray:
    """(owners, numbers): the best rows, in float64."""
    ours = anonymous(program)
    room = 1 << max(3, (len(start) - 1).bit_length())
    begin = np.concatenate([start, np.zeros((room - len(start), start.shape[1]), start.dtype)]).astype(np.float64)
    with jax.enable_x64(True):
        data = columns(ours.program, ours.examples(examples))
        known = {name: np.float64(mean) for name, mean in ours.means(means).items()}
        solve = _solver(
            ours.program, tuple(k for k, i in enumerate(program.inputs) if i in lookups_of(program, column))
        )
        return np.asarray(solve(begin, owners, ours.tables(tables), data, known))[: len(start)]


@lru_cache(maxsize=16)
def _solver(program: Program, at: Sequence[int]) -> Callable[..., Array]:
    """The compiled solution for the lookups that stand `at` these places among the inputs of a program."""
    lookups = [i for k in at if isinstance(i := program.inputs[k], RowLookup)]
    steps = program.needed([program.gradients[i.value.name] for i in lookups])
    widths = {str(i.parameter): i.value.size for i in lookups}
    begins = dict(zip(widths, np.cumsum([0, *widths.values()]).tolist(), strict=False))

    def slope(given: Mapping[str, Array], owners: Array, x: Array) -> Array:
        """(owners, numbers): the gradient of what the examples of each cost, its rows being x."""
        mine = x[owners]
        values = dict(given)
        for i in lookups:
            begin = begins[str(i.parameter)]
            values[i.value.name] = mine[:, begin : begin + i.value.size].reshape(len(owners), *i.value.shape)
        found = batch_values(program, steps, values, EXACT)
        each = jnp.zeros_like(mine)
        for i in lookups:
            gradient = number(EXACT, found, program.gradients[i.value.name])
            gradient = jnp.broadcast_to(gradient, (len(owners), *i.value.shape)).reshape(len(owners), -1)
            begin = begins[str(i.parameter)]
            each = each.at[:, begin : begin + i.value.size].add(gradient)
        return jnp.zeros_like(x).at[jnp.where(owners < 0, len(x), owners)].add(each, mode="drop")

    def solve(
        x: Array,
        owners: Array,
        tables: Mapping[str, Array],
        data: Mapping[str, Array],
        means: Mapping[str, Array],
    ) -> Array:
        taken = Taken(program, data, tables, means)
        read_by = [i for i in program.inputs if not i.is_written and i not in lookups]
        given = {i.value.name: _exact(read(i, taken)) for i in read_by}
        return newton(partial(slope, given, owners), x)

    return jax.jit(solve)


def _exact(x: Array) -> Array:
    return x.astype(jnp.float64) if jnp.issubdtype(x.dtype, jnp.floating) else x
