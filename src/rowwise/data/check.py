"""A frame of examples in, the same frame fit to learn from out, with a report of what is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from rowwise.data.ids import as_ids
from rowwise.data.source import Opened
from rowwise.english import n_of
from rowwise.errors import BadData


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the examples; printed, it is a few lines for a person."""

    source: str
    examples: int
    ids: Mapping[str, int]  # column -> number of different ids
    duplicates: int  # examples whose ids all repeat those of another one before them
    unknown: Mapping[str, int] = field(default_factory=dict)  # column -> examples answered from the unknown row

    def __str__(self) -> str:
        ids = ", ".join(f"{n:,} different {column}" for column, n in self.ids.items())
        lines = [f"{n_of(self.examples, 'example')} from {self.source}{': ' if ids else ''}{ids}"]
        if self.duplicates:
            lines.append(
                f"{self.duplicates:,} examples repeat the {' and '.join(self.ids)} of an earlier one; all are kept"
            )
        lines += [
            f"the {column} of {n_of(n, 'example')} has no row of its own" for column, n in self.unknown.items() if n
        ]
        return "\n".join(lines)


class Checked(NamedTuple):
    """Examples fit to learn from, and what was found in them."""

    frame: pl.DataFrame
    report: Report


def check(
    frame: pl.DataFrame, *, source: Opened, ids: Sequence[str], numbers: Sequence[str] = (), target: str | None = None
) -> Checked:
    """The frame with its `ids` as integers or text and its `numbers` and `target` as finite numbers; no row is dropped.

    The target is to be learnt: it may not be the same number everywhere. To judge a model, name it among the numbers.
    `source` is what the frame was read from, so that a message can show the line.

    Raises:
        BadData: there are no examples, a cell is not what its column must be, or the target is constant.
    """
    if frame.is_empty():
        raise BadData(f"{source.name} has no rows", expected="examples", mend="check how it was made")

    columns = {name: as_ids(frame[name], what=f"column {name!r}") for name in ids}
    for name, column in columns.items():
        _refuse(column.is_null(), frame[name], source, expected="an id: text, or a whole number of up to 64 bits")
    for name in (*numbers, target) if target else numbers:
        columns[name] = _as_numbers(frame[name])
        finite = columns[name].is_finite().fill_null(False)
        _refuse(~finite, frame[name], source, expected="a finite number")
    if target and columns[target].min() == columns[target].max():
        raise BadData(
            f"{source.name}: {target!r} is {columns[target][0]} in every row",
            expected="a target of at least two different values",
            mend="name the column that holds what is to be predicted",
        )

    frame = frame.with_columns(column.alias(name) for name, column in columns.items())
    report = Report(
        source=source.name,
        examples=len(frame),
        ids={name: frame[name].n_unique() for name in ids},
        duplicates=_n_duplicates(frame.select(ids)),
    )
    return Checked(frame, report)


def _n_duplicates(ids: pl.DataFrame) -> int:
    if ids.width < 2:  # one column of ids repeats by nature
        return 0
    return len(ids) - ids.hash_rows().n_unique()  # of 100 million pairs, two hash alike in one file of 4,000


def _as_numbers(column: pl.Series) -> pl.Series:
    """The column as numbers, null where a cell is none."""
    if column.dtype.is_integer() or column.dtype.is_float():
        return column
    if column.dtype == pl.String:
        return column.str.strip_chars().cast(pl.Float64, strict=False)
    if column.dtype == pl.Boolean or column.dtype.is_decimal():
        return column.cast(pl.Float64)
    raise BadData(
        f"column {column.name!r} holds {column.dtype}",
        expected="numbers",
        mend="name a column of numbers, or convert it",
    )


def _refuse(bad: pl.Series, column: pl.Series, source: Opened, *, expected: str) -> None:
    """Refuse the first bad cell of a column, if there is one."""
    if bad.any():
        row = int(bad.arg_true()[0])
        value = column[row]
        raise BadData(
            f"{source.place(row)}: {column.name!r} is {'empty' if value is None else repr(value)}",
            expected=expected,
            mend="correct the cell, or leave out the row",
        )
