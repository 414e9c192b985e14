"""A model of texts and its data in; a few texts that read at a glance out, word by word."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.data.word_vocabulary import RARE, WordVocabulary
from rowwise.program.inputs import BagLookup, ExampleValue, Lookup, PaddingMask
from rowwise.trained.trained import Trained
from rowwise.views.workbook.shown import Example, Words, weights_of

PADDING = "‹padding›"  # the name of row 0; the default pattern finds no such token
LOOKED_THROUGH = 2_000  # lines of data, for texts that are short enough
GLANCE = 60  # words and n-grams of a text that reads at a glance
FREQUENT = 1_000  # words that are there to be typed, or fewer where rows are wide
NUMBERS = 40_000  # of such rows, about


def text_columns(fitted: Trained) -> dict[str, WordVocabulary]:
    """The columns of texts that the model reads."""
    named = {column: fitted.vocabularies[name] for column, name in fitted.column_vocabulary.items()}
    return {column: vocabulary for column, vocabulary in named.items() if isinstance(vocabulary, WordVocabulary)}


def places(lookup: Lookup, length: int | None) -> int | None:
    """How many words of a text a sheet reads: of `Rows` at most `length` of their own; of a bag any number, None."""
    if lookup.length is None:
        return None
    return min(lookup.length, GLANCE if length is None else length)


def choose_texts(fitted: Trained, data: object, n: int, length: int | None) -> list[Example]:
    """The first `n` examples whose texts read at a glance, filled up with the shortest others.

    Texts longer than `length` are cut as the model cuts them. Without data there is one text, of frequent words.
    """
    if data is None:
        return [_of_frequent_words(fitted, length)]
    checked = fitted.reader.check(data, "if there")
    frame = checked.frame.head(LOOKED_THROUGH)
    known = fitted.reader.encode(checked._replace(frame=frame))[0]
    words = {column: [_words(v, tokens) for tokens in frame[column]] for column, v in text_columns(fitted).items()}
    sizes = np.array([sum(len(words[column][k].rows) for column in words) for k in range(known.n)])
    shorter = np.argsort(np.maximum(sizes, GLANCE), kind="stable")  # those at a glance as they come
    return [_example(fitted, known, int(k), {c: w[k] for c, w in words.items()}, length) for k in shorter[:n]]


def frequent_rows(vocabulary: WordVocabulary, numbers: int, used: set[int]) -> list[int]:
    """The rows of a vocabulary that a sheet shows: padding, rare words, words in use, the most frequent."""
    frequent = range(1, 1 + min(vocabulary.n_own, FREQUENT, max(100, NUMBERS // max(1, numbers))))
    return [0, vocabulary.rare, *sorted({*used, *frequent} - {0, vocabulary.rare})]


def word_of(vocabulary: WordVocabulary, row: int | np.integer) -> str:
    """What a sheet calls a row."""
    return PADDING if row == 0 else str(vocabulary.ids[int(row)])


def _words(vocabulary: WordVocabulary, tokens: pl.Series) -> Words:
    """The words of one text with the row of each; a rare one as the text writes it."""
    rows = vocabulary.encode(pl.Series([tokens.to_list()], dtype=pl.List(pl.String)))[0]
    own = vocabulary.rows(tokens)
    rare = iter([token for token, row in zip(tokens, own, strict=True) if row == vocabulary.rare])
    written = [next(rare, RARE) if row == vocabulary.rare else word_of(vocabulary, row) for row in rows]
    return Words(vocabulary.text.joint.join(tokens), written, rows)


def _cut(vocabulary: WordVocabulary, words: Words, n: int | None) -> Words:
    if n is None or len(words.rows) <= n:
        return words
    kept = slice(-n, None) if vocabulary.text.cut == "front" else slice(n)
    return Words(words.text, words.written[kept], words.rows[kept], len(words.rows) - n)


def _example(fitted: Trained, known: Examples, k: int, words: Mapping[str, Words], length: int | None) -> Example:
    rows, kept = {}, {}
    for i in fitted.program.lookups:
        name, column = i.value.name, i.column
        if column in words:
            vocabulary = text_columns(fitted)[column]
            kept[column] = _cut(vocabulary, words[column], places(i, length))
            rows[name] = _padded(vocabulary, i, kept[column].rows)
        else:
            found = known.rows[column]
            rows[name] = found[k] if isinstance(found, Ragged) else np.atleast_1d(found[k])
    values = {i.value.name: known.values[i.column][k] for i in fitted.program.inputs_of(ExampleValue)}
    values |= _masks(fitted, kept)
    target = None if known.target is None else float(known.target[k])
    return Example(rows, values, target, kept, weights_of(fitted, known, k))


def _masks(fitted: Trained, words: Mapping[str, Words]) -> dict[str, np.ndarray]:
    """By input that is a mask: 1 where there is a word, 0 where there is padding."""
    found = {}
    for i in fitted.program.inputs_of(PaddingMask):
        if i.mask_of in words:
            n = Ragged(np.array([0, len(words[i.mask_of].rows)]), words[i.mask_of].rows)
            side = text_columns(fitted)[i.mask_of].text.pad
            found[i.value.name] = n.is_filled(i.value.shape[0], side)[0].astype(np.float32)
    return found


def _padded(vocabulary: WordVocabulary, lookup: Lookup, rows: np.ndarray) -> np.ndarray:
    if lookup.length is None:
        return rows
    return vocabulary.pad(Ragged(np.array([0, len(rows)]), rows.astype(np.int32)), lookup.length)[0]


def _of_frequent_words(fitted: Trained, length: int | None) -> Example:
    rows, words = {}, {}
    for i in fitted.program.lookups:
        name, column = i.value.name, i.column
        vocabulary = text_columns(fitted).get(column)
        if vocabulary is None:
            rows[name] = np.ones(i.n_gradients, int)
            continue
        mine = np.arange(1, 1 + min(10, vocabulary.n_own, places(i, length) or 10))
        written = [word_of(vocabulary, row) for row in mine]
        words[column] = Words("some frequent words", written, mine)
        rows[name] = _padded(vocabulary, i, mine)
    values = {i.value.name: np.zeros(i.value.shape) for i in fitted.program.inputs_of(ExampleValue)}
    weights = {i.value.name: np.ones(len(rows[i.value.name])) for i in fitted.program.inputs_of(BagLookup) if i.weights}
    return Example(rows, values | _masks(fitted, words), None, words, weights)
