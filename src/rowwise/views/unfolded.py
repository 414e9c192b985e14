"""A model that reads histories and some pairs in, the same as a model of bags out, as a person can look at it.

What a bag lists are pairs, such as "50 → 181": what having 50 says of 181. Only those that these examples read have a
row, so that nobody has to look for a number among millions.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.ragged import Ragged
from rowwise.data.vocabulary import Vocabulary
from rowwise.program.inputs import HistoryLookup
from rowwise.program.parameters import Parameters
from rowwise.program.passes.histories import bag_of, numbers_of, reading_bags
from rowwise.trained.asked import asked_id
from rowwise.trained.trained import Trained
from rowwise.views.arguments import check_columns

FEW = 100  # items of a history that are looked at together with ease


def of_example(trained: Trained, example: Mapping[str, Any]) -> tuple[Trained, Mapping[str, Any]]:
    """The model and one example, with what its user has; as they are where it reads no histories."""
    if not trained.program.inputs_of(HistoryLookup):
        return trained, example
    check_columns(trained.program, example)
    rows = {}
    for column in trained.two_keys:
        vocabulary = trained.vocabularies[trained.column_vocabulary[column]]
        rows[column] = vocabulary.rows([asked_id(example[column], column, vocabulary)])
    made, listed = _with_lists(trained, rows)
    return made, {**example, **{name: lists[0].to_list() for name, lists in listed.items()}}


def of_data(trained: Trained, data: object, n: int) -> tuple[Trained, object]:
    """The model and the first `n` examples of data, short histories first; without data one example of each user."""
    if not trained.program.inputs_of(HistoryLookup):
        return trained, data
    user, item = trained.two_keys
    assert trained.seen is not None  # what it reads
    if data is None:
        users = np.flatnonzero(trained.seen.lengths)
        rows = {user: users, item: trained.seen.rows[trained.seen.starts[users]]}
    else:
        rows = {name: np.asarray(of) for name, of in trained.reader.transform(data)[0].rows.items()}
    chosen = np.argsort(trained.seen.lengths[rows[user]] > FEW, kind="stable")[:n]
    rows = {name: of[chosen] for name, of in rows.items()}
    made, listed = _with_lists(trained, rows)
    ids = {name: _ids(trained, name).gather(of.tolist()).alias(name) for name, of in rows.items()}
    return made, pl.DataFrame({**ids, **listed})


def _with_lists(trained: Trained, rows: Mapping[str, np.ndarray]) -> tuple[Trained, dict[str, pl.Series]]:
    """The model of bags, and the lists of ids and of weights that its bags read of these pairs."""
    tables, vocabularies = dict(trained.parameters.tables), dict(trained.vocabularies)
    columns, listed = dict(trained.column_vocabulary), dict[str, pl.Series]()
    for i in trained.program.inputs_of(HistoryLookup):
        assert trained.seen is not None  # what it reads
        bag = bag_of(i)
        numbers = _first_what_says_most(numbers_of(i, trained.seen, rows[i.of], rows[i.column]), tables[i.table])
        read, lines = np.unique(numbers.rows, return_inverse=True)
        ids = _names(_ids(trained, i.column), read // i.width, read % i.width)
        tables[i.table] = np.concatenate([np.zeros(1, np.float32), tables[i.table].reshape(-1)[read]])
        vocabularies[bag.column] = Vocabulary(bag.column, ids)
        columns[bag.column] = bag.column
        listed[bag.column] = _lists(ids.gather(lines.tolist()), numbers)
        worth = pl.Series(numbers.weights[str(bag.weights)]).cast(pl.Float64).round(6)  # as one reads them
        listed[str(bag.weights)] = _lists(worth, numbers)
    parameters = Parameters(tables, trained.parameters.states)
    made = replace(
        trained,
        program=reading_bags(trained.program),
        parameters=parameters,
        vocabularies=vocabularies,
        column_vocabulary=columns,
        seen=None,
    )
    return made, listed


def _first_what_says_most(lists: Ragged, table: np.ndarray) -> Ragged:
    """Each list in the order of what its numbers add, the greatest first."""
    (name, worth), *_ = lists.weights.items()
    order = np.lexsort((-(worth * table.reshape(-1)[lists.rows]), lists.owners))
    return Ragged(lists.starts, lists.rows[order], {name: worth[order]})


def _ids(trained: Trained, column: str) -> pl.Series:
    return trained.vocabularies[trained.column_vocabulary[column]].ids


def _names(ids: pl.Series, having: np.ndarray, of: np.ndarray) -> pl.Series:
    """`50 → 181`; ids that hold an arrow themselves are quoted, so that no two pairs have one name."""
    text = ids.cast(pl.String).fill_null("unknown").to_list()
    if any("→" in id for id in text):
        text = [json.dumps(id, ensure_ascii=False) for id in text]
    return pl.Series([f"{text[j]} → {text[k]}" for j, k in zip(having, of, strict=True)], dtype=pl.String)


def _lists(flat: pl.Series, of: Ragged) -> pl.Series:
    """One list for each list of `of`."""
    cuts = zip(of.starts[:-1].tolist(), of.starts[1:].tolist(), strict=True)
    return pl.Series([flat[begin:end] for begin, end in cuts], dtype=pl.List(flat.dtype))
