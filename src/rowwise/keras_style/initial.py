"""Where Keras' layers start, by the name of 2016 and of today: a generator and a shape in, float32 numbers out."""

from collections.abc import Callable, Sequence
from math import prod, sqrt
from typing import Any

import numpy as np

from rowwise.errors import BadOption, foreign
from rowwise.models.initializers import Constant, Normal, Uniform
from rowwise.options import said

Shape = tuple[int, ...]


def _fans(shape: Shape) -> tuple[int, int]:
    """How many numbers go into one output, and come out of one input; a kernel's first axes are its window."""
    if len(shape) < 2:
        return (prod(shape), prod(shape))
    window = prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def glorot_uniform(random: np.random.Generator, shape: Shape) -> np.ndarray:
    """Uniform in ±sqrt(6 / (fan in + fan out)). Source: Glorot & Bengio 2010, eq. 16."""
    return Uniform(sqrt(6 / sum(_fans(shape))))(random, shape)


def he_normal(random: np.random.Generator, shape: Shape) -> np.ndarray:
    """Normal with variance 2 / fan in. Source: He et al. 2015, eq. 10."""
    return Normal(sqrt(2 / _fans(shape)[0]))(random, shape)


def orthogonal(random: np.random.Generator, shape: Shape) -> np.ndarray:
    """A matrix whose rows or columns stand at right angles. Source: Saxe et al. 2014."""
    rows, columns = prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(random.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape).astype(np.float32)


STARTS: dict[str, Callable[[np.random.Generator, Shape], np.ndarray]] = {
    "uniform": Uniform(0.05),
    "random_uniform": Uniform(0.05),
    "normal": Normal(0.05),
    "random_normal": Normal(0.05),
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "orthogonal": orthogonal,
    "zero": Constant(0.0),
    "zeros": Constant(0.0),
    "one": Constant(1.0),
    "ones": Constant(1.0),
}


def start_of(init: str | Callable[..., Any]) -> Callable[[np.random.Generator, Shape], np.ndarray]:
    """A start from its name, or a function (generator, shape) -> numbers as it is."""
    if callable(init):
        return init
    if not isinstance(init, str) or init not in STARTS:
        raise BadOption(
            said("initializer", init),
            expected=f"one of {', '.join(STARTS)}, or a function of (generator, shape)",
            mend="leave it out for Keras' own choice",
        )
    return STARTS[init]


def checked(arrays: Sequence[Any], shapes: Sequence[Shape], *, owner: str) -> list[np.ndarray]:
    """The arrays given as weights, float32.

    Raises:
        BadOption: too many, too few, or one of another shape.
    """
    mend = "give one array for each weight, in the order of get_weights()"
    with foreign(BadOption, f"no numbers can be read as weights for {owner}", expected="arrays of numbers", mend=mend):
        given = [np.asarray(array, np.float32) for array in arrays]
    if [array.shape for array in given] != list(shapes):
        raise BadOption(
            f"weights of shape {', '.join(str(array.shape) for array in given) or 'none'} for {owner}",
            expected=", ".join(map(str, shapes)) or "none: it has no weights",
            mend=mend,
        )
    return given
