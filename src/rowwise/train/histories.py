"""More pairs in, a model that reads histories with these in them out: nothing is solved for anew, and all is exact."""

from dataclasses import replace

import numpy as np
import polars as pl

from rowwise.data.named import cells
from rowwise.data.opened import Needed
from rowwise.data.reader import Reader
from rowwise.data.scale import Scale
from rowwise.data.source import Opened, Source, open_source
from rowwise.english import n_of
from rowwise.program.inputs import HistoryLookup, RowLookup
from rowwise.program.passes.histories import WORTH
from rowwise.train.grown import grown, tables_with_room
from rowwise.train.item_to_item import trust_in
from rowwise.train.pairs import as_pairs, histories_of
from rowwise.trained.trained import Trained


def are_read_by(trained: Trained) -> bool:
    """Whether a model answers from what each user has."""
    return bool(trained.program.inputs_of(HistoryLookup))


def taken_in(trained: Trained, data: Source, *, only_new: bool) -> Trained:
    """The model with the pairs of `data` in its users' histories, of new users or of all.

    A pair that is there already is worth what it is worth now. What an item says of others stays as it is, so that an
    item of which nothing is known yet says nothing.

    Raises:
        BadData: the data cannot be learnt from, or ids are text where the model's are whole numbers.
    """
    user, item = trained.two_keys
    rated_by = trained.settings.get("rated_by")
    needed, more = trained.layout.columns, [rated_by] if isinstance(rated_by, str) else []
    opened = open_source(
        data,
        columns=lambda there: Needed((*needed, *(each for each in more if each in there))),
        names=[*needed, *more],
    )
    checked = trained.reader.check(opened, "needed")
    name = trained.column_vocabulary[user]
    vocabularies = {**trained.vocabularies, name: grown(trained, checked)[name]}
    rows = Reader(trained.layout, vocabularies).encode(checked)[0].rows
    users, items = (np.asarray(rows[column]) for column in (user, item))
    pairs = pl.DataFrame({"user": users, "item": items, WORTH: _worth(trained, opened)})
    n_before = len(trained.vocabularies[name])
    if only_new:
        pairs = pairs.filter(pl.col("user") >= n_before)
    assert trained.seen is not None  # what it reads
    histories = histories_of(pl.concat([as_pairs(trained.seen), pairs]), len(vocabularies[name]))
    parameters = tables_with_room(trained, vocabularies)
    touched = np.unique(pairs["user"].to_numpy())
    for i in trained.program.inputs_of(RowLookup):
        if i.column == user:
            parameters.tables[i.table][touched] = trust_in(histories)[touched]
    n_new, n_strange = len(vocabularies[name]) - n_before, len(pairs.filter(pl.col("item") == 0))
    said = [f"{n_of(n_new, f'new {user}', f'new {user}')} folded in; {n_of(len(pairs), 'pair')} taken in"]
    if n_strange:
        said.append(f"{n_of(n_strange, 'pair')} of an unknown {item}: fit again on all pairs to learn of it")
    report = "\n".join([trained.report, *said])
    return replace(trained, parameters=parameters, vocabularies=vocabularies, seen=histories, report=report, watched={})


def _worth(trained: Trained, opened: Opened) -> np.ndarray:
    """What each pair is worth: 1 where nothing says how much somebody likes it."""
    column = trained.settings.get("rated_by")
    if column not in opened.frame.columns:
        return np.ones(len(opened.frame), np.float32)
    scale = Scale(tuple(trained.settings["scale"]))
    numbers = cells(opened.frame[str(column)]).cast(pl.Float64, strict=False)
    return scale.worth(numbers.fill_null(scale.values[0]).to_numpy())
