"""An epoch of kernels that move the tables after every batch: buffers, and pieces of a batch on threads."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np

from rowwise.backends.llvm.codegen.buffers import is_weighted, readers_of
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.runtime.compile import Kernel
from rowwise.backends.llvm.runtime.inputs import Values, columns
from rowwise.backends.llvm.runtime.kernels import batch_kernels
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.program import draws
from rowwise.program.inputs import DenseWeight, Lookup
from rowwise.program.program import Program

PIECES = 16  # of a batch with enough work
CACHED = 8  # numbers of a dense weight are as soon read as one of a table, which lies anywhere in memory
WORTH_THREADS = 1 << 21  # numbers read by a batch from which it is cut into pieces, and other threads are called
CALL = 1 << 20  # examples in one call of a kernel: Ctrl-C is heard in between


class InBatches:
    """The batches of an epoch. How a batch is cut depends on its size alone, not on the threads."""

    def __init__(
        self, program: Program, examples: Examples, tables: Mapping[str, np.ndarray], *, batch_size: int, threads: int
    ):
        self.batches, self.gradients, self.apply = batch_kernels(program)
        self.examples, self.n, self.size = examples, examples.n, min(batch_size, examples.n)
        work = self.size * sum(i.value.size // (CACHED if isinstance(i, DenseWeight) else 1) for i in program.inputs)
        self.n_pieces = PIECES if work >= WORTH_THREADS else 1
        self.threads = threads if self.n_pieces > 1 else 1
        self.values = {**columns(program, examples), **self._buffers(program, examples, tables)}

    def epoch(self, values: Values, key: int) -> tuple[float, int | None]:
        """The sum of the losses, and the number of the first example whose loss is not finite."""
        values = {**values, **self.values}
        n_batches = ceil(self.n / self.size)
        if self.threads > 1:
            return self._on_threads(values, key, n_batches)
        total = np.zeros(1)
        values |= {Role.BATCH_SIZE(): self.size, Role.N_EXAMPLES(): self.n, Role.ORDER_KEY(): key, Role.TOTAL(): total}
        for first in range(0, n_batches, max(1, CALL // self.size)):
            last = min(n_batches, first + max(1, CALL // self.size))
            bad = self.batches({**values, Role.FIRST(): first, Role.LAST(): last})
            if bad >= 0:
                return float(total[0]), bad
        return float(total[0]), None

    def _on_threads(self, values: Values, key: int, n_batches: int) -> tuple[float, int | None]:
        """The same, one piece a job."""
        total, order, losses = 0.0, values[Role.ORDER()], values[Role.LOSSES()]
        with ThreadPoolExecutor(self.threads) as pool:
            for begin in range(0, n_batches * self.size, self.size):
                counters = np.arange(begin, min(begin + self.size, self.n), dtype=np.uint32)
                order[: len(counters)] = draws.place(counters, self.n, np.uint32(key))
                batch = {**values, Role.COUNT(): len(counters), Role.SCALE(): 1 / len(counters)}
                bad = [found for found in self._pieces(pool, self.gradients, batch) if found >= 0]
                if bad:
                    return total, bad[0]
                self._pieces(pool, self.apply, batch)
                total = sum(losses.tolist(), total)
        return total, None

    def _pieces(self, pool: ThreadPoolExecutor, kernel: Kernel, batch: Values) -> list[int]:
        return list(pool.map(lambda piece: kernel({**batch, Role.PIECE(): piece}), range(self.n_pieces)))

    def _buffers(self, program: Program, examples: Examples, tables: Mapping[str, np.ndarray]) -> Values:
        n_pieces, piece_size = self.n_pieces, ceil(self.size / self.n_pieces)
        found: Values = {
            Role.N_PIECES(): n_pieces,
            Role.PIECE_SIZE(): piece_size,
            Role.ORDER(): np.zeros(n_pieces * piece_size + 16, np.int32),
            Role.LOSSES(): np.zeros(n_pieces),
        }
        for name, update in program.updates.items():
            readers = readers_of(program, name)
            if not readers:
                found[Role.SUMS(name)] = np.zeros((n_pieces, update.row.size), np.float32)
                continue
            room = sum(_most_rows(examples, i, piece_size) for i in readers)
            found |= {
                Role.ROOM(name): room,
                Role.GRADIENTS(name): np.empty(
                    (n_pieces * piece_size * sum(i.n_gradients for i in readers), update.row.size), np.float32
                ),
                Role.ROWS(name): np.empty(n_pieces * room, np.int32),
                Role.SOURCES(name): np.empty(n_pieces * room, np.int32),
                Role.NEXTS(name): np.empty(n_pieces * room, np.int32),
                Role.COUNTS(name): np.zeros(n_pieces, np.int64),
                Role.HEADS(name): np.full(len(tables[name]), -1, np.int32),
            }
            if is_weighted(program, name):
                found[Role.ROW_WEIGHTS(name)] = np.empty(n_pieces * room, np.float32)
        return found


def _most_rows(examples: Examples, i: Lookup, n: int) -> int:
    """The most rows that one lookup can ask for in n examples."""
    if not i.is_combined:
        return n * i.n_gradients
    rows = examples.rows[i.column]
    assert isinstance(rows, Ragged)
    return int(np.sort(np.diff(rows.starts))[-n:].sum())
