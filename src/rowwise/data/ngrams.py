"""Lists of tokens in, a fingerprint of each n-gram out: what is counted and found in place of text."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Bool, Int32, Int64, UInt64

from rowwise.data.ragged import starts_of

MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, near 2^64 / golden ratio


@dataclass(frozen=True, slots=True)
class Running:
    """The tokens of many texts, end to end: text i is `tokens[starts[i]:starts[i + 1]]`.

    An n-gram is known by 64 bits mixed from those of its tokens, so that counting sorts integers and not text. Of ten
    million n-grams two share their 64 bits once in 400,000 runs. The bits stay inside one process.
    """

    starts: Int64[np.ndarray, " starts"]
    tokens: pl.Series

    @classmethod
    def of(cls, tokens: pl.Series) -> "Running":
        """From lists of tokens."""
        counts = tokens.list.len().to_numpy()
        return cls(starts_of(counts), tokens.filter(counts > 0).explode())

    def fingerprints(self, longest: int) -> Iterator[tuple[int, UInt64[np.ndarray, " n"], Bool[np.ndarray, " n"]]]:
        """For n = 1, 2, …, longest: n, the 64 bits of the n tokens from each place on, and whether they are one text's.

        The last n - 1 places have no n-gram and are left out.
        """
        words = self.tokens.hash().to_numpy()
        text = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        mixed = words
        for n in range(1, longest + 1):
            if n > 1:
                mixed = mixed[:-1] * MIX + words[n - 1 :]
            yield n, mixed, text[: len(mixed)] == text[n - 1 :]

    def written(self, places: np.ndarray, n: int, joint: str) -> pl.Series:
        """The n tokens from each place on, as text."""
        words = [self.tokens.gather(places + k) for k in range(n)]
        return words[0] if n == 1 else pl.select(pl.concat_str(words, separator=joint)).to_series()


def mixed_rows(rows: np.ndarray, n: int) -> UInt64[np.ndarray, " n"]:
    """64 bits of each n-gram of word rows, the same in every process. Source: Steele et al. 2014, "SplitMix"."""
    there = max(0, len(rows) - n + 1)  # of fewer words than n there is none
    mixed = np.zeros(there, np.uint64)
    for k in range(n):
        mixed = (mixed ^ rows[k : k + there].astype(np.uint64)) * MIX
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return mixed


class Finder:
    """Fingerprints in, their places in `keys` out, -1 for others: a few gathers for many keys at once.

    Each key has the slot that its high bits name. Of keys that want one slot the last gets it, and the others go to the
    next, smaller set of slots: an empty slot therefore says that a key is not there.
    """

    def __init__(self, keys: UInt64[np.ndarray, " n"]):
        self.keys = keys
        self.slots: list[np.ndarray] = []
        left = np.arange(len(keys), dtype=np.int32)
        while len(left):
            slots = np.full(1 << int(4 * len(left)).bit_length(), -1, np.int32)
            mine = _slot(keys[left], len(self.slots), len(slots))
            slots[mine] = left
            self.slots.append(slots)
            left = left[keys[slots[mine]] != keys[left]]

    def __call__(self, keys: UInt64[np.ndarray, " m"]) -> Int32[np.ndarray, " m"]:
        places = np.full(len(keys), -1, np.int32)
        left, wanted = np.arange(len(keys)), keys
        for level, slots in enumerate(self.slots):
            found = slots[_slot(wanted, level, len(slots))]
            taken = np.flatnonzero(found >= 0)
            left, wanted, found = left[taken], wanted[taken], found[taken]
            same = self.keys[found] == wanted
            places[left[same]] = found[same]
            left, wanted = left[~same], wanted[~same]
        return places


def _slot(keys: np.ndarray, level: int, n_slots: int) -> np.ndarray:
    """The highest bits, of other bits at each level."""
    turned = keys if level == 0 else keys * (MIX + np.uint64(2 * level))
    return (turned >> np.uint64(65 - n_slots.bit_length())).astype(np.int64)
