"""An epoch of a kernel that moves the tables after every example: which examples, in which order, on which thread.

An epoch is a list of runs (see `llvm_online`) in rounds. The runs of one round fall into groups, which may run at the
same time: blocks of a grid, or, where the user lets the threads loose, any part of the examples. Where the tables fit a
cache, an epoch goes over the grid several times with a part of each block: the finer the mix, the lower the error.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from rowwise.backends.llvm.codegen.online_kernel import RUN
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.runtime import user_item_grid
from rowwise.backends.llvm.runtime.compile import addresses
from rowwise.backends.llvm.runtime.inputs import Values, columns
from rowwise.backends.llvm.runtime.kernels import online_kernel
from rowwise.data.examples import Examples
from rowwise.program import draws
from rowwise.program.program import Program

BIG = 1 << 20  # bytes of tables that stay in a core's cache whatever rows are read
CALL = 256  # runs in one call of the kernel: Ctrl-C is heard in between
SWEEPS = 8  # times that an epoch goes over the grid where the tables are small: a finer mix of the blocks
WORTH_THREADS = 1 << 14  # examples of a round from which other threads are called
Runs = Int64[np.ndarray, "runs 5"]  # base, first, count, n, key


class OneByOne:
    """The runs of an epoch. `free` lets the threads loose on one set of tables.

    The examples may be put in another order, where they lie; `examples` holds them as they are then.
    """

    def __init__(self, program: Program, examples: Examples, *, table_bytes: int, seed: int, threads: int, free: bool):
        self.kernel = online_kernel(program)
        self.blocks = None
        side = user_item_grid.side_of(examples.n, table_bytes)
        keys = user_item_grid.keys_of(program)
        if keys and side > 1 and not free:
            self.blocks, examples = user_item_grid.group(examples, keys, side, seed)
        self.sweeps = 1 if table_bytes > BIG else SWEEPS
        # a power of two is shuffled without a second try
        self.run = min(RUN, 1 << (max(1, examples.n // (side * side * self.sweeps)).bit_length() - 1))
        self.cut = _cut(self.blocks, self.run, self.sweeps) if self.blocks else None
        # where there are no blocks, examples that run at the same time may share a row: only who is let loose does that
        in_blocks = self.blocks is not None and examples.n >= WORTH_THREADS * side * self.sweeps
        self.threads = threads if free or in_blocks else 1
        self.examples, self.columns = examples, columns(program, examples)
        self.at = addresses(self.columns)

    def epoch(self, values: Values, key: int) -> tuple[float, int | None]:
        """The sum of the losses, and the number in `examples` of the first whose loss is not finite."""
        values = {**values, **self.at}
        runs, rounds, groups = self._in_blocks(self.cut, key) if self.cut else self._in_order(key)
        if self.threads == 1:
            losses, bad = self._run(values, runs)
            return losses.sum(), bad
        total, bad = np.zeros(0), None
        with ThreadPoolExecutor(self.threads) as pool:
            for of_round in np.split(np.arange(len(runs)), np.flatnonzero(np.diff(rounds)) + 1):
                parts = np.split(runs[of_round], np.flatnonzero(np.diff(groups[of_round])) + 1)
                for losses, found in pool.map(lambda part: self._run(values, part), parts):
                    total, bad = np.concatenate([total, losses]), found if bad is None else bad
                if bad is not None:
                    break
        return total.sum(), bad

    def _run(self, values: Values, runs: Runs) -> tuple[np.ndarray, int | None]:
        """The loss of each run."""
        losses = np.zeros(len(runs))
        for begin in range(0, len(runs), CALL):
            some = runs[begin : begin + CALL]
            call = {Role.RUNS(): some, Role.N_RUNS(): len(some), Role.LOSSES(): losses[begin : begin + CALL]}
            bad = self.kernel({**values, **call})
            if bad >= 0:
                return losses, bad
        return losses, None

    def _in_order(self, key: int) -> tuple[Runs, np.ndarray, np.ndarray]:
        """One shuffle of all examples, in one round; a group for each thread."""
        n = self.examples.n
        first = np.arange(0, n, RUN)
        runs = _runs(len(first), 0, first, np.minimum(RUN, n - first), n, key)
        return runs, np.zeros(len(runs), int), np.arange(len(runs)) * self.threads // len(runs)

    def _in_blocks(self, cut: "_Cut", key: int) -> tuple[Runs, np.ndarray, np.ndarray]:
        """Sweeps over the grid, each in rounds; sweeps, rounds and the examples of a run are drawn for this epoch."""
        side, turns = cut.side, np.arange(self.sweeps * cut.side)  # round r of sweep s is turn s · side + r
        drawn = draws.bits(np.uint32(key), *cut.counters).astype(np.int64)
        keys, of_turn = drawn[: len(cut.block)], drawn[len(cut.block) :]
        place = np.empty_like(turns)
        place[np.argsort((turns // side << 32) + of_turn)] = turns
        mixed = np.argsort((cut.block << 32) + keys)  # block by block still, the runs of a block in a drawn order
        turn = place[cut.sweep * side + cut.shift]
        order = np.argsort(turn * side**2 + cut.block, kind="stable")
        taken = mixed[order]
        count = cut.count[taken]
        return _runs(len(taken), cut.start[taken], 0, count, count, keys[taken]), turn[order], cut.block[order]


@dataclass(frozen=True, slots=True)
class _Cut:
    """The runs of a grid, block after block: what is the same in every epoch."""

    side: int
    block: np.ndarray
    start: np.ndarray
    count: np.ndarray
    shift: np.ndarray  # the round in which the block of a run comes
    sweep: np.ndarray  # in which sweep the first, second, … of a block's runs comes, in their order of the epoch
    counters: tuple[np.ndarray, np.ndarray]  # of what an epoch draws: a number for each run, then one for each turn


def _cut(blocks: user_item_grid.Blocks, size: int, sweeps: int) -> _Cut:
    """Each block cut into runs of `size` examples, spread over the sweeps."""
    sizes = np.diff(blocks.starts)
    counts = -(-sizes // size)
    block = np.repeat(np.arange(len(sizes)), counts)
    within = np.arange(len(block)) - np.repeat(np.cumsum(counts) - counts, counts)
    n_turns = sweeps * blocks.side
    numbers = np.concatenate([np.arange(len(block)), np.arange(n_turns)]).astype(np.uint32)
    return _Cut(
        side=blocks.side,
        block=block,
        start=blocks.starts[block] + within * size,
        count=np.minimum(size, sizes[block] - within * size),
        shift=blocks.shifts()[block],
        sweep=within * sweeps // counts[block],
        counters=(numbers, np.repeat(np.array([0, 1], np.uint32), [len(block), n_turns])),
    )


def _runs(n: int, *columns: int | np.ndarray) -> Runs:
    runs = np.empty((n, len(columns)), np.int64)
    for k, column in enumerate(columns):
        runs[:, k] = column
    return runs
