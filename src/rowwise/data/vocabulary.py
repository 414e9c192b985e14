"""Ids in, rows out, and back: the one place where an id of the user's file meets a row of a table."""

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Int32

from rowwise.data.ids import Id, Ids, as_ids, whole_numbers
from rowwise.errors import BadData, BadFolder, UnknownId
from rowwise.forks import not_in_a_fork
from rowwise.options import place, text, whole
from rowwise.storage.whole import replaced_whole

METADATA = "rowwise"  # where a saved vocabulary that holds more than ids says so
FEW = 1_000  # up to so many ids are found one by one, more are joined


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Vocabulary:
    """The ids of one table, in row order: row 0 is the *unknown* row and has no id, known ids take rows 1, 2, …

    Ids are integers or text, as the user gave them, and decide what an id is from then on: among integers `15`, `15.0`
    and `"15"` are one id and `"015"` is none; among text `15` is `"15"`, and `"15"` and `"015"` are two.
    """

    name: str
    ids: pl.Series  # Int64 or String, `ids[row]` is the id of a row, `ids[0]` is None

    @not_in_a_fork
    def __init__(self, name: str, ids: Ids):
        """
        Raises:
            BadData: the ids are a mix of types, neither integers nor text, missing, or not unique.
        """
        text("name", name, mend="Vocabulary('userId', ids)")
        known = as_ids(ids, what=f"the {name!r} vocabulary")
        if known.has_nulls():
            raise BadData(
                f"an id of the {name!r} vocabulary is missing, or a number that is not whole",
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
        least = whole("min_count", min_count, least=1, mend="min_count=1 keeps every id")
        counts = as_ids(column, what=f"the {name!r} column").drop_nulls().value_counts(name="count")
        return cls(name, counts.filter(pl.col("count") >= least).to_series(0).sort())

    def grown(self, ids: Ids) -> "Vocabulary":
        """This vocabulary with the ids that it lacks appended in sorted order; the rows it has stay where they are."""
        new = self.cast(as_ids(ids, what=f"ids for {self.name!r}").drop_nulls())
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

    def known(self, rows: np.ndarray) -> np.ndarray:
        """Which of these rows are an id's own."""
        return (rows >= self.first) & (rows != self.unknown)

    def n_unknown(self, rows: np.ndarray) -> int:
        """How many of these rows are not an id's own."""
        return int(np.count_nonzero(~self.known(rows)))

    def __contains__(self, id: object) -> bool:
        try:
            return bool(self.known(self.rows([id]))[0])
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
        if row == self.unknown:
            near = self._spelt_like(id)
            raise UnknownId(
                f"{id!r} is not in the {self.name!r} vocabulary",
                expected=f"one of its {len(self) - 1:,} ids",
                mend=f"did you mean {near[0]!r}?" if near else "add the id to the training data and fit again",
            )
        return row

    def rows(self, ids: Ids) -> Int32[np.ndarray, " n"]:
        """The rows of many ids, one for each, in their order; the unknown row where the id is not known."""
        wanted = self.cast(ids)
        if len(wanted) <= FEW:
            return np.array([self._row_of.get(id, self.unknown) for id in wanted], dtype=np.int32)
        found = wanted.to_frame().join(self._frame, on="id", how="left", maintain_order="left")
        return found["row"].fill_null(self.unknown).to_numpy()

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
        path = Path(place("path", path))
        try:
            return cls.saved(pl.read_parquet(path)["id"], path.stem)
        except (pl.exceptions.PolarsError, OSError, BadData) as error:
            raise BadFolder(
                f"{path.name} is not a saved vocabulary ({str(error).splitlines()[0]})",
                expected="Parquet with one column `id` of integers or text, missing in the first row and nowhere else",
                mend="save the model again, or copy the whole folder again",
            ) from None

    @classmethod
    def saved(cls, ids: pl.Series, name: str) -> "Vocabulary":
        """The vocabulary whose `save` wrote this column.

        Raises:
            BadData: none did.
        """
        if not isinstance(ids.dtype, pl.Int64 | pl.String) or ids.is_empty() or ids[0] is not None:
            raise BadData(f"a column of {ids.dtype}, {len(ids)} long")
        return cls(name, ids[1:])

    @cached_property
    def _row_of(self) -> dict[Id | None, int]:
        return {id: row for row, id in enumerate(self.ids)}

    @cached_property
    def _frame(self) -> pl.DataFrame:
        return pl.DataFrame({"id": self.ids[1:], "row": np.arange(1, len(self), dtype=np.int32)})

    def cast(self, ids: Ids) -> pl.Series:
        """The ids in the type of this vocabulary; null where one is missing, or can be none of its ids.

        Text is a whole number in its canonical spelling only, so that "007" is not 7.
        """
        given = as_ids(ids, what=f"ids for {self.name!r}")
        if given.dtype == self.ids.dtype:
            return given.alias("id")
        return (whole_numbers(given) if self.ids.dtype == pl.Int64 else given.cast(pl.String)).alias("id")

    def _spelt_like(self, id: Id) -> list[Id]:
        if self.ids.dtype != pl.String:  # a number next to a number is no help, another spelling of one is
            spelt = id.strip().lstrip("+0") if isinstance(id, str) else ""
            return [int(spelt)] if spelt in self else []
        length = pl.col("id").str.len_chars().cast(pl.Int64)  # unsigned, and a shorter id is a difference below 0
        candidates = self._frame.filter((length - len(str(id))).abs() <= 2).head(10_000)["id"]  # difflib is slow
        return [*difflib.get_close_matches(str(id), candidates.to_list(), n=1)]
