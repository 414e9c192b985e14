"""Columns of any number of examples in, parts of few sizes out: few, as a function is compiled for each size."""

from collections.abc import Iterator, Mapping

import numpy as np

MOST = 8192  # examples in a part: a batch that keeps a processor busy and its values in cache


def chunks(columns: Mapping[str, np.ndarray], n: int, *, most: int = MOST) -> Iterator[dict[str, np.ndarray]]:
    """The examples in order, in parts of one size, a power of two; the last is filled up with its last example.

    What is made of the parts is cut to the first n.
    """
    size = min(most, 1 << max(0, n - 1).bit_length())
    for begin in range(0, n, size):
        index = np.minimum(np.arange(begin, begin + size), n - 1)
        yield {name: column[index] for name, column in columns.items()}
