"""A program in, the same program with numbers for names out: what engines run, and all that a compiler is given.

Names of arguments, columns and tables, and the lines of the source, come from users and files. Here they end: values
become v0, v1, …, tables t0, t1, … and columns c0, c1, …, in the order in which they stand. So no text of theirs meets
another name or reaches a compiler, and programs that differ in names alone are one kernel.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.errors import BadModel
from rowwise.program.inputs import BagLookup, ExampleValue
from rowwise.program.parameters import Parameters
from rowwise.program.program import Body, Operand, Program, Step, Update, Value

T = TypeVar("T")
Names = Mapping[str, str]  # what each of our names stands for


@dataclass(frozen=True, slots=True)
class Anonymous:
    """A program without names, and the way there and back for what it reads. Arrays are passed on, never copied."""

    program: Program
    names: Names

    def parameters(self, parameters: Parameters) -> Parameters:
        return Parameters(self.tables(parameters.tables), self._ours(parameters.states, set(self.program.updates)))

    def tables(self, tables: Mapping[str, T]) -> dict[str, T]:
        """What is kept for each table and dense weight."""
        read = {i.table for i in self.program.lookups} | {i.value.name for i in self.program.weights}
        return self._ours(tables, read)

    def means(self, means: Mapping[str, float]) -> dict[str, float]:
        return self._ours(means, {i.value.name for i in self.program.statistics})

    def examples(self, examples: Examples) -> Examples:
        """The columns that the program reads."""
        program = self.program
        rows = self._ours(examples.rows, {i.column for i in program.lookups if not i.is_drawn})
        weights = {i.weights for i in program.inputs_of(BagLookup) if i.weights}
        for column, lists in rows.items():
            if isinstance(lists, Ragged):
                rows[column] = replace(lists, weights=self._ours(lists.weights, weights))
        values = self._ours(examples.values, {i.column for i in program.inputs_of(ExampleValue)})
        drawn = self._ours(examples.drawn, {i.column for i in program.lookups if i.is_drawn})
        return Examples(examples.n, rows, values, examples.target, drawn)

    def with_names(self, examples: Examples) -> Examples:
        """Examples of `examples()` as they came, with the names of their columns."""

        def theirs(given: Mapping[str, T]) -> dict[str, T]:
            return {self.names[ours]: each for ours, each in given.items()}

        rows = {
            column: replace(rows, weights=theirs(rows.weights)) if isinstance(rows, Ragged) else rows
            for column, rows in theirs(examples.rows).items()
        }
        return Examples(examples.n, rows, theirs(examples.values), examples.target, theirs(examples.drawn))

    def _ours(self, given: Mapping[str, T], names: set[str]) -> dict[str, T]:
        """What `given` holds of `names`, in the order of the program and not in that of a set."""
        return {ours: given[theirs] for ours, theirs in self.names.items() if ours in names and theirs in given}


@lru_cache(maxsize=64)
def anonymous(program: Program, *, places: bool = False) -> Anonymous:
    """
    `places` keeps the lines of the source, for a text that people read.

    Raises:
        BadModel: a table has the name of a dense weight, so that nobody can tell which of the two is meant.
    """
    values, tables, columns = _Numbers("v"), _Numbers("t"), _Numbers("c")
    weights = {i.value.name for i in program.weights}
    for i in program.lookups:
        if i.table in weights:
            raise BadModel(
                f"table {i.table!r} of the program has the name of a dense weight",
                expected="a name for each",
                mend=f"table={f'{i.table}_rows'!r} is another name",
            )

    def moved(name: str) -> str:
        return values[name] if name in weights else tables[name]

    renamed = _Renamed(values.__getitem__, places)
    inputs = tuple(i.renamed(renamed.value(i.value), columns.__getitem__, tables.__getitem__) for i in program.inputs)
    made = Program(
        name=program.name if places else "",
        inputs=inputs,
        steps=tuple(map(renamed.step, program.steps)),
        prediction=None if program.prediction is None else renamed.operand(program.prediction),
        loss=renamed.operand(program.loss),
        gradients={values[name]: renamed.operand(gradient) for name, gradient in program.gradients.items()},
        updates={moved(name): renamed.update(update, moved(name)) for name, update in program.updates.items()},
        optimizer="",
        dense=program.dense,
    )
    return Anonymous(made, {**values.names(), **tables.names(), **columns.names()})


def with_names(step: Step, names: Names) -> Step:
    """A step as a person knows it: names that nobody gave stay what they are."""
    return _Renamed(lambda name: names.get(name, name), places=True).step(step)


class _Numbers:
    """A number for each name, the same for the same name."""

    def __init__(self, letter: str):
        self.letter = letter
        self.found: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self.found.setdefault(name, f"{self.letter}{len(self.found)}")

    def names(self) -> dict[str, str]:
        return {ours: theirs for theirs, ours in self.found.items()}


@dataclass(frozen=True, slots=True)
class _Renamed:
    """Parts of a program with other names for their values."""

    name: Callable[[str], str]
    places: bool

    def value(self, value: Value) -> Value:
        return replace(value, name=self.name(value.name))

    def operand(self, operand: Operand) -> Operand:
        return self.value(operand) if isinstance(operand, Value) else operand

    def step(self, step: Step) -> Step:
        return Step(
            primitive=step.primitive,
            inputs=tuple(map(self.operand, step.inputs)),
            output=self.value(step.output),
            params={key: self.body(p) if isinstance(p, Body) else p for key, p in step.params.items()},
            phase=step.phase,
            place=step.place if self.places else None,
        )

    def body(self, body: Body) -> Body:
        return Body(
            name=body.name if self.places else "",
            shared=tuple(map(self.value, body.shared)),
            carried=tuple(map(self.value, body.carried)),
            parts=tuple(map(self.value, body.parts)),
            steps=tuple(map(self.step, body.steps)),
            new=tuple(map(self.operand, body.new)),
            gives=tuple(map(self.operand, body.gives)),
        )

    def update(self, update: Update, table: str) -> Update:
        return Update(
            table=table,
            row=self.value(update.row),
            gradient=self.value(update.gradient),
            learning_rate=self.value(update.learning_rate),
            state=tuple(map(self.value, update.state)),
            start=update.start,
            new_row=self.value(update.new_row),
            new_state=tuple(map(self.operand, update.new_state)),
        )
