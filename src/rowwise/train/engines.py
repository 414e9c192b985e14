"""A program and a wish in, an engine and the reason for it out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from rowwise.backends import registry
from rowwise.backends.backend import Engine, Trainer, Way
from rowwise.data.examples import Examples
from rowwise.errors import BadOption
from rowwise.program.inputs import HistoryLookup
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.train.drawn import Drawing, Draws, with_room
from rowwise.train.history import Rate, rates_of


class Choice(NamedTuple):
    """Which engine trains, and why, in one line."""

    name: str
    reason: str
    batch_size: int

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"

    def rates(self, rate: Rate | None, epochs: int, *, usual: float | None) -> list[float]:
        """The learning rate of every epoch, the usual one where none is asked for; none where the engine has none.

        Raises:
            BadOption: a rate outside its range, one for an engine that has none, or none where nothing is usual.
        """
        if not registry.engine(self.name).has_rate:
            if rate is not None:
                raise BadOption(f"learning_rate={rate} with engine={self.name!r}", mend="leave it out: it has none")
            return []
        rate = usual if rate is None else rate
        if rate is None:
            raise BadOption(
                f"no learning_rate for engine={self.name!r}, after an engine that has none",
                mend="say learning_rate=0.05",
            )
        return rates_of(rate, epochs)


def choose(program: Program, *, engine: str, batch_size: int | None) -> Choice:
    """The engine that is asked for, or the first that can train the program; and what those before it lack.

    Without a `batch_size`, a model of rows alone trains online (1), one with dense weights or a dense update by 64.

    Raises:
        BadOption: the engine that is asked for cannot run the program.
    """
    check_examples_train(program)
    because, lacking, size = "", None, 1
    for one in registry.engines():
        size = batch_size or _usual_batch_size(one, program)
        lacking = one.lacks(program, size)
        if lacking is None and engine in (one.name, registry.AUTO):
            return Choice(one.name, one.says(size) + because, size)
        if engine == one.name:
            break
        because = because or (f", because {lacking}" if lacking else "")
    raise BadOption(
        f"engine={engine!r} cannot run {program.name}: {lacking}", mend=f"use engine={_other(program, size)!r}"
    )


def check_examples_train(program: Program) -> None:
    """Refuse a model that is solved for as a whole.

    Raises:
        BadOption: it is one.
    """
    if program.inputs_of(HistoryLookup):
        raise BadOption(
            f"{program.name} reads what users have, and no epoch of examples trains it",
            expected="a model whose rows an example moves",
            mend="Recommender(task='ranking').fit(pairs) solves for it as a whole; update(pairs) takes more pairs in",
        )


def check_chunks(choice: Choice, chunk_rows: int | None) -> None:
    """Refuse parts of the data for an engine that has to hold all of them.

    Raises:
        BadOption: it would see a part for the whole.
    """
    if chunk_rows is not None and registry.engine(choice.name).reads_all:
        raise BadOption(
            f"chunk_rows={chunk_rows} with engine={choice.name!r}",
            expected="all examples in memory: rows are solved for from everything that they have to do with",
            mend="leave chunk_rows out, or train with engine='llvm'",
        )


def _usual_batch_size(engine: Engine, program: Program) -> int:
    if program.dense or any(i.value.name in program.updates for i in program.weights):
        return 64
    return 1 if engine.is_online else 256


def _other(program: Program, batch_size: int) -> str:
    """The first engine that can train the program."""
    return next(one.name for one in registry.engines() if one.lacks(program, batch_size) is None)


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
    draws: Draws = MappingProxyType({}),
) -> Trainer:
    """The trainer of the chosen engine, ready for its first epoch, on all cores where no `threads` are given."""
    way = Way(means=means, batch_size=choice.batch_size, seed=seed, threads=threads, parallel=parallel)
    examples = with_room(program, examples) if draws else examples
    trainer = registry.engine(choice.name).trainer(program, examples, parameters, way)
    return Drawing(trainer, examples, draws, seed) if draws else trainer
