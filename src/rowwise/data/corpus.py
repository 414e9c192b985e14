"""What is in many texts: how many words, how much of them a vocabulary of each size covers, how long the texts are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

SIZES = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The facts that a vocabulary's size and a length are chosen by."""

    texts: int = 0
    empty: int = 0  # texts without a word
    running: int = 0  # words, each as often as it stands there
    distinct: int = 0  # different words
    coverage: Mapping[int, float] = field(default_factory=dict[int, float])  # vocabulary size -> share of running words
    lengths: Mapping[int, int] = field(default_factory=dict[int, int])  # words in a text -> how many texts have so many

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Corpus":
        """From what JSON made of one, whose keys are text.

        Raises:
            ValueError: the facts are not numbers.
        """
        by_number = {name: {int(n): x for n, x in facts[name].items()} for name in ("coverage", "lengths")}
        told: dict[str, Any] = {**facts, **by_number}
        corpus = cls(**told)
        whole = [corpus.texts, corpus.empty, corpus.running, corpus.distinct, *corpus.lengths, *corpus.lengths.values()]
        shares = all(type(share) in (int, float) for share in corpus.coverage.values())
        if not shares or not all(type(n) is int and 0 <= n < 2**63 for n in whole):
            raise ValueError("the facts of the texts are not numbers")
        return corpus

    def grown(self, lengths: np.ndarray, counts: np.ndarray) -> "Corpus":
        """With more texts of these lengths; `counts` are those of all different words so far."""
        ranked = np.cumsum(np.sort(counts)[::-1])
        running = self.running + int(lengths.sum())
        sizes = [size for size in SIZES if size - 2 < len(ranked)]
        n_of = dict(self.lengths)
        for length, n in zip(*map(np.ndarray.tolist, np.unique(lengths, return_counts=True)), strict=True):
            n_of[length] = n_of.get(length, 0) + n
        return Corpus(
            texts=self.texts + len(lengths),
            empty=self.empty + int((lengths == 0).sum()),
            running=running,
            distinct=len(ranked),
            coverage={size: float(ranked[size - 3] / running) for size in sizes},
            lengths=dict(sorted(n_of.items())),
        )

    def kept(self, length: int) -> tuple[float, float]:
        """What cutting texts to `length` keeps: the share of texts that stay whole, and the share of running words."""
        n = np.array(list(self.lengths.values()))
        words = np.array(list(self.lengths))
        return float(n[words <= length].sum() / n.sum()), float((np.minimum(words, length) * n).sum() / self.running)
