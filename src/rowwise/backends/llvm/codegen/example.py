"""One example in machine code: its inputs read, the steps of a program run."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod

import llvmlite.ir as ir

from rowwise import inert
from rowwise.backends.llvm.codegen.inputs import Looked, constant, read, row_number
from rowwise.backends.llvm.codegen.signature import Argument, Signature
from rowwise.backends.llvm.emit.builder import INDEX, INT, POINTER, LlvmValue
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, Walked, fits, is_at_hand
from rowwise.backends.llvm.rules import (
    moves,  # noqa: F401 (they register rules)
    order,  # noqa: F401 (they register rules)
    sums,  # noqa: F401 (they register rules)
)
from rowwise.backends.llvm.rules.primitives import apply, each
from rowwise.program.inputs import Input, Lookup
from rowwise.program.passes.anonymous import Names, with_names
from rowwise.program.program import Operand, Program, Shape, Step, Value

KINDS = {"pointer": POINTER, "float": ir.FloatType(), "int": INT, "index": INDEX}
DEEP = 64  # recipes that may ask one another for a row: each is a few calls of Python, whose stack is finite


def function(
    module: object, name: str, signature: Signature, names: Names | None = None
) -> tuple[Machine, dict[Argument, LlvmValue]]:
    """A new function that returns an index, to be written from its start, and its arguments.

    With `names` it is a text for people; without, arguments are called a0, a1, … and nothing has a comment.
    """
    kind = ir.FunctionType(INDEX, [KINDS[argument.kind] for argument in signature])
    made = ir.Function(module, kind, name)
    for k, (arg, argument) in enumerate(zip(made.args, signature, strict=True)):
        named = replace(argument, name=(names or {}).get(argument.name, argument.name))
        arg.name = f"a{k}" if names is None else inert.line(named)
        if isinstance(arg.type, ir.PointerType):
            arg.add_attribute("noalias")
    machine = Machine(ir.IRBuilder(made.append_basic_block("entry")), names)
    return machine, dict(zip(signature, made.args, strict=True))


class Example:
    """Writes what happens to example `number`: `values` are those read and worked out so far, by name."""

    def __init__(
        self,
        machine: Machine,
        program: Program,
        given: Mapping[Argument, LlvmValue],
        number: LlvmValue,
    ):
        self.machine, self.program, self.given, self.number = machine, program, given, number
        self.values: dict[str, Lanes] = {}
        self.looked: dict[str, Looked] = {}
        self._rows: dict[tuple[type, str], LlvmValue] = {}

    def read(self, inputs: Iterable[Input], *, fitted: bool = False) -> None:
        """The inputs' values; of a fitted model nothing is drawn: masks are 1 and sampled rows 0."""
        for i in inputs:
            fits(i.value.shape, f"the input {self.machine.called(i.value.name)}")
            self.values[i.value.name] = read(i, self, fitted)

    def run(self, steps: Iterable[Step]) -> None:
        walk(self.machine, steps, self.values)

    def result(self, operand: Operand, shape: Shape) -> Lanes:
        return operand_value(self.machine, self.values, operand, shape)

    def row(self, i: Lookup) -> LlvmValue:
        """The number of the one row that a lookup reads; lookups by one column read the same row of their tables."""
        key = type(i), i.column
        if key not in self._rows:
            called = self.machine.called(i.value.name)
            row = row_number(i, self)
            self._rows[key] = self.machine.builder.zext(row, INDEX, name=called and f"row of {called}")
        return self._rows[key]


def walk(machine: Machine, steps: Iterable[Step], values: dict[str, Lanes]) -> None:
    """Each step emitted under a comment that says what it is and where it comes from."""
    depths: dict[str, int] = {}  # of a recipe: how many ask one another for a row of it
    for step in steps:
        _tell(machine, step)
        made = apply(machine, step, [operand_value(machine, values, o) for o in step.inputs])
        if isinstance(made, Flat) and isinstance(made.lanes, ir.Instruction) and made.lanes.name.startswith("."):
            made.lanes.name = machine.called(step.output.name).removeprefix("%") or made.lanes.name
        if isinstance(made, Walked) and not is_at_hand(made) and made.address is None:
            depth = 1 + max((depths.get(o.name, 0) for o in step.inputs if isinstance(o, Value)), default=0)
            if depth > DEEP:
                made, depth = machine.from_rows(made.shape, made.dtype, made.row), 0
            depths[step.output.name] = depth
        values[step.output.name] = made


def _tell(machine: Machine, step: Step) -> None:
    """A comment that says what a step is and where it comes from."""
    if machine.names is not None:
        place = f"   {step.place}  {step.place.text}" if step.place else ""
        machine.comment(f"{with_names(step, machine.names)}{place}")


def operand_value(machine: Machine, values: Mapping[str, Lanes], operand: Operand, shape: Shape | None = None) -> Lanes:
    """An operand's value; in `shape`, where a result is one number for all."""
    if isinstance(operand, Value):
        value = values[operand.name]
        if shape is None or prod(operand.shape) == prod(shape):
            return value
        return each(machine, shape, operand.dtype, [value], lambda lanes: lanes)
    return constant(machine, operand.value, operand.shape if shape is None else shape, operand.dtype)
