"""Cells that hold lists, and targets of a kind, checked before they become arrays."""

import numpy as np
import polars as pl

from rowwise.data.ids import flaw_of
from rowwise.data.layout import Layout
from rowwise.data.numbers import HELD, LARGEST
from rowwise.data.ragged import starts_of
from rowwise.data.source import Opened
from rowwise.data.targets import Number
from rowwise.errors import BadData


def sizes_of(lists: pl.Series) -> pl.Series:
    """How many each list holds; 0 for an empty cell."""
    return lists.list.len().fill_null(0)


def check_lists(source: Opened, layout: Layout) -> None:
    """Refuse what should be a list and is none, and lists that do not hold what they must.

    Raises:
        BadData: the first cell that is not as it must be.
    """
    for name, column in layout.ids.items():
        if column.is_list and column.text is None:
            _check_ids(source, name)
        for weights, least in column.weights.items():
            _check_weights(source, name, weights, least)
    for name, size in layout.values.items():
        mend = f"write rw.Value({name!r}, size), where size is how many numbers each cell holds"
        _check_numbers(source, name, size, mend=mend)
    if layout.labels and layout.target is not None:
        _check_numbers(source, layout.target, layout.labels, mend="give a 0 or a 1 for each label in each cell")


def _check_ids(source: Opened, name: str) -> None:
    """Refuse what is no list of ids."""
    cells = source.frame[name]
    if not isinstance(cells.dtype, pl.List):
        raise BadData(
            f"{source.name}: column {name!r} holds {cells.dtype}",
            expected="lists of ids, as a list column of Polars or a list in each cell",
            mend=f"pl.col({name!r}).str.split(' ') makes lists of text",
        )
    flat = cells.filter(sizes_of(cells) > 0).explode()
    if flaw := flaw_of(flat):
        row = int(np.searchsorted(starts_of(sizes_of(cells).to_numpy()), flaw.row, "right")) - 1
        raise BadData(f"{source.place(row)}: {name!r} holds {flaw.value!r}", expected=flaw.expected, mend=source.mend)


def _check_weights(source: Opened, ids: str, weights: str, least: float) -> None:
    """Refuse what is not one finite number, not below `least`, for each id of a list."""
    frame, cells = source.frame, source.frame[weights]
    if not isinstance(cells.dtype, pl.List) or not (cells.dtype.inner.is_numeric() or cells.dtype.inner == pl.Null):
        raise BadData(
            f"{source.name}: column {weights!r} holds {cells.dtype}",
            expected=f"lists of numbers, one for each id of {ids!r}",
            mend=f"give as many numbers as {ids!r} has ids, or leave weights= out of the Bag",
        )
    sizes, n_ids = sizes_of(cells), sizes_of(frame[ids])
    apart = sizes != n_ids
    if apart.any():
        row = int(apart.arg_true()[0])
        raise BadData(
            f"{source.place(row)}: {ids!r} has {n_ids[row]} ids, {weights!r} has {sizes[row]} numbers",
            expected="as many numbers as ids: what each id counts for",
            mend=source.mend,
        )

    flat = cells.filter(sizes > 0).explode().cast(pl.Float32)
    bad = ~(flat.is_finite() & (flat >= least)).fill_null(False)
    if bad.any():
        starts, first = starts_of(sizes.to_numpy()), int(bad.arg_true()[0])
        row = int(np.searchsorted(starts, first, "right")) - 1
        place = first - int(starts[row])
        raise BadData(
            f"{source.place(row)}: {weights!r} holds {cells[row][place]} for {frame[ids][row][place]!r}",
            expected="finite numbers" if least < 0 else "finite numbers, none below 0: a mean is divided by their sum",
            mend=source.mend,
        )


def _check_numbers(source: Opened, name: str, size: int | None, *, mend: str) -> None:
    """Refuse lists that do not hold `size` numbers each, and lists where one number is expected."""
    cells = source.frame[name]
    if size is None and not isinstance(cells.dtype, pl.List):
        return  # one number, checked with the others
    row, wrong = 0, True
    if size is not None and isinstance(cells.dtype, pl.List) and cells.dtype.inner.is_numeric():
        held = cells.list.eval(pl.element().is_between(-LARGEST, LARGEST).fill_null(False)).list.all()
        bad = cells.list.len().ne_missing(size) | ~held.fill_null(False)
        wrong = bool(bad.any())
        row = int(bad.arg_true()[0]) if wrong else 0
    if wrong:
        shown = cells[row]
        raise BadData(
            f"{source.place(row)}: {name!r} is {shown.to_list() if isinstance(shown, pl.Series) else shown!r}",
            expected="one number" if size is None else f"a list of {size} numbers, each {HELD}",
            mend=mend,
        )


def check_targets(target: pl.Series, kind: Number, source: Opened) -> None:
    """Refuse numbers that no target of this kind has.

    Raises:
        BadData: there is one.
    """
    numbers = kind.numbers(target)
    bad = numbers.filter(~kind.good(numbers))
    if len(bad):
        given = f"{source.name}: {target.name!r} is {bad[0]} in {len(bad):,} rows"
        raise BadData(given, expected=kind.expected, mend=kind.mend)
