"""Checked examples in, the vocabularies of a model out."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from rowwise.data.ids import as_ids
from rowwise.data.layout import Layout
from rowwise.data.ragged import Ragged
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData


class Learnt(NamedTuple):
    """The vocabularies of some examples, and the rows of their texts, which were found with them."""

    vocabularies: Mapping[str, Vocabulary]
    rows: Mapping[str, Ragged]  # by column


def learn_vocabularies(frame: pl.DataFrame, layout: Layout, *, min_count: int = 1) -> Learnt:
    """The vocabularies that the layout names, each from all of its columns; rarer ids than `min_count` are left out.

    How often a word must stand in a column of texts is said by its `Text`.
    """
    columns: dict[str, list[str]] = {}
    for name, column in layout.ids.items():
        columns.setdefault(column.vocabulary, []).append(name)
    vocabularies: dict[str, Vocabulary] = {}
    rows: dict[str, Ragged] = {}
    for vocabulary, names in columns.items():
        text = layout.ids[names[0]].text
        if text is None:
            ids = {n: frame[n].explode().drop_nulls() if layout.ids[n].is_list else frame[n] for n in names}
            vocabularies[vocabulary] = Vocabulary.of(vocabulary, of_one_type(ids), min_count=min_count)
        elif len(names) == 1:
            vocabularies[vocabulary], rows[names[0]] = WordVocabulary.learn_and_encode(
                vocabulary, frame[names[0]], text
            )
        else:
            vocabularies[vocabulary] = WordVocabulary.learn(vocabulary, [frame[n] for n in names], text)
    return Learnt(vocabularies, rows)


def of_one_type(columns: Mapping[str, pl.Series]) -> pl.Series:
    """The ids of columns that share a vocabulary as one column."""
    ids = {name: as_ids(column, what=f"column {name!r}").alias("id") for name, column in columns.items()}
    if len({column.dtype for column in ids.values()}) > 1:
        raise BadData(
            f"columns that share a table hold {', '.join(f'{column.dtype} ({name})' for name, column in ids.items())}",
            expected="ids that are all integers or all text",
            mend="turn all of them into text",
        )
    return pl.concat(ids.values())
