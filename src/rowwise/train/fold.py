"""New ids in, rows for them out, and nothing else moved: who came after training is answered without training.

data ──▶ vocabularies grow by the ids that they lack ──▶ for each column in turn, the rows of its new ids that make
what their examples cost least, all else held still ──▶ Trained
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rowwise.data.check import Checked
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.reader import Reader
from rowwise.data.source import Source
from rowwise.english import n_of
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.train import histories, whole_data
from rowwise.train.drawn import draws_of, fill, with_room
from rowwise.train.grown import grown, tables_with_room
from rowwise.train.seen import pairs_of, together
from rowwise.train.sets import InMemory
from rowwise.trained.trained import Trained


def fold_in(trained: Trained, data: Source) -> Trained:
    """The model with rows for the ids of `data` that it has none for; `trained` itself stays as it is.

    Every row that was there stays byte for byte, dense weights and statistics too. Columns of single ids grow, in the
    order of the signature: new users are solved for with the known items, then new items with all users. A new id
    that stands with unknown ones only is solved for beside their unknown row.

    Raises:
        BadData: the data cannot be learnt from, or ids are text where the model's are whole numbers.
    """
    if histories.are_read_by(trained):
        return histories.taken_in(trained, data, only_new=True)
    return folded(trained, trained.reader.check(data, "needed"))


def folded(trained: Trained, checked: Checked) -> Trained:
    """`fold_in` of examples that were read already."""
    vocabularies = grown(trained, checked)
    reader = Reader(trained.layout, vocabularies)
    examples, report = reader.encode(checked)
    parameters = tables_with_room(trained, vocabularies)
    program = trained.whole or trained.program
    said: list[str] = []
    for column in trained.keys:
        name = trained.column_vocabulary[column]
        known = len(trained.vocabularies[name])
        mine = np.flatnonzero(np.asarray(examples.rows[column]) >= known)
        if not len(mine):
            continue
        here, rows = _rows_of(trained, program, parameters, examples.take(mine), column)
        for table, numbers in rows.items():
            parameters.tables[table][here] = numbers
        said.append(f"{n_of(len(here), f'new {column}')} folded in, from {n_of(len(mine), 'example')}")
    made = replace(
        trained,
        parameters=parameters,
        vocabularies=vocabularies,
        report="\n".join([trained.report, *(said or [f"nothing new among {report.examples:,} examples"])]),
        watched={},
    )
    return made if made.seen is None else replace(made, seen=together(made.seen, pairs_of(made, examples)))


def seen_anew(trained: Trained, data: Source) -> Trained:
    """A model of all pairs, with the rows of the users in `data` solved for anew from all that they have seen."""
    settings, (user, item) = whole_data.settings_of(trained.settings), trained.two_keys
    assert settings is not None
    assert trained.seen is not None  # it was made of pairs, and remembers them
    users = np.unique(np.asarray(trained.reader.transform(data)[0].rows[user]))
    users = users[users > 0]
    sides = {i.column: str(i.table) for i in trained.program.lookups}
    tables = dict(trained.parameters.tables)
    rows = whole_data.solved(trained.seen.take(users), tables[sides[item]].astype(np.float64), settings)
    tables[sides[user]] = tables[sides[user]].copy()
    tables[sides[user]][users] = rows
    return replace(trained, parameters=replace(trained.parameters, tables=tables))


def _rows_of(
    trained: Trained, program: Program, parameters: Parameters, examples: Examples, column: str
) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Which rows these examples name in the column, in ascending order, and by table what is best there."""
    if (settings := whole_data.settings_of(trained.settings)) is not None:
        return _liked(trained, settings, parameters, examples, column)
    from rowwise.backends.xla.best_rows import best_rows

    examples = with_room(program, examples)
    fill(examples, draws_of(program, parameters, InMemory(examples)), trained.settings["seed"], epoch=0)
    return best_rows(program, parameters.tables, examples, column=column, means=trained.means)


def _liked(
    trained: Trained, settings: whole_data.Settings, parameters: Parameters, examples: Examples, column: str
) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """The same over all pairs, those that are not there included: the examples are only those that are."""
    sides = {i.column: str(i.table) for i in trained.program.lookups}
    (other,) = sides.keys() - {column}
    own, others = np.asarray(examples.rows[column]), np.asarray(examples.rows[other])
    ids, lines = np.unique(own, return_inverse=True)
    pairs = np.unique(np.stack([lines, others], 1)[others > 0], axis=0)
    lists = Ragged(starts_of(np.bincount(pairs[:, 0], minlength=len(ids))), pairs[:, 1].astype(np.int32))
    rows = whole_data.solved(lists, parameters.tables[sides[other]].astype(np.float64), settings)
    return ids, {sides[column]: rows.astype(np.float32)}
