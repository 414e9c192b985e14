"""Examples of a two-key model in, blocks of a grid out: rounds of blocks that share no row.

Both keys' rows are cut into as many bands of equal numbers of examples. Block (i, j) holds the examples whose first
key is in band i and whose second is in band j. Round s is the blocks (i, i + s): no two of them share a row, so that
threads may run them in any order and the tables come out the same.
"""

from dataclasses import dataclass
from math import ceil, isqrt

import numpy as np
from jaxtyping import Int32, Int64

from rowwise.backends.llvm.codegen.signature import Argument, Role
from rowwise.backends.llvm.runtime import sort_by_block
from rowwise.data.examples import Examples
from rowwise.data.ragged import counted
from rowwise.program import draws
from rowwise.program.program import Program

GROUPING = 0xFFFE  # the random stream that mixes the examples of a block when they are grouped
CHUNK = 1 << 20  # examples that are counted at once
CACHE = 1 << 22  # bytes of rows that one block touches: they stay in a core's caches, and few examples share a row
SMALL = 1024  # examples of a block below which a finer grid does not pay
PARTS = 4  # bands where there are enough examples: work for four threads


def keys_of(program: Program) -> tuple[str, str] | None:
    """The two columns of ids of a two-key model: all it looks up are single rows, each table by one column."""
    columns = list(dict.fromkeys(i.column for i in program.lookups))
    readers = {i.table: {j.column for j in program.lookups if j.table == i.table} for i in program.lookups}
    if len(columns) != 2 or any(i.is_list for i in program.lookups):
        return None
    if any(len(c) > 1 for c in readers.values()) or any(i.is_drawn for i in program.inputs):
        return None
    if any(i.value.name in program.updates for i in program.weights):
        return None
    return columns[0], columns[1]


def side_of(n: int, table_bytes: int) -> int:
    """How many bands: enough for a block's rows to stay in cache, few enough for blocks to have examples."""
    wanted = max(PARTS, ceil(table_bytes / CACHE))
    return max(1, min(wanted, isqrt(n // SMALL)))


@dataclass(frozen=True)
class Blocks:
    """Where each block of grouped examples lies: block (i, j) from `starts[i * side + j]` up to the next start."""

    side: int
    starts: Int64[np.ndarray, " blocks+1"]

    def shifts(self) -> Int64[np.ndarray, " blocks"]:
        """The round of each block."""
        first, second = np.divmod(np.arange(self.side**2), self.side)
        return (second - first) % self.side


def group(examples: Examples, keys: tuple[str, str], side: int, seed: int) -> tuple[Blocks, Examples]:
    """The examples in order of their blocks, and mixed inside each: put so where they lie.

    Only arrays that cannot be written to are copied. `keys` names the two columns of ids.
    """
    if not all(_can_be_ordered(column) for column in _columns(examples).values()):
        examples = examples.take(np.arange(examples.n))
    rows = [np.asarray(examples.rows[name]) for name in keys]
    bands = [_bands(of_key, side) for of_key in rows]
    counts = np.zeros(side * side, np.int64)
    for begin in range(0, examples.n, CHUNK):
        first, second = (of_key[begin : begin + CHUNK] for of_key in rows)
        counts += np.bincount(bands[0][first] * side + bands[1][second], minlength=side * side)
    starts = np.concatenate([[0], np.cumsum(counts)])
    first, second = map(Role.IDS, keys)
    sort_by_block.group(_columns(examples), (first, second), bands, starts, key=draws.key(seed, GROUPING))
    return Blocks(side, starts), examples


def _columns(examples: Examples) -> dict[Argument, np.ndarray]:
    """Every column of the examples."""
    found = {Role.IDS(name): np.asarray(rows) for name, rows in examples.rows.items()}
    found |= {Role.VALUES(name): values for name, values in examples.values.items()}
    return found if examples.target is None else found | {Role.TARGET(): examples.target}


def _can_be_ordered(column: np.ndarray) -> bool:
    return column.flags.writeable and column.flags.c_contiguous and column.itemsize == 4


def _bands(rows: np.ndarray, side: int) -> Int32[np.ndarray, " rows"]:
    """The band of each row: cut where another 1/side of the examples is reached."""
    counts = counted(rows, int(rows.max(initial=0)) + 1)
    before = np.cumsum(counts) - counts
    return (before * side // max(1, len(rows))).astype(np.int32)
