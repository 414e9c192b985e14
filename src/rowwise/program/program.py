"""The program of one example: a flat list of steps from looked-up rows to updated rows.

    Program
    ├── inputs      what an example brings: rows, values, dense weights, the target
    ├── steps       each one primitive, in order: forward, then derivative, then update
    ├── prediction, loss, gradients      which values are the results
    └── updates     for each table: the row, its gradient and its optimizer state in, the new ones out

Every value is assigned once. All targets read this and nothing else.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from rowwise import inert
from rowwise.data.statistics import told

Shape = tuple[int, ...]
FORWARD, DERIVATIVE, UPDATE = "forward", "derivative", "update"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the program: an input or the output of one step."""

    name: str
    shape: Shape
    dtype: str  # float32 | int32 | uint32 | bool

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Literal:
    """A number written in the program."""

    value: float | int | bool
    dtype: str
    shape: Shape = ()

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __str__(self) -> str:
        return str(self.value) if isinstance(self.value, bool) else f"{self.value:.6g}"


Operand = Value | Literal


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
    phase: str  # forward | derivative | update
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
class Input:
    """What one example brings: a looked-up row, a number, a dense weight or the target."""

    value: Value
    kind: str  # row | rows | bag | sampled | value | statistic | weight | dropout | target | constant
    column: str | None = None  # of rows and values: the column of the data
    table: str | None = None  # of rows: the table they are read from
    combine: str | None = None  # of a bag: mean | sum | sqrtn
    rate: float | None = None  # of dropout
    constant: Any = None  # of a constant: its numbers, as nested lists
    mask_of: str | None = None  # of a value that is a mask: the column whose padding it tells
    weights: str | None = None  # of a bag: the column of what each row counts for
    statistic: str | None = None  # of a statistic: mean | spread | lowest | highest, of `column`

    @property
    def is_lookup(self) -> bool:
        return self.table is not None


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

    @property
    def lookups(self) -> tuple[Input, ...]:
        return tuple(i for i in self.inputs if i.is_lookup)

    @property
    def weights(self) -> tuple[Input, ...]:
        return tuple(i for i in self.inputs if i.kind == "weight")

    def input(self, name: str) -> Input:
        return next(i for i in self.inputs if i.value.name == name)

    def stream(self, i: Input) -> int:
        """The number of the random stream that an input draws from; inputs that sample one column draw one id."""
        same = (j for j in self.inputs if j.kind == i.kind == "sampled" and j.column == i.column)
        return self.inputs.index(next(same, i))

    def phase(self, phase: str) -> tuple[Step, ...]:
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
        return json.dumps(asdict(self), default=_plain)

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
    def of(told: Any) -> "Program":
        """From what JSON says, which may be anything: `verify` tells whether it is a program."""
        return _program(told)

    def __str__(self) -> str:
        return "\n".join(map(inert.line, _lines(self)))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from rowwise.views.cards import program_card

        return program_card(self)


def needed(steps: Sequence[Step], results: Iterable[Operand | None]) -> tuple[Step, ...]:
    """The steps that `results` are computed from, in order; no others."""
    wanted = {r.name for r in results if isinstance(r, Value)}
    kept = []
    for step in reversed(steps):
        if step.output.name in wanted:
            kept.append(step)
            wanted |= {i.name for i in step.inputs if isinstance(i, Value)}
    return tuple(reversed(kept))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a program")


def _short(value: Any) -> str:
    return str(value).replace(" ", "")


def _param(value: Any) -> Any:
    if isinstance(value, dict):
        return _body(value)
    return tuple(map(_param, value)) if isinstance(value, list) else value


def _value(data: dict[str, Any]) -> Value:
    return Value(data["name"], tuple(data["shape"]), data["dtype"])


def _operand(data: dict[str, Any] | None) -> Any:
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
        inputs=tuple(Input(**{**i, "value": _value(i["value"])}) for i in data["inputs"]),
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
        source = {
            "value": f"the number in {i.column}",
            "statistic": i.statistic and told(i.statistic, i.column),
            "target": f"the target, {i.column}",
            "weight": "a dense weight",
            "dropout": f"a mask, 0 with probability {i.rate}",
            "constant": "numbers of the function",
        }.get(i.kind, f"{i.kind} of table {i.table} by {i.column}{f', weighted by {i.weights}' if i.weights else ''}")
        yield f"  {i.value.name:<{widest}}  {_shape(i.value.shape):<9} {source}"
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
