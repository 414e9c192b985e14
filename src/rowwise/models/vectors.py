"""A file of word vectors in, the start of each row out: its word's vector, or numbers at random of the same scale."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float32

from rowwise.data.vectors import read_vectors
from rowwise.errors import BadOption
from rowwise.models.initializers import Seen, Start
from rowwise.options import number, place


@dataclass(frozen=True, slots=True)
class Vectors:
    """Rows that start as the vectors of their words, `scale` times as long.

    `source` is a file of GloVe, word2vec or fastText, "glove.6B.50d" (of the extra `glove`), or an object of gensim:
    see `rowwise.data.vectors`. Rows of words that it lacks start at random, normal numbers with the standard deviation
    of the vectors that were found; the fitted model's report counts them. The row that pads a text is 0.
    """

    source: object
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not hasattr(self.source, "key_to_index") and not hasattr(self.source, "wv"):  # an object of gensim
            place("source", self.source)
        number("scale", self.scale, mend="scale=1.0 is the default")

    def __call__(self, random: np.random.Generator, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
        raise BadOption(
            f"{self.source} holds vectors of words, and a weight has none",
            expected="a Row, Rows, Bag or Sampled, whose rows have names",
            mend="init='normal' starts without names",
        )

    def begin(self, seen: Seen, random: np.random.Generator, shape: tuple[int, ...]) -> Start:
        """Where each row starts, and a line that says how many found their vector."""
        if seen.vocabulary is None:
            return Start(self(random, shape))
        ids, width = seen.vocabulary.ids[1:].cast(pl.String), shape[1] if len(shape) > 1 else 1
        found = read_vectors(self.source, ids)
        if found.vectors.shape[1] != width:
            raise BadOption(
                f"{found.name} holds vectors of {found.vectors.shape[1]} numbers, and these rows have {width}",
                expected="rows as wide as the vectors",
                mend=f"dim={found.vectors.shape[1]}, as in rw.Bag('text', {found.vectors.shape[1]}, …)",
            )
        if not len(found.places):
            raise BadOption(
                f"{found.name} has a vector for none of {len(ids):,} rows, such as that of {ids[0]!r}",
                expected="vectors of these words",
                mend="rw.Text(lower=False) keeps capital letters; or choose vectors of the language of the texts",
            )
        values = random.standard_normal(shape, np.float32) * found.vectors.std()
        values[found.places + 1] = found.vectors.reshape(-1, *shape[1:])
        if seen.vocabulary.unknown != 0:
            values[0] = 0.0  # it pads
        n = len(found.places)
        says = f"{n:,} of {len(ids):,} rows start as vectors of {found.name}, {len(ids) - n:,} at random"
        return Start(values * np.float32(self.scale), says=says)
