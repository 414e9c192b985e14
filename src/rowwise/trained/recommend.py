"""A user in, the best items out; an id in, its nearest neighbours out. Memory stays bounded for a million items."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.examples import Examples
from rowwise.data.layout import Layout
from rowwise.data.named import cells
from rowwise.data.ragged import Ragged
from rowwise.data.reader import Reader
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadOption, warn_of_unknown
from rowwise.narrow import is_array, is_list
from rowwise.options import mapping, one_of, text, whole
from rowwise.program.passes.ordering import ordering
from rowwise.program.program import Program
from rowwise.trained.answer import answer
from rowwise.trained.asked import asked_id, asked_ids, unknown_ids
from rowwise.trained.lists import Lists
from rowwise.trained.predict import predictions
from rowwise.trained.trained import Trained

SEEN = ("drop", "keep")
PART = 1 << 14  # rows made float64 at a time
CHUNK = 1 << 18  # pairs scored at a time: a few megabytes whatever the number of items


def recommend(trained: Trained, users: object, n: int, *, seen: str, values: Mapping[str, Any]) -> pl.DataFrame:
    """The `n` items with the highest predictions for each user; a warning says which users training never saw.

    See `rowwise.api.fitted.Fitted.recommend`.
    """
    answered, strange = recommended(trained, users, n, seen=seen, values=values)
    if strange:
        warn_of_unknown(strange)
    return answered


def recommended(
    trained: Trained, users: object, n: int, *, seen: str, values: Mapping[str, Any]
) -> tuple[pl.DataFrame, str]:
    """The same, and which users training never saw, in words; "" where it saw all."""
    n = whole("n", n, least=1, mend="n=10 is usual")
    user_column, item_column = trained.two_keys
    if trained.program.prediction is not None and trained.program.prediction.shape:
        raise BadOption(
            f"{trained.name} predicts {trained.program.prediction.shape} numbers for each pair",
            expected="a model of one number, to put the items in order by",
            mend="use predict",
        )
    if one_of("seen", seen, SEEN) == "drop" and trained.seen is None:
        raise BadOption(
            f"{trained.name} does not remember who has seen what",
            expected="a model that does, to leave out what a user has seen",
            mend="seen='keep' leaves nothing out",
        )
    besides = _besides(trained, values)
    vocabularies = [trained.vocabularies[trained.column_vocabulary[c]] for c in (user_column, item_column)]
    ids = asked_ids(users, user_column, vocabularies[0])
    rows = vocabularies[0].rows(ids)
    order = ordering(trained.program)
    dropped = trained.seen if seen == "drop" else None
    found = [_best(trained, order, int(row), n, besides, dropped) for row in rows]
    item_rows = np.concatenate([np.zeros(0, np.int64), *(best for best, _ in found)])
    repeated = np.repeat(np.arange(len(ids)), [len(best) for best, _ in found])
    answered = pl.DataFrame(
        {
            user_column: cells(ids).gather(repeated.tolist()),
            item_column: vocabularies[1].ids.gather(item_rows.tolist()),
            free_name("prediction", (user_column, item_column)): np.concatenate(
                [np.zeros(0, np.float32), *(scores for _, scores in found)]
            ),
        }
    )
    return answered, unknown_ids(ids, rows, vocabularies[0])


def best_lists(trained: Trained, users: np.ndarray, n: int, *, without: Ragged) -> Lists:
    """The `n` best items for each row of a user, as rows; `without` are rows of items by row of user."""
    order, nothing = ordering(trained.program), Examples(1, {}, {}, None)
    items = np.full((len(users), n), -1)
    for line, user in zip(items, users, strict=True):
        best, _ = _best(trained, order, int(user), n, nothing, without)
        line[: len(best)] = best
    return Lists(users, items)


def similar(trained: Trained, id: object, n: int, *, column: str | None, table: str | None) -> pl.DataFrame:
    """The `n` ids whose rows point most nearly the same way. See `rowwise.api.fitted.Fitted.similar`."""
    n = whole("n", n, least=1, mend="n=10 is usual")
    for name, value in (("column", column), ("table", table)):
        if value is not None:
            text(name, value, mend="leave it out for the default")
    column, table = _column_and_table(trained, column, table)
    vocabulary = trained.vocabularies[trained.column_vocabulary[column]]
    rows = trained.parameters.tables[table]
    row = vocabulary.row(asked_id(id, column, vocabulary))
    cosine = _cosines(rows.reshape(len(rows), -1), row)
    cosine[: vocabulary.first] = cosine[row] = -np.inf  # the unknown row is nobody's neighbour
    if isinstance(vocabulary, WordVocabulary):
        cosine[vocabulary.rare] = -np.inf
    best = _top(cosine, min(n, int(np.isfinite(cosine).sum())))
    ids = vocabulary.ids.gather(best.tolist())
    return pl.DataFrame({column: ids, free_name("cosine", [column]): cosine[best]})


def free_name(name: str, taken: Collection[str]) -> str:
    """Our name of a column of an answer; with a _ at its end where a column of the user's is called so."""
    while name in taken:
        name += "_"
    return name


def _cosines(rows: np.ndarray, row: int) -> np.ndarray:
    """The cosine of each row with one of them, (rows,): 0 where a row is all zeros, -inf where one is not finite.

    In float64, which holds the square of every number of float32; a part of the rows at a time.
    """
    mine = rows[row].astype(np.float64)
    cosine = np.zeros(len(rows), np.float32)
    for begin in range(0, len(rows), PART):
        part = rows[begin : begin + PART].astype(np.float64)
        with np.errstate(invalid="ignore"):  # infinities: no direction
            lengths = np.sqrt(np.einsum("ij,ij->i", part, part) * (mine @ mine))
            found = np.divide(part @ mine, lengths, out=np.zeros(len(part)), where=lengths != 0)
        cosine[begin : begin + PART] = np.where(np.isfinite(lengths), found, -np.inf)
    return cosine


def _best(
    trained: Trained, order: Program, user: int, n: int, besides: Examples, dropped: Ragged | None
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of the best items for one user and their predictions, best first by the score that `order` gives."""
    best, scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
    for rows in _candidates(trained, user, dropped):
        pairs = _pairs(trained, user, rows, besides)
        found = answer(order, trained.parameters.tables, pairs, means=trained.means, histories=trained.seen)
        top = _top(found, min(n, len(rows)))
        best, scores = np.concatenate([best, rows[top]]), np.concatenate([scores, found[top]])
        kept = _top(scores, min(n, len(scores)))
        best, scores = best[kept], scores[kept]
    return best, predictions(trained, _pairs(trained, user, best, besides)) if len(best) else scores


def _candidates(trained: Trained, user: int, dropped_by_user: Ragged | None) -> Iterator[np.ndarray]:
    """The rows of the items, without those that are to be dropped for the user, a chunk at a time."""
    users, items = (trained.vocabularies[trained.column_vocabulary[column]] for column in trained.two_keys)
    n_rows = len(items)
    dropped = np.zeros(n_rows, bool)
    if dropped_by_user is not None and user >= users.first:
        dropped[dropped_by_user[user]] = True
    for begin in range(items.first, n_rows, CHUNK):
        rows = np.arange(begin, min(begin + CHUNK, n_rows))
        rows = rows[~dropped[rows]]
        if len(rows):
            yield rows


def _pairs(trained: Trained, user: int, items: np.ndarray, besides: Examples) -> Examples:
    user_column, item_column = trained.two_keys
    n = len(items)
    repeated = besides.take(np.zeros(n, np.int64))
    rows = {user_column: np.full(n, user, np.int32), item_column: items.astype(np.int32)}
    weight = {} if trained.layout.weight is None else {trained.layout.weight: np.ones(n, np.float32)}
    return Examples(n, {**rows, **repeated.rows}, {**weight, **repeated.values}, None)


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


def _besides(trained: Trained, values: Mapping[str, Any]) -> Examples:
    """What the model reads besides user and item, as one example: numbers, ids, lists of ids, texts.

    Raises:
        BadOption: something is not given, or given and not read.
        BadData: what is given is not what its column holds.
    """
    layout = trained.layout
    others = {name: column for name, column in layout.ids.items() if name not in trained.two_keys}
    reduced = replace(layout, ids=others, target=None, weight=None)
    values = mapping("values", values, expected="a value for each column by name", mend="values={'hour': 12}")
    if strange := [name for name in values if name not in reduced.read]:
        near = get_close_matches(strange[0], reduced.read, n=1)
        raise BadOption(
            f"{trained.name} does not read {strange[0]!r}",
            expected=f"values of {', '.join(reduced.read)}" if reduced.read else "a user, and nothing besides",
            mend=f"did you mean {near[0]!r}?" if near else "leave it out",
        )
    missing = [name for name in reduced.read if name not in values]
    if missing:
        each = ", ".join(f"{name!r}: {_kind_of(reduced, name)}" for name in missing)
        raise BadOption(
            f"{trained.name} also reads {', '.join(missing)}",
            expected="a value for each, the same for all items",
            mend=f"recommend(users, values={{{each}}}) with values of yours",
        )
    if not reduced.read:
        return Examples(1, {}, {}, None)
    given = {name: [_listed(values[name])] for name in reduced.read}
    return Reader(reduced, trained.vocabularies).transform(given)[0]


def _listed(value: object) -> object:
    return value.tolist() if is_array(value) else list(value) if is_list(value) else value


def _kind_of(layout: Layout, name: str) -> str:
    """A value of a column as an error's mend shows it."""
    if name in layout.values:
        size = layout.values[name]
        return "1.0" if size is None else str([1.0] * size)
    column = layout.ids.get(name)
    if column is None:
        return "[1.0]"  # what the ids of a bag count for
    return "'a text'" if column.text is not None else "[1]" if column.is_list else "1"


def _column_and_table(trained: Trained, column: str | None, table: str | None) -> tuple[str, str]:
    """Whose neighbours: by default the item's, or in a model without user and item those of its last column."""
    wide = [i for i in trained.program.lookups if i.row_shape and not i.is_drawn]
    if column is None and table is None and len(trained.keys) > 1:
        column = trained.keys[1]
    fits = [i for i in wide if column in (None, i.column) and table in (None, i.table)]
    if fits:
        return str(fits[0 if column else -1].column), str(fits[0 if column else -1].table)
    asked = " and ".join(f"{name} {value!r}" for name, value in (("column", column), ("table", table)) if value)
    if not wide:
        raise BadOption(
            f"{trained.name} has no table of several numbers a row",
            expected="rows of several numbers, to compare their directions",
            mend="fit a model that has one, such as matrix_factorization",
        )
    likely = next((i for i in wide if i.column == column), None)
    raise BadOption(
        f"{trained.name} has no table of several numbers a row for {asked}",
        expected=f"one of {', '.join(dict.fromkeys(f'{i.table!r} by {i.column!r}' for i in wide))}",
        mend=f"table={likely.table!r}" if likely else f"column={wide[-1].column!r}, table={wide[-1].table!r}",
    )
