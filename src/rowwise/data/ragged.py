"""Lists of rows of different lengths in one array, and as a matrix of one length."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32, Int32, Int64

PIECE = 1 << 20  # rows that are counted at once


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of rows of different lengths, end to end: list i is `rows[starts[i]:starts[i + 1]]`.

    `weights` say what each row of a list counts for, by the column of the data that says so; there may be none.
    """

    starts: Int64[np.ndarray, " starts"]
    rows: Int32[np.ndarray, " total"]
    weights: Mapping[str, Float32[np.ndarray, " total"]] = field(
        default_factory=dict[str, Float32[np.ndarray, " total"]]
    )

    @classmethod
    def of_matrix(cls, matrix: Int32[np.ndarray, "examples length"]) -> "Ragged":
        """The rows of a matrix as lists of one length."""
        return cls(np.arange(len(matrix) + 1, dtype=np.int64) * matrix.shape[1], matrix.ravel())

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, i: int | np.integer) -> Int32[np.ndarray, " rows"]:
        return self.rows[self.starts[i] : self.starts[i + 1]]

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        """The arrays that it is made of."""
        return (self.starts, self.rows, *self.weights.values())

    @property
    def owners(self) -> Int64[np.ndarray, " total"]:
        """The list that each row stands in."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def lengths(self) -> Int64[np.ndarray, " examples"]:
        """The length of each list."""
        return np.diff(self.starts)

    def take(self, index: np.ndarray) -> "Ragged":
        """The lists at `index`, in that order."""
        counts = self.lengths[index]
        starts = starts_of(counts)
        places = np.arange(int(starts[-1])) - np.repeat(starts[:-1] - self.starts[index], counts)
        return Ragged(starts, self.rows[places], {column: each[places] for column, each in self.weights.items()})

    def pad(self, length: int, side: str = "front", cut: str = "front") -> Int32[np.ndarray, "examples length"]:
        """Lists of one length: short ones are filled up with row 0 on one side, long ones cut on one.

        "front" and "front" is what the fast.ai 2016 lesson and Keras' `pad_sequences` do: the end of a text is kept.
        """
        counts = np.minimum(self.lengths, length)
        begins = self.starts[1:] - counts if cut == "front" else self.starts[:-1]
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        matrix = np.zeros((len(self), length), np.int32)
        matrix[self.is_filled(length, side)] = self.rows[np.repeat(begins, counts) + within]
        return matrix

    def is_filled(self, length: int, side: str = "front") -> Bool[np.ndarray, "examples length"]:
        """Where `pad` puts rows of the lists; elsewhere it fills up."""
        counts, places = np.minimum(self.lengths, length)[:, None], np.arange(length)
        return places >= length - counts if side == "front" else places < counts


def starts_of(counts: np.ndarray) -> Int64[np.ndarray, " starts"]:
    """Where lists of these lengths begin, laid end to end, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def counted(rows: np.ndarray, n_rows: int) -> Int64[np.ndarray, " n_rows"]:
    """How often each row stands in an array of them, without a copy of the array."""
    counts, rows = np.zeros(n_rows, np.int64), rows.ravel()
    for begin in range(0, len(rows), PIECE):  # bincount makes int64 of all that it is given
        counts += np.bincount(rows[begin : begin + PIECE], minlength=n_rows)
    return counts
