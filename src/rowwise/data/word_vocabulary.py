"""Texts in, lists of rows out: words and n-grams counted, cut and ranked, and found again.

    texts ──▶ tokens ──▶ n-grams ──▶ counted, cut, ranked ──▶ WordVocabulary
    texts ──▶ tokens ──▶ n-grams ──▶ found ──▶ Ragged

Row 0 pads. Rows 1, 2, … are words and n-grams, the most frequent first. With `buckets`, so many rows follow for n-grams
that are not told apart. The last row stands for every rarer word.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from jaxtyping import Int32, Int64

from rowwise.data.corpus import Corpus
from rowwise.data.ids import Ids
from rowwise.data.ngrams import Finder, Running, mixed_rows
from rowwise.data.ragged import Ragged, starts_of
from rowwise.data.row_numbers import RowNumbers
from rowwise.data.text import Text
from rowwise.data.tokens import Tokenizer
from rowwise.data.vocabulary import METADATA, Vocabulary
from rowwise.data.word_counts import WordCounts
from rowwise.errors import BadData
from rowwise.storage.whole import replaced_whole

RECIPE = {  # what each field of a `Text` is in JSON
    "size": (int, type(None)),
    "ngrams": (int, list),
    "min_count": (int,),
    "min_texts": (int,),
    "max_share": (float, int),
    "distinct": (bool,),
    "buckets": (int, type(None)),
    "lower": (bool,),
    "punctuation": (bool,),
    "markup": (bool,),
    "characters": (bool,),
    "pattern": (str, type(None)),
    "tokenizer": (str, type(None)),
    "pad": (str,),
    "cut": (str,),
}
PLAIN_NAME = re.compile(r"[<\w.>]+")  # of a function or a class, `<lambda>` too: what stands in an error's text as code
Texts: TypeAlias = pl.Series | Iterable[Iterable[object]]  # a column, or chunks of one that can be read twice
RARE = "‹rare›"  # the name of the last row; the default pattern finds no such token


@dataclass(frozen=True, init=False, eq=False, repr=False)
class WordVocabulary(Vocabulary):
    """The words and n-grams of a column of texts in row order, between the row that pads and the row of rare words."""

    text: Text
    counts: Int64[np.ndarray, " rows"]  # how often each row stands in the texts that it was learnt from
    corpus: Corpus

    def __init__(
        self, name: str, ids: Ids, text: Text, *, counts: np.ndarray | None = None, corpus: Corpus | None = None
    ):
        """`ids` are the words that have a row of their own, the most frequent first."""
        buckets = [f"‹bucket {k + 1}›" for k in range(text.buckets or 0)]
        own = ids if isinstance(ids, pl.Series) else pl.Series([*ids], dtype=pl.String)
        super().__init__(name, pl.concat([own.rename("id"), pl.Series("id", [*buckets, RARE])]))
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "counts", np.zeros(len(self), np.int64) if counts is None else np.asarray(counts))
        object.__setattr__(self, "corpus", corpus or Corpus())

    @classmethod
    def learn(cls, name: str, texts: Texts, text: Text) -> "WordVocabulary":
        """Count the words of many texts and rank them: the most frequent first, equals as the texts first show them.

        `texts` are a column of texts or of lists of words; or chunks of one that can be read twice, such as a list of
        columns, of which nothing but counts is kept. Texts that are missing or empty have no words.

        Raises:
            BadData: the cells hold no texts, or no word is in them or left by the limits.
        """
        return cls._learnt(name, texts, text)[0]

    @classmethod
    def learn_and_encode(cls, name: str, texts: pl.Series, text: Text) -> "tuple[WordVocabulary, Ragged]":
        """`learn`, and what `encode` then gives for the same texts, without looking for every word again."""
        tokens = text.tokens(texts, what=f"the {name!r} column")
        vocabulary, found, counted = cls._learnt(name, tokens, text)
        if text.buckets:
            return vocabulary, vocabulary.encode(tokens)
        rows_of = found.with_columns(row=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
        running = Running.of(tokens)
        columns: list[np.ndarray] = []
        for n in text.orders:
            row = np.zeros(len(counted.counted[n][0]) + 1, np.int32)  # of each that was kept; the last is for none
            mine = rows_of.filter(pl.col("n") == n)
            row[mine["place"].to_numpy()] = mine["row"].to_numpy()
            columns.append(row[counted.found[n]])
        return vocabulary, vocabulary._laid_out(running, columns)

    @classmethod
    def _learnt(cls, name: str, texts: Texts, text: Text) -> "tuple[WordVocabulary, pl.DataFrame, WordCounts]":
        what = f"the {name!r} column"
        chunks = [text.tokens(texts, what=what)] if isinstance(texts, pl.Series) else texts
        counts = WordCounts(text, what=what)
        for chunk in chunks:
            counts.count(chunk)
        found = counts.ranked(chunks)
        corpus = counts.corpus
        if found.is_empty():
            raise BadData(
                f"{what} has {corpus.distinct:,} different words, and none of them is kept",
                expected="texts with words in them",
                mend="lower min_count and min_texts, raise max_share, or name the column that holds the texts",
            )
        rare = max(0, corpus.running - int(found.filter(pl.col("n") == 1)["count"].sum()))
        of_rows = np.concatenate([[0], found["count"].to_numpy(), np.zeros(text.buckets or 0), [rare]])
        return cls(name, found["word"], text, counts=of_rows.astype(np.int64), corpus=corpus), found, counts

    @property
    def n_own(self) -> int:
        """How many words and n-grams have a row of their own."""
        return len(self) - 2 - (self.text.buckets or 0)

    @property
    def rare(self) -> int:
        """The row of every word without one of its own: the last."""
        return len(self) - 1

    @property
    def unknown(self) -> int:
        """The row of every word without one of its own."""
        return self.rare

    def encode(self, texts: Iterable[object]) -> Ragged:
        """The rows of the words and n-grams of each text, in their order in it; each once, by row, if `distinct`.

        A word without a row of its own is the `rare` row, an n-gram without one is left out.
        """
        running = Running.of(self.text.tokens(texts, what=f"the {self.name!r} column"))
        columns: list[np.ndarray] = []
        words = np.zeros(0, np.int32)
        for n, keys, whole in running.fingerprints(self.text.orders[-1]):
            if n == 1 or not self.text.buckets:
                rows = self._find(keys) + np.int32(1)  # 0 where it is not known
            else:
                rows = self.n_own + 1 + (mixed_rows(words, n) % np.uint64(self.text.buckets)).astype(np.int32)
            rows[~whole] = 0
            if n == 1:
                words = np.where(rows > 0, rows, np.int32(self.rare))
            if n in self.text.orders:
                columns.append(rows)
        return self._laid_out(running, columns)

    def _laid_out(self, running: Running, columns: "list[np.ndarray]") -> Ragged:
        """The rows of each text from a column for each length of n-grams; 0 is none, but for a word a rare one."""
        found = np.zeros((len(running.tokens), len(columns)), np.int32)
        for k, rows in enumerate(columns):
            found[: len(rows), k] = rows
        if self.text.orders[0] == 1:
            found[found[:, 0] == 0, 0] = self.rare
        kept = found > 0
        ends = starts_of(kept @ np.ones(len(columns), np.int8))
        ragged = Ragged(ends[running.starts], found[kept])
        return _distinct(ragged) if self.text.distinct else ragged

    def pad(self, ragged: Ragged, length: int) -> Int32[np.ndarray, "texts length"]:
        """Rows of one length, padded and cut on the sides that the recipe says."""
        return ragged.pad(length, self.text.pad, self.text.cut)

    def n_without_words(self, ragged: Ragged) -> int:
        """How many of these lists have no word but rare ones."""
        n_known = starts_of((ragged.rows > 0) & (ragged.rows < self.rare))
        return int((n_known[ragged.starts[1:]] == n_known[ragged.starts[:-1]]).sum())

    def collisions(self, texts: Iterable[object]) -> int:
        """How many different n-grams of these texts are in a bucket that another one before them is in already."""
        if not self.text.buckets:
            return 0
        ngrams: list[np.ndarray] = []
        running = Running.of(self.text.tokens(texts, what=f"the {self.name!r} column"))
        for n, keys, whole in running.fingerprints(self.text.orders[-1]):
            if n > 1 and n in self.text.orders:
                ngrams.append(keys[whole])
        used = np.unique(self.encode(texts).rows)
        n_buckets = np.count_nonzero((used > self.n_own) & (used < self.rare))
        return len(np.unique(np.concatenate(ngrams))) - int(n_buckets) if ngrams else 0

    def save(self, path: str | Path) -> None:
        """Written as Parquet: `id` and `count` of each row in order, and the recipe as metadata.

        A tokenizer of your own is not written: a saved model holds nothing that runs.
        """
        recipe = {k: v for k, v in asdict(self.text).items() if k != "tokenizer"}
        recipe["tokenizer"] = None if self.text.tokenizer is None else _name_of(self.text.tokenizer)
        facts = {"text": recipe, "corpus": asdict(self.corpus)}
        frame = pl.DataFrame({"id": self.ids, "count": self.counts})
        with replaced_whole(path) as file:
            frame.write_parquet(file, metadata={METADATA: json.dumps(facts)})

    @cached_property
    def _find(self) -> Finder:
        """Finds what has a row of its own; row 1 is at place 0."""
        ids = self.ids[1 : self.n_own + 1]
        running = Running.of(ids.str.split(self.text.joint))
        keys = np.zeros(len(ids), np.uint64)
        for n, mixed, _ in running.fingerprints(self.text.orders[-1]):
            mine = np.flatnonzero(np.diff(running.starts) == n)
            keys[mine] = mixed[running.starts[mine]]
        return Finder(keys)


def saved_vocabulary(frame: pl.DataFrame, facts: str | None, name: str) -> Vocabulary:
    """The vocabulary whose `save` wrote this frame, and these facts beside it: of ids, of row numbers, or of words.

    Raises:
        BadData: none did.
    """
    stored = Vocabulary.saved(frame["id"], name)
    if facts is None:
        return stored
    try:
        told = json.loads(facts)
        vocabulary = RowNumbers(name, len(stored)) if "row_numbers" in told else _of_words(frame, told, name)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError, pl.exceptions.PolarsError) as error:
        raise BadData(f"its facts are not those of one: {type(error).__name__}, {str(error).splitlines()[0]}") from None
    if len(vocabulary) != len(stored) or not vocabulary.ids[1:].equals(stored.ids[1:]):
        raise BadData("its facts are those of other ids")
    return vocabulary


def _of_words(frame: pl.DataFrame, told: dict[str, Any], name: str) -> WordVocabulary:
    text, counts = _text_of(told["text"]), frame["count"]
    n_own = len(frame) - 2 - (text.buckets or 0)
    if n_own < 0 or counts.dtype != pl.Int64 or counts.has_nulls() or (counts < 0).any():
        raise ValueError("counts or buckets of other words")
    own, corpus = frame["id"][1 : n_own + 1], Corpus.of(told["corpus"])
    return WordVocabulary(name, own, text, counts=counts.to_numpy(), corpus=corpus)


def _text_of(recipe: dict[str, Any]) -> Text:
    """The recipe that JSON holds: tuples are lists there, and a tokenizer is no more than its name.

    Raises:
        ValueError, PolarsError: it is no recipe; its pattern is none.
    """
    for field, value in recipe.items():
        if type(value) not in RECIPE[field]:
            raise ValueError(f"{field} is {str(value)[:40]!r}")
    name: str | None = recipe["tokenizer"]
    ngrams: int | list[Any] = recipe["ngrams"]
    if isinstance(ngrams, list) and [type(n) for n in ngrams] != [int, int]:
        raise ValueError(f"ngrams is {str(ngrams)[:40]}")
    if name is not None and not PLAIN_NAME.fullmatch(name):
        raise ValueError(f"tokenizer is {name[:40]!r}, which names no function")
    missing = None if name is None else partial(_missing, name)
    told: dict[str, Any] = recipe | {
        "tokenizer": missing,
        "ngrams": tuple(ngrams) if isinstance(ngrams, list) else ngrams,
    }
    text = Text(**told)
    text.tokens(pl.Series([[]] if name is not None else [""]))
    return text


def _missing(name: str, text: str) -> Iterable[str]:
    """In place of a tokenizer of the user's own, which a saved model does not hold."""
    raise BadData(
        f"the texts were cut by {name}, a function that the saved model does not hold",
        expected="lists of words",
        mend=f"cut them first: [list({name}(text)) for text in texts]",
    )


def _distinct(ragged: Ragged) -> Ragged:
    """Each row once in each list, in ascending order."""
    example = ragged.owners
    keys = np.sort((example << 32) | ragged.rows)
    first = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, bool)
    keys = keys[first]
    return Ragged(starts_of(np.bincount(keys >> 32, minlength=len(ragged))), (keys & 0xFFFFFFFF).astype(np.int32))


def _name_of(tokenizer: Tokenizer) -> str:
    name, kind = str(getattr(tokenizer, "__name__", "")), type(tokenizer).__name__
    if isinstance(tokenizer, partial) and tokenizer.func is _missing:
        return tokenizer.args[0]
    return name if PLAIN_NAME.fullmatch(name) else kind
