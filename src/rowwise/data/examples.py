"""A frame as arrays: what every engine reads, a column of row numbers for each column of ids."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32, Int64


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of rows of different lengths, end to end: list i is `rows[starts[i]:starts[i + 1]]`."""

    starts: Int64[np.ndarray, " examples+1"]
    rows: Int32[np.ndarray, " total"]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, index: np.ndarray) -> "Ragged":
        counts = np.diff(self.starts)[index]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        places = np.arange(starts[-1]) - np.repeat(starts[:-1] - self.starts[index], counts)
        return Ragged(starts, self.rows[places])


Rows = np.ndarray | Ragged


@dataclass(frozen=True, slots=True)
class Examples:
    """`n` examples: the row numbers of each column of ids, the numbers of each column of values, the target.

    rows[column]: int32 (n,) for Row, (n, length) for Rows, Ragged for Bag
    values[column]: float32 (n,) or (n, size)
    target: float32 (n,), int32 for classes, None where the model returns its own loss
    """

    n: int
    rows: Mapping[str, Rows]
    values: Mapping[str, np.ndarray]
    target: np.ndarray | None

    def take(self, index: np.ndarray) -> "Examples":
        """The examples at `index`, in that order."""
        return Examples(
            len(index),
            {c: rows.take(index) if isinstance(rows, Ragged) else rows[index] for c, rows in self.rows.items()},
            {c: values[index] for c, values in self.values.items()},
            None if self.target is None else self.target[index],
        )
