"""The rows that examples draw (negatives), made before each epoch and put where an engine reads them as ids.

So what is drawn is the same in every engine, and none of them knows how: by the hash of (seed, epoch, example, place).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import polars as pl
from jaxtyping import Float64, Int32, Int64, UInt32, UInt64

from rowwise.backends.backend import Trainer
from rowwise.data.examples import Examples
from rowwise.errors import BadOption
from rowwise.program import draws
from rowwise.program.inputs import SampledLookup
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.train.sets import PAIRS

TRIES = 8  # after which a row that may be drawn is counted off instead


class Counted(Protocol):
    """All examples that a model learns from, wherever they lie."""

    def counts(self, column: str, n_rows: int) -> np.ndarray: ...
    def pairs(self, user: str, item: str) -> pl.DataFrame | None: ...


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which rows of a column stand beside which of another: each pair as one number, ascending."""

    keys: Int64[np.ndarray, " pairs"]
    n_rows: int

    @classmethod
    def of(cls, found: pl.DataFrame, n_rows: int) -> Self:
        """Of a frame with the columns `user` and `item`."""
        users, items = (found[side].to_numpy().astype(np.int64) for side in ("user", "item"))
        return cls(np.unique(users * n_rows + items), n_rows)

    def hold(self, beside: Int32[np.ndarray, " n"], rows: Int32[np.ndarray, " n"]) -> np.ndarray:
        """Of each pair whether it is one of them."""
        wanted = beside.astype(np.int64) * self.n_rows + rows
        at = np.searchsorted(self.keys, wanted)
        return self.keys[np.minimum(at, len(self.keys) - 1)] == wanted

    def free(self, beside: int, bits: int) -> int | None:
        """One of the known rows that do not stand beside this one, evenly; None where all do."""
        begin, end = np.searchsorted(self.keys, [beside * self.n_rows + 1, (beside + 1) * self.n_rows])
        taken = self.keys[begin:end] - beside * self.n_rows  # ascending, from 1
        n_free = self.n_rows - 1 - len(taken)
        if not n_free:
            return None
        place = bits % n_free
        return place + 1 + int(np.searchsorted(taken - np.arange(len(taken)) - 1, place, side="right"))


@dataclass(frozen=True, slots=True)
class Draw:
    """How the rows of one column are drawn."""

    stream: int
    n_rows: int  # row 0, the unknown one, is never drawn
    shares: UInt64[np.ndarray, " rows"] | None  # what all rows up to each have of 2³²; None: all the same
    unseen: str | None  # the column of ids beside which
    pairs: Pairs | None  # no drawn row stands

    @classmethod
    def of(cls, program: Program, i: SampledLookup, n_rows: int, data: Counted) -> Self:
        shares = None
        if i.power:
            counts = data.counts(i.column, n_rows).astype(np.float64)
            weights = np.where(counts > 0, counts**i.power, 0.0)
            weights[0] = 0.0
            shares = _ends(weights) if weights.any() else None
        return cls(program.stream(i), n_rows, shares, i.unseen, _pairs(i, n_rows, data) if i.unseen else None)

    def fill(self, drawn: Int32[np.ndarray, "..."], examples: Examples, key: int) -> None:
        """Draw the rows of all examples, where they stand: (n,) or (n, count)."""
        count = drawn[:1].size or 1
        number = np.arange(drawn.size, dtype=np.uint32)
        example, place = number // np.uint32(count), number % np.uint32(count)
        bits = draws.bits(np.uint32(key), example, place)
        rows = self._rows(bits)
        if self.pairs is not None:
            beside = np.asarray(examples.rows[str(self.unseen)])[example]
            wrong = np.flatnonzero(self.pairs.hold(beside, rows))
            for k in range(1, TRIES):
                again = draws.bits(np.uint32(key), example[wrong], place[wrong] + np.uint32(k * count))
                bits[wrong], rows[wrong] = again, self._rows(again)
                wrong = wrong[self.pairs.hold(beside[wrong], rows[wrong])]
            for at in wrong.tolist():
                rows[at] = self.pairs.free(int(beside[at]), int(bits[at])) or rows[at]
        drawn[...] = rows.reshape(drawn.shape)

    def _rows(self, bits: UInt32[np.ndarray, " n"]) -> Int32[np.ndarray, " n"]:
        if self.shares is None:
            return draws.sampled_row(bits, self.n_rows)
        return np.searchsorted(self.shares, bits.astype(np.uint64), side="right").astype(np.int32)


def _ends(weights: Float64[np.ndarray, " rows"]) -> UInt64[np.ndarray, " rows"]:
    """Where the share of each row ends, of 2³²."""
    ends: np.ndarray = np.cumsum(weights) / weights.sum() * 2**32
    return np.round(ends).astype(np.uint64)


def _pairs(i: SampledLookup, n_rows: int, data: Counted) -> Pairs | None:
    found = data.pairs(str(i.unseen), i.column)
    if found is None:
        raise BadOption(
            f"unseen={i.unseen!r} with more pairs than are held in memory",
            expected=f"a file of {PAIRS:,} examples or fewer",
            mend="leave unseen= out: of many items few are known to one user",
        )
    return Pairs.of(found, n_rows) if len(found) else None


Draws = Mapping[str, Draw]  # by column: lookups that draw from one column draw the same rows


def draws_of(program: Program, parameters: Parameters, data: Counted) -> Draws:
    """How the rows are drawn that a program asks for; `data` are all examples."""
    drawn = program.inputs_of(SampledLookup)
    return {i.column: Draw.of(program, i, len(parameters.tables[i.table]), data) for i in drawn}


def with_room(program: Program, examples: Examples) -> Examples:
    """The examples, with room for the rows that a program draws."""
    wanted = {i.column: (examples.n, i.length) if i.length else (examples.n,) for i in program.inputs_of(SampledLookup)}
    return replace(examples, drawn={column: np.zeros(shape, np.int32) for column, shape in wanted.items()})


def fill(examples: Examples, by: Draws, seed: int, epoch: int) -> None:
    """Draw the rows of one epoch."""
    for column, draw in by.items():
        draw.fill(examples.drawn[column], examples, draws.key(seed, epoch, draw.stream))


class Drawing:
    """A trainer before each of whose epochs the rows of its examples are drawn anew."""

    def __init__(self, trainer: Trainer, examples: Examples, by: Draws, seed: int):
        self.trainer, self.examples, self.by, self.seed = trainer, examples, by, seed

    def epoch(self, epoch: int, rate: float) -> float:
        fill(self.examples, self.by, self.seed, epoch)
        return self.trainer.epoch(epoch, rate)
