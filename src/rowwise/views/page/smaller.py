"""A trained model in, one that a page can hold out: of a vocabulary with too many rows the most frequent stay.

What the others stood for is answered from the row of what is unknown, as it is for whatever training never saw.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import isqrt

import numpy as np

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged, counted, starts_of
from rowwise.data.row_numbers import RowNumbers
from rowwise.data.source import Opened
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.program.inputs import HistoryLookup
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.trained.trained import Trained

MOST_ROWS = 100_000
MOST_BYTES = 50_000_000  # of the tables of a vocabulary


def smaller(trained: Trained, data: Opened | None) -> tuple[Trained, dict[str, tuple[int, int]]]:
    """The model of the rows that stay, and how many of how many, by vocabulary; the model itself where all do."""
    keeps = {name: keep for name in trained.vocabularies if (keep := _kept(trained, name, data)) is not None}
    if not keeps:
        return trained, {}
    of_table = {i.table: trained.column_vocabulary[i.column] for i in trained.program.lookups}
    by_both = {i.table for i in trained.program.inputs_of(HistoryLookup)}  # a place of a row is a row, too

    def taken(name: str, array: np.ndarray) -> np.ndarray:
        keep = keeps.get(of_table.get(name, ""))
        return array if keep is None else array[np.ix_(keep, keep) if name in by_both else keep]

    old = trained.parameters
    tables = {name: taken(name, table) for name, table in old.tables.items()}
    states = {name: tuple(taken(name, state) for state in of) for name, of in old.states.items()}
    made = replace(
        trained,
        program=_of_widths(trained.program, tables),
        parameters=Parameters(tables, states),
        vocabularies={n: _cut(v, keeps[n]) if n in keeps else v for n, v in trained.vocabularies.items()},
        seen=_seen(trained, keeps),
    )
    return made, {name: (len(keep), len(trained.vocabularies[name])) for name, keep in keeps.items()}


def _of_widths(program: Program, tables: Mapping[str, np.ndarray]) -> Program:
    """The program of rows with as many places as there are."""
    inputs = (replace(i, width=len(tables[i.table])) if isinstance(i, HistoryLookup) else i for i in program.inputs)
    return replace(program, inputs=tuple(inputs))


def _kept(trained: Trained, name: str, data: Opened | None) -> np.ndarray | None:
    """The rows of a vocabulary that stay, in order; None where all do."""
    vocabulary = trained.vocabularies[name]
    tables = {i.table for i in trained.program.lookups if trained.column_vocabulary[i.column] == name}
    width = sum(trained.parameters.tables[table][0].nbytes for table in tables) or 1
    n = min(MOST_ROWS, MOST_BYTES // width)
    if any(i.table in tables for i in trained.program.inputs_of(HistoryLookup)):  # fewer rows have fewer places
        n = isqrt(MOST_BYTES // 4)
    if len(vocabulary) <= n or isinstance(vocabulary, RowNumbers):
        return None
    if isinstance(vocabulary, WordVocabulary):  # the most frequent stand in front, and the last row is for rare ones
        return None if vocabulary.text.buckets else np.append(np.arange(n - 1), len(vocabulary) - 1)
    often = _counts(trained, name, data)
    often[: vocabulary.first] = often.max(initial=0) + 1  # what no id stands for stays
    return np.sort(np.argsort(-often, kind="stable")[:n])


def _counts(trained: Trained, name: str, data: Opened | None) -> np.ndarray:
    """How often each row is read: in the data of the page, else in what was seen in training."""
    n_rows, found = len(trained.vocabularies[name]), np.zeros(len(trained.vocabularies[name]), np.int64)
    if data is not None:
        examples: Examples = trained.reader.transform(data, "if there")[0]
        for column, rows in examples.rows.items():
            if trained.column_vocabulary[column] == name:
                found += counted(rows.rows if isinstance(rows, Ragged) else np.asarray(rows), n_rows)
    elif trained.seen is not None and name in map(trained.column_vocabulary.get, trained.keys):
        is_user = trained.column_vocabulary[trained.keys[0]] == name
        found += trained.seen.lengths if is_user else counted(trained.seen.rows, n_rows)
    return found


def _cut(vocabulary: Vocabulary, keep: np.ndarray) -> Vocabulary:
    if isinstance(vocabulary, WordVocabulary):
        words = vocabulary.ids.gather(keep[1:-1])
        return WordVocabulary(
            vocabulary.name, words, vocabulary.text, counts=vocabulary.counts[keep], corpus=vocabulary.corpus
        )
    return Vocabulary(vocabulary.name, vocabulary.ids.gather(keep[vocabulary.first :]))


def _seen(trained: Trained, keeps: Mapping[str, np.ndarray]) -> Ragged | None:
    """Who has seen what, in the new rows."""
    if trained.seen is None:
        return None
    users, items = (keeps.get(trained.column_vocabulary[key]) for key in trained.keys[:2])
    seen = trained.seen if users is None else trained.seen.take(users)
    if items is None:
        return seen
    new = np.full(len(trained.vocabularies[trained.column_vocabulary[trained.keys[1]]]), -1, np.int32)
    new[items] = np.arange(len(items), dtype=np.int32)
    rows = new[seen.rows]
    stays = rows >= 0
    starts = starts_of(np.bincount(seen.owners[stays], minlength=len(seen)))
    return Ragged(starts, rows[stays], {name: each[stays] for name, each in seen.weights.items()})
