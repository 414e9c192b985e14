"""A symbolic value: what a layer will give, known by its shape and by where it comes from, without a number in it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rowwise.errors import BadModel

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Symbol:
    """What `layer` will give when it reads `inputs`; `shape` is that of one example."""

    layer: Any
    inputs: tuple["Symbol", ...]
    shape: Shape
    name: str

    def __repr__(self) -> str:
        came = f" of {' and '.join(symbol.name for symbol in self.inputs)}" if self.inputs else ""
        return (
            f"{self.name}: a symbolic value, {shown(self.shape)}, {self.layer.kind}{came}\n"
            f"  what it is: {self.layer.tells(self)}\n"
            f"  why not an array: {self._why}"
        )

    @property
    def _why(self) -> str:
        return (
            "it has a shape and a history and no numbers; those come when a Model made of it reads data"
            if self.inputs
            else "the data are not there yet; it keeps a place for them"
        )

    def upstream(self) -> Iterator["Symbol"]:
        """Everything it is made of and itself, each once, what is read before what reads it."""
        seen: set[int] = set()

        def visit(symbol: Symbol) -> Iterator[Symbol]:
            if id(symbol) not in seen:
                seen.add(id(symbol))
                for i in symbol.inputs:
                    yield from visit(i)
                yield symbol

        return visit(self)

    # Arithmetic and array functions make further symbolic values.

    def __add__(self, other: object) -> "Symbol":
        return _formula("{0} + {1}", self, other)

    def __radd__(self, other: object) -> "Symbol":
        return _formula("{0} + {1}", other, self)

    def __sub__(self, other: object) -> "Symbol":
        return _formula("{0} - {1}", self, other)

    def __rsub__(self, other: object) -> "Symbol":
        return _formula("{0} - {1}", other, self)

    def __mul__(self, other: object) -> "Symbol":
        return _formula("{0} * {1}", self, other)

    def __rmul__(self, other: object) -> "Symbol":
        return _formula("{0} * {1}", other, self)

    def __truediv__(self, other: object) -> "Symbol":
        return _formula("{0} / {1}", self, other)

    def __neg__(self) -> "Symbol":
        return _formula("-{0}", self)

    def __matmul__(self, other: object) -> "Symbol":
        """Row · row, of the shapes without their axes of length 1: (1, 50) @ (1, 50) is one number."""
        return _formula("{0} @ {1}", self, other)

    def __array_ufunc__(self, ufunc: Callable[..., object], method: str, *args: object, **named: object) -> "Symbol":
        if method != "__call__" or named:
            raise self._no_array(f"numpy.{ufunc.__name__}.{method}")
        if ufunc in ARITHMETIC:
            return _formula(ARITHMETIC[ufunc], *args)
        places = ", ".join(f"{{{k}}}" for k in range(len(args)))
        return _formula(f"{self._of_jax(ufunc)}({places})", *args)

    def __array_function__(
        self, function: Callable[..., object], types: object, args: Sequence[Any], named: Mapping[str, object]
    ) -> "Symbol":
        """`np.sum(u * m, axis=-1)`: the first argument may be a value or a list of them, the others are plain."""
        first, *rest = args
        many = isinstance(first, list | tuple)
        symbols = list(first) if many else [first]
        if not all(isinstance(symbol, Symbol) for symbol in symbols):
            raise self._no_array(f"numpy.{function.__name__}")
        places = ", ".join(f"{{{k}}}" for k in range(len(symbols)))
        plain = [in_template(value) for value in rest]
        plain += [f"{name}={in_template(value)}" for name, value in named.items()]
        inside = ", ".join([f"[{places}]" if many else places, *plain])
        return self.layer.arithmetic(f"{self._of_jax(function)}({inside})", symbols, whole=True)

    def _of_jax(self, function: Callable[..., object]) -> str:
        """A function of numpy as jax.numpy has it."""
        import jax.numpy as jnp

        if not (function.__name__.isidentifier() and hasattr(jnp, function.__name__)):
            raise self._no_array(f"numpy.{function.__name__}")
        return f"jnp.{function.__name__}"

    def __array__(self, *_: object, **__: object) -> Any:
        raise self._no_array("an array")

    def _no_array(self, wanted: str) -> BadModel:
        return BadModel(
            f"{wanted} asked for the numbers of {self.name}, a symbolic value {shown(self.shape)}",
            expected=f"an array; {self._why}",
            mend="use layers, + - * / @, or functions of numpy such as np.tanh, which make further symbolic values",
        )


ARITHMETIC = {
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}",
    np.negative: "-{0}",
    np.matmul: "{0} @ {1}",
}


def shown(shape: Shape) -> str:
    """A shape as it is read, with the axis of the examples: "(examples, 1, 50)"."""
    return f"({', '.join(['examples', *map(str, shape)])})"


def squeezed(shape: Shape) -> Shape:
    """A shape without its axes of length 1: that of the value in the function of rows."""
    return tuple(n for n in shape if n != 1)


def without_ones(expression: str, shape: Shape) -> str:
    """An expression of a whole shape, without its axes of length 1."""
    less = squeezed(shape)
    bare = expression if re.fullmatch(r"[\w.]+\(.*\)", expression) else f"({expression})"
    return expression if less == shape else f"{bare}.reshape({', '.join(map(str, less)) or '()'})"


def _formula(template: str, *given: object) -> Symbol:
    symbols = [value for value in given if isinstance(value, Symbol)]
    places = iter(range(len(symbols)))
    told = [f"{{{next(places)}}}" if isinstance(value, Symbol) else _constant(value) for value in given]
    return symbols[0].layer.arithmetic(template.format(*told), symbols)


def _constant(value: object) -> str:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise BadModel(
            f"{value!r} next to a symbolic value",
            expected="a number, an array of numbers, or another symbolic value",
            mend="write Input(...) for what comes with the data",
        )
    return literal(array.item()) if not array.ndim else f"jnp.array({literal(array.tolist())})"


def literal(value: object) -> str:
    """Source text that gives the value back: plain values and lists of them, each as Python writes it.

    Raises:
        BadModel: another kind of value.
    """
    match value:
        case np.generic():
            return literal(value.item())
        case float() if not np.isfinite(value):
            return f'float("{value}")'
        case str():
            quoted = repr(value)
            return quoted if '"' in quoted else f'"{quoted[1:-1]}"'  # as the rest of the file has it
        case bool() | int() | float() | None:
            return repr(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case tuple():
            return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    raise BadModel(
        f"{value!r} next to a symbolic value",
        expected="a number, a text, or a list of them",
        mend="write Input(...) for what comes with the data",
    )


def in_template(value: object) -> str:
    """The same, where the places of symbols are in braces."""
    return literal(value).replace("{", "{{").replace("}", "}}")
