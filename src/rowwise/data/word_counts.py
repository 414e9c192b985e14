"""Texts in, the words and n-grams that get a row of their own out, in row order."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from jaxtyping import Int32, Int64, UInt64

from rowwise.data.corpus import Corpus
from rowwise.data.ngrams import Finder, Running
from rowwise.data.text import Text


class WordCounts:
    """Two readings of the texts: the first counts every n-gram, the second finds and writes down what is kept of them.

    Between them nothing but counts is held, so that texts may come in chunks of a file larger than memory.
    """

    def __init__(self, text: Text, *, what: str):
        self.text = text
        self.what = what  # the column, as messages call it
        self.orders = [n for n in text.orders if n == 1 or not text.buckets]
        self.counted: dict[int, _Counted] = {}
        self.found: dict[
            int, np.ndarray
        ] = {}  # n -> for each place of the last chunk, which of those kept stands there
        self.corpus = Corpus()

    def count(self, texts: Iterable[object]) -> None:
        """The first reading: every n-gram of these texts is counted."""
        running = self._running(texts)
        for n, keys, whole in running.fingerprints(max(self.orders, default=1)):
            if n in self.orders:
                before = self.counted.get(n)
                found = np.unique(keys[whole], return_counts=True)
                self.counted[n] = found if before is None else _sum(before, found)
        counts = self.counted[1][1] if 1 in self.counted else np.zeros(0, np.int64)
        self.corpus = self.corpus.grown(np.diff(running.starts), counts)

    def ranked(self, chunks: Iterable[Iterable[object]]) -> pl.DataFrame:
        """The second reading: `word`, `n` and `count` of what has a row of its own, in row order.

        `place` is where `found` of its length says it stands.
        """
        kept = self._kept()
        for chunk in chunks:
            running = self._running(chunk)
            for n, keys, whole in running.fingerprints(max(self.orders, default=1)):
                if n in self.orders:
                    self.found[n] = kept[n].see(keys, whole, running, self.text.joint, n_texts=self._is_limited)
        found = pl.concat([_Kept.frame_of(n, k) for n, k in kept.items()] or [_Kept.frame_of(1, None)])
        if self._is_limited:
            most = self.text.max_share * self.corpus.texts
            found = found.filter(pl.col("texts") >= self.text.min_texts, pl.col("texts") <= most)
        found = found.sort("count", "n", "first", descending=[True, False, False])
        return found if self._room is None else found.head(self._room)

    def _kept(self) -> "dict[int, _Kept]":
        """What is frequent enough; of those at the limit of the room, all that are equal."""
        least = self.text.min_count
        counts = [c for _, c in self.counted.values()]
        total = sum(map(len, counts))
        if self._room is not None and not self._is_limited and 0 < self._room < total:
            least = max(least, int(np.partition(np.concatenate(counts), total - self._room)[total - self._room]))
        return {n: _Kept(keys[c >= least], c[c >= least]) for n, (keys, c) in self.counted.items()}

    @property
    def _room(self) -> int | None:
        """How many may have a row of their own."""
        return None if self.text.size is None else max(0, self.text.size - 2 - (self.text.buckets or 0))

    @property
    def _is_limited(self) -> bool:
        return self.text.min_texts > 1 or self.text.max_share < 1

    def _running(self, texts: Iterable[object]) -> Running:
        return Running.of(self.text.tokens(texts, what=self.what))


_Counted = tuple[UInt64[np.ndarray, " _"], Int64[np.ndarray, " _"]]  # fingerprints in order, and how often each


class _Kept:
    """The n-grams of one length that may get a row, as the second reading fills them in."""

    def __init__(self, keys: UInt64[np.ndarray, " n"], counts: Int64[np.ndarray, " n"]):
        self.find = Finder(keys)
        self.counts = counts
        self.texts = np.zeros(len(keys), np.int64)
        self.n_read = 0  # tokens
        self.is_written = np.zeros(len(keys), bool)
        self.written: list[pl.DataFrame] = []

    def see(self, keys: np.ndarray, whole: np.ndarray, running: Running, joint: str, *, n_texts: bool) -> np.ndarray:
        """Write down each n-gram as its first place in the texts shows it, and count the texts it is in.

        What comes back says for each place in the texts which one stands there, -1 for none.
        """
        places = self.find(keys)
        places[~whole] = -1
        there = np.flatnonzero(places >= 0)
        first = np.full(len(self.counts), -1, np.int64)
        first[places[there[::-1]]] = there[::-1]  # what is assigned last stays
        fresh = np.flatnonzero((first >= 0) & ~self.is_written)
        self.is_written[fresh] = True
        n = len(running.tokens) - len(keys) + 1
        words = running.written(first[fresh], n, joint)
        self.written.append(pl.DataFrame({"place": fresh, "word": words, "first": first[fresh] + self.n_read}))
        self.n_read += len(running.tokens)
        if n_texts:
            self.texts += _texts_with(places, running, len(self.counts))
        return places

    @staticmethod
    def frame_of(n: int, kept: "_Kept | None") -> pl.DataFrame:
        """`word`, `n`, `count`, the number of `texts`, the `first` place in them all, and its `place` in `found`."""
        names = ("place", "first", "n", "count", "texts")
        if kept is None or not kept.written:
            return pl.DataFrame(schema={"word": pl.String} | dict.fromkeys(names, pl.Int64))
        found = pl.concat(kept.written)
        place = found["place"].to_numpy()
        numbers = {"n": np.full(len(place), n), "count": kept.counts[place], "texts": kept.texts[place]}
        return found.with_columns(**{k: pl.Series(v) for k, v in numbers.items()}).select("word", *names)


def _sum(one: _Counted, other: _Counted) -> _Counted:
    """Two countings as one."""
    keys, place = np.unique(np.concatenate([one[0], other[0]]), return_inverse=True)
    counts = np.bincount(place, np.concatenate([one[1], other[1]]), len(keys))  # exact up to 2^53
    return keys, counts.astype(np.int64)


def _texts_with(places: Int32[np.ndarray, " n"], running: Running, n_keys: int) -> Int64[np.ndarray, " keys"]:
    """In how many texts each key stands."""
    text = np.repeat(np.arange(len(running.starts) - 1), np.diff(running.starts))[: len(places)]
    there = places >= 0
    pairs = np.unique(text[there] * n_keys + places[there])
    return np.bincount(pairs % max(1, n_keys), minlength=n_keys)
