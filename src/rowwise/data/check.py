"""Examples as they stand in a source, the same fit to learn or to answer from out, with a report of what is in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from rowwise.data.ids import a_blank_counts, as_ids, flaw_of, whole_if_all_are
from rowwise.data.named import named
from rowwise.data.numbers import HELD, as_numbers, is_held, spelling
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
    unknown: Mapping[str, int] = field(
        default_factory=dict[str, int]
    )  # column -> examples answered from the unknown row
    blanks: Mapping[str, str] = field(
        default_factory=dict[str, str]
    )  # column -> an id that begins or ends with a blank

    def __str__(self) -> str:
        ids = ", ".join(f"{n:,} different {column}" for column, n in self.ids.items())
        lines = [f"{n_of(self.examples, 'example')} from {self.source}{': ' if ids else ''}{ids}"]
        if self.duplicates:
            lines.append(
                f"{self.duplicates:,} examples repeat the {' and '.join(self.ids)} of an earlier one; all are kept"
            )
        lines += [a_blank_counts(column, id) for column, id in self.blanks.items()]
        lines += [
            f"the {column} of {n_of(n, 'example')} has no row of its own" for column, n in self.unknown.items() if n
        ]
        return "\n".join(lines)


class Checked(NamedTuple):
    """Examples fit to learn or to answer from, and what was found in them."""

    frame: pl.DataFrame
    report: Report


def check(
    source: Opened,
    *,
    ids: Sequence[str],
    numbers: Sequence[str] = (),
    target: str | None = None,
    together: Sequence[Sequence[str]] = (),
) -> Checked:
    """The columns with the `ids` as integers or text and the `numbers` and `target` as finite; no row is dropped.

    The target is to be learnt: it may not be the same number everywhere. To judge a model, name it among the numbers.
    In a text file the ids of columns that stand `together` become integers if every cell of all of them is one.

    Raises:
        BadData: there are no examples, a cell is not what its column must be, or the target is constant.
    """
    frame = source.frame
    if frame.is_empty():
        raise BadData(f"{source.name} has no rows", expected="examples", mend="check how it was made")

    columns = {name: _ids(frame[name], source) for name in ids}
    for group in together if source.is_text else ():
        columns |= dict(zip(group, whole_if_all_are([columns[name] for name in group]), strict=True))
    for name in numbers if target is None or target in numbers else [*numbers, target]:
        columns[name] = as_numbers(frame[name])
        refuse(~is_held(columns[name]), frame[name], source, expected=HELD, written=spelling)
    if target and columns[target].n_unique() == 1:
        raise BadData(
            f"{source.name}: {target!r} is {frame[target][0]} in every row",
            expected="a target of at least two different values",
            mend="name the column that holds what is to be predicted",
        )

    frame = frame.with_columns(column.alias(name) for name, column in columns.items())
    blanks = {name: _with_blanks(columns[name]) for name in ids}
    report = Report(
        source=source.name,
        examples=len(frame),
        ids={name: frame[name].n_unique() for name in ids},
        duplicates=_n_duplicates(frame.select(named(ids))),
        blanks={name: id for name, id in blanks.items() if id is not None},
    )
    return Checked(frame, report)


def _ids(column: pl.Series, source: Opened) -> pl.Series:
    """A column of ids, each of them as it was."""
    if flaw := flaw_of(column):
        raise BadData(
            f"{source.place(flaw.row)}: {column.name!r} is {flaw.value!r}",
            expected=flaw.expected,
            mend="turn the column into text or integers where it is made" if column.dtype.is_float() else source.mend,
        )
    found = as_ids(column, what=f"column {column.name!r}")
    refuse(found.is_null(), column, source, expected="an id: text, or a whole number")
    return found


def _with_blanks(ids: pl.Series) -> str | None:
    """The first id that begins or ends with a blank."""
    if ids.dtype != pl.String:
        return None
    found = (ids != ids.str.strip_chars()).arg_true()
    return ids[int(found[0])] if len(found) else None


def _n_duplicates(ids: pl.DataFrame) -> int:
    if ids.width < 2:  # one column of ids repeats by nature
        return 0
    return len(ids) - ids.hash_rows().n_unique()  # of 100 million pairs, two hash alike in one file of 4,000


def refuse(
    bad: pl.Series,
    column: pl.Series,
    source: Opened,
    *,
    expected: str,
    written: Callable[[object], str | None] = lambda _: None,
) -> None:
    """Refuse the first bad cell of a column, if there is one; `written` says how it should have been, if it knows."""
    if bad.any():
        row = int(bad.arg_true()[0])
        value = column[row]
        better = written(value)
        rewrite = f"write {better}, and so the whole column: digits, a point before the decimals, and nothing else"
        raise BadData(
            f"{source.place(row)}: {column.name!r} is {'empty' if value is None or str(value) == '' else repr(value)}",
            expected=expected,
            mend=source.mend if better is None else rewrite,
        )
