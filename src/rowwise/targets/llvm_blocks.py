"""Examples of a two-key model in, blocks of a grid out: rounds of blocks that share no row.

Both keys' rows are cut into as many bands of equal numbers of examples. Block (i, j) holds the examples whose first
key is in band i and whose second is in band j. Round s is the blocks (i, i + s): no two of them share a row, so that
threads may run them in any order and the tables come out the same.
"""

from dataclasses import dataclass
from math import ceil, isqrt

import numpy as np
from jaxtyping import Int32, Int64

from rowwise.data.examples import Examples
from rowwise.primitives import draws
from rowwise.program.program import Program
from rowwise.targets.llvm_group import Bands, grouped

GROUPING = 0xFFFE  # the random stream that mixes the examples of a block when they are grouped
CHUNK = 1 << 20  # examples that are counted at once
CACHE = 1 << 22  # bytes of rows that one block touches: they stay in a core's caches, and few examples share a row
SMALL = 1024  # examples of a block below which a finer grid does not pay
PARTS = 4  # bands where there are enough examples: work for four threads


def keys_of(program: Program) -> tuple[str, str] | None:
    """The two columns of ids of a two-key model: all it looks up are single rows, each table by one column."""
    columns = list(dict.fromkeys(str(i.column) for i in program.lookups))
    readers = {i.table: {j.column for j in program.lookups if j.table == i.table} for i in program.lookups}
    if len(columns) != 2 or any(i.kind != "row" for i in program.lookups):
        return None
    if any(len(c) > 1 for c in readers.values()) or any(i.kind == "dropout" for i in program.inputs):
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
    """Examples in the order of their blocks: block (i, j) is `starts[i * side + j]` up to the next start."""

    side: int
    starts: Int64[np.ndarray, " blocks+1"]
    examples: Examples
    bands: Bands
    key: int  # of the order in which each block was mixed

    def shifts(self) -> Int64[np.ndarray, " blocks"]:
        """The round of each block."""
        first, second = np.divmod(np.arange(self.side**2), self.side)
        return (second - first) % self.side


def group(examples: Examples, keys: tuple[str, str], side: int, seed: int) -> Blocks:
    """The examples, copied once into blocks, and mixed inside each block."""
    bands = [_bands(np.asarray(examples.rows[column]), side) for column in keys]
    counts = np.zeros(side * side, np.int64)
    for begin in range(0, examples.n, CHUNK):
        first, second = (np.asarray(examples.rows[column])[begin : begin + CHUNK] for column in keys)
        counts += np.bincount(bands[0][first] * side + bands[1][second], minlength=side * side)
    starts = np.concatenate([[0], np.cumsum(counts)])
    columns = {f"ids {name}": np.asarray(rows) for name, rows in examples.rows.items() if name in keys}
    columns |= {f"values {name}": values for name, values in examples.values.items()}
    columns |= {} if examples.target is None else {"target": examples.target}
    key = draws.key(seed, GROUPING)
    found = grouped(columns, [columns[f"ids {name}"] for name in keys], bands, starts, key=key)
    rows = {name: found[f"ids {name}"] for name in keys}
    values = {name: found[f"values {name}"] for name in examples.values}
    return Blocks(side, starts, Examples(examples.n, rows, values, found.get("target")), bands, key)


def original(examples: Examples, keys: tuple[str, str], blocks: Blocks, place: int) -> int:
    """The number, before grouping, of the example at `place`: numbers are grouped as the examples were."""
    numbers = {"number": np.arange(examples.n, dtype=np.int32)}
    columns = [np.asarray(examples.rows[name]) for name in keys]
    return int(grouped(numbers, columns, blocks.bands, blocks.starts, key=blocks.key)["number"][place])


def _bands(rows: np.ndarray, side: int) -> Int32[np.ndarray, " rows"]:
    """The band of each row: cut where another 1/side of the examples is reached."""
    counts = np.bincount(rows)
    before = np.cumsum(counts) - counts
    return (before * side // max(1, len(rows))).astype(np.int32)
