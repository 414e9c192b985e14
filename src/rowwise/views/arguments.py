"""One example in, what each argument of the function receives out: id → row → numbers."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import numpy as np
import polars as pl

from rowwise.backends import reference
from rowwise.data.ids import Id
from rowwise.data.layout import WEIGHT
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.english import n_of
from rowwise.errors import BadData
from rowwise.program import draws
from rowwise.program.inputs import (
    BagLookup,
    DenseWeight,
    Dropout,
    ExampleValue,
    Input,
    Lookup,
    PaddingMask,
    RowLookup,
    RowsLookup,
    SampledLookup,
    SampledRowsLookup,
    Statistic,
    Target,
    kind_of,
)
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.trained.asked import asked_id, asked_ids
from rowwise.views import says
from rowwise.views.record import ArgumentSeen

Example = Mapping[str, Any]
Rows = list[tuple[Id | None, int, str]]  # id, row, and what is to say about it


def find_arguments(
    program: Program, example: Example, parameters: Parameters, vocabularies: Mapping[str, Vocabulary], *, seed: int
) -> tuple[ArgumentSeen, ...]:
    """The ids and rows of every argument, in the order of the signature.

    Raises:
        BadData: the example lacks a column that the program reads.
    """
    check_columns(program, example)
    seen = []
    for i in program.inputs:
        if i.is_written:
            continue
        table = i.table if isinstance(i, Lookup) else None
        n_rows = 0 if table is None else len(parameters.tables[table])
        found: Rows = []
        if isinstance(i, SampledLookup) and i.value.name not in example:
            found = _drawn(program, i, vocabularies[i.column], seed)
        elif isinstance(i, Lookup | PaddingMask):
            found = _named(i, example, vocabularies[_ids_column(i)])
        ids, rows, marks = zip(*found, strict=True) if found else ((), (), ())
        if isinstance(i, PaddingMask):
            ids, rows = (), ()
        vocabulary = vocabularies[i.column].name if isinstance(i, Lookup) else None
        shares: tuple[float, ...] = ()
        if isinstance(i, BagLookup):
            shares = tuple(reference.shares(i.combine, _weights(i, example, len(rows))).tolist())
        about = says.about_argument(i, n_rows, ids, shares)
        column = i.names.get("column")
        seen.append(ArgumentSeen(i.value.name, kind_of(i), about, column, vocabulary, table, ids, rows, marks, shares))
    return tuple(seen)


def check_columns(program: Program, example: Example) -> None:
    """Refuse an example that lacks a column that the program reads.

    Raises:
        BadData: it does.
    """
    for column in columns(program):
        if column not in example:
            raise BadData(
                f"the example has no {column!r}, only {', '.join(map(repr, example)) or 'nothing'}",
                expected=f"a value for each of {', '.join(columns(program))}",
                mend=f"add {column!r} to the example",
            )


def _ids_column(i: Lookup | PaddingMask) -> str:
    return i.mask_of if isinstance(i, PaddingMask) else i.column


def _weights(i: BagLookup, example: Example, n_rows: int) -> np.ndarray:
    """The weights of a bag's rows; 1 without any."""
    if i.weights is None:
        return np.ones(n_rows)
    weights = np.asarray(example[i.weights], np.float64)
    least = 0.0 if i.combine == "mean" else -np.inf
    if weights.shape != (n_rows,) or not np.isfinite(weights).all() or (weights < least).any():
        raise BadData(
            f"{i.weights!r} is {example[i.weights]}",
            expected=f"{n_rows} finite numbers{' of 0 or more' * (least == 0)}, one for each of {i.column!r}",
            mend=f"write a list of {n_of(n_rows, 'number')}",
        )
    return weights


def columns(program: Program) -> list[str]:
    """The columns that an example must hold; the target may be missing."""
    read = (i for i in program.inputs if i.is_known and i.value.name != WEIGHT)
    return list(dict.fromkeys(column for i in read for column, _ in i.cells()))


@singledispatch
def numbers(
    i: Input, seen: ArgumentSeen, example: Example, parameters: Parameters, means: Mapping[str, float]
) -> np.ndarray | float:
    """What the function receives for one argument: only the rows it names are read from a table."""
    raise NotImplementedError(f"{type(i).__name__} has no numbers to show")


@numbers.register
def _(i: RowLookup | SampledLookup, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    return parameters.tables[i.table][seen.rows[0]]


@numbers.register
def _(
    i: RowsLookup | SampledRowsLookup, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object
) -> Any:
    return parameters.tables[i.table][list(seen.rows)]


@numbers.register
def _(i: BagLookup, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    return np.tensordot(seen.shares, parameters.tables[i.table][list(seen.rows)].astype(np.float64), 1)


@numbers.register
def _(i: DenseWeight, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    return parameters.tables[i.parameter]


@numbers.register
def _(i: Statistic, seen: ArgumentSeen, example: Example, parameters: Parameters, means: Mapping[str, float]) -> Any:
    return means[i.value.name]


@numbers.register
def _(i: Dropout, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    return np.ones(i.value.shape)


@numbers.register
def _(i: PaddingMask, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    return np.array([mark != "padding" for mark in seen.marks])


@numbers.register
def _(i: ExampleValue, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    given = example.get(i.column)
    return float(i.value.name == WEIGHT) if given is None else _checked(i, given)


@numbers.register
def _(i: Target, seen: ArgumentSeen, example: Example, parameters: Parameters, means: object) -> Any:
    given = example.get(i.column)
    return 0.0 if given is None else given


def _checked(i: ExampleValue, given: object) -> np.ndarray:
    """A value of an example as the numbers that the function reads."""
    try:
        values = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        values = np.full(i.value.shape, np.nan)
    if values.shape != i.value.shape or not np.isfinite(values).all():
        raise BadData(
            f"{i.column!r} of the example is {given!r}",
            expected="one number" if not i.value.shape else f"{i.value.shape[0]} numbers",
            mend=f"give {np.ones(i.value.shape).tolist()!r} or other finite numbers",
        )
    return values


def _named(i: Lookup | PaddingMask, example: Example, vocabulary: Vocabulary) -> Rows:
    column, length = _ids_column(i), i.value.shape[0] if isinstance(i, PaddingMask) else i.length
    given = example[i.value.name if i.is_drawn else column]
    if isinstance(vocabulary, WordVocabulary):
        return _words(length, given, vocabulary)
    is_list = i.is_list or isinstance(i, PaddingMask)
    ids: list[Id] = asked_ids(given, column, vocabulary).to_list() if is_list else [asked_id(given, column, vocabulary)]
    length = len(ids) if length is None else length
    ids = ids[len(ids) - min(length, len(ids)) :]
    rows = vocabulary.rows(ids).tolist() if ids else []
    found: Rows = [(id, row, "unknown" if row < vocabulary.first else "") for id, row in zip(ids, rows, strict=True)]
    return [(None, 0, "padding") for _ in range(length - len(ids))] + found


def _words(length: int | None, given: object, vocabulary: WordVocabulary) -> Rows:
    """The rows of a text's words; words without a row of their own share the last one."""
    found = vocabulary.encode(pl.Series([given]))
    rows = found.rows if length is None else vocabulary.pad(found, length)[0]
    marks = {0: "padding", vocabulary.rare: "rare"}
    return [(vocabulary.ids[row], row, marks.get(row, "")) for row in rows.tolist()]


def _drawn(program: Program, i: SampledLookup, vocabulary: Vocabulary, seed: int) -> Rows:
    """The ids that the first example of the first epoch would draw, were all ids as frequent and unseen."""
    key = np.uint32(draws.key(seed, 0, program.stream(i)))
    bits = draws.bits(key, np.zeros(1, np.uint32), np.arange(i.count, dtype=np.uint32))
    rows: list[int] = draws.sampled_row(bits, len(vocabulary)).tolist()
    return [(vocabulary.ids[row], row, "drawn at random") for row in rows]
