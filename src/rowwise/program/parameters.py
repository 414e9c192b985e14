"""The numbers that training moves: a table for each name that a program updates, and its optimizer's state."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rowwise.program.program import Program


@dataclass(frozen=True, slots=True)
class Parameters:
    """Tables (rows, *row shape) and dense weights (*shape) by name; `states[name]` holds one array a state of the
    optimizer, (rows, *state shape) for a table. Engines move the arrays in place."""

    tables: dict[str, np.ndarray]
    states: dict[str, tuple[np.ndarray, ...]]
    says: tuple[str, ...] = ()  # what initializers have to say of their start, for the report

    def copy(self) -> "Parameters":
        return Parameters(
            {name: table.copy() for name, table in self.tables.items()},
            {name: tuple(s.copy() for s in states) for name, states in self.states.items()},
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by a name of its own, "table/user" and "state 1/user": what a file keeps."""
        named = {table_key(name): table for name, table in self.tables.items()}
        for name, states in self.states.items():
            named |= {state_key(name, k): state for k, state in enumerate(states)}
        return named

    def fill(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take over the numbers of `arrays()` in place."""
        for name, mine in self.arrays().items():
            mine[...] = arrays[name]


def table_key(name: str) -> str:
    """What a file calls a table or dense weight: with a word in front, so that none is called as a state is."""
    return f"table/{name}"


def state_key(name: str, k: int) -> str:
    return f"state {k + 1}/{name}"


def fresh_states(program: Program, tables: Mapping[str, np.ndarray]) -> dict[str, tuple[np.ndarray, ...]]:
    """The optimizer's state of each table before any update."""
    states: dict[str, tuple[np.ndarray, ...]] = {}
    for name, update in program.updates.items():
        lead = tables[name].shape[: tables[name].ndim - len(update.row.shape)]  # (rows,), or () for a dense weight
        states[name] = tuple(
            np.full((*lead, *value.shape), begin, value.dtype)
            for value, begin in zip(update.state, update.start, strict=True)
        )
    return states
