"""The names of the columns of some ratings in, which says who, which what and which how much out."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from rowwise.data.named import cells
from rowwise.errors import BadData, BadOption

UNNAMED = re.compile(r"(Unnamed: \d+)?")  # pandas reads and writes its index so
TIME = re.compile(r"(.*[_ ])?(time|timestamp|date|datetime|created_?at|updated_?at)", re.IGNORECASE)
DATE = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?\s*$"
ENOUGH = 10  # fewer rows may well be all different
MEND = "name them: Recommender(user='…', item='…', target='…')"


def roles(there: Sequence[str], named: Mapping[str, str | None]) -> dict[str, str]:
    """The column of each role: the one `named`, else the first that is left, from left to right.

    By default a column without a name is none of them, and neither is a time.

    Raises:
        BadOption: one column is named twice.
        BadData: too few columns are left.
    """
    taken = [name for name in named.values() if name is not None]
    if twice := next((name for k, name in enumerate(taken) if name in taken[:k]), None):
        both = [role for role, name in named.items() if name == twice]
        other = next((name for name in there if name not in taken), "…")
        raise BadOption(
            f"column {twice!r} is named as the {' and as the '.join(both)}",
            expected="a column for each",
            mend=f"name another: Recommender({both[-1]}={other!r})",
        )
    left = iter(unnamed(there, named))
    found = {role: name if name is not None else next(left, None) for role, name in named.items()}
    if None in found.values():
        shown = ", ".join(there[:20])
        raise BadData(
            f"the ratings have the columns {shown}",
            expected="who, what, and mostly how much, a column each; one without a name and a time are none of them",
            mend=MEND if len(there) >= len(named) else "give data with a column for each of them",
        )
    return {role: str(name) for role, name in found.items()}


def unnamed(there: Sequence[str], named: Mapping[str, str | None]) -> list[str]:
    """The columns that nobody named and that may have a role: none without a name, and no time."""
    taken = list(named.values())
    return [name for name in there if name not in taken and not UNNAMED.fullmatch(name) and not TIME.fullmatch(name)]


def check_roles(frame: pl.DataFrame, found: Mapping[str, str], named: Mapping[str, str | None]) -> None:
    """Refuse what was found by default and can be no id: a date, or what is different in every row, and counts them.

    Raises:
        BadData: a column is such a one.
    """
    for role, name in found.items():
        if named[role] is None and name in frame.columns and (reason := why_not(cells(frame[name]))):
            raise BadData(
                f"the first column that could be the {role} is {name!r}, which {reason}",
                expected="ids that come again",
                mend=MEND,
            )


def why_not(column: pl.Series) -> str | None:
    """Why a column holds no ids of users or items; None if it may."""
    if column.dtype.is_temporal() or (column.dtype == pl.String and _all_match(column.head(1000), DATE)):
        return "holds dates"
    many = len(column) >= ENOUGH and not column.dtype.is_nested() and column.dtype != pl.Object
    return "is different in every row" if many and column.n_unique() == len(column) else None


def _all_match(cells: pl.Series, pattern: str) -> bool:
    present = cells.drop_nulls()
    return len(present) > 0 and bool(present.str.contains(pattern).all())
