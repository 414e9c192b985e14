"""The engine "llvm": machine code made for exactly one program."""

import os
from collections.abc import Mapping

import numpy as np

from rowwise.backends.backend import Engine, Trainer, Way
from rowwise.backends.llvm import kernel
from rowwise.data.examples import Examples
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program


class Llvm(Engine):
    name = "llvm"
    is_online = True

    def lacks(self, program: Program, batch_size: int) -> str | None:
        return kernel.support(program, batch_size=batch_size)

    def says(self, batch_size: int) -> str:
        how = "one example at a time" if batch_size == 1 else f"batches of {batch_size}"
        return f"machine code for exactly this function, {how}"

    def trainer(self, program: Program, examples: Examples, parameters: Parameters, way: Way) -> Trainer:
        return kernel.LlvmKernel(
            program,
            examples,
            parameters,
            means=way.means,
            batch_size=way.batch_size,
            seed=way.seed,
            threads=way.threads or cores(),
            parallel=way.parallel,
        )

    def lacks_to_predict(self, program: Program) -> str | None:
        return kernel.lacks_to_predict(program)

    def predict(
        self,
        program: Program,
        tables: Mapping[str, np.ndarray],
        examples: Examples,
        *,
        means: Mapping[str, float],
    ) -> np.ndarray:
        return kernel.predict(program, tables, examples, means=means)


ENGINE = Llvm()


def cores() -> int:
    """How many cores this process may use; where the system does not tell, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
