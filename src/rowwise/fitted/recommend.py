"""A user in, the best items out; an id in, its nearest neighbours out. Memory stays bounded for a million items."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from rowwise.data.examples import Examples
from rowwise.data.ids import Id
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadOption

if TYPE_CHECKING:
    from rowwise.fitted.fitted import Fitted

CHUNK = 1 << 18  # pairs scored at a time: a few megabytes whatever the number of items


def recommend(fitted: "Fitted", users: Sequence[Id], n: int, values: Mapping[str, float]) -> pl.DataFrame:
    """See `Fitted.recommend`."""
    user_column, item_column = fitted.two_keys
    if n < 1:
        raise BadOption(f"n={n}", expected="1 item or more", mend="n=10 is usual")
    if fitted.program.prediction is not None and fitted.program.prediction.shape:
        raise BadOption(
            f"{fitted.name} predicts {fitted.program.prediction.shape} numbers for each pair",
            expected="a model of one number, to put the items in order by",
            mend="use predict",
        )
    _check_values(fitted, values)
    items = fitted.vocabularies[fitted.column_vocabulary[item_column]]
    rows = fitted.vocabularies[fitted.column_vocabulary[user_column]].rows(users)
    found = [_best(fitted, int(row), n, values) for row in rows]
    item_rows = np.concatenate([best for best, _ in found]) if found else np.zeros(0, np.int64)
    counts = [len(best) for best, _ in found]
    return pl.DataFrame(
        {
            user_column: pl.Series([user for user, count in zip(users, counts, strict=True) for _ in range(count)]),
            item_column: items.ids.gather(item_rows.tolist()),
            "prediction": np.concatenate([scores for _, scores in found]) if found else np.zeros(0, np.float32),
        }
    )


def similar(fitted: "Fitted", id: Id, n: int, *, column: str | None, table: str | None) -> pl.DataFrame:
    """See `Fitted.similar`."""
    if n < 1:
        raise BadOption(f"n={n}", expected="1 neighbour or more", mend="n=10 is usual")
    column, table = _column_and_table(fitted, column, table)
    vocabulary = fitted.vocabularies[fitted.column_vocabulary[column]]
    rows = fitted.parameters.tables[table]
    row = vocabulary.row(id)
    lengths = np.linalg.norm(rows, axis=1)
    cosine = (rows @ rows[row]) / np.maximum(lengths * lengths[row], 1e-12)
    cosine[: vocabulary.first] = cosine[row] = -np.inf  # the unknown row is nobody's neighbour
    if isinstance(vocabulary, WordVocabulary):
        cosine[vocabulary.rare] = -np.inf
    best = _top(cosine, min(n, int(np.isfinite(cosine).sum())))
    return pl.DataFrame({column: vocabulary.ids.gather(best.tolist()), "cosine": cosine[best]})


def _best(fitted: "Fitted", user: int, n: int, values: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """The rows of the best items for one user and their predictions, best first."""
    best, scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
    for rows in _unseen(fitted, user):
        predictions = fitted._answer(_pairs(fitted, user, rows, values))
        top = _top(predictions, min(n, len(rows)))
        best, scores = np.concatenate([best, rows[top]]), np.concatenate([scores, predictions[top]])
        kept = _top(scores, min(n, len(scores)))
        best, scores = best[kept], scores[kept]
    return best, scores


def _unseen(fitted: "Fitted", user: int) -> Iterator[np.ndarray]:
    """The rows of the items that the user has not seen, a chunk at a time."""
    users, items = (fitted.vocabularies[fitted.column_vocabulary[column]] for column in fitted.two_keys)
    n_rows = len(items)
    seen = np.zeros(n_rows, bool)
    if fitted.seen is not None and user >= users.first:
        seen[fitted.seen.rows[fitted.seen.starts[user] : fitted.seen.starts[user + 1]]] = True
    for begin in range(items.first, n_rows, CHUNK):
        rows = np.arange(begin, min(begin + CHUNK, n_rows))
        rows = rows[~seen[rows]]
        if len(rows):
            yield rows


def _pairs(fitted: "Fitted", user: int, items: np.ndarray, values: Mapping[str, float]) -> Examples:
    user_column, item_column = fitted.two_keys
    n = len(items)
    rows = {user_column: np.full(n, user, np.int32), item_column: items.astype(np.int32)}
    numbers = {c: np.full(n, value, np.float32) for c, value in values.items()}
    weight = fitted.layout.weight
    return Examples(n, rows, numbers if weight is None else {weight: np.ones(n, np.float32)} | numbers, None)


def _top(scores: np.ndarray, n: int) -> np.ndarray:
    """The places of the `n` highest scores, highest first, the earlier first where two are equal."""
    if n <= 0:
        return np.zeros(0, np.int64)
    if n < len(scores):
        least = np.partition(scores, len(scores) - n)[len(scores) - n]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    return places[np.argsort(-scores[places], kind="stable")][:n]


def _check_values(fitted: "Fitted", values: Mapping[str, float]) -> None:
    needed = {*fitted.layout.values, *(c for c in fitted.layout.ids if c not in fitted.two_keys)}
    missing = sorted(needed - set(values))
    if missing:
        raise BadOption(
            f"{fitted.name} also reads {', '.join(missing)}",
            expected="a number for each, the same for all items",
            mend=f"recommend(user, values={{{missing[0]!r}: …}}), or predict on pairs of your own",
        )


def _column_and_table(fitted: "Fitted", column: str | None, table: str | None) -> tuple[str, str]:
    """Whose neighbours: by default the last column of ids that has a table of several numbers a row."""
    wide = [i for i in fitted.program.lookups if len(i.value.shape) > (i.kind == "rows") and i.kind != "sampled"]
    fits = [i for i in wide if column in (None, i.column) and table in (None, i.table)]
    if not fits:
        there = ", ".join(dict.fromkeys(f"{i.table} by {i.column}" for i in wide)) or "none"
        raise BadOption(
            f"{fitted.name} has no table of rows for column={column!r}, table={table!r}",
            expected=f"one of its tables of several numbers a row: {there}",
            mend="name one of them",
        )
    return str(fits[-1].column), str(fits[-1].table)
