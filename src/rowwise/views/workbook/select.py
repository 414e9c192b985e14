"""A fitted model and its data in; the ids and the examples that a workbook shows out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.examples import Examples, Rows
from rowwise.data.ids import Id
from rowwise.data.ragged import Ragged
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadOption
from rowwise.program.inputs import ExampleValue, SampledLookup
from rowwise.trained.trained import Trained
from rowwise.views.workbook.shown import Example, Shown, two_keys, vocabulary_of, weights_of
from rowwise.views.workbook.texts import choose_texts, frequent_rows, text_columns


def select(
    fitted: Trained,
    data: object,
    titles: object,
    *,
    users: int | Sequence[Id],
    items: int | Sequence[Id],
    examples: int,
    texts: int,
    length: int | None,
) -> Shown:
    """The most active users, the most rated items, and the first examples among them; of texts, short ones."""
    of_texts = bool(text_columns(fitted))
    known = None if of_texts or data is None else _examples(fitted, data)
    pair = two_keys(fitted)
    user_rows: list[int] = []
    item_rows: list[int] = []
    ratings = np.empty((0, 0))
    if pair:
        user_rows, item_rows = (_rows(fitted, known, c, w) for c, w in zip(pair, (users, items), strict=True))
        ratings = _grid(known, pair, user_rows, item_rows)
    if of_texts:
        chosen = choose_texts(fitted, data, texts, length)
    else:
        chosen = _chosen(fitted, known, pair, user_rows, item_rows, examples)
    shown: dict[str, set[int]] = {name: {0} for name in fitted.vocabularies}
    vocabularies = {i.value.name: vocabulary_of(fitted, i) for i in fitted.program.lookups}
    for example in chosen:
        for name, rows in example.rows.items():
            shown[vocabularies[name]] |= set(map(int, rows))
    if pair:
        for column, rows in zip(pair, (user_rows, item_rows), strict=True):
            shown[fitted.column_vocabulary[column]] |= set(rows)
    return Shown(
        users=user_rows,
        items=item_rows,
        ratings=ratings,
        examples=chosen,
        rows={name: _in_order(fitted, name, rows) for name, rows in shown.items()},
        titles=_titles(fitted, titles),
    )


def _in_order(fitted: Trained, name: str, rows: set[int]) -> list[int]:
    """The rows of a vocabulary as its sheet lists them."""
    vocabulary = fitted.vocabularies[name]
    if not isinstance(vocabulary, WordVocabulary):
        return sorted(rows)
    sizes = {str(i.table): i.value.shape[-1] if i.value.shape else 1 for i in fitted.program.lookups}
    return frequent_rows(vocabulary, sum(sizes.values()), rows)


def _examples(fitted: Trained, data: object) -> Examples:
    return fitted.reader.transform(data, "if there")[0]


def _rows(fitted: Trained, known: Examples | None, column: str, wanted: int | Sequence[Id]) -> list[int]:
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
    fitted: Trained, known: Examples | None, pair: tuple[str, str] | None, users: list[int], items: list[int], n: int
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
        ranks = np.stack(
            [_ranks(np.asarray(known.rows[column]), rows) for column, rows in zip(pair, (users, items), strict=True)]
        )
        order = np.argsort(ranks.max(axis=0), kind="stable")
        index = order[: np.isfinite(ranks.max(axis=0)).sum()]
    random = np.random.default_rng(0)
    found = []
    for k in index[:n]:
        drawn = {i.column: _drawn(fitted, i, random) for i in fitted.program.inputs_of(SampledLookup)}
        rows = {
            i.value.name: drawn[i.column] if i.is_drawn else _looked_up(known.rows[i.column], int(k)) for i in lookups
        }
        values = {i.value.name: known.values[i.column][k] for i in fitted.program.inputs_of(ExampleValue)}
        target = None if known.target is None else float(known.target[k])
        found.append(Example(rows, values, target, weights=weights_of(fitted, known, int(k))))
    return found


def _ranks(rows: np.ndarray, chosen: list[int]) -> np.ndarray:
    """The place of each row among the chosen ones; infinity where it is none of them."""
    place = np.full(max([0, *chosen, int(np.max(rows, initial=0))]) + 1, np.inf)
    place[chosen] = np.arange(len(chosen))
    return place[rows]


def _drawn(fitted: Trained, i: SampledLookup, random: np.random.Generator) -> np.ndarray:
    n_rows = len(fitted.parameters.tables[i.table])
    return random.integers(min(1, n_rows - 1), n_rows, i.count)


def _looked_up(rows: Rows, k: int) -> np.ndarray:
    return rows.rows[rows.starts[k] : rows.starts[k + 1]] if isinstance(rows, Ragged) else np.atleast_1d(rows[k])


def _titles(fitted: Trained, titles: Any) -> dict[str, dict[str, str]]:
    """Titles by vocabulary and id, from a frame with a column of ids and a column `title`."""
    if titles is None:
        return {}
    frame = titles if isinstance(titles, pl.DataFrame) else pl.DataFrame(titles)
    column = next((c for c in frame.columns if c in fitted.column_vocabulary), None)
    if column is None or "title" not in frame.columns:
        raise BadOption(
            f"the titles have the columns {', '.join(frame.columns)}",
            expected=f"one of {', '.join(fitted.column_vocabulary)}, and title",
            mend="rename two of them: the ids as the model's column, their names as title",
        )
    pairs = zip(frame[column].to_list(), frame["title"].to_list(), strict=True)
    return {fitted.column_vocabulary[column]: {str(id): str(title) for id, title in pairs}}
