"""The labels of a target in, the numbers of their classes out: text matches as it stands, numbers as numbers."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from rowwise.data.ids import Id
from rowwise.data.layout import Layout
from rowwise.data.numbers import as_numbers
from rowwise.data.source import Opened, typed
from rowwise.errors import BadData


def with_classes(source: Opened, layout: Layout) -> Layout:
    """The layout with the classes of a target that holds text, in alphabetical order; as it is for other targets.

    Labels such as 0 and 1.0 are numbers, in whatever file; 007, true and yes are text.

    Raises:
        BadData: a loss for two classes, and a target of more.
    """
    if layout.target is None or not layout.targets.is_class:
        return layout
    labels = source.frame[layout.target]
    if not isinstance(labels.dtype, pl.String | pl.Categorical | pl.Enum):
        return layout
    text = labels.cast(pl.String)
    if typed(text.to_frame()).to_series().dtype != pl.String:
        return layout
    classes = text.drop_nulls().unique().sort().to_list()
    most = layout.targets.most_classes
    if most is not None and len(classes) > most:
        raise BadData(
            f"{source.name}: {layout.target!r} is one of {len(classes)} classes: {', '.join(classes[:5])} …",
            expected="two classes, for this loss",
            mend="return one score for each class, and use loss=rw.categorical_cross_entropy",
        )
    return replace(layout, classes=classes)


def numbered(labels: pl.Series, classes: Sequence[Id], source: Opened) -> pl.Series:
    """The number of each label's class.

    Raises:
        BadData: a label is missing, or of no class.
    """
    places = list(range(len(classes)))
    if any(isinstance(name, str) for name in classes):
        names, cells = list(map(str, classes)), labels.cast(pl.String)
    else:
        names, cells = list(map(float, classes)), as_numbers(labels).cast(pl.Float64)
    numbers = cells.replace_strict(names, places, default=None, return_dtype=pl.Int64)
    if numbers.has_nulls():
        row = int(numbers.is_null().arg_true()[0])
        label = labels[row]
        raise BadData(
            f"{source.place(row)}: {labels.name!r} is {'empty' if label is None else repr(label)}",
            expected=f"one of {', '.join(map(str, classes[:10]))}",
            mend=source.mend,
        )
    return numbers
