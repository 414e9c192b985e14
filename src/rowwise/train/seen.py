"""Who has seen what: the pairs of the data, as rows of items by row of user."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.vocabulary import Vocabulary
from rowwise.train.prepare import Prepared
from rowwise.train.sets import InMemory
from rowwise.trained.trained import Trained


def seen_pairs(prepared: Prepared) -> Ragged | None:
    """For each row of a user, the rows of the items that the data say it has seen, also in the part held back.

    None where the model has not two keys, or the pairs are too many to be remembered.
    """
    keys = prepared.layout.keys
    if len(keys) < 2:
        return None
    held = [] if prepared.validation is None else [InMemory(prepared.validation)]
    parts = [part.pairs(*keys[:2]) for part in (prepared.training, *held)]
    if any(part is None for part in parts):
        return None
    users, items = (prepared.vocabularies[prepared.column_vocabulary[key]] for key in keys[:2])
    return _lists((part for part in parts if part is not None), users, items)


def pairs_of(trained: Trained, examples: Examples) -> Ragged:
    """The same of examples that a model of two keys has read."""
    user, item = trained.two_keys
    users, items = (trained.vocabularies[trained.column_vocabulary[key]] for key in (user, item))
    return _lists([InMemory(examples).pairs(user, item)], users, items)


def together(one: Ragged | None, other: Ragged | None) -> Ragged | None:
    """The pairs of two trainings as one; of the second there may be lists of more users."""
    if one is None or other is None:
        return one
    users = np.concatenate([one.owners, other.owners])
    pairs = np.unique(np.stack([users, np.concatenate([one.rows, other.rows])], axis=1), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=max(len(one), len(other)))
    return Ragged(starts_of(counts), pairs[:, 1].astype(np.int32))


def _lists(parts: Iterable[pl.DataFrame], users: Vocabulary, items: Vocabulary) -> Ragged:
    pairs = pl.concat(parts)
    pairs = pairs.filter(pl.col("user") >= users.first, pl.col("item") >= items.first).unique().sort("user", "item")
    counts = np.bincount(pairs["user"].to_numpy(), minlength=len(users))
    return Ragged(starts_of(counts), pairs["item"].to_numpy())
