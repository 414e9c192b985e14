"""The engine "als": alternating least squares, for every model that is affine in the rows of each of its columns.

An epoch goes through the columns of ids. The rows of one are solved for, all at once and exactly, with those of the
others held still: no learning rate, and no order of examples. Each example pays `l2` for the rows that it reads, so a
row pays as often as it is read. Sources: Bell & Koren 2007; of this penalty, Zhou et al. 2008, "weighted λ".
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from rowwise.backends.backend import Engine, Trainer, Way
from rowwise.data.examples import Examples
from rowwise.errors import BadOption, Diverged
from rowwise.program.inputs import RowLookup
from rowwise.program.parameters import Parameters
from rowwise.program.passes.affine import affine_score
from rowwise.program.program import Program


class Alternating(Engine):
    """What needs JAX is imported when it computes: to be chosen takes none of it."""

    name = "als"
    has_rate = False
    reads_all = True

    def lacks(self, program: Program, batch_size: int) -> str | None:
        if program.dense:
            return "update='dense' pays l2 for rows that nothing is solved for"
        if weights := [i.value.name for i in program.weights if i.parameter in program.updates]:
            return f"{weights[0]} is a dense weight, which every example reads"
        if lists := [i.value.name for i in program.lookups if not isinstance(i, RowLookup)]:
            return f"{lists[0]} is made of several rows, or of one that is drawn"
        for column in _columns(program):
            if affine_score(program, column) is None:
                return f"the loss sees the rows of {column!r} not as the square of a number that is affine in them"
        return None

    def says(self, batch_size: int) -> str:
        return "least squares, the rows of one column after those of another"

    def trainer(self, program: Program, examples: Examples, parameters: Parameters, way: Way) -> Trainer:
        if way.parallel is not None:
            raise BadOption(
                f"parallel={way.parallel!r} with engine='als'", mend="leave it out: rows are solved for on all cores"
            )
        return _Sweeps(program, examples, parameters, way.means)


class _Sweeps:
    """A trainer: an epoch solves for the rows of every column once."""

    def __init__(self, program: Program, examples: Examples, parameters: Parameters, means: Mapping[str, float]):
        self.program, self.examples, self.parameters, self.means = program, examples, parameters, means

    def epoch(self, epoch: int, rate: float) -> float:
        """The mean loss after the sweep.

        Raises:
            Diverged: a number is not finite: the ratings are too large for float32.
        """
        from rowwise.backends.xla.batch import predict
        from rowwise.backends.xla.best_rows import best_rows

        tables = self.parameters.tables
        for column in _columns(self.program):
            own, found = best_rows(self.program, tables, self.examples, column=column, means=self.means)
            for table, rows in found.items():
                tables[table][own] = rows
        losses = predict(replace(self.program, prediction=self.program.loss), tables, self.examples, means=self.means)
        if not np.isfinite(losses).all():
            raise Diverged(
                f"the loss of an example is not finite after sweep {epoch + 1}",
                expected="finite losses",
                mend="raise l2, or divide the target by its largest number",
            )
        return float(losses.mean(dtype=np.float64))


def _columns(program: Program) -> Iterable[str]:
    """The columns whose rows move, in the order of the signature."""
    return dict.fromkeys(str(i.column) for i in program.lookups if i.parameter in program.updates)


ENGINE = Alternating()
