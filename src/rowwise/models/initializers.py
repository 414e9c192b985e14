"""Where a table's numbers start: a generator and a shape in, float32 numbers out."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod, sqrt
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from rowwise.data.ragged import Ragged
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadOption
from rowwise.options import number

Initializer = Callable[[np.random.Generator, tuple[int, ...]], Float32[np.ndarray, "..."]]


class Seen(NamedTuple):
    """What there is to see for a table that starts: its vocabulary, and of the examples its `rows`, their `target` and
    their weights.

    Each is None where there is none: no examples where they stay on disk or a model is shown that nothing trained.
    """

    vocabulary: Vocabulary | None = None
    rows: np.ndarray | Ragged | None = None
    target: np.ndarray | None = None
    weights: np.ndarray | None = None  # None: each example counts for 1


class Start(NamedTuple):
    """Where each row starts, how fast it moves where an optimizer asks for its pace, and a line for the report."""

    values: Float32[np.ndarray, "..."]
    pace: Float32[np.ndarray, "..."] | None = None
    says: str = ""


@runtime_checkable
class Seeing(Protocol):
    """An initializer that looks at what is to be learnt before it says where rows start."""

    def begin(self, seen: Seen, random: np.random.Generator, shape: tuple[int, ...]) -> Start: ...


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal numbers around 0 with standard deviation `scale`."""

    scale: float = 0.1

    def __call__(self, random: np.random.Generator, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
        return random.standard_normal(shape, np.float32) * np.float32(self.scale)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Numbers spread evenly over [-scale, scale); Keras starts its embeddings so, with 0.05."""

    scale: float = 0.05

    def __call__(self, random: np.random.Generator, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
        return (random.random(shape, np.float32) * 2 - 1) * np.float32(self.scale)


@dataclass(frozen=True, slots=True)
class Constant:
    """The same number everywhere."""

    value: float = 0.0

    def __call__(self, random: np.random.Generator, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
        return np.full(shape, self.value, np.float32)


@dataclass(frozen=True, slots=True)
class Glorot:
    """Uniform in ±sqrt(6 / (fan in + fan out)). Source: Glorot & Bengio 2010, eq. 16.

    The last two axes are the fans; those before them, of a convolution, multiply both, as in Keras.
    """

    def __call__(self, random: np.random.Generator, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
        fans = prod(shape[:-2]) * (shape[-2:][0] + shape[-1]) if shape else 2
        return Uniform(sqrt(6 / fans))(random, shape)


NAMES: dict[str, Initializer] = {
    "normal": Normal(),
    "uniform": Uniform(),
    "zeros": Constant(0.0),
    "ones": Constant(1.0),
    "glorot": Glorot(),
}


def initializer(init: str | float | Initializer) -> Initializer:
    """An initializer from its name, from the scale of a normal distribution, or as it is."""
    if isinstance(init, str):
        if init not in NAMES:
            raise BadOption(
                f"init={init!r} is no initializer",
                expected=f"one of {', '.join(NAMES)}, a number (the scale of a normal distribution), or a function",
                mend="init='normal' is the usual start of a row",
            )
        return NAMES[init]
    if callable(init):
        return init
    return Normal(number("init", init, mend="init='normal' is the usual start of a row"))
