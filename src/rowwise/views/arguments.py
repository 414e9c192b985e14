"""One example in, what each argument of the function receives out: id → row → numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from rowwise.backends import reference
from rowwise.data.ids import Id
from rowwise.data.layout import WEIGHT
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData
from rowwise.options import mapping
from rowwise.program import draws
from rowwise.program.parameters import Parameters
from rowwise.program.program import Input, Program
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
    wanted = "a value for each column, as a dictionary"
    mapping("example", example, expected=wanted, mend=f"give one with {', '.join(columns(program))}")
    for column in columns(program):
        if column not in example:
            raise BadData(
                f"the example has no {column!r}, only {', '.join(map(repr, example)) or 'nothing'}",
                expected=f"a value for each of {', '.join(columns(program))}",
                mend=f"add {column!r} to the example",
            )
    seen = []
    for i in program.inputs:
        if i.kind == "constant":
            continue
        n_rows = len(parameters.tables[i.table]) if i.table else 0
        found: Rows = []
        if i.kind == "sampled" and i.value.name not in example:
            found = _drawn(program, i, vocabularies[str(i.column)], seed)
        elif i.is_lookup or i.mask_of is not None:
            found = _named(i, example, vocabularies[str(i.mask_of or i.column)])
        ids, rows, marks = zip(*found, strict=True) if found else ((), (), ())
        if i.mask_of is not None:
            ids, rows = (), ()
        vocabulary = vocabularies[str(i.column)].name if i.is_lookup else None
        shares: tuple[float, ...] = ()
        if i.kind == "bag":
            shares = tuple(reference.shares(i.combine, _weights(i, example, len(rows))).tolist())
        about = says.about_argument(i, n_rows, ids, shares)
        seen.append(ArgumentSeen(i.value.name, i.kind, about, i.column, vocabulary, i.table, ids, rows, marks, shares))
    return tuple(seen)


def _weights(i: Input, example: Example, n_rows: int) -> np.ndarray:
    """The weights of a bag's rows; 1 without any."""
    if i.weights is None:
        return np.ones(n_rows)
    weights = np.asarray(example[i.weights], np.float64)
    least = 0.0 if i.combine == "mean" else -np.inf
    if weights.shape != (n_rows,) or not np.isfinite(weights).all() or (weights < least).any():
        raise BadData(
            f"{i.weights!r} is {example[i.weights]}",
            expected=f"{n_rows} finite numbers{' of 0 or more' * (least == 0)}, one for each of {i.column!r}",
            mend="correct the numbers of the example",
        )
    return weights


def columns(program: Program) -> list[str]:
    """The columns that an example must hold; the target may be missing."""
    kinds = ("row", "rows", "bag", "value")
    read = (i for i in program.inputs if i.kind in kinds and i.value.name != WEIGHT)
    named = [name for i in read for name in (i.mask_of or i.column, i.weights) if name is not None]
    return list(dict.fromkeys(named))


def numbers(
    i: Input, seen: ArgumentSeen, example: Example, parameters: Parameters, means: Mapping[str, float]
) -> np.ndarray | float:
    """What the function receives for one argument: only the rows it names are read from a table."""
    table = parameters.tables.get(i.table or i.value.name)
    match i.kind:
        case "row" | "sampled" if table is not None:
            return table[seen.rows[0]]
        case "rows" if table is not None:
            return table[list(seen.rows)]
        case "bag" if table is not None:
            return np.tensordot(seen.shares, table[list(seen.rows)].astype(np.float64), 1)
        case "weight" if table is not None:
            return table
        case "statistic":
            return means[i.value.name]
        case "dropout":
            return np.ones(i.value.shape)
        case "value" if i.mask_of is not None:
            return np.array([mark != "padding" for mark in seen.marks])
        case _:
            given = example.get(str(i.column))
            if given is None:
                return float(i.value.name == WEIGHT)
            return _checked(i, given) if i.kind == "value" else given


def _checked(i: Input, given: Any) -> np.ndarray:
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


def _named(i: Input, example: Example, vocabulary: Vocabulary) -> Rows:
    given = example[i.value.name if i.kind == "sampled" else str(i.mask_of or i.column)]
    if isinstance(vocabulary, WordVocabulary):
        return _words(i, given, vocabulary)
    padded = i.kind == "rows" or i.mask_of is not None
    column = str(i.mask_of or i.column)
    ids: list[Id] = (
        asked_ids(given, column, vocabulary).to_list()
        if i.kind == "bag" or padded
        else [asked_id(given, column, vocabulary)]
    )
    length = i.value.shape[0] if padded else len(ids)
    ids = ids[len(ids) - min(length, len(ids)) :]
    rows = vocabulary.rows(ids).tolist() if ids else []
    found: Rows = [(id, row, "unknown" if row < vocabulary.first else "") for id, row in zip(ids, rows, strict=True)]
    return [(None, 0, "padding") for _ in range(length - len(ids))] + found


def _words(i: Input, given: Any, vocabulary: WordVocabulary) -> Rows:
    """The rows of a text's words; words without a row of their own share the last one."""
    found = vocabulary.encode(pl.Series([given]))
    rows = found.rows if i.kind == "bag" else vocabulary.pad(found, i.value.shape[0])[0]
    marks = {0: "padding", vocabulary.rare: "rare"}
    return [(vocabulary.ids[row], row, marks.get(row, "")) for row in rows.tolist()]


def _drawn(program: Program, i: Input, vocabulary: Vocabulary, seed: int) -> Rows:
    """The id that the first example of the first epoch would draw; arguments that sample one column draw one id."""
    zero = np.zeros(1, np.uint32)
    row = int(
        draws.sampled_row(draws.bits(np.uint32(draws.key(seed, 0, program.stream(i))), zero, zero), len(vocabulary))[0]
    )
    return [(vocabulary.ids[row], row, "drawn at random")]
