"""What layers share while a model is written: the numbers in their names, and the seed of their first weights."""

import keyword
import unicodedata
import zlib
from collections import Counter

import numpy as np

from rowwise.options import whole

_counts: Counter[str] = Counter()
_seed = [0]


def clear_session() -> None:
    """Number layers from 1 again: the next Dense is `dense_1`."""
    _counts.clear()


def set_random_seed(seed: int) -> None:
    """Where the first weights of the layers that follow are drawn from; 0 unless it is set."""
    _seed[0] = whole("seed", seed, least=0, mend="seed=0 is the default")


def numbered(kind: str) -> str:
    """The next free name of a kind of layer: "dense_1", "dense_2", …"""
    _counts[kind] += 1
    return f"{kind}_{_counts[kind]}"


def generator(layer: str, weight: str) -> np.random.Generator:
    """The generator of one weight, so that a further layer leaves the others as they are."""
    return np.random.default_rng([_seed[0], zlib.crc32(f"{layer}/{weight}".encode("utf-8", "surrogatepass"))])


TAKEN = (*keyword.kwlist, "jax", "jnp", "rw")  # what a written function reads besides its own names


def identifier(name: str) -> str:
    """A layer's name as a name of Python, as Python itself reads it (ﬁ is fi): no keyword, and none of Python's own."""
    letters = unicodedata.normalize("NFKC", name if name[:1].isalpha() else f"_{name}")
    plain = "".join(letter if f"_{letter}".isidentifier() else "_" for letter in letters)
    plain = unicodedata.normalize("NFKC", plain if plain.isidentifier() else f"_{plain}")
    return f"{plain}_" if plain in TAKEN or (plain.startswith("__") and plain.endswith("__")) else plain
