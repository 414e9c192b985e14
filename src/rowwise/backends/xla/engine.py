"""The engine "xla": every program, many examples at a time, compiled by XLA."""

from collections.abc import Mapping

import numpy as np

from rowwise.backends.backend import Engine, Trainer, Way
from rowwise.data.examples import Examples
from rowwise.errors import BadOption
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program


class Xla(Engine):
    """What needs JAX is imported by the two that compute: to be chosen takes none of it."""

    name = "xla"

    def lacks(self, program: Program, batch_size: int) -> str | None:
        return None

    def says(self, batch_size: int) -> str:
        return f"XLA, batches of {batch_size}"

    def trainer(self, program: Program, examples: Examples, parameters: Parameters, way: Way) -> Trainer:
        from rowwise.backends.xla.batch import XlaBatch
        from rowwise.backends.xla.device import check_device

        check_device()
        if way.parallel is not None:
            raise BadOption(
                f"parallel={way.parallel!r} with {self.says(way.batch_size)}",
                mend="leave it out: XLA uses all cores",
            )
        return XlaBatch(program, examples, parameters, means=way.means, batch_size=way.batch_size, seed=way.seed)

    def lacks_to_predict(self, program: Program) -> str | None:
        return None

    def predict(
        self,
        program: Program,
        tables: Mapping[str, np.ndarray],
        examples: Examples,
        *,
        means: Mapping[str, float],
    ) -> np.ndarray:
        from rowwise.backends.xla import batch

        return batch.predict(program, tables, examples, means=means)


ENGINE = Xla()
