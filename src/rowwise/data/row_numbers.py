"""Ids that are row numbers already, as in Keras: 0, 1, …, n - 1, and no others."""

import json
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Int32

from rowwise.data.ids import Id, Ids
from rowwise.data.vocabulary import METADATA, Vocabulary
from rowwise.errors import BadData
from rowwise.storage.whole import replaced_whole


class RowNumbers(Vocabulary):
    """The vocabulary of a table whose ids are its row numbers: no row is kept for unknown ids, for there are none."""

    def __init__(self, name: str, n: int):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "ids", pl.int_range(0, n, eager=True).alias("id"))

    @property
    def first(self) -> int:
        return 0

    def known(self, rows: np.ndarray) -> np.ndarray:
        """All of them."""
        return np.ones(len(rows), bool)

    def row(self, id: Id) -> int:
        """The row of one id: the id itself.

        Raises:
            BadData: it is no row.
        """
        return int(self.rows([id])[0])

    def rows(self, ids: Ids) -> Int32[np.ndarray, " n"]:
        """The ids themselves.

        Raises:
            BadData: one of them is no row.
        """
        wanted = self.cast(ids)
        bad = (~wanted.is_between(0, len(self) - 1)).fill_null(True).arg_true()
        if len(bad):
            raise BadData(
                f"{wanted[int(bad[0])]} is no row of {self.name!r}",
                expected=f"a row number from 0 to {len(self) - 1:,}",
                mend="number the ids from 0, or make the table larger (input_dim)",
            )
        return wanted.to_numpy().astype(np.int32)

    def save(self, path: str | Path) -> None:
        """Written as Parquet in the form of any vocabulary; the metadata say that the ids are row numbers."""
        ids = self.ids.replace(0, None) if len(self) else self.ids
        with replaced_whole(path) as file:
            ids.to_frame().write_parquet(file, metadata={METADATA: json.dumps({"row_numbers": len(self)})})
