"""A new kind of input is its class, and one function for each backend that runs it: nothing else knows of kinds."""

from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from rowwise.backends import reference
from rowwise.backends.llvm import kernel
from rowwise.backends.llvm.codegen import inputs as llvm
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import cells_of
from rowwise.backends.xla import batch
from rowwise.backends.xla import inputs as xla
from rowwise.data.examples import Examples
from rowwise.program.inputs import KINDS, Constant, Input
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.program.verify import verify


@dataclass(frozen=True, slots=True)
class Counter(Input):
    """The numbers from 1 on, as many as the value has."""

    first: int = 1

    @property
    def says(self) -> str:
        return f"the numbers from {self.first} on"

    @property
    def numbers(self) -> np.ndarray:
        return np.arange(self.first, self.first + self.value.size, dtype=np.float32).reshape(self.value.shape)


@llvm.read.register(Counter)
def counter_llvm(i: Counter, example: Any, fitted: bool) -> Any:
    return example.machine.at_address(i.value.shape, "float32", example.machine.listed(i.numbers))


@xla.read.register(Counter)
def counter_xla(i: Counter, taken: xla.Taken) -> Any:
    return jnp.broadcast_to(i.numbers, (taken.size, *i.value.shape))


@lowering.cells_of_input.register(Counter)
def counter_sheet(i: Counter) -> Any:
    return cells_of(i.numbers.tolist())


@rw.model(target="rating", loss=rw.squared_error)
def scaled(user=rw.Row("userId", 3), film=rw.Row("movieId", 3), scale=rw.Value("scale", 3)):
    return jnp.sum(user * film * scale)


@pytest.fixture
def counted(monkeypatch) -> Program:
    """The model with a counter in place of what the examples brought."""
    monkeypatch.setitem(KINDS, "counter", Counter)
    program = scaled.program(optimizer="sgd")
    return verify(_with(program, Counter(program.input("scale").value)))


def _with(program: Program, other: Input) -> Program:
    return replace(program, inputs=tuple(other if i.value.name == other.value.name else i for i in program.inputs))


TABLES = {"user": np.float32([[0, 0, 0], [1, 2, 3]]), "film": np.float32([[0, 0, 0], [1, 1, 0.5]])}
ROWS = {"userId": np.int32([1, 0, 1]), "movieId": np.int32([1, 1, 0])}
EXAMPLES = Examples(3, ROWS, {}, np.float32([9, 1, 2]))


def test_a_toy_kind_is_read_back_and_says_what_it_is(counted):
    assert Program.from_json(counted.to_json()) == counted
    assert "scale" in str(counted)
    assert "the numbers from 1 on" in str(counted)


def test_a_toy_kind_predicts_the_same_in_every_backend(counted):
    given = {"user": TABLES["user"][1], "film": TABLES["film"][1], "scale": [1, 2, 3], "target": 9}
    values = reference.run(counted, given)
    assert reference.number(values, counted.prediction) == 1 * 1 * 1 + 2 * 1 * 2 + 3 * 0.5 * 3
    for engine in (kernel, batch):
        np.testing.assert_array_equal(engine.predict(counted, TABLES, EXAMPLES, means={}), np.float32([9.5, 0, 0]))
    assert lowering.constants(counted.inputs)["scale"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("batch_size", [1, 2])
@pytest.mark.parametrize("engine", [kernel.LlvmKernel, batch.XlaBatch], ids=["llvm", "xla"])
def test_a_toy_kind_trains_as_a_constant_of_the_same_numbers_does(counted, engine, batch_size):
    constant = _with(counted, Constant(counted.input("scale").value, [1.0, 2.0, 3.0]))
    moved = []
    for program in (counted, constant):
        tables = {name: table.copy() for name, table in TABLES.items()}
        more = {"threads": 1} if engine is kernel.LlvmKernel else {}
        states = Parameters(tables, dict.fromkeys(tables, ()))
        engine(program, EXAMPLES, states, means={}, batch_size=batch_size, seed=1, **more).epoch(0, 0.1)
        moved.append(tables)
    assert not np.array_equal(moved[0]["user"], TABLES["user"])
    for name in TABLES:
        np.testing.assert_array_equal(moved[0][name], moved[1][name])
