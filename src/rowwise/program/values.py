"""The values of a program, and the numbers written in it: a name or a number, with a shape and a type."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf, isnan, prod
from typing import TypeAlias

from rowwise.narrow import is_list

Shape = tuple[int, ...]
Axes = tuple[int, ...]
Pair = tuple[Axes, Axes]  # of x, of y
DimensionNumbers = tuple[Pair, Pair]  # contracted, paired
Nested: TypeAlias = "float | Sequence[Nested]"  # a number, or lists of them
WHOLE = {"int32": range(-(2**31), 2**31)}
LARGEST_FLOAT = 3.4028236e38  # what is larger becomes infinite in float32


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


def holds(dtype: str, number: object) -> bool:
    """Whether a number is of a type, and of a size that the type holds."""
    if dtype == "bool":
        return type(number) is bool
    if dtype in WHOLE:
        return type(number) is int and number in WHOLE[dtype]
    if type(number) is not int and type(number) is not float:
        return False
    return abs(number) < LARGEST_FLOAT or isnan(number) or isinf(number)


def fills(numbers: object, shape: Shape, dtype: str) -> bool:
    """Whether nested lists hold exactly the numbers of a shape."""
    if not shape:
        return holds(dtype, numbers)
    if not is_list(numbers) or len(numbers) != shape[0]:
        return False
    if len(shape) > 1:
        return all(fills(part, shape[1:], dtype) for part in numbers)
    return all(holds(dtype, number) for number in numbers)


def is_text(value: object) -> bool:
    """Whether a value is text that can be written: half of a surrogate pair cannot."""
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
