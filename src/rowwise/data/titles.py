"""A file of items in, what a person calls each of them out."""

from dataclasses import dataclass

import polars as pl

from rowwise.data.source import Source, open_source
from rowwise.errors import BadData

NAMES = ("title", "name", "label")


@dataclass(frozen=True, slots=True)
class Titles:
    """Titles by id; ids are compared as text, so that 15 and "15" are one."""

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
        frame = opened.frame
        ids = column if column in frame.columns else frame.columns[0]
        others = [name for name in frame.columns if name != ids]
        if not others:
            raise BadData(
                f"{opened.name} has only the column {ids!r}",
                expected=f"a column of ids, {column!r}, and a column of titles",
                mend="add a column called title",
            )
        title = next((name for name in others if name.lower() in NAMES), others[0])
        pairs = frame.select(id=pl.col(ids).cast(pl.String), title=pl.col(title).cast(pl.String))
        return cls(pairs.unique("id", keep="first", maintain_order=True))

    def of(self, ids: pl.Series) -> pl.Series:
        """The title of each id; null where there is none."""
        wanted = pl.DataFrame({"id": ids.cast(pl.String)})
        return wanted.join(self.frame, on="id", how="left", maintain_order="left")["title"]
