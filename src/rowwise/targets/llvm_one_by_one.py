"""An epoch of a kernel that moves the tables after every example: which examples, in which order, on which thread."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from jaxtyping import Int64

from rowwise.data.examples import Examples
from rowwise.primitives import draws
from rowwise.program.program import Program
from rowwise.targets import llvm_blocks
from rowwise.targets.llvm_compile import Kernel
from rowwise.targets.llvm_inputs import Values, columns
from rowwise.targets.llvm_online import RUN, online_arguments, online_ir

BIG = 1 << 20  # bytes of tables beyond which rows are asked for ahead of their use
CALL = 256  # runs in one call of the kernel: Ctrl-C is heard in between
Runs = Int64[np.ndarray, "runs 5"]  # base, first, count, n, key: see llvm_online


class OneByOne:
    """The runs of an epoch, in rounds: the groups of runs of one round may run at the same time."""

    def __init__(self, program: Program, examples: Examples, values: Values, *, seed: int, threads: int, free: bool):
        moving = [name for name in values if name.split("/")[0] in program.updates]
        table_bytes = sum(values[name].nbytes for name in moving)
        text = online_ir(program, prefetch=table_bytes > BIG)
        self.kernel = Kernel(text, "online", online_arguments(program))
        self.examples, self.threads, self.free = examples, threads, free
        side = llvm_blocks.side_of(examples.n, table_bytes)
        self.keys = llvm_blocks.keys_of(program) if side > 1 and not free else None
        if self.keys is not None:
            self.blocks = llvm_blocks.group(examples, self.keys, side, seed)
            self.columns = columns(program, self.blocks.examples)
        else:
            self.columns = columns(program, examples)

    def epoch(self, values: Values, key: int) -> tuple[float, int | None]:
        """The sum of the losses, and the number of the first example whose loss is not finite."""
        values = {**values, **self.columns}
        total = 0.0
        with ThreadPoolExecutor(self.threads) as pool:
            for groups in self._rounds(key):
                run = pool.map if self.threads > 1 and len(groups) > 1 else map
                for losses, bad in run(lambda runs: self._run(values, runs), groups):
                    if bad is not None:
                        return total, self._original(bad)
                    total += losses
        return total, None

    def _run(self, values: Values, runs: Runs) -> tuple[float, int | None]:
        losses = np.zeros(len(runs))
        for begin in range(0, len(runs), CALL):
            part = slice(begin, begin + CALL)
            found = {"the runs": runs[part], "the n_runs": len(runs[part]), "the losses": losses[part]}
            bad = self.kernel({**values, **found})
            if bad >= 0:
                return 0.0, bad
        return float(losses.sum()), None

    def _rounds(self, key: int) -> Iterator[list[Runs]]:
        if self.keys is not None:
            for blocks in self.blocks.rounds(key):
                yield [self._block(block, key) for block in blocks]
            return
        n = self.examples.n
        first = np.arange(0, n, RUN)
        runs = _runs(base=0, first=first, count=np.minimum(RUN, n - first), n=n, key=key)
        yield np.array_split(runs, self.threads) if self.free else [runs]

    def _block(self, block: int, key: int) -> Runs:
        """The runs of one block, in a fresh order, each in a fresh order of its own."""
        start, end = self.blocks.starts[block : block + 2]
        base = np.arange(start, end, RUN)
        keys = draws.bits(np.uint32(key), base.astype(np.uint32), np.uint32(1))
        count = np.minimum(RUN, end - base)
        return _runs(base=base, first=0, count=count, n=count, key=keys)[np.argsort(keys, kind="stable")]

    def _original(self, place: int) -> int:
        if self.keys is None:
            return place
        return llvm_blocks.original(self.examples, self.keys, self.blocks, place)


def _runs(**parts: int | np.ndarray) -> Runs:
    return np.stack(np.broadcast_arrays(*parts.values()), axis=1).astype(np.int64, order="C")
