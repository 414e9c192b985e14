"""A program and a wish in, an engine and the reason for it out."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

from rowwise.data.examples import Examples
from rowwise.errors import BadOption
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program


@runtime_checkable
class Engine(Protocol):
    """What trains: moves the parameters it was made with, in place, an epoch at a time."""

    def epoch(self, epoch: int, rate: float) -> float:
        """One pass over the examples; the mean loss. Raises Diverged when a loss is not finite."""
        ...


class Choice(NamedTuple):
    """Which engine trains, and why, in one line."""

    name: str  # llvm | xla
    reason: str
    batch_size: int


ENGINES = ("auto", "llvm", "xla")


def choose(program: Program, *, engine: str, batch_size: int | None) -> Choice:
    """Machine code where the program allows, else XLA.

    Without a `batch_size`, a model of rows alone trains online (1), one with dense weights or a dense update by 64.

    Raises:
        BadOption: an unknown engine, a batch size below 1, or `engine="llvm"` for a program it cannot run.
    """
    if engine not in ENGINES:
        raise BadOption(f"engine={engine!r}", expected=f"one of {', '.join(ENGINES)}", mend="engine='auto' chooses")
    if batch_size is not None and batch_size < 1:
        raise BadOption(f"batch_size={batch_size}", expected="1 (online) or more", mend="leave it out for the default")
    from rowwise.backends.llvm import kernel

    online = not program.dense and not any(i.value.name in program.updates for i in program.weights)
    size = batch_size or (1 if online else 64)
    lacking = kernel.support(program, batch_size=size)
    if engine == "llvm" and lacking:
        raise BadOption(f"engine='llvm' cannot run {program.name}: {lacking}", mend="use engine='xla'")
    if engine != "xla" and not lacking:
        how = "one example at a time" if size == 1 else f"batches of {size}"
        return Choice("llvm", f"machine code for exactly this function, {how}", size)
    if batch_size is None and online:
        size = 256  # online is one example a step: too little for XLA
    reason = f"XLA, batches of {size}" + (f", because {lacking}" if lacking else "")
    return Choice("xla", reason, size)


def make(
    choice: Choice,
    program: Program,
    parameters: Parameters,
    examples: Examples,
    seed: int,
    *,
    means: Mapping[str, float],
    threads: int | None,
    parallel: str | None = None,
) -> Engine:
    """The chosen engine, ready for its first epoch, on all cores where no `threads` are given."""
    common: dict[str, Any] = {"means": means, "batch_size": choice.batch_size, "seed": seed}
    if choice.name == "llvm":
        from rowwise.backends.llvm.kernel import LlvmKernel

        return LlvmKernel(program, examples, parameters, **common, threads=threads or cores(), parallel=parallel)
    from rowwise.backends.xla.batch import XlaBatch

    if parallel is not None:
        raise BadOption(f"parallel={parallel!r} with {choice.reason}", mend="leave it out: XLA uses all cores")
    return XlaBatch(program, examples, parameters, **common)


def cores() -> int:
    """How many cores this process may use; where the system does not tell, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
