"""Names of columns in, those columns out: a name is a name, whatever Polars would read in it."""

from collections.abc import Iterable

import polars as pl


def named(names: str | Iterable[str]) -> pl.selectors.Selector:
    """The columns of exactly these names, in this order.

    Wherever Polars takes the name itself, `*` is every column and `^a.*$` is each that begins with an a.
    """
    return pl.selectors.by_name([names] if isinstance(names, str) else list(names))


def cells(column: pl.Series) -> pl.Series:
    """The cells of a column without its name: of one called `^a.*$`, most methods of a series find no column."""
    return column.alias("cells")
