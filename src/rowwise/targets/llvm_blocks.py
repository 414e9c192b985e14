"""Examples of a two-key model in, blocks of a grid out: rounds of blocks that share no row.

Both keys' rows are cut into as many bands of equal numbers of examples. Block (i, j) holds the examples whose first
key is in band i and whose second is in band j. Round s is the blocks (i, i + s): no two of them share a row, so that
threads may run them in any order and the tables come out the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, isqrt

import numpy as np
from jaxtyping import Int32, Int64

from rowwise.data.examples import Examples
from rowwise.primitives import draws
from rowwise.program.program import Program

GROUPING = 0xFFFE  # the random stream that mixes the examples of a block when they are grouped
CHUNK = 1 << 20  # examples that are grouped at once
CACHE = 1 << 20  # bytes of rows that one block may touch: less than a core's second cache
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
    seed: int

    def rounds(self, key: int) -> Iterator[list[int]]:
        """The blocks of each round, the rounds in an order that the key picks."""
        order = np.argsort(draws.bits(np.uint32(key), np.arange(self.side, dtype=np.uint32), np.uint32(0)))
        for shift in order.tolist():
            yield [i * self.side + (i + shift) % self.side for i in range(self.side)]


def group(examples: Examples, keys: tuple[str, str], side: int, seed: int) -> Blocks:
    """The examples, copied once into blocks, and mixed inside each block."""
    bands = [_bands(np.asarray(examples.rows[column]), side) for column in keys]
    counts = np.zeros(side * side, np.int64)
    for begin in range(0, examples.n, CHUNK):
        counts += np.bincount(_blocks(examples, keys, bands, side, slice(begin, begin + CHUNK)), minlength=side * side)
    starts = np.concatenate([[0], np.cumsum(counts)])
    columns = _columns(examples)
    grouped = {name: np.empty_like(column) for name, column in columns.items()}
    for chosen, places in _places(examples, keys, bands, side, seed, starts):
        for name, column in columns.items():
            grouped[name][places] = column[chosen]
    return Blocks(side, starts, _examples(examples, grouped), seed)


def original(examples: Examples, keys: tuple[str, str], blocks: Blocks, place: int) -> int:
    """The number, before grouping, of the example at `place`."""
    bands = [_bands(np.asarray(examples.rows[column]), blocks.side) for column in keys]
    for chosen, places in _places(examples, keys, bands, blocks.side, blocks.seed, blocks.starts):
        found = np.flatnonzero(places == place)
        if len(found):
            return int(chosen[found[0]])
    raise IndexError(place)


def _bands(rows: np.ndarray, side: int) -> Int32[np.ndarray, " rows"]:
    """The band of each row: cut where another 1/side of the examples is reached."""
    counts = np.bincount(rows)
    before = np.cumsum(counts) - counts
    return (before * side // max(1, len(rows))).astype(np.int32)


def _blocks(examples: Examples, keys: tuple[str, str], bands: list[np.ndarray], side: int, which) -> np.ndarray:
    first, second = (band[examples.rows[column][which]] for band, column in zip(bands, keys, strict=True))
    return first * side + second


def _places(examples, keys, bands, side: int, seed: int, starts) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Some examples at a time, in a mixed order, and where in the grouped arrays each belongs."""
    filled = starts[:-1].copy()
    key = np.uint32(draws.key(seed, GROUPING))
    for begin in range(0, examples.n, CHUNK):
        counters = np.arange(begin, min(begin + CHUNK, examples.n), dtype=np.uint32)
        chosen = draws.place(counters, examples.n, key).astype(np.int64)
        block = _blocks(examples, keys, bands, side, chosen)
        order = np.argsort(block, kind="stable")
        counts = np.bincount(block, minlength=side * side)
        within = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
        yield chosen[order], np.repeat(filled, counts) + within
        filled += counts


def _columns(examples: Examples) -> dict[str, np.ndarray]:
    found = {f"ids {name}": np.asarray(rows) for name, rows in examples.rows.items()}
    found |= {f"values {name}": values for name, values in examples.values.items()}
    return found if examples.target is None else found | {"target": examples.target}


def _examples(like: Examples, columns: Mapping[str, np.ndarray]) -> Examples:
    return Examples(
        like.n,
        {name: columns[f"ids {name}"] for name in like.rows},
        {name: columns[f"values {name}"] for name in like.values},
        columns.get("target"),
    )
