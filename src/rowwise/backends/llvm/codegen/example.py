"""One example in machine code: its inputs read, the steps of a program run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import llvmlite.ir as ir
import numpy as np

from rowwise import inert
from rowwise.backends.llvm.codegen.signature import Argument, Role, Signature
from rowwise.backends.llvm.emit import random_bits
from rowwise.backends.llvm.emit.builder import INDEX, INT, POINTER, Index, LlvmValue
from rowwise.backends.llvm.emit.values import Flat, Lanes, Machine, Walked, columns, fits, is_at_hand
from rowwise.backends.llvm.rules import (
    moves,  # noqa: F401 (they register rules)
    sums,  # noqa: F401 (they register rules)
)
from rowwise.backends.llvm.rules.primitives import apply, each
from rowwise.program.passes.anonymous import Names, with_names
from rowwise.program.program import Input, Operand, Program, Shape, Step, Value

KINDS = {"pointer": POINTER, "float": ir.FloatType(), "int": INT, "index": INDEX}
AHEAD = 16  # rows of a bag between asking for one and using it
DEEP = 64  # recipes that may ask one another for a row: each is a few calls of Python, whose stack is finite


@dataclass(frozen=True, slots=True)
class Looked:
    """The rows of one lookup: how many, the number of each, and what each counts for where that is not 1.

    Row k counts for its own `weight(k)` times the `share` that is the same for all.
    """

    count: Index
    number: Callable[[Index], LlvmValue]  # as an index
    share: LlvmValue = None
    weight: Callable[[Index], LlvmValue] | None = None


def function(
    module: Any, name: str, signature: Signature, names: Names | None = None
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
        rows: Mapping[tuple[str, str], LlvmValue] | None = None,
    ):
        """`rows` are numbers of rows known already, by the kind and column of the lookups that read them."""
        self.machine, self.program, self.given, self.number = machine, program, given, number
        self.values: dict[str, Lanes] = {}
        self.looked: dict[str, Looked] = {}
        self._rows = dict(rows or {})

    def read(self, inputs: Iterable[Input], *, fitted: bool = False) -> None:
        """The inputs' values; of a fitted model nothing is drawn: masks are 1 and sampled rows 0."""
        for i in inputs:
            fits(i.value.shape, f"the input {self.machine.called(i.value.name)}")
            self.values[i.value.name] = self._read(i, fitted)

    def run(self, steps: Iterable[Step]) -> None:
        walk(self.machine, steps, self.values)

    def result(self, operand: Operand, shape: Shape) -> Lanes:
        return operand_value(self.machine, self.values, operand, shape)

    def _read(self, i: Input, fitted: bool) -> Lanes:
        m, shape, name = self.machine, i.value.shape, i.value.name
        if i.is_lookup:
            if i.kind == "sampled" and fitted:
                return constant(m, 0.0, shape)
            self.looked[name] = self._looked(i)
            return self._numbers(i)
        match i.kind:
            case "value":
                start = m.at(self.given[Role.VALUES(str(i.column))], "float32", m.times(self.number, i.value.size))
                return m.at_address(shape, "float32", start, name=name)
            case "target" if shape:
                start = m.at(self.given[Role.TARGET()], "float32", m.times(self.number, i.value.size))
                return m.at_address(shape, "float32", start, name=name)
            case "target":
                found = m.load(self.given[Role.TARGET()], i.value.dtype, offset=self.number, name=name)
                return Flat((), i.value.dtype, found)
            case "statistic":
                return Flat((), "float32", self.given[Role.MEAN(name)])
            case "weight":
                return m.at_address(shape, "float32", self.given[Role.TABLE(name)], changing=name, name=name)
            case "dropout":
                return constant(m, 1.0, shape) if fitted else self._mask(i)
        numbers = np.asarray(i.numbers, i.value.dtype)
        if numbers.dtype == bool:
            numbers = numbers.astype(np.int32)
        address = m.listed(numbers)
        return m.at_address(shape, "float32" if numbers.dtype.kind == "f" else "int32", address)

    def _looked(self, i: Input) -> Looked:
        m, b, column = self.machine, self.machine.builder, str(i.column)
        if i.kind in ("row", "sampled"):
            row = self.row(i)
            return Looked(1, lambda k: row)
        ids = self.given[Role.IDS(column)]
        if i.kind == "rows":
            length = i.value.shape[0]
            ids = m.at(ids, "int32", m.times(self.number, length))
            return Looked(length, lambda k: b.zext(m.load(ids, "int32", offset=k), INDEX))
        starts = self.given[Role.STARTS(column)]
        start = m.load(starts, "int64", offset=self.number)
        count = b.sub(m.load(starts, "int64", offset=m.plus(self.number, 1)), start)
        ids = m.at(ids, "int32", start)
        weight = self._weights(i, start) if i.weights else None
        return Looked(
            count, lambda k: b.zext(m.load(ids, "int32", offset=k), INDEX), self._share(i, count, weight), weight
        )

    def _weights(self, i: Input, start: LlvmValue) -> Callable[[Index], LlvmValue]:
        """The weights of the rows of a bag, of which the first stands at `start`."""
        m = self.machine
        weights = m.at(self.given[Role.ID_WEIGHTS(str(i.weights))], "float32", start)
        return lambda k: m.load(weights, "float32", offset=k)

    def row(self, i: Input) -> LlvmValue:
        """The number of the one row that a lookup reads; lookups by one column read the same row of their tables."""
        m, b, column = self.machine, self.machine.builder, str(i.column)
        if (i.kind, column) not in self._rows:
            if i.kind == "row":
                row = m.load(self.given[Role.IDS(column)], "int32", offset=self.number)
            else:
                key = self.given[Role.KEY(part=self.program.stream(i))]
                drawn = random_bits.bits(m, key, b.trunc(self.number, INT), ir.Constant(INT, 0))
                row = random_bits.sampled_row(m, drawn, self.given[Role.N_ROWS(str(i.table))])
            self._rows[i.kind, column] = b.zext(
                row, INDEX, name=m.called(i.value.name) and f"row of {m.called(i.value.name)}"
            )
        return self._rows[i.kind, column]

    def _share(self, i: Input, count: LlvmValue, weight: Callable[[Index], LlvmValue] | None) -> LlvmValue:
        """What a row of a bag counts for if its weight is 1: 1/n, 1 or 1/√n; of weights w, 1/Σw or 1/√Σw².

        The bag may be empty, or its weights all 0.
        """
        m, b = self.machine, self.machine.builder
        if i.combine == "sum":
            return None
        one = ir.Constant(ir.FloatType(), 1.0)
        if weight is None:
            n = b.select(b.icmp_signed(">", count, m.index(1)), b.sitofp(count, ir.FloatType()), one)
        else:
            total = m.variable(ir.Constant(ir.FloatType(), 0.0))
            with m.loop(count, name="k") as k:
                w = weight(k)
                total.add(b.fmul(w, w) if i.combine == "sqrtn" else w)
            n = total.get()
            n = b.select(b.fcmp_ordered(">", n, ir.Constant(ir.FloatType(), 0.0)), n, one)
        return b.fdiv(one, m.call("llvm.sqrt", n.type, n) if i.combine == "sqrtn" else n)

    def _numbers(self, i: Input) -> Lanes:
        """A lookup's numbers: one row, many rows, or the combined row of a bag."""
        m, b, looked, shape = self.machine, self.machine.builder, self.looked[i.value.name], i.value.shape
        size = row_size(i)

        def row(k: Index) -> LlvmValue:
            at = m.times(looked.number(k), size)
            return m.load(self.given[Role.TABLE(str(i.table))], "float32", size, offset=at, name=i.value.name)

        if i.kind in ("row", "sampled"):
            return Flat(shape, "float32", row(0))
        if i.kind == "rows":
            if len(shape) == 1:
                return m.from_numbers(shape, "float32", row)
            return m.recipe(shape, "float32", row, frozenset({str(i.table)}))
        total = m.variable(m.constant(0.0, m.type("float32", size)), size)
        with m.loop(looked.count, name="k") as k:
            later = m.least(b.add(k, m.index(AHEAD)), b.sub(m.index(looked.count), m.index(1)))
            m.prefetch(m.at(self.given[Role.TABLE(str(i.table))], "float32", m.times(looked.number(later), size)), size)
            total.add(row(k) if looked.weight is None else b.fmul(row(k), m.splat(looked.weight(k), size)))
        lanes = total.get()
        if looked.share is not None:
            lanes = b.fmul(lanes, m.splat(looked.share, size))
        return Flat(shape, "float32", lanes)

    def _mask(self, i: Input) -> Lanes:
        m, n = self.machine, columns(i.value.shape)
        key = self.given[Role.KEY(part=self.program.stream(i))]
        example = m.builder.trunc(self.number, INT)

        def row(k: Index) -> LlvmValue:
            first = m.builder.trunc(m.index(m.times(k, n)), INT)
            lanes = m.builder.add(m.splat(first, n), m.counted(n))
            return random_bits.kept(m, random_bits.bits(m, key, example, lanes), i.rate or 0.0)

        return m.recipe(i.value.shape, "float32", row)


def row_size(i: Input) -> int:
    """The numbers of one row of the table that a lookup reads."""
    return prod(i.value.shape[1:]) if i.kind == "rows" else i.value.size


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


def constant(machine: Machine, number: Any, shape: Shape, dtype: str = "float32") -> Lanes:
    lanes = machine.constant(number, machine.type(dtype, columns(shape)))
    return machine.recipe(shape, dtype, lambda i: lanes)
