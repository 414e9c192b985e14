"""Tables and examples in, predictions out, by the first target that can."""

from collections.abc import Mapping

import numpy as np

from rowwise.data.examples import Examples
from rowwise.errors import BadOption
from rowwise.program.program import Program


def answer(
    program: Program, tables: Mapping[str, np.ndarray], examples: Examples, *, means: Mapping[str, float]
) -> np.ndarray:
    """The prediction of each example: (n,), or (n, classes). Machine code where the program allows, else XLA.

    Raises:
        BadOption: the model returns a loss and no prediction.
    """
    if program.prediction is None:
        raise BadOption(
            f"{program.name} returns its own loss and no prediction",
            expected="a function that returns (prediction, loss)",
            mend="return the score beside the loss",
        )
    from rowwise.backends.llvm import kernel

    if kernel.support(program, batch_size=1) is None:
        return kernel.predict(program, tables, examples, means=means)
    from rowwise.backends.xla import batch

    return batch.predict(program, tables, examples, means=means)
