"""The program of one example: a flat list of steps from looked-up rows to updated rows.

    Program
    ├── inputs      what an example brings: rows, values, dense weights, the target
    ├── steps       each one primitive, in order: forward, then derivative, then update
    ├── prediction, loss, gradients      which values are the results
    └── updates     for each table: the row, its gradient and its optimizer state in, the new ones out

Every value is assigned once. All backends read this and nothing else.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from rowwise import displays, inert
from rowwise.narrow import is_a, is_list
from rowwise.program.inputs import Constant, DenseWeight, Input, Lookup, SampledLookup, Statistic, Target, input_of
from rowwise.program.values import Literal, Operand, Shape, Value

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Phase(StrEnum):
    """What a step is for, in the order of the steps."""

    FORWARD = "forward"
    DERIVATIVE = "derivative"
    UPDATE = "update"


FORWARD, DERIVATIVE, UPDATE = Phase
Kind = TypeVar("Kind", bound=Input)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's source a step came from."""

    file: str  # the file's name, without its folder
    line: int
    column: int
    function: str
    text: str = ""  # the source line itself, stripped

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} ({self.function})"


@dataclass(frozen=True, slots=True)
class Step:
    """One primitive applied: `output = primitive(*inputs, **params)`."""

    primitive: str
    inputs: tuple[Operand, ...]
    output: Value
    params: Mapping[str, Any]
    phase: Phase
    place: Place | None

    def __str__(self) -> str:
        params = "".join(f" {key}={_short(value)}" for key, value in self.params.items())
        return f"{self.output} = {self.primitive}{params} {' '.join(map(str, self.inputs))}"


@dataclass(frozen=True, slots=True)
class Body:
    """One round of a loop: its steps read nothing but its own inputs, and their names are their own."""

    name: str  # of the user's function
    shared: tuple[Value, ...]  # the same in every round
    carried: tuple[Value, ...]  # handed on by the round before; first the loop's inputs
    parts: tuple[Value, ...]  # this round's part of each sequence
    steps: tuple[Step, ...]
    new: tuple[Operand, ...]  # handed on to the next round
    gives: tuple[Operand, ...]

    @property
    def inputs(self) -> tuple[Value, ...]:
        return (*self.shared, *self.carried, *self.parts)

    @property
    def results(self) -> tuple[Operand, ...]:
        return (*self.new, *self.gives)

    @property
    def width(self) -> int:
        """The numbers of one round's line: all its results, laid end to end."""
        return sum(result.size for result in self.results)

    def __str__(self) -> str:
        return f"{self.name}[{len(self.steps)}steps]"

    def __hash__(self) -> int:
        return hash((self.name, self.inputs, self.results))


@dataclass(frozen=True, slots=True)
class Update:
    """How one table's row (or one dense weight) moves: values that go in, and those that come out.

    The gradient goes in as an input of its own, because a row that occurs several times in a batch gets the sum.
    """

    table: str
    row: Value
    gradient: Value
    learning_rate: Value
    state: tuple[Value, ...]
    start: tuple[float, ...]  # what each state begins as
    new_row: Value
    new_state: tuple[Operand, ...]

    @property
    def inputs(self) -> tuple[Value, ...]:
        return (self.row, self.gradient, self.learning_rate, *self.state)

    @property
    def outputs(self) -> tuple[Operand, ...]:
        return (self.new_row, *self.new_state)


@dataclass(frozen=True, eq=False)
class Program:
    """One example's loss, its derivative with respect to what was looked up, and the update, as steps."""

    name: str
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    prediction: Operand | None
    loss: Operand
    gradients: Mapping[str, Operand]  # by the name of a lookup or a dense weight
    updates: Mapping[str, Update]  # by the name of a table or a dense weight
    optimizer: str
    dense: bool  # every row of a table moves at every batch and pays l2 in its update, as in Keras

    def inputs_of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """The inputs of a class, `Lookup` or `ExampleValue`, in their order."""
        return tuple(i for i in self.inputs if isinstance(i, kind))

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        return self.inputs_of(Lookup)

    @property
    def weights(self) -> tuple[DenseWeight, ...]:
        return self.inputs_of(DenseWeight)

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        return self.inputs_of(Statistic)

    @property
    def constants(self) -> tuple[Constant, ...]:
        return self.inputs_of(Constant)

    @property
    def target(self) -> Target | None:
        return next(iter(self.inputs_of(Target)), None)

    def input(self, name: str) -> Input:
        return next(i for i in self.inputs if i.value.name == name)

    def stream(self, i: Input) -> int:
        """The number of the random stream that an input draws from; inputs that sample one column draw one id."""
        same = (j for j in self.inputs_of(SampledLookup) if isinstance(i, SampledLookup) and j.column == i.column)
        return self.inputs.index(next(same, i))

    def phase(self, phase: Phase) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.phase == phase)

    def needed(self, results: Iterable[Operand | None]) -> tuple[Step, ...]:
        """The steps that `results` are computed from, in order; no others."""
        return needed(self.steps, results)

    def reads(self, results: Iterable[Operand | None]) -> tuple[Input, ...]:
        """The inputs that `results` are computed from."""
        results = tuple(results)
        names = {i.name for step in self.needed(results) for i in step.inputs if isinstance(i, Value)}
        names |= {r.name for r in results if isinstance(r, Value)}
        return tuple(i for i in self.inputs if i.value.name in names)

    def to_json(self) -> str:
        """The whole program as JSON text, read back by `Program.from_json`."""
        return self._json

    @cached_property
    def _json(self) -> str:
        return json.dumps(_fields(self) | {"inputs": [i.to_json() for i in self.inputs]}, default=_plain)

    @cached_property
    def digest(self) -> str:
        """A fingerprint of all that the program holds: equal for equal programs, and what caches keep things by."""
        return hashlib.sha256(self._json.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @staticmethod
    def from_json(text: str) -> "Program":
        return _program(json.loads(text))

    @staticmethod
    def of(told: dict[str, Any]) -> "Program":
        """From what JSON says, which may be anything: `verify` tells whether it is a program."""
        return _program(told)

    def __str__(self) -> str:
        return "\n".join(map(inert.line, _lines(self)))

    __repr__ = __str__

    def _repr_html_(self) -> str | None:
        return displays.html(self)


def needed(steps: Sequence[Step], results: Iterable[Operand | None]) -> tuple[Step, ...]:
    """The steps that `results` are computed from, in order; no others."""
    wanted = {r.name for r in results if isinstance(r, Value)}
    kept: list[Step] = []
    for step in reversed(steps):
        if step.output.name in wanted:
            kept.append(step)
            wanted |= {i.name for i in step.inputs if isinstance(i, Value)}
    return tuple(reversed(kept))


def _fields(record: "DataclassInstance") -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _plain(value: object) -> object:
    """What JSON has no word for, a layer at a time."""
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if is_a(value, np.generic, np.ndarray):
        return np.asarray(value).tolist()
    raise TypeError(f"{type(value).__name__} has no place in a program")


def _short(value: object) -> str:
    return str(value).replace(" ", "")


def _param(value: object) -> object:
    if isinstance(value, dict):
        return _body(cast(dict[str, Any], value))
    return tuple(map(_param, value)) if is_list(value) else value


def _value(data: dict[str, Any]) -> Value:
    return Value(data["name"], tuple(data["shape"]), data["dtype"])


def _operand(data: Any) -> Any:
    if data is None:
        return None
    return _value(data) if "name" in data else Literal(data["value"], data["dtype"], tuple(data["shape"]))


def _step(data: dict[str, Any]) -> Step:
    return Step(
        primitive=data["primitive"],
        inputs=tuple(map(_operand, data["inputs"])),
        output=_value(data["output"]),
        params={key: _param(value) for key, value in data["params"].items()},
        phase=data["phase"],
        place=None if data["place"] is None else Place(**data["place"]),
    )


def _body(data: dict[str, Any]) -> Body:
    return Body(
        name=data["name"],
        shared=tuple(map(_value, data["shared"])),
        carried=tuple(map(_value, data["carried"])),
        parts=tuple(map(_value, data["parts"])),
        steps=tuple(map(_step, data["steps"])),
        new=tuple(map(_operand, data["new"])),
        gives=tuple(map(_operand, data["gives"])),
    )


def _program(data: dict[str, Any]) -> Program:
    updates = {
        name: Update(
            table=u["table"],
            row=_value(u["row"]),
            gradient=_value(u["gradient"]),
            learning_rate=_value(u["learning_rate"]),
            state=tuple(map(_value, u["state"])),
            start=tuple(u["start"]),
            new_row=_value(u["new_row"]),
            new_state=tuple(map(_operand, u["new_state"])),
        )
        for name, u in data["updates"].items()
    }
    return Program(
        name=data["name"],
        inputs=tuple(map(input_of, data["inputs"])),
        steps=tuple(map(_step, data["steps"])),
        prediction=_operand(data["prediction"]),
        loss=_operand(data["loss"]),
        gradients={name: _operand(g) for name, g in data["gradients"].items()},
        updates=updates,
        optimizer=data["optimizer"],
        dense=data["dense"],
    )


def _lines(program: Program) -> Iterator[str]:
    tables = dict.fromkeys(i.table for i in program.lookups)
    yield f"{program.name}: {len(tables)} tables, {len(program.steps)} steps, optimizer {program.optimizer}"
    yield "reads"
    widest = max(len(i.value.name) for i in program.inputs)
    for i in program.inputs:
        yield f"  {i.value.name:<{widest}}  {_shape(i.value.shape):<9} {i.says}"
    for phase in (FORWARD, DERIVATIVE):
        yield phase
        yield from _step_lines(program.phase(phase))
    named = {"loss": program.loss} | {f"d loss / d {name}": g for name, g in program.gradients.items()}
    if program.prediction is not None:
        named = {"prediction": program.prediction} | named
    yield "gives"
    yield from (f"  {name} = {value}" for name, value in named.items())
    for update in program.updates.values():
        yield f"update of {update.table}"
        outputs = {o.name for o in update.outputs if isinstance(o, Value)}
        mine = [s for s in program.needed(update.outputs) if s.phase == UPDATE]
        yield from _step_lines(mine)
        yield f"  new row {update.new_row}" + "".join(
            f", {new} for {old}" for old, new in zip(update.state, update.new_state, strict=True) if str(new) in outputs
        )


def _step_lines(steps: Sequence[Step]) -> Iterator[str]:
    """A step a line, in columns; where it came from, but for updates, whose lines are the optimizer's own."""
    parts = [(*str(step).split(" = ", 1), step) for step in steps]
    width = max((len(right) for _, right, _ in parts), default=0)
    for left, right, step in parts:
        place = f"{step.place}  {step.place.text}" if step.place and step.phase != UPDATE else ""
        yield f"  {left:<6} {_shape(step.output.shape):<9} {right:<{width}}  {place}".rstrip()


def _shape(shape: Shape) -> str:
    return str(shape).replace(" ", "")
