"""A frame as arrays: what every engine reads, a column of row numbers for each column of ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import polars as pl

from rowwise.data.check import Report, check
from rowwise.data.ids import Id, as_ids
from rowwise.data.layout import IdColumn, Layout
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.source import Opened, Source, open_source, read
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData

Rows = np.ndarray | Ragged
WEIGHT = "sample weight"  # the column of weights where the data have none of their own


@dataclass(frozen=True, slots=True)
class Examples:
    """`n` examples: the row numbers of each column of ids, the numbers of each column of values, the target.

    rows[column]: int32 (n,) for Row, (n, length) for Rows, Ragged for Bag
    values[column]: float32 (n,) or (n, size)
    target: float32 (n,), int32 for classes, (n, labels) for several labels, None where the model returns its own loss
    """

    n: int
    rows: Mapping[str, Rows]
    values: Mapping[str, np.ndarray]
    target: np.ndarray | None

    def take(self, index: np.ndarray) -> "Examples":
        """The examples at `index`, in that order."""
        return Examples(
            len(index),
            {c: rows.take(index) if isinstance(rows, Ragged) else rows[index] for c, rows in self.rows.items()},
            {c: values[index] for c, values in self.values.items()},
            None if self.target is None else self.target[index],
        )


def with_classes(source: Source, layout: Layout) -> Layout:
    """The layout with the classes of a target that holds text, in alphabetical order; as it is for other targets.

    Raises:
        BadData: a loss for two classes, and a target of more.
    """
    if layout.target is None or layout.targets not in ("binary", "margin", "class"):
        return layout
    source = open_source(source, columns=[layout.target])
    labels = read(source).to_series()
    is_text = labels.dtype in (pl.String, pl.Categorical, pl.Enum)
    if not is_text or labels.cast(pl.String).cast(pl.Float64, strict=False).is_not_null().all():
        return layout
    classes = labels.cast(pl.String).drop_nulls().unique().sort().to_list()
    if layout.targets in ("binary", "margin") and len(classes) > 2:
        raise BadData(
            f"{source.name}: {layout.target!r} is one of {len(classes)} classes: {', '.join(classes[:5])} …",
            expected="two classes, for this loss",
            mend="return one score for each class, and use loss=rw.categorical_cross_entropy",
        )
    return replace(layout, classes=classes)


class Learnt(NamedTuple):
    """The vocabularies of some examples, and the rows of their texts, which were found with them."""

    vocabularies: Mapping[str, Vocabulary]
    rows: Mapping[str, Ragged]  # by column


def learn_vocabularies(frame: pl.DataFrame, layout: Layout, *, min_count: int = 1) -> Learnt:
    """The vocabularies that the layout names, each from all of its columns; rarer ids than `min_count` are left out.

    How often a word must stand in a column of texts is said by its `Text`.
    """
    columns: dict[str, list[str]] = {}
    for name, column in layout.ids.items():
        columns.setdefault(column.vocabulary, []).append(name)
    vocabularies: dict[str, Vocabulary] = {}
    rows: dict[str, Ragged] = {}
    for vocabulary, names in columns.items():
        text = layout.ids[names[0]].text
        if text is None:
            ids = {n: frame[n].explode().drop_nulls() if layout.ids[n].is_list else frame[n] for n in names}
            vocabularies[vocabulary] = Vocabulary.of(vocabulary, _together(ids), min_count=min_count)
        elif len(names) == 1:
            vocabularies[vocabulary], rows[names[0]] = WordVocabulary.learn_and_encode(
                vocabulary, frame[names[0]], text
            )
        else:
            vocabularies[vocabulary] = WordVocabulary.learn(vocabulary, [frame[n] for n in names], text)
    return Learnt(vocabularies, rows)


def _together(columns: Mapping[str, pl.Series]) -> pl.Series:
    """The ids of columns that share a vocabulary as one column."""
    ids = {name: as_ids(column, what=f"column {name!r}").alias("id") for name, column in columns.items()}
    if len({column.dtype for column in ids.values()}) > 1:
        raise BadData(
            f"columns that share a table hold {', '.join(f'{column.dtype} ({name})' for name, column in ids.items())}",
            expected="ids that are all integers or all text",
            mend="turn all of them into text",
        )
    return pl.concat(ids.values())


def read_examples(source: Source, layout: Layout, *, learn: bool) -> tuple[pl.DataFrame, Report]:
    """The checked frame of a source, with the columns of the layout, and what was found in it.

    `learn=False` reads what is to be answered: the target may be missing or constant.
    """
    columns = layout.columns if learn else layout.read
    more = [name for name in (layout.target, layout.weight) if layout.target is not None]
    source = open_source(source, columns=lambda there: columns + [name for name in more if name in there])
    frame = read(source)
    texts = {name: column.text for name, column in layout.ids.items() if column.text is not None}
    frame = frame.with_columns(t.tokens(frame[name], what=f"column {name!r}") for name, t in texts.items())
    _check_lists(frame, layout, source)
    if layout.classes and layout.target in frame.columns:
        frame = frame.with_columns(_numbered(frame[layout.target], layout.classes, source))
    single = [name for name, column in layout.ids.items() if not column.is_list]
    numbers = [
        name
        for name in (*layout.values, *layout.means, *([layout.weight] if layout.weight else []))
        if name in columns and frame[name].dtype != pl.List
    ]
    target = layout.target if layout.target in frame.columns and layout.labels is None else None
    checked = check(
        frame,
        source=source,
        ids=single,
        numbers=list(dict.fromkeys([*numbers, *([target] if target and not learn else [])])),
        target=target if learn else None,
    )
    if layout.target in frame.columns:
        _check_targets(checked.frame[str(layout.target)], layout.targets, source.name)
    return checked.frame, checked.report


def encode(
    frame: pl.DataFrame,
    report: Report,
    layout: Layout,
    vocabularies: Mapping[str, Vocabulary],
    *,
    found: Mapping[str, Ragged] | None = None,
) -> tuple[Examples, Report]:
    """The frame as examples, and the report with the examples counted that the unknown row stands in for.

    A text is counted if it has no known word. `found` are the rows of texts, where they are known already.
    """
    rows: dict[str, Rows] = {}
    values: dict[str, np.ndarray] = {}
    unknown: dict[str, int] = {}
    for name, column in layout.ids.items():
        if name not in frame.columns:
            continue
        vocabulary = vocabularies[column.vocabulary]
        if isinstance(vocabulary, WordVocabulary):
            ragged = (found or {}).get(name) or vocabulary.encode(frame[name])
            sides = (vocabulary.text.pad, vocabulary.text.cut)
            unknown[name] = vocabulary.n_without_words(ragged)
        elif column.is_list:
            ragged, sides = _lists(frame, name, column, vocabulary), ("front", "front")
            unknown[name] = 0
        else:
            of_ids = rows[name] = vocabulary.rows(frame[name])
            unknown[name] = vocabulary.n_unknown(of_ids)
            continue
        rows[name] = ragged if column.length is None else ragged.pad(column.length, *sides)
        for mask in (mask for mask, of in layout.masks.items() if of == name):
            values[mask] = ragged.is_filled(column.length or 0, sides[0]).astype(np.float32)
    values |= {
        name: np.ascontiguousarray(
            np.array(frame[name].to_list(), np.float32) if frame[name].dtype == pl.List else frame[name].to_numpy(),
            dtype=np.float32,
        )
        for name in layout.values
    }
    if layout.weight is not None:
        there = layout.weight in frame.columns
        values[layout.weight] = (
            frame[layout.weight].to_numpy().astype(np.float32) if there else np.ones(len(frame), np.float32)
        )
    target = None
    if layout.target is not None and layout.target in frame.columns:
        kind = np.int32 if layout.targets == "class" else np.float32
        cells = frame[layout.target]
        numbers = cells.to_numpy() if layout.labels is None else np.array(cells.to_list(), kind)
        target = np.ascontiguousarray(numbers, dtype=kind)
    return Examples(len(frame), rows, values, target), replace(report, unknown=unknown)


def _lists(frame: pl.DataFrame, name: str, column: IdColumn, vocabulary: Vocabulary) -> Ragged:
    counts = _sizes(frame[name]).to_numpy()

    def flat(of: str) -> pl.Series:
        return frame[of].filter(counts > 0).explode()

    weights = {of: flat(of).cast(pl.Float32).to_numpy() for of in column.weights}
    return Ragged(starts_of(counts), vocabulary.rows(flat(name)), weights)


def _sizes(lists: pl.Series) -> pl.Series:
    """How many each list holds; 0 for an empty cell."""
    return lists.list.len().fill_null(0)


def _check_weights(frame: pl.DataFrame, ids: str, weights: str, least: float, source: Opened) -> None:
    """Refuse what is not one finite number, not below `least`, for each id of a list."""
    cells = frame[weights]
    mend = "correct the cell, or leave out the row"
    if not isinstance(cells.dtype, pl.List) or not (cells.dtype.inner.is_numeric() or cells.dtype.inner == pl.Null):
        raise BadData(
            f"{source.name}: column {weights!r} holds {cells.dtype}",
            expected=f"lists of numbers, one for each id of {ids!r}",
            mend=f"give as many numbers as {ids!r} has ids, or leave weights= out of the Bag",
        )
    sizes, n_ids = _sizes(cells), _sizes(frame[ids])
    apart = sizes != n_ids
    if apart.any():
        row = int(apart.arg_true()[0])
        raise BadData(
            f"{source.place(row)}: {ids!r} has {n_ids[row]} ids, {weights!r} has {sizes[row]} numbers",
            expected="as many numbers as ids: what each id counts for",
            mend=mend,
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
            mend=mend,
        )


def _check_lists(frame: pl.DataFrame, layout: Layout, source: Opened) -> None:
    """Refuse what should be a list and is none, and lists of numbers that are not of their size."""
    for name, column in layout.ids.items():
        if column.is_list and column.text is None and not isinstance(frame[name].dtype, pl.List):
            raise BadData(
                f"{source.name}: column {name!r} holds {frame[name].dtype}",
                expected="lists of ids, as a list column of Polars or a list in each cell",
                mend=f"pl.col({name!r}).str.split(' ') makes lists of text",
            )
        for weights, least in column.weights.items():
            _check_weights(frame, name, weights, least, source)
    of_target = {layout.target: layout.labels} if layout.labels and layout.target in frame.columns else {}
    for name, size in {**layout.values, **of_target}.items():
        cells = frame[name]
        if size is None and not isinstance(cells.dtype, pl.List):
            continue  # one number, checked with the others
        is_list = size is not None and isinstance(cells.dtype, pl.List) and cells.dtype.inner.is_numeric()
        bad = (
            cells.list.len().ne_missing(size) | ~cells.list.eval(pl.element().is_finite()).list.all()
            if is_list
            else None
        )
        if bad is None or bad.any():
            shown = cells[int(bad.arg_true()[0]) if bad is not None else 0]
            raise BadData(
                f"{source.name}: {name!r} is {shown.to_list() if isinstance(shown, pl.Series) else shown!r}",
                expected="one number" if size is None else f"a list of {size} numbers, all finite",
                mend="give a 0 or a 1 for each label in each cell"
                if name in of_target
                else f"write rw.Value({name!r}, size), where size is how many numbers each cell holds",
            )


def _numbered(labels: pl.Series, classes: Sequence[Id], source: Opened) -> pl.Series:
    """The number of each label's class."""
    names = [str(name) for name in classes]
    numbers = labels.cast(pl.String).replace_strict(names, list(range(len(names))), default=None, return_dtype=pl.Int64)
    if numbers.has_nulls():
        row = int(numbers.is_null().arg_true()[0])
        label = labels[row]
        raise BadData(
            f"{source.place(row)}: {labels.name!r} is {'empty' if label is None else repr(label)}",
            expected=f"one of {', '.join(names[:10])}",
            mend="correct the cell, or leave out the row",
        )
    return numbers


_TARGETS = {
    "binary": (lambda t: (t == 0) | (t == 1), "0 or 1", "write the target as 0 and 1, or use loss=rw.squared_error"),
    "margin": (lambda t: (t == 0) | (t == 1), "0 or 1", "write the target as 0 and 1"),
    "class": (lambda t: (t >= 0) & (t == t.round()), "a class number 0, 1, 2, …", "number the classes from 0"),
    "labels": (lambda t: (t == 0) | (t == 1), "a list of 0 and 1", "write 1 for each label that an example has"),
    "count": (lambda t: t >= 0, "0 or more", "use loss=rw.squared_error for numbers below 0"),
}


def _check_targets(target: pl.Series, targets: str, source: str) -> None:
    if targets not in _TARGETS:
        return
    good, expected, mend = _TARGETS[targets]
    target = target.explode() if targets == "labels" else target
    bad = target.filter(~good(target))
    if len(bad):
        raise BadData(f"{source}: {target.name!r} is {bad[0]} in {len(bad):,} rows", expected=expected, mend=mend)
