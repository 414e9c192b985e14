"""A slow, clear trainer written on `targets.steps`: what every engine is held to, and data to hold it with."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from rowwise.api.model import Model
from rowwise.backends import reference
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.models.start import start
from rowwise.program import draws
from rowwise.program.inputs import (
    BagLookup,
    Constant,
    DenseWeight,
    Dropout,
    ExampleValue,
    RowLookup,
    RowsLookup,
    SampledLookup,
    Statistic,
    Target,
)
from rowwise.program.parameters import Parameters
from rowwise.program.program import Input, Program
from rowwise.train.drawn import Drawing, draws_of, with_room
from rowwise.train.sets import InMemory


class Reference:
    """An engine: one example after another in NumPy float64, `parameters` moved after each batch."""

    def __init__(
        self, program: Program, examples: Examples, parameters: Parameters, *, means, batch_size: int, seed: int
    ):
        self.program, self.examples, self.means = program, examples, means
        self.batch_size, self.seed = batch_size, seed
        self.parameters = Parameters(
            {name: table.astype(np.float64) for name, table in parameters.tables.items()},
            {name: tuple(np.array(s) for s in states) for name, states in parameters.states.items()},
        )

    def epoch(self, epoch: int, rate: float) -> float:
        """Move the parameters through all examples once; the mean loss."""
        n = self.examples.n
        key = np.uint32(draws.key(self.seed, epoch, draws.ORDER))
        order = draws.place(np.arange(n, dtype=np.uint32), n, key)
        batches = [order[begin : begin + self.batch_size] for begin in range(0, n, self.batch_size)]
        return sum(self._batch(batch, epoch, rate) for batch in batches) / n

    def _batch(self, batch: np.ndarray, epoch: int, rate: float) -> float:
        """The summed loss of a batch; the tables hold still until its end."""
        gradients: dict = defaultdict(
            lambda: 0.0
        )  # (table, row) -> what its examples ask for; row None: a dense weight
        total = 0.0
        for example in map(int, batch):
            inputs, lookups = self._inputs(example, epoch)
            values = reference.run(self.program, inputs)
            total += float(reference.number(values, self.program.loss))
            for name, operand in self.program.gradients.items():
                i = self.program.input(name)
                gradient = np.broadcast_to(reference.number(values, operand), i.value.shape) / len(batch)
                for row, share in lookups.get(name, [(None, 1.0)]):
                    part = gradient[row[1]] if isinstance(row, tuple) else gradient
                    place = (i.parameter, row[0] if isinstance(row, tuple) else row)
                    gradients[place] = gradients[place] + share * part
        self._move(gradients, rate)
        return total

    def _move(self, gradients: Mapping, rate: float) -> None:
        moved = set(gradients)
        if self.program.dense:
            tables = {i.table for i in self.program.lookups} & set(self.program.updates)
            moved |= {(table, row) for table in tables for row in range(len(self.parameters.tables[table]))}
        for table, row in moved:
            update = self.program.updates[table]
            at = () if row is None else row
            states = self.parameters.states[table]
            gradient = np.broadcast_to(gradients.get((table, row), 0.0), update.row.shape)
            values = reference.run_update(
                self.program, update, self.parameters.tables[table][at], gradient, rate, [s[at] for s in states]
            )
            self.parameters.tables[table][at] = reference.number(values, update.new_row)
            for state, new in zip(states, update.new_state, strict=True):
                state[at] = reference.number(values, new)

    def _inputs(self, example: int, epoch: int) -> tuple[dict, dict]:
        """What the steps read for one example; and for each lookup its rows, with the share of each in the gradient."""
        inputs: dict = {}
        lookups: dict = {}
        for i in self.program.inputs:
            name, column = i.value.name, i.names.get("column")
            bits_of = np.uint32(draws.key(self.seed, epoch, self.program.stream(i))), np.uint32([example])
            if isinstance(i, Constant):
                continue
            if isinstance(i, DenseWeight):
                inputs[name] = self.parameters.tables[name]
            elif isinstance(i, ExampleValue):
                inputs[name] = self.examples.values[column][example]
            elif isinstance(i, Statistic):
                inputs[name] = self.means[name]
            elif isinstance(i, Target):
                inputs[name] = self.examples.target[example]
            elif isinstance(i, Dropout):
                lanes = np.arange(i.value.size, dtype=np.uint32)
                inputs[name] = draws.kept(draws.bits(*bits_of, lanes), i.rate).reshape(i.value.shape)
            elif isinstance(i, SampledLookup):
                table = self.parameters.tables[i.table]
                rows = draws.sampled_row(draws.bits(*bits_of, np.arange(i.count, dtype=np.uint32)), len(table))
                inputs[name] = table[rows].reshape(i.value.shape)
                lookups[name] = [((int(row), k) if i.is_list else int(row), 1.0) for k, row in enumerate(rows)]
            else:
                inputs[name], lookups[name] = self._looked_up(i, example)
        return inputs, lookups

    def _looked_up(self, i: Input, example: int) -> tuple[np.ndarray, list]:
        table, column = self.parameters.tables[i.table], self.examples.rows[i.column]
        if isinstance(column, Ragged):
            own = slice(column.starts[example], column.starts[example + 1])
            rows = column.rows[own]
            weights = np.ones(len(rows)) if i.weights is None else column.weights[i.weights][own].astype(float)
            total = {"mean": sum(weights), "sum": 1.0, "sqrtn": sum(weights**2) ** 0.5}[i.combine]
            shares = weights / (total or 1.0)
            return shares @ table[rows], [(int(row), share) for row, share in zip(rows, shares, strict=True)]
        if isinstance(i, RowsLookup):
            return table[column[example]], [((int(row), k), 1.0) for k, row in enumerate(column[example])]
        return table[column[example]], [(int(column[example]), 1.0)]


def random_examples(program: Program, n: int, *, n_rows: int = 5, seed: int = 0) -> Examples:
    """`n` examples that a program can read, over few rows, so that rows meet in a batch."""
    random = np.random.default_rng(seed)
    rows: dict = {}
    values: dict = {}
    for i in program.inputs:
        if isinstance(i, RowLookup):
            rows[i.column] = random.integers(0, n_rows, n).astype(np.int32)
        elif isinstance(i, RowsLookup):
            rows[i.column] = random.integers(0, n_rows, (n, i.value.shape[0])).astype(np.int32)
        elif isinstance(i, BagLookup):
            counts = random.integers(0, 5, n)
            starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
            found = random.integers(0, n_rows, starts[-1]).astype(np.int32)
            counted = random.integers(0 if i.combine == "mean" else -3, 4, starts[-1]).astype(np.float32)
            rows[i.column] = Ragged(starts, found, {} if i.weights is None else {i.weights: counted})
        elif isinstance(i, ExampleValue):
            values[i.column] = random.normal(size=(n, *i.value.shape)).astype(np.float32)
    target = next((i for i in program.inputs if isinstance(i, Target)), None)
    if target is None:
        return Examples(n, rows, values, None)
    whole = target.value.dtype == "int32"
    return Examples(n, rows, values, random.integers(0, 2, n).astype(np.int32) if whole else
                    random.normal(size=(n, *target.value.shape)).astype(np.float32))  # fmt: skip


def random_parameters(model: Model, program: Program, *, n_rows: int = 5, seed: int = 0) -> Parameters:
    """Parameters to start from, every table with numbers of its own."""
    parameters = start(model.recipe, program, dict.fromkeys(model.vocabularies.values(), n_rows), seed=seed)
    random = np.random.default_rng(seed)
    for table in parameters.tables.values():
        table[...] = random.normal(size=table.shape) * 0.5
    return parameters


def drawing(
    engine_of, program: Program, examples: Examples, parameters: Parameters, *, seed: int, **options
) -> Drawing:
    """An engine whose examples draw their rows anew before each epoch."""
    examples = with_room(program, examples)
    trainer = engine_of(program, examples, parameters, seed=seed, **options)
    return Drawing(trainer, examples, draws_of(program, parameters, InMemory(examples)), seed)


def trains_as_the_reference(
    engine_of,
    model: Model,
    *,
    optimizer="adam",
    update="sparse",
    batch_size=4,
    n=11,
    epochs=2,
    rate=0.05,
    seed=3,
    atol=2e-4,
) -> None:
    """Train by an engine and by the reference from the same start: losses, tables and states must agree.

    `engine_of(program, examples, parameters, means=…, batch_size=…, seed=…)` makes the engine.
    """
    program = model.program(optimizer=optimizer, update=update)
    examples, parameters = random_examples(program, n, seed=seed), random_parameters(model, program, seed=seed)
    means = {i.value.name: 0.25 for i in program.inputs if isinstance(i, Statistic)}
    options = {"means": means, "batch_size": batch_size, "seed": seed}
    slow = Reference(program, examples, parameters, **options)
    fast = drawing(engine_of, program, examples, parameters, **options)
    before = parameters.copy()
    for epoch in range(epochs):
        np.testing.assert_allclose(fast.epoch(epoch, rate), slow.epoch(epoch, rate), rtol=1e-4, atol=1e-5)
    wanted = slow.parameters.arrays()
    for name, array in parameters.arrays().items():
        np.testing.assert_allclose(array, wanted[name], rtol=2e-3, atol=atol, err_msg=name)
    assert any((array != before.arrays()[name]).any() for name, array in parameters.arrays().items())
