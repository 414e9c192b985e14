"""A trained model in, what a page needs to turn a text into rows itself out: recipes, sizes, and the texts it shows."""

from dataclasses import asdict
from typing import Any

import polars as pl

from rowwise.data.tokens import CHARACTERS, WORDS, WORDS_AND_MARKS
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.trained.trained import Trained

MOST_LETTERS = 2_000_000  # of all texts that a page holds
LENGTHS = 40  # lengths that a curve is drawn through
KINDS = {WORDS_AND_MARKS: "words and marks", WORDS: "words", CHARACTERS: "characters"}


def texts(trained: Trained, frame: pl.DataFrame | None) -> list[dict[str, Any]]:
    """For each column of texts: how it is cut, how long it is read, what sizes would keep, the texts of `frame`."""
    found = []
    for column, name in trained.column_vocabulary.items():
        vocabulary = trained.vocabularies[name]
        lookup = next((i for i in trained.program.lookups if i.column == column and i.is_list), None)
        if not isinstance(vocabulary, WordVocabulary) or lookup is None:
            continue
        corpus = vocabulary.corpus
        longest = max(corpus.lengths, default=0)
        tried = sorted({max(1, longest * k // LENGTHS) for k in range(1, LENGTHS + 1)}) if longest else []
        found.append(
            {
                "column": column,
                "length": lookup.length,
                "recipe": _recipe(vocabulary),
                "own": vocabulary.n_own,
                "rare": vocabulary.rare,
                "counts": vocabulary.counts.tolist(),
                "distinct": corpus.distinct,
                "coverage": [[0, 0.0], *map(list, corpus.coverage.items()), [corpus.distinct + 2, 1.0]],
                "lengths": [[length, *corpus.kept(length)] for length in tried],
                "texts": None if frame is None else _shown(frame[column]),
            }
        )
    return found


def _recipe(vocabulary: WordVocabulary) -> dict[str, Any]:
    """How a text is cut; `cut_by` names one of the page's own patterns, None where a page cannot cut as Python does."""
    text = vocabulary.text
    default = CHARACTERS if text.characters else WORDS_AND_MARKS if text.punctuation else WORDS
    can = text.tokenizer is None and text.pattern is None
    told = {k: v for k, v in asdict(text).items() if k not in ("tokenizer", "pattern", "min_count", "min_texts")}
    return {**told, "orders": list(text.orders), "joint": text.joint, "cut_by": KINDS[default] if can else None}


def _shown(column: pl.Series) -> list[str | None]:
    """The texts as they stand, for as long as there is room."""
    if column.dtype != pl.String:
        return [None] * len(column)
    ends = column.str.len_chars().fill_null(0).cum_sum()
    return column.set(ends > MOST_LETTERS, None).to_list()
