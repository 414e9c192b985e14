"""Program in, one machine-code kernel out: it moves tables in place, an example or a batch at a time.

| program and batch                           | how an epoch runs                                                     |
|---------------------------------------------|-----------------------------------------------------------------------|
| single rows, batch size 1                   | one example after another; of two keys, in blocks on all threads      |
| bags, rows of a sequence, or a larger batch | batch after batch, the pieces of a large one on all threads           |

The tables do not depend on the number of threads. `parallel="hogwild"` gives that up: all threads move one set of
tables without waiting for each other.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from rowwise.backends.llvm.codegen.batch_kernel import batch_ir
from rowwise.backends.llvm.codegen.online_kernel import online_ir
from rowwise.backends.llvm.codegen.predict_kernel import predict_ir
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.runtime.batch_schedule import InBatches
from rowwise.backends.llvm.runtime.compile import addresses
from rowwise.backends.llvm.runtime.inputs import columns, constants, in_parallel, moving
from rowwise.backends.llvm.runtime.inputs import tables as arguments
from rowwise.backends.llvm.runtime.kernels import batch_text, online_text, predict_kernel, predict_text
from rowwise.backends.llvm.runtime.online_schedule import OneByOne
from rowwise.data.examples import Examples
from rowwise.errors import BadOption, Diverged, UnsupportedPrimitive
from rowwise.program import draws
from rowwise.program.inputs import Dropout
from rowwise.program.parameters import Parameters
from rowwise.program.passes.anonymous import Names, anonymous
from rowwise.program.program import Program

SHARE = 1 << 14  # examples to predict below which another thread does not pay


class LlvmKernel:
    """A trainer: moves `parameters` through `examples` with machine code made for exactly this program.

    The examples become its own: it may put them in another order.
    """

    def __init__(
        self,
        program: Program,
        examples: Examples,
        parameters: Parameters,
        *,
        means: Mapping[str, float],
        batch_size: int,
        seed: int,
        threads: int,
        parallel: str | None = None,
    ):
        if parallel not in (None, "hogwild") or (parallel and not is_online(program, batch_size)):
            raise BadOption(
                f"parallel={parallel!r} with batches of {batch_size}",
                expected="None, or 'hogwild' for a model of single rows trained one example at a time",
                mend="leave it out: the threads are used anyway",
            )
        self._anonymous = anonymous(program)
        self.program, self.seed = self._anonymous.program, seed
        self.streams = sorted({self.program.stream(i) for i in self.program.inputs_of(Dropout)})
        self.parameters = self._anonymous.parameters(parameters)
        tables, examples = self.parameters.tables, self._anonymous.examples(examples)
        moved = moving(self.program, self.parameters)
        self.values = addresses(
            {**arguments(tables), **moved, **constants(self.program, tables, self._anonymous.means(means))}
        )
        if is_online(program, batch_size):
            n_bytes = sum(array.nbytes for array in moved.values())
            self._runs: OneByOne | InBatches = OneByOne(
                self.program, examples, table_bytes=n_bytes, seed=seed, threads=threads, free=bool(parallel)
            )
        else:
            self._runs = InBatches(self.program, examples, tables, batch_size=batch_size, threads=threads)
        self.n = examples.n

    def epoch(self, epoch: int, rate: float) -> float:
        """Move the parameters, in place, through all examples once; the mean loss.

        Raises:
            Diverged: the loss of `error.example` is not a finite number. The parameters are then worthless.
        """
        keys = {Role.KEY(part=k): draws.key(self.seed, epoch, k) for k in self.streams}
        order = draws.key(self.seed, epoch, draws.ORDER)
        total, bad = self._runs.epoch({**self.values, **keys, Role.RATE(): rate}, order)
        if bad is not None:
            error = Diverged(
                f"the loss of an example is not finite in epoch {epoch + 1}",
                expected="a finite loss",
                mend=f"lower learning_rate (it was {rate:g}), or raise l2",
            )
            error.example = self._anonymous.with_names(self._runs.examples.take(np.array([bad])))
            raise error
        return total / self.n


def is_online(program: Program, batch_size: int) -> bool:
    """Whether each example moves its rows at once, with no row asked for twice but by two lookups."""
    return batch_size == 1 and not any(i.is_list for i in program.lookups)


def support(program: Program, *, batch_size: int) -> str | None:
    """None where machine code can train the program and answer with it, else what it lacks, to come after "because"."""
    if program.dense:
        return "update='dense' moves every row of every table at each batch"
    lacks = _lacks_to_train(program, is_online(program, batch_size))
    return lacks or (None if program.prediction is None else lacks_to_predict(program))


@lru_cache(maxsize=64)
def lacks_to_predict(program: Program) -> str | None:
    """The same for answering alone: how the program was trained does not matter then."""
    return _lacking(program, predict_text, predict_ir)


@lru_cache(maxsize=64)
def _lacks_to_train(program: Program, online: bool) -> str | None:
    return _lacking(program, online_text, online_ir) if online else _lacking(program, batch_text, batch_ir)


def _lacking(program: Program, text: Callable[[Program], str], ir: Callable[[Program, Names], str]) -> str | None:
    """The text of a kernel is made for a run; where it cannot be, once more for people, who are told the line."""
    try:
        text(anonymous(program).program)
        return None
    except UnsupportedPrimitive:
        named = anonymous(program, places=True)
    try:
        ir(named.program, named.names)
    except UnsupportedPrimitive as error:
        return error.given
    raise AssertionError("what has no kernel without names has none with names")


def ir(program: Program, *, batch_size: int = 1) -> str:
    """The kernel as LLVM IR; a comment above each step says what it is and which source line it came from.

    It is a text for people: what is compiled has other names, and no comments.
    """
    named = anonymous(program, places=True)
    return (online_ir if is_online(program, batch_size) else batch_ir)(named.program, named.names)


def predict(
    program: Program,
    tables: Mapping[str, np.ndarray],
    examples: Examples,
    *,
    means: Mapping[str, float],
    threads: int = 1,
) -> np.ndarray:
    """The prediction for each example: (n,), or (n, classes)."""
    assert program.prediction is not None
    ours = anonymous(program)
    arrays, examples = ours.tables(tables), ours.examples(examples)
    kernel = predict_kernel(ours.program)
    out = np.empty((examples.n, *program.prediction.shape), np.float32)
    values = {**arguments(arrays), **constants(ours.program, arrays, ours.means(means))}
    values |= {**columns(ours.program, examples), Role.OUT(): out}
    n_parts = max(1, min(threads, examples.n // SHARE))
    cuts = [examples.n * k // n_parts for k in range(n_parts + 1)]
    in_parallel(
        lambda k: kernel({**values, Role.FIRST(): cuts[k], Role.LAST(): cuts[k + 1]}), range(n_parts), threads=n_parts
    )
    return out
