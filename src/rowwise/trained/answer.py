"""Tables and examples in, predictions out, by the first engine that can."""

from collections.abc import Mapping

import numpy as np

from rowwise.backends import registry
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.errors import BadOption
from rowwise.program.passes.histories import parts, with_bags
from rowwise.program.program import Program


def answer(
    program: Program,
    tables: Mapping[str, np.ndarray],
    examples: Examples,
    *,
    means: Mapping[str, float],
    histories: Ragged | None = None,
) -> np.ndarray:
    """The prediction of each example: (n,), or (n, classes); `histories` are what each user has.

    Raises:
        BadOption: the model returns a loss and no prediction.
    """
    if program.prediction is None:
        raise BadOption(
            f"{program.name} returns its own loss and no prediction",
            expected="a function that returns (prediction, loss)",
            mend="return the score beside the loss",
        )
    found: list[np.ndarray] = []
    for part in parts(program, examples, histories):
        read = with_bags(program, tables, part, histories)
        engine = next(one for one in registry.engines() if one.lacks_to_predict(read[0]) is None)
        found.append(engine.predict(*read, means=means))
    return found[0] if len(found) == 1 else np.concatenate(found)
