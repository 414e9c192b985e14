"""A fitted model and its data in; what a workbook shows of them out: some ids, some examples, their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.examples import Examples, Ragged, encode, read_examples
from rowwise.data.vocabulary import Id, Vocabulary
from rowwise.errors import BadOption
from rowwise.program.program import Input

Rows = Mapping[str, np.ndarray]  # by input: the rows of its table that an example looks up


@dataclass(frozen=True, slots=True)
class Example:
    """One line of data, as rows of tables and numbers."""

    rows: Rows
    values: Mapping[str, Any]  # by input
    target: float | None


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


def select(fitted: Any, data: Any, titles: Any, *, users: Any, items: Any, examples: int) -> Shown:
    """The most active users, the most rated items, and the first examples among them."""
    known = _examples(fitted, data) if data is not None else None
    pair = two_keys(fitted)
    user_rows: list[int] = []
    item_rows: list[int] = []
    ratings = np.empty((0, 0))
    if pair:
        user_rows, item_rows = (_rows(fitted, known, c, w) for c, w in zip(pair, (users, items), strict=True))
        ratings = _grid(known, pair, user_rows, item_rows)
    chosen = _chosen(fitted, known, pair, user_rows, item_rows, examples)
    shown: dict[str, set[int]] = {name: {0} for name in fitted.vocabularies}
    for example in chosen:
        for name, rows in example.rows.items():
            shown[vocabulary_of(fitted, fitted.program.input(name))] |= set(map(int, rows))
    if pair:
        for column, rows in zip(pair, (user_rows, item_rows), strict=True):
            shown[fitted.column_vocabulary[column]] |= set(rows)
    return Shown(
        users=user_rows,
        items=item_rows,
        ratings=ratings,
        examples=chosen,
        rows={name: sorted(rows) for name, rows in shown.items()},
        titles=_titles(fitted, titles),
    )


def vocabulary_of(fitted: Any, lookup: Input) -> str:
    return fitted.column_vocabulary[lookup.column]


def two_keys(fitted: Any) -> tuple[str, str] | None:
    """The columns of user and item, where one row of each is all that one predicted number reads of an example."""
    prediction = fitted.program.prediction
    read = fitted.program.reads([prediction]) if prediction is not None and not prediction.shape else ()
    columns = list(dict.fromkeys(i.column for i in read if i.is_lookup))
    plain = all(i.kind in ("row", "mean", "weight", "constant", "dropout") for i in read)
    return (columns[0], columns[1]) if plain and len(columns) == 2 else None


def label(vocabulary: Vocabulary, row: int) -> Id:
    """The id of a row as a sheet shows it."""
    return "unknown" if row < vocabulary.first else vocabulary.ids[row]


def inputs_of(fitted: Any, example: Example, looked_up: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The numbers that a program reads for one example besides what it looked up, in float64, and `looked_up`."""
    found: dict[str, np.ndarray] = {}
    for i in fitted.program.inputs:
        name = i.value.name
        match i.kind:
            case "weight":
                found[name] = fitted.parameters.tables[name].astype(np.float64)
            case "mean":
                found[name] = np.asarray(float(fitted.means[name]))
            case "dropout":
                found[name] = np.ones(i.value.shape)
            case "constant":
                found[name] = np.asarray(i.constant, np.float64)
            case "value":
                found[name] = np.asarray(example.values[name], np.float64)
            case "target":
                found[name] = np.asarray(0.0 if example.target is None else example.target)
    return found | dict(looked_up)


def look_up(fitted: Any, example: Example) -> dict[str, np.ndarray]:
    """The rows that an example looks up in the fitted tables, in float64."""
    tables = fitted.parameters.tables
    return {
        i.value.name: combined(i, tables[i.table][example.rows[i.value.name]].astype(np.float64))
        for i in fitted.program.lookups
    }


def combined(lookup: Input, members: np.ndarray) -> np.ndarray:
    """Looked-up rows as the value that the function receives: one, a sequence, or a bag as one."""
    if lookup.kind == "rows":
        return members
    if lookup.kind == "bag":
        n = max(1, len(members))
        return members.sum(axis=0) / {"mean": n, "sum": 1, "sqrtn": np.sqrt(n)}[str(lookup.combine)]
    return members[0]


def _examples(fitted: Any, data: Any) -> Examples:
    frame, report = read_examples(data, fitted.layout, learn=False)
    return encode(frame, report, fitted.layout, fitted.vocabularies)[0]


def _rows(fitted: Any, known: Examples | None, column: str, wanted: int | Sequence[Id]) -> list[int]:
    """The rows of the `wanted` ids, or of so many: those with most examples first."""
    vocabulary = fitted.vocabularies[fitted.column_vocabulary[column]]
    if not isinstance(wanted, int):
        return [vocabulary.row(id) for id in wanted]
    if wanted < 1:
        raise BadOption(f"{wanted} ids of {column}", expected="1 or more", mend="leave the option out for 15")
    if known is None:
        return list(range(1, min(wanted, len(vocabulary) - 1) + 1))
    counts = np.bincount(np.asarray(known.rows[column]), minlength=len(vocabulary))
    counts[0] = 0
    best = np.argsort(-counts, kind="stable")[:wanted]
    return [int(row) for row in best if counts[row]]


def _grid(known: Examples | None, pair: tuple[str, str], users: list[int], items: list[int]) -> np.ndarray:
    ratings = np.full((len(users), len(items)), np.nan)
    if known is not None and known.target is not None:
        user_of = {row: k for k, row in enumerate(users)}
        item_of = {row: k for k, row in enumerate(items)}
        mine = np.isin(known.rows[pair[0]], users) & np.isin(known.rows[pair[1]], items)  # type: ignore[arg-type]
        part = known.take(np.flatnonzero(mine))
        for user, item, rating in zip(part.rows[pair[0]], part.rows[pair[1]], part.target, strict=True):  # type: ignore[arg-type]
            ratings[user_of[int(user)], item_of[int(item)]] = rating
    return ratings


def _chosen(
    fitted: Any, known: Examples | None, pair: tuple[str, str] | None, users: list[int], items: list[int], n: int
) -> list[Example]:
    lookups = fitted.program.lookups
    if known is None:
        if pair is None:
            return []
        rows_of = {pair[0]: users, pair[1]: items}
        pairs = [(u, v) for u in rows_of[pair[0]] for v in rows_of[pair[1]]][:n]
        return [
            Example({i.value.name: np.array([u if i.column == pair[0] else v]) for i in lookups}, {}, None)
            for u, v in pairs
        ]
    index = np.arange(known.n)
    if pair:  # those in the corner of the grid first
        ranks = np.stack([_ranks(known.rows[column], rows) for column, rows in zip(pair, (users, items), strict=True)])
        order = np.argsort(ranks.max(axis=0), kind="stable")
        index = order[: np.isfinite(ranks.max(axis=0)).sum()]
    random = np.random.default_rng(0)
    found = []
    for k in index[:n]:
        drawn = {name: random.integers(min(1, len(v) - 1), len(v), 1) for name, v in fitted.vocabularies.items()}
        rows = {i.value.name: _looked_up(fitted, known, i, int(k), drawn) for i in lookups}
        values = {i.value.name: known.values[str(i.column)][k] for i in fitted.program.inputs if i.kind == "value"}
        found.append(Example(rows, values, None if known.target is None else float(known.target[k])))
    return found


def _ranks(rows: Any, chosen: list[int]) -> np.ndarray:
    """The place of each row among the chosen ones; infinity where it is none of them."""
    place = np.full(max([0, *chosen, int(np.max(rows, initial=0))]) + 1, np.inf)
    place[chosen] = np.arange(len(chosen))
    return place[rows]


def _looked_up(fitted: Any, known: Examples, lookup: Input, k: int, drawn: Mapping[str, np.ndarray]) -> np.ndarray:
    if lookup.kind == "sampled":
        return drawn[vocabulary_of(fitted, lookup)]
    rows = known.rows[str(lookup.column)]
    return rows.rows[rows.starts[k] : rows.starts[k + 1]] if isinstance(rows, Ragged) else np.atleast_1d(rows[k])


def _titles(fitted: Any, titles: Any) -> dict[str, dict[str, str]]:
    """Titles by vocabulary and id, from a frame with a column of ids and a column `title`."""
    if titles is None:
        return {}
    frame = titles if isinstance(titles, pl.DataFrame) else pl.DataFrame(titles)
    column = next((c for c in frame.columns if c in fitted.column_vocabulary), None)
    if column is None or "title" not in frame.columns:
        raise BadOption(
            f"the titles have the columns {', '.join(frame.columns)}",
            expected=f"one of {', '.join(fitted.column_vocabulary)}, and title",
            mend="rename the columns",
        )
    pairs = zip(frame[column].to_list(), frame["title"].to_list(), strict=True)
    return {fitted.column_vocabulary[column]: {str(id): str(title) for id, title in pairs}}
