"""What a workbook shows of a fitted model: some ids, some examples, and the numbers that those read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from rowwise.backends import reference
from rowwise.data.examples import Examples
from rowwise.data.ids import Id
from rowwise.data.ragged import Ragged
from rowwise.data.vocabulary import Vocabulary
from rowwise.program.inputs import (
    BagLookup,
    Constant,
    DenseWeight,
    Dropout,
    ExampleValue,
    Input,
    Lookup,
    Statistic,
    Target,
)
from rowwise.trained.trained import Trained

Rows = Mapping[str, np.ndarray]  # by input: the rows of its table that an example looks up
Weights = Mapping[str, np.ndarray]  # by input that is a bag with weights: those of its rows


@dataclass(frozen=True, slots=True)
class Words:
    """A text word by word: the words and n-grams that the model looks up, as they are written, and their rows."""

    text: str
    written: Sequence[str]
    rows: np.ndarray
    n_cut: int = 0  # of the text's words, those that a sheet has no room for


@dataclass(frozen=True, slots=True)
class Example:
    """One line of data, as rows of tables and numbers."""

    rows: Rows
    values: Mapping[str, Any]  # by input
    target: float | None
    words: Mapping[str, Words] = field(default_factory=dict)  # by column of texts
    weights: Weights = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of a fitted model that fits a workbook.

    `users` and `items` are rows of the two vocabularies of a model of two keys, empty otherwise, and `ratings` the
    known targets between them (NaN where none is known).
    """

    users: list[int]
    items: list[int]
    ratings: np.ndarray  # (users, items)
    examples: list[Example]
    rows: dict[str, list[int]]  # by vocabulary: the rows shown, the unknown row first
    titles: dict[str, dict[str, str]]  # by vocabulary: id as text -> title


def vocabulary_of(fitted: Trained, lookup: Lookup) -> str:
    return fitted.column_vocabulary[lookup.column]


def two_keys(fitted: Trained) -> tuple[str, str] | None:
    """The columns of user and item, where one row of each is all that one predicted number reads of an example."""
    prediction = fitted.program.prediction
    read = fitted.program.reads([prediction]) if prediction is not None and not prediction.shape else ()
    columns = list(dict.fromkeys(i.column for i in read if isinstance(i, Lookup)))
    plain = not any(i.is_list or i.is_given or not i.is_known for i in read)
    return (columns[0], columns[1]) if plain and len(columns) == 2 else None


def label(vocabulary: Vocabulary, row: int) -> Id:
    """The id of a row as a sheet shows it."""
    return "unknown" if row < vocabulary.first else vocabulary.ids[row]


def inputs_of(fitted: Trained, example: Example, looked_up: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The numbers that a program reads for one example besides what it looked up, in float64, and `looked_up`."""
    read = [i for i in fitted.program.inputs if not isinstance(i, Lookup)]
    return {i.value.name: numbers_of(i, fitted, example) for i in read} | dict(looked_up)


@singledispatch
def numbers_of(i: Input, fitted: Trained, example: Example) -> np.ndarray:
    """The numbers of an input for one example, in float64."""
    raise NotImplementedError(f"{type(i).__name__} has no numbers in a workbook")


@numbers_of.register
def _(i: DenseWeight, fitted: Trained, example: Example) -> np.ndarray:
    return fitted.parameters.tables[i.parameter].astype(np.float64)


@numbers_of.register
def _(i: Statistic, fitted: Trained, example: Example) -> np.ndarray:
    return np.asarray(float(fitted.means[i.value.name]))


@numbers_of.register
def _(i: Dropout, fitted: Trained, example: Example) -> np.ndarray:
    return np.ones(i.value.shape)


@numbers_of.register
def _(i: Constant, fitted: Trained, example: Example) -> np.ndarray:
    return np.asarray(i.numbers, np.float64)


@numbers_of.register
def _(i: ExampleValue, fitted: Trained, example: Example) -> np.ndarray:
    return np.asarray(example.values[i.value.name], np.float64)


@numbers_of.register
def _(i: Target, fitted: Trained, example: Example) -> np.ndarray:
    return np.asarray(0.0 if example.target is None else example.target)


def look_up(fitted: Trained, example: Example) -> dict[str, np.ndarray]:
    """The rows that an example looks up in the fitted tables, in float64."""
    tables = fitted.parameters.tables
    return {
        i.value.name: combined(
            i, tables[i.table][example.rows[i.value.name]].astype(np.float64), example.weights.get(i.value.name)
        )
        for i in fitted.program.lookups
    }


def combined(lookup: Lookup, members: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Looked-up rows as the value that the function receives: one, a sequence, or a bag as one."""
    if isinstance(lookup, BagLookup):
        weights = np.ones(len(members)) if weights is None else weights
        return np.tensordot(reference.shares(lookup.combine, weights), members, 1)
    return members if lookup.is_list else members[0]


def weights_of(fitted: Trained, known: Examples, k: int) -> dict[str, np.ndarray]:
    """The weights that example k gives the rows of each bag that has weights."""
    found = {}
    for i in fitted.program.inputs_of(BagLookup):
        rows = known.rows[i.column]
        if i.weights and isinstance(rows, Ragged):
            found[i.value.name] = rows.weights[i.weights][rows.starts[k] : rows.starts[k + 1]]
    return found


def divisor(lookup: BagLookup, ids: str, weights: str | None) -> str:
    """What the sum of a bag's rows is divided by, for areas of its ids, where empty ones do not count, and weights."""
    there = f'({ids}<>"")*1'
    if weights is None:
        n = f"SUMPRODUCT({there})"
        return {"sum": "", "mean": f"/MAX(1,{n})", "sqrtn": f"/SQRT(MAX(1,{n}))"}[lookup.combine]
    total = {"mean": f"SUMPRODUCT({there},{weights})", "sqrtn": f"SQRT(SUMPRODUCT({there},{weights},{weights}))"}
    n = total.get(lookup.combine)
    return f"/IF({n}>0,{n},1)" if n else ""
