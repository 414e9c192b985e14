"""What a value of a program is in machine code.

| a value                           | is held as                                                              |
|-----------------------------------|-------------------------------------------------------------------------|
| one axis longer than 1, or none    | `Flat`: one LLVM value, a number or a vector of all its numbers         |
| more                              | `Walked`: its rows (the last such axis), one vector at a time           |

A walked value of few rows has them all at hand. One of many rows is a recipe: asked for row `i` inside a loop, it
emits the instructions of that row, so that a chain of steps over a large array is one loop and is stored nowhere.
Axes of length 1 make no difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from rowwise.backends.llvm.emit.builder import FEW, Emitter, Index, LlvmValue
from rowwise.errors import UnsupportedPrimitive

Shape = tuple[int, ...]
LANES = 1024  # the longest row


def columns(shape: Shape) -> int:
    """The numbers of one row: the length of the last axis that is longer than 1."""
    return next((n for n in reversed(shape) if n > 1), 1)


def n_rows(shape: Shape) -> int:
    return prod(shape) // columns(shape)


def is_flat(shape: Shape) -> bool:
    return n_rows(shape) == 1


def fits(shape: Shape, what: str) -> None:
    """
    Raises:
        UnsupportedPrimitive: a value of `shape` has no form in machine code.
    """
    if columns(shape) > LANES or 0 in shape:
        raise UnsupportedPrimitive(
            f"{what} has rows of {columns(shape) if 0 not in shape else 0} numbers",
            expected=f"1 to {LANES} numbers on the last axis, which the kernel holds in registers",
            mend="use engine='xla'",
        )


@dataclass(frozen=True, slots=True)
class Flat:
    """All numbers of a value as one LLVM value, which is a vector where there is more than one."""

    shape: Shape
    dtype: str
    lanes: LlvmValue


@dataclass(slots=True)
class Walked:
    """The rows of a value by index: an `int` where they are few, else the index of a loop.

    `address` is where all its numbers lie, if they do; `reads` names the memory that a recipe still reads when asked.
    """

    shape: Shape
    dtype: str
    recipe: Callable[[Index], LlvmValue]
    address: LlvmValue = None
    reads: frozenset[str] = frozenset()
    _last: tuple[Index, LlvmValue] | None = field(default=None, init=False)

    @property
    def n_rows(self) -> int:
        return n_rows(self.shape)

    @property
    def columns(self) -> int:
        return columns(self.shape)

    def row(self, index: Index) -> LlvmValue:
        """Row `index` as one vector; asked twice inside one turn of a loop, it is worked out once."""
        if self._last is None or self._last[0] is not index:
            self._last = (index, self.recipe(index))
        return self._last[1]


Lanes = Flat | Walked


def is_at_hand(value: Lanes) -> bool:
    """Whether a value's numbers are worked out, and not a recipe."""
    return isinstance(value, Flat) or value.n_rows <= FEW


class Machine(Emitter):
    """An emitter that makes and reads whole values."""

    def recipe(
        self, shape: Shape, dtype: str, make: Callable[[Index], LlvmValue], reads: frozenset[str] = frozenset()
    ) -> Lanes:
        """The value whose row `i` is `make(i)`: few rows are made now, many when asked for."""
        if is_flat(shape):
            return Flat(shape, dtype, make(0))
        if n_rows(shape) <= FEW:
            rows = [make(i) for i in range(n_rows(shape))]
            return Walked(shape, dtype, lambda i: rows[i])
        return Walked(shape, dtype, make, reads=reads)

    def from_rows(self, shape: Shape, dtype: str, make: Callable[[Index], LlvmValue]) -> Lanes:
        """The value whose row `i` is `make(i)`, worked out now: each row is made once."""
        value = self.recipe(shape, dtype, make)
        if is_at_hand(value):
            return value
        return self.at_address(shape, dtype, self.memory(value))

    def from_numbers(self, shape: Shape, dtype: str, make: Callable[[Index], LlvmValue]) -> Lanes:
        """The value whose flat number `i` is `make(i)`, worked out now."""
        size = prod(shape)
        if size <= FEW and is_flat(shape):
            return Flat(shape, dtype, self.assemble([(make(i), 1) for i in range(size)], np.arange(size)))
        room = self.scratch(dtype, size)
        for i in self.each_index(size):
            self.store(make(i), 1, room, dtype, offset=i)
        return self.at_address(shape, dtype, room)

    def at_address(self, shape: Shape, dtype: str, address: LlvmValue, *, changing: str = "", name: str = "") -> Lanes:
        """The value whose numbers lie at `address`; `changing` names memory that a later instruction may write."""
        n = columns(shape)

        def read(i: Index) -> LlvmValue:
            return self.load(address, dtype, n, offset=self.times(i, n), name=name)

        value = self.recipe(shape, dtype, read, frozenset({changing} if changing else ()))
        if isinstance(value, Walked) and (value.n_rows > FEW or not changing):
            value.address = address
        return value

    def stacked(self, values: Sequence[Lanes]) -> Lanes:
        """A few values of one shape and one row as one value, with an axis in front."""
        shape, dtype = (len(values), *values[0].shape), values[0].dtype
        lanes = [value.lanes if isinstance(value, Flat) else value.row(0) for value in values]
        if columns(values[0].shape) > 1:
            return self.recipe(shape, dtype, lambda i: lanes[i])
        return Flat(shape, dtype, self.assemble([(number, 1) for number in lanes], np.arange(len(lanes))))

    def unstacked(self, value: Lanes) -> list[Flat]:
        """The values along the first axis."""
        n, shape = value.shape[0], value.shape[1:]
        rows = [self.lane(value.lanes, k) if isinstance(value, Flat) else value.row(k) for k in range(n)]
        return [Flat(shape, value.dtype, lanes) for lanes in rows]

    def rows(self, value: Lanes) -> Callable[[Index], LlvmValue]:
        """A reader of rows by any index: of few rows, one asked for by a loop is read from memory."""
        if isinstance(value, Flat):
            return lambda i: value.lanes
        if value.n_rows > FEW:
            return value.row
        room = self.memory(value)

        def read(i: Index) -> LlvmValue:
            if isinstance(i, int):
                return value.row(i)
            return self.load(room, value.dtype, value.columns, offset=self.times(i, value.columns))

        return read

    def numbers(self, value: Lanes) -> Callable[[Index], LlvmValue]:
        """A reader of single numbers by flat index."""
        if isinstance(value, Flat) and prod(value.shape) == 1:
            return lambda i: value.lanes
        room = self.memory(value)
        return lambda i: self.load(room, value.dtype, offset=i)

    def memory(self, value: Lanes) -> LlvmValue:
        """Where the numbers of a value lie in row-major order; they are put on the stack if they lie nowhere."""
        if isinstance(value, Walked) and value.address is not None:
            return value.address
        room = self.scratch(value.dtype, prod(value.shape))
        self.copy(value, room)
        return room

    def copy(self, value: Lanes, address: LlvmValue, *, offset: Index = 0) -> None:
        """The numbers of a value stored at an address, `offset` numbers on."""
        if isinstance(value, Flat):
            self.store(value.lanes, prod(value.shape), address, value.dtype, offset=offset)
            return
        for i in self.each_index(value.n_rows):
            at = self.plus(self.times(i, value.columns), offset)
            self.store(value.row(i), value.columns, address, value.dtype, offset=at)
