"""A file of items in, what a person calls each of them out."""

from dataclasses import dataclass

import polars as pl

from rowwise.data.ids import as_ids
from rowwise.data.source import Source, open_source
from rowwise.errors import BadData

NAMES = ("title", "name", "label")


@dataclass(frozen=True, slots=True)
class Titles:
    """Titles by id; ids are compared as text, so that 15 and "15" are one, and "015" is another."""

    frame: pl.DataFrame  # id, title: text, each id once

    @classmethod
    def read(cls, source: Source, column: str) -> "Titles":
        """The titles in a source that has a column of ids and a column of titles.

        The ids are in the column called `column`, as in the ratings, or else in the first; the titles are in a column
        called title, name or label, or else in the second. Of an id that is there twice, the first title counts.

        Raises:
            BadData: the source has a single column.
        """
        opened = open_source(source)
        frame = opened.only(_two(opened.frame.columns, column, opened.name)).frame
        ids, titles = as_ids(frame.to_series(0), what=f"column {frame.columns[0]!r}"), frame.to_series(1)
        pairs = pl.DataFrame({"id": ids.cast(pl.String), "title": titles.cast(pl.String)})
        return cls(pairs.unique("id", keep="first", maintain_order=True))

    def of(self, ids: pl.Series) -> pl.Series:
        """The title of each id, as a vocabulary holds it; null where there is none."""
        wanted = pl.DataFrame({"id": ids.cast(pl.String)})
        return wanted.join(self.frame, on="id", how="left", maintain_order="left")["title"]


def _two(there: list[str], column: str, name: str) -> list[str]:
    """The column of ids and the column of titles."""
    ids = column if column in there else there[0]
    others = [name for name in there if name != ids]
    if not others:
        raise BadData(
            f"{name} has only the column {ids!r}",
            expected=f"a column of ids, {column!r}, and a column of titles",
            mend="add a column called title",
        )
    return [ids, next((name for name in others if name.lower() in NAMES), others[0])]
