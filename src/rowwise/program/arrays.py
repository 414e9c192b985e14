"""What the rules of `array_rules.py` are written in: an array of any library, and the library it comes from.

`Arrays(numpy, float64)` gives a rule its slow, exact meaning; `Arrays(jax.numpy, float32)` one for XLA to compile.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from rowwise.program.values import Shape

Number = int | float


class Array(Protocol):
    """What an array of NumPy and one of JAX can both do, number by number where it is arithmetic."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def astype(self, dtype: object, /) -> "Array": ...
    def __getitem__(self, index: object, /) -> "Array": ...
    def __neg__(self) -> "Array": ...
    def __invert__(self) -> "Array": ...
    def __add__(self, other: "Array | Number", /) -> "Array": ...
    def __radd__(self, other: Number, /) -> "Array": ...
    def __rtruediv__(self, other: Number, /) -> "Array": ...
    def __truediv__(self, other: "Array | Number", /) -> "Array": ...
    def __floordiv__(self, other: "Array | Number", /) -> "Array": ...
    def __mod__(self, other: "Array | Number", /) -> "Array": ...
    def __pow__(self, other: "Array | Number", /) -> "Array": ...
    def __and__(self, other: "Array | Number", /) -> "Array": ...
    def __or__(self, other: "Array | Number", /) -> "Array": ...
    def __lshift__(self, other: "Array | Number", /) -> "Array": ...
    def __rshift__(self, other: "Array | Number", /) -> "Array": ...
    def __lt__(self, other: "Array | Number", /) -> "Array": ...
    def __gt__(self, other: "Array | Number", /) -> "Array": ...
    def __eq__(self, other: object, /) -> "Array": ...  # type: ignore[override]  # of arrays it is no truth value
    def __ne__(self, other: object, /) -> "Array": ...  # type: ignore[override]


class Arrays:
    """An array module and the float type that stands for the program's float32.

    A function of the module is an attribute under its own name: `xp.exp(x)`.
    """

    def __init__(self, module: ModuleType, float_type: type[np.number[Any]]):
        self.module = module
        self.float_type = float_type

    def __getattr__(self, name: str) -> Callable[..., Array]:
        return getattr(self.module, name)

    @property
    def is_numpy(self) -> bool:
        """Whether it computes at once, and its arrays can be written to."""
        return self.module is np

    def dtype(self, name: str) -> np.dtype[Any]:
        return np.dtype(self.float_type if name == "float32" else name)

    def shape(self, x: Array) -> Shape:
        """The shape of an array, or of a number of Python's own."""
        return self.module.shape(x)

    def put(self, x: Any, index: object, numbers: Array) -> Array:
        """x with `numbers` at an index. An array of NumPy is written to: hand over one that nobody else holds."""
        if not self.is_numpy:
            return x.at[index].set(numbers)
        x[index] = numbers
        return x

    def add_at(self, x: Any, places: Array, numbers: Array) -> Array:
        """x with each of `numbers` added at its place, which may occur again; written to as by `put`."""
        if not self.is_numpy:
            return x.at[places].add(numbers)
        self.module.add.at(x, places, numbers)
        return x

    def loop(
        self,
        round_: Callable[[tuple[Array, ...], tuple[Array, ...]], tuple[tuple[Array, ...], Array]],
        first: tuple[Array, ...],
        parts: tuple[Array, ...],
        length: int,
        *,
        reverse: bool,
    ) -> Array:
        """The second results of `round_(carried, part) -> (carried, line)`, stacked: (length, …)."""
        if not self.is_numpy:
            import jax

            return jax.lax.scan(round_, first, parts, length, reverse)[1]
        lines: dict[int, Array] = {}
        for k in reversed(range(length)) if reverse else range(length):
            first, lines[k] = round_(first, tuple(part[k] for part in parts))
        return self.stack([lines[k] for k in range(length)])

    @property
    def lax(self) -> Any:
        """`jax.lax`, for what `jax.numpy` lacks."""
        import jax

        return jax.lax

    def special(self, name: str) -> Callable[..., Array]:
        """A function that NumPy lacks and SciPy has, from the library that fits the array module."""
        return getattr(import_module("scipy.special" if self.is_numpy else "jax.scipy.special"), name)
