"""Ids in, rows out, and back: the one place where an id of the user's file meets a row of a table."""

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from jaxtyping import Int32

from rowwise.errors import BadData, BadFolder, UnknownId
from rowwise.storage.whole import replaced_whole

Id: TypeAlias = int | str
Ids: TypeAlias = Iterable[Any] | np.ndarray | pl.Series  # as users give them; `as_ids` checks

METADATA = "rowwise"  # where a saved vocabulary that holds more than ids says so
FEW = 1_000  # up to so many ids are found one by one, more are joined


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Vocabulary:
    """The ids of one table, in row order: row 0 is the *unknown* row and has no id, known ids take rows 1, 2, …

    Ids are integers or text, as the user gave them. A number finds its text and text finds its number: `"15"`, `15`
    and `15.0` are one id.
    """

    name: str
    ids: pl.Series  # Int64 or String, `ids[row]` is the id of a row, `ids[0]` is None

    def __init__(self, name: str, ids: Ids):
        """
        Raises:
            BadData: the ids are a mix of types, neither integers nor text, missing, or not unique.
        """
        known = as_ids(ids, what=f"the {name!r} vocabulary")
        if known.has_nulls():
            raise BadData(
                f"an id of the {name!r} vocabulary is missing, not whole, or beyond 64 bits",
                expected="integers or text",
                mend="leave it out (row 0 is there for it), or turn all ids into text",
            )
        if known.n_unique() < len(known):
            twice = known.filter(known.is_duplicated())[0]
            raise BadData(
                f"{twice!r} is twice in the {name!r} vocabulary",
                expected="every id once",
                mend=f"Vocabulary.of({name!r}, ids) takes a column as it is",
            )
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "ids", pl.Series("id", [None], known.dtype).append(known).rechunk())

    @classmethod
    def of(cls, name: str, column: Ids, *, min_count: int = 1) -> "Vocabulary":
        """The vocabulary of a column of examples, in sorted order, so that the order of the examples does not matter.

        Ids that occur fewer than `min_count` times, and missing ones, get no row: they share the unknown row.
        """
        counts = as_ids(column, what=f"the {name!r} column").drop_nulls().value_counts(name="count")
        return cls(name, counts.filter(pl.col("count") >= min_count).to_series(0).sort())

    def grown(self, ids: Ids) -> "Vocabulary":
        """This vocabulary with the ids that it lacks appended in sorted order; the rows it has stay where they are."""
        new = self._as_mine(as_ids(ids, what=f"ids for {self.name!r}").drop_nulls())
        if new.has_nulls():
            raise BadData(
                f"the {self.name!r} vocabulary holds integers and cannot grow by text",
                expected="ids of the type it already has",
                mend="give the ids as integers, or fit anew with text ids",
            )
        new = new.filter(~new.is_in(self.ids.drop_nulls().implode())).unique().sort()
        return Vocabulary(self.name, self.ids[1:].append(new))

    def __len__(self) -> int:
        """The number of rows, the unknown row included."""
        return len(self.ids)

    @property
    def unknown(self) -> int:
        """The row of every id that has none of its own."""
        return 0

    @property
    def first(self) -> int:
        """The first row that is an id's own."""
        return 1

    def n_unknown(self, rows: np.ndarray) -> int:
        """How many of these rows are not an id's own."""
        return int(np.count_nonzero(rows < self.first))

    def __contains__(self, id: object) -> bool:
        try:
            return bool(self.rows([id])[0])
        except BadData:  # neither an integer nor text
            return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.name == other.name and self.ids.equals(other.ids)

    def __hash__(self) -> int:
        return hash((self.name, len(self)))

    def __repr__(self) -> str:
        first = ", ".join(repr(id) for id in self.ids[1:4])
        return f"Vocabulary({self.name!r}, {len(self) - 1:,} ids: {first}{', …' if len(self) > 4 else ''})"

    def row(self, id: Id) -> int:
        """The row of one id, 1 or more.

        Raises:
            UnknownId: the vocabulary does not hold `id`.
        """
        row = int(self.rows([id])[0])
        if row == 0:
            near = self._spelt_like(id)
            raise UnknownId(
                f"{id!r} is not in the {self.name!r} vocabulary",
                expected=f"one of its {len(self) - 1:,} ids",
                mend=f"did you mean {near[0]!r}?" if near else "add the id to the training data and fit again",
            )
        return row

    def rows(self, ids: Ids) -> Int32[np.ndarray, " n"]:
        """The rows of many ids, one for each, in their order; 0, the unknown row, where the id is not known."""
        wanted = self._as_mine(ids)
        if len(wanted) <= FEW:
            return np.array([self._row_of.get(id, 0) for id in wanted], dtype=np.int32)
        found = wanted.to_frame().join(self._frame, on="id", how="left", maintain_order="left")
        return found["row"].fill_null(0).to_numpy()

    def save(self, path: str | Path) -> None:
        """Written as Parquet with one column `id`, in which line k is row k (the first is missing, as row 0 is)."""
        with replaced_whole(path) as file:
            self.ids.to_frame().write_parquet(file)

    @classmethod
    def load(cls, path: str | Path) -> "Vocabulary":
        """The vocabulary that `save` wrote; its name is the file's.

        Raises:
            BadFolder: the file is not such a vocabulary.
        """
        try:
            ids = pl.read_parquet(path)["id"]
            if ids.dtype not in (pl.Int64, pl.String) or ids.is_empty() or ids[0] is not None:
                raise BadData(f"a column of {ids.dtype}, {len(ids)} long")
            return cls(Path(path).stem, ids[1:])
        except (pl.exceptions.PolarsError, OSError, BadData) as error:
            raise BadFolder(
                f"{Path(path).name} is not a saved vocabulary ({str(error).splitlines()[0]})",
                expected="Parquet with one column `id` of integers or text, missing in the first row and nowhere else",
                mend="save the model again, or copy the whole folder again",
            ) from None

    @cached_property
    def _row_of(self) -> dict[Id | None, int]:
        return {id: row for row, id in enumerate(self.ids)}

    @cached_property
    def _frame(self) -> pl.DataFrame:
        return pl.DataFrame({"id": self.ids[1:], "row": np.arange(1, len(self), dtype=np.int32)})

    def _as_mine(self, ids: Ids) -> pl.Series:
        """The ids in the type of this vocabulary; null where they cannot be."""
        return as_ids(ids, what=f"ids for {self.name!r}").cast(self.ids.dtype, strict=False).alias("id")

    def _spelt_like(self, id: Id) -> list[str]:
        if self.ids.dtype != pl.String:  # a number next to a number is no help
            return []
        length = pl.col("id").str.len_chars().cast(pl.Int64)  # unsigned, and a shorter id is a difference below 0
        candidates = self._frame.filter((length - len(str(id))).abs() <= 2).head(10_000)["id"]  # difflib is slow
        return difflib.get_close_matches(str(id), candidates.to_list(), n=1)


def as_ids(ids: Ids, *, what: str) -> pl.Series:
    """Ids as Int64 or String, whichever they are; null where one is missing, not whole, or beyond 64 bits.

    Raises:
        BadData: they are a mix of integers and text, or neither. `what` names them in the message.
    """
    series = ids if isinstance(ids, pl.Series) else _series(ids, what)
    if series.dtype == pl.Object:  # Python values, from NumPy or pandas
        series = _series(series.to_list(), what)
    if series.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return series.cast(pl.String)
    if series.dtype.is_float():
        return pl.select(pl.when(series == series.floor()).then(series.cast(pl.Int64, strict=False))).to_series()
    if series.dtype.is_integer():
        return series.cast(pl.Int64, strict=False)
    raise BadData(
        f"{what} holds {series.dtype}",
        expected="ids that are integers or text",
        mend="turn them into text, or into integers",
    )


def _series(ids: Ids, what: str) -> pl.Series:
    values = ids if isinstance(ids, np.ndarray) and ids.dtype != object else list(ids)
    try:
        return pl.Series(values)
    except (TypeError, OverflowError):
        raise mixed_types(values, what) or BadData(
            f"{what} holds a whole number that is too large",
            expected="integers of up to 64 bits, or text",
            mend="turn the ids into text: str(id)",
        ) from None


def mixed_types(values: Iterable[object], what: str) -> BadData | None:
    """The error to raise for a mix of text and numbers, which shows the first of each; None for anything else."""
    present = [value for value in values if not _is_missing(value)]
    other = next((value for value in present if isinstance(value, str) != isinstance(present[0], str)), None)
    if other is None:
        return None
    return BadData(
        f"{what} mixes types: {present[0]!r} is {type(present[0]).__name__}, {other!r} is {type(other).__name__}",
        expected="ids that are all integers or all text",
        mend="turn all of them into text: str(id)",
    )


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
