"""What every layer has: a name, weights in Keras' shapes, and one line of the function of rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np

from rowwise.errors import BadModel
from rowwise.keras_style import session
from rowwise.keras_style.initial import checked, start_of
from rowwise.keras_style.symbol import Shape, Symbol, shown, squeezed, without_ones
from rowwise.options import number, text


@dataclass(frozen=True, slots=True)
class L2:
    """The weight of the sum of squares in the loss, as Keras has it: (l2 · sum of squares), of the whole table."""

    l2: float


def l2(l2: float = 0.01) -> L2:
    """A penalty of `l2` · (sum of squares)."""
    return L2(number("l2", l2))


def penalty(regularizer: object, *, of: str) -> float:
    """The l2 of a regularizer, 0 where there is none.

    Raises:
        BadModel: another kind of penalty.
    """
    found = 0.0 if regularizer is None else getattr(regularizer, "l2", None)
    if found is None or getattr(regularizer, "l1", 0):
        raise BadModel(
            f"{of} has the regularizer {regularizer!r}",
            expected="l2(…), or None",
            mend="W_regularizer=l2(1e-4)",
        )
    return float(found)


Start = str | Callable[..., Any]  # where the numbers of a weight begin: a name, or a function


@dataclass(frozen=True, slots=True)
class Part:
    """One weight of a layer: its shape as Keras has it, where it starts, its penalty."""

    shape: Shape
    start: Start
    l2: float = 0.0


@dataclass(frozen=True, slots=True)
class Operand:
    """What a line reads: `name` holds the numbers of `shape` without its axes of length 1."""

    name: str
    shape: Shape
    padded: str | None = None  # the argument whose padding is no word, where an Embedding says so (mask_zero)

    def __str__(self) -> str:
        return self.name

    @property
    def squeezed(self) -> Shape:
        return squeezed(self.shape)

    @property
    def whole(self) -> str:
        """The value in its whole shape."""
        return self.name if self.squeezed == self.shape else f"{self.name}.reshape({', '.join(map(str, self.shape))})"


class Writer(Protocol):
    """Where a layer writes its lines."""

    def lookup(self, layer: "Layer", ids: Operand) -> Operand: ...

    def present(self, rows: str) -> str: ...

    def weight(self, layer: "Layer", part: str) -> Operand: ...

    def mask(self, layer: "Layer", shape: Shape, rate: float) -> str: ...

    def line(self, text: str) -> None: ...


class Layer:
    """A function of symbolic values. Called twice it has one set of weights."""

    kind = "layer"
    keeps_length = False  # each step of a sequence by itself: what is padding stays padding

    def __init__(self, *, name: str | None = None, trainable: bool = True, weights: Sequence[Any] | None = None):
        if name is not None:
            text("name", name, expected="the name of a layer", mend="leave it out: layers are numbered")
        self.name = name or session.numbered(type(self).kind.lower())
        self.trainable = trainable
        self.given = weights
        self.weights: dict[str, np.ndarray] = {}
        self.parts: Mapping[str, Part] | None = None  # known once it has been called
        self.calls = 0
        self.first: Shape | None = None  # what it reads, where it begins a Sequential model
        self.reads: list[Symbol] = []  # what it was called on last, to name it in errors

    # What a layer of each kind says.

    def shape(self, *shapes: Shape) -> Shape:
        """What comes out, for one example."""
        raise NotImplementedError

    def needs(self, *shapes: Shape) -> Mapping[str, Part]:
        """Its weights by name, in the order of Keras' `get_weights`."""
        return {}

    def write(self, writer: Writer, *reads: Operand) -> str:
        """The expression that gives the output, in its shape without axes of length 1."""
        raise NotImplementedError

    def tells(self, symbol: Symbol) -> str:
        """What the output is, in one sentence."""
        return "what this layer makes of it"

    # What all do.

    def __call__(self, given: Any) -> Symbol:
        symbols = list(given) if isinstance(given, list | tuple) else [given]
        for symbol in symbols:
            if not isinstance(symbol, Symbol):
                raise BadModel(
                    f"{self.name} was called on {type(symbol).__name__}",
                    expected="a symbolic value: what Input or another layer gives",
                    mend="write Input(shape=(1,)) for what comes with the data, and give the data to fit",
                )
        if not symbols:
            raise self.misfit("a symbolic value, or a list of them", mend=f"{self.kind}(…)(Input(shape=(1,)))")
        self.reads, shapes = symbols, [symbol.shape for symbol in symbols]
        shape = self.shape(*shapes)
        self.build(*shapes)
        self.calls += 1
        return Symbol(self, tuple(symbols), shape, self.name if self.calls == 1 else f"{self.name}_{self.calls}")

    def build(self, *shapes: Shape) -> None:
        """Make the weights for what comes in, or see that those there are fit."""
        parts = self.needs(*shapes)
        there = None if self.parts is None else [part.shape for part in self.parts.values()]
        if there not in (None, [part.shape for part in parts.values()]):
            raise self.misfit(
                f"what its weights of {', '.join(map(str, there or ()))} fit, made when it was first called",
                *shapes,
                mend="give it the same width each time, or make a layer for each",
            )
        if self.parts is None:
            self.parts = parts
            self.weights = {n: self._start(n, part) for n, part in parts.items()}
            if self.given is not None:
                self.set_weights(self.given)

    def _start(self, weight: str, part: Part) -> np.ndarray:
        numbers = start_of(part.start)(session.generator(self.name, weight), part.shape)
        return np.array(np.broadcast_to(numbers, part.shape), np.float32)

    def misfit(self, wanted: str, *shapes: Shape, mend: str) -> BadModel:
        """The error for shapes that do not go together."""
        named = [f"{s.name} {shown(s.shape)}" for s in self.reads] or [shown(shape) for shape in shapes]
        return BadModel(
            f"{self.name} ({self.kind}) cannot read {' and '.join(named) or 'nothing'}", expected=wanted, mend=mend
        )

    def arithmetic(self, template: str, symbols: Sequence[Symbol], *, whole: bool = False) -> Symbol:
        """What an operator makes of symbolic values, this layer's among them; `whole` keeps their axes of length 1."""
        return (Whole if whole else Formula)(template)(symbols)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights, in Keras' order and shapes."""
        return [array.copy() for array in self.weights.values()]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Take over these numbers.

        Raises:
            BadOption: too many, too few, or of another shape.
        """
        mine = list(self.weights.values())
        for array, new in zip(mine, checked(weights, [a.shape for a in mine], owner=self.name), strict=True):
            array[...] = new

    def count_params(self) -> int:
        """How many numbers its weights are."""
        return sum(prod(array.shape) for array in self.weights.values())

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}, {self.count_params():,} numbers>"


class Formula(Layer):
    """Arithmetic, number by number or row by row; the shapes broadcast as in numpy."""

    kind = "Formula"

    def __init__(self, template: str):
        super().__init__()
        self.template = template

    def shape(self, *shapes: Shape) -> Shape:
        if "@" in self.template:
            return self._evaluated(*map(squeezed, shapes)) or (1,)
        return self._evaluated(*shapes)

    def _evaluated(self, *shapes: Shape) -> Shape:
        import jax
        import jax.numpy as jnp

        names = [f"x{k}" for k in range(len(shapes))]
        code = f"lambda {', '.join(names)}: {self.template.format(*names)}"
        try:
            made = jax.eval_shape(eval(code, {"jnp": jnp, "jax": jax}), *(jnp.zeros(shape) for shape in shapes))
        except (TypeError, ValueError, AttributeError, IndexError, NameError) as error:
            why = str(error).partition("\n")[0]
            raise self.misfit(
                f"shapes that {self.template.format(*names)} can be worked out for: {why}",
                *shapes,
                mend="give the layers that come before one width, such as output_dim=50; axis=-1 is the last",
            ) from None
        return made.shape

    def write(self, writer: Writer, *reads: Operand) -> str:
        if "@" in self.template or alike(reads, squeezed(self.shape(*(r.shape for r in reads)))):
            return self.template.format(*reads)
        return without_ones(self.template.format(*(r.whole for r in reads)), self.shape(*(r.shape for r in reads)))

    def tells(self, symbol: Symbol) -> str:
        return self.template.format(*(i.name for i in symbol.inputs))


class Whole(Formula):
    """A function of numpy: its axes are those of the whole shape."""

    def write(self, writer: Writer, *reads: Operand) -> str:
        shape = self.shape(*(r.shape for r in reads))
        return without_ones(self.template.format(*(r.whole for r in reads)), shape)


def alike(reads: Sequence[Operand], shape: Shape) -> bool:
    """Whether the values may stand in a formula without their axes of length 1."""
    return all(read.squeezed in ((), shape) for read in reads)
