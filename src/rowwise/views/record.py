"""The record of one example walked through a program; every face of the steps is drawn from it.

Walk
├── example      the raw values
├── tables       how many rows and weights there are, which rows this example reads, how many moved
├── arguments    id → row → numbers, for each argument of the function
├── lines        the function a line at a time, with every primitive inside
├── derivatives  d loss / d each value, the last line's first
├── rules        the optimizer's formulas
├── moves        each row before and after
└── values       the numbers of all of these, by name
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from math import prod
from typing import Any

import numpy as np

from rowwise import displays
from rowwise.data.ids import Id
from rowwise.program.inputs import KINDS, Input
from rowwise.program.values import Shape


@dataclass(frozen=True, slots=True)
class TableSeen:
    """One table, or one dense weight (which has no rows)."""

    name: str
    rows: int | None
    row_shape: Shape
    is_trained: bool
    read: tuple[int, ...]  # the rows that this example reads, each once
    moved: int  # rows that this example moves; of a dense weight 0 or 1

    @property
    def weights(self) -> int:
        return prod((self.rows or 1, *self.row_shape))


@dataclass(frozen=True, slots=True)
class ArgumentSeen:
    """What one argument received; `marks` says of each row if it is unknown, padding or drawn.

    `shares` are what each row of a bag counts for: 1/n in a mean of n rows without weights.
    """

    name: str
    kind: str  # of input, as files call it
    says: str
    column: str | None
    vocabulary: str | None
    table: str | None
    ids: tuple[Id | None, ...]
    rows: tuple[int, ...]
    marks: tuple[str, ...]
    shares: tuple[float, ...] = ()

    @property
    def of(self) -> type[Input]:
        """The class of its input."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One primitive: the value it gives, by name, and how."""

    gives: str
    formula: str
    primitive: str
    line: int | None  # the forward line it belongs to


@dataclass(frozen=True, slots=True)
class ProductSeen:
    """A product of two vectors: what it adds up, and what it has come to after each."""

    of: str  # `user · movie`
    terms: np.ndarray
    running: np.ndarray


@dataclass(frozen=True, slots=True)
class LineSeen:
    """One line of source."""

    number: int
    place: str
    function: str
    code: str
    reads: tuple[str, ...]
    gives: tuple[tuple[str, str], ...]  # (name, formula)
    notes: tuple[str, ...]  # what it does to shapes
    steps: tuple[StepSeen, ...]
    filled: Mapping[str, str] = field(default_factory=dict[str, str])  # name -> its formula, numbers in
    products: tuple[ProductSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class DerivativeSeen:
    """d loss / d `of`; of an argument with l2, the derivative of the cost."""

    of: str
    title: str
    line: int
    formula: str
    reads: tuple[str, ...]  # the values in the formula
    numbers: np.ndarray


@dataclass(frozen=True, slots=True)
class Move:
    """One row (or dense weight) before and after the optimizer's step, with the optimizer's own numbers."""

    table: str
    row: int | None
    id: Id | None
    before: np.ndarray
    gradient: np.ndarray
    after: np.ndarray
    state: Mapping[str, tuple[np.ndarray, np.ndarray]]  # name -> (before, after)


@dataclass(frozen=True)
class Walk:
    """One example, walked through."""

    model: str
    optimizer: str
    rate: float
    is_dense: bool
    example: Mapping[str, Any]
    target: str | None  # the column
    tables: tuple[TableSeen, ...]
    arguments: tuple[ArgumentSeen, ...]
    lines: tuple[LineSeen, ...]
    derivatives: tuple[DerivativeSeen, ...]
    derivative_steps: tuple[StepSeen, ...]
    rules: tuple[tuple[str, str], ...]  # (name, formula) of the optimizer
    moves: tuple[Move, ...]
    values: Mapping[str, np.ndarray]
    prediction: str | None  # the name of a value
    loss: str | None

    @property
    def learns(self) -> bool:
        """Whether there is a loss to learn from: a target was given, or the model needs none."""
        return bool(self.moves)

    def to_dict(self) -> dict[str, Any]:
        """The whole record as plain lists, numbers and text."""
        return plain(self)

    def to_json(self) -> str:
        """The whole record as JSON; numbers that are none are the text "nan", "inf" and "-inf"."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def __str__(self) -> str:
        return displays.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str | None:
        return displays.html(self)


def plain(value: object) -> Any:
    """Records, arrays and tuples as what JSON has: objects, lists, numbers and text."""
    if is_dataclass(value):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value
