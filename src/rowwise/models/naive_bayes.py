"""Examples in, the start of each row out: how much more often it stands with one class than with the others."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from rowwise.data.ragged import Ragged
from rowwise.errors import BadOption
from rowwise.models.initializers import Seen, Start
from rowwise.options import number


@dataclass(frozen=True, slots=True)
class LogCountRatio:
    """Rows that start as `scale` times their naive Bayes log-count ratio, and move at a pace of its square.

    With `optimizer="paced_sgd"` that is logistic regression on counts weighted by the ratios: a word that both classes
    use alike hardly moves, and no row leaves the side where counting put it without need. A row of several numbers has
    one for each class: that class against all others. Source: Wang & Manning 2012, "Baselines and bigrams".
    """

    scale: float = 0.3
    smoothing: float = 1.0  # added to each count

    def __post_init__(self) -> None:
        number("scale", self.scale, mend="scale=0.3 is the default")
        number("smoothing", self.smoothing, above=0.0, mend="smoothing=1.0 is the default")

    def __call__(self, random: np.random.Generator, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
        raise BadOption(
            "log-count ratios are counted in examples, and there are none",
            expected="a Bag or Rows of a model that is being fitted to classes",
            mend="init='zeros' starts without counting",
        )

    def begin(self, seen: Seen, random: np.random.Generator, shape: tuple[int, ...]) -> Start:
        """Where each row starts and its pace, for examples with these rows and classes."""
        if seen.rows is None:
            return Start(self(random, shape))
        rows, target = seen.rows, seen.target
        n_rows, width = shape[0], shape[-1] if len(shape) > 1 else 1
        labels = target is not None and target.ndim == 2 and target.shape[1] == width
        if (
            target is None
            or (target != target.astype(int)).any()
            or target.min() < 0
            or target.max() > max(width - 1, 1)
            or (target.ndim == 2) != labels
        ):
            raise BadOption(
                f"log-count ratios for rows of {width} and targets that are not classes 0 … {max(width - 1, 1)}",
                expected="a loss of classes, and one number a row for two classes or one for each",
                mend="loss=rw.binary_cross_entropy, or a row as wide as there are classes",
            )
        lists = rows if isinstance(rows, Ragged) else Ragged.of_matrix(np.atleast_2d(rows.T).T)
        has = target > 0 if labels else target[:, None] == np.arange(max(width, 2))  # (n, classes)
        has = np.repeat(has, lists.lengths, axis=0)
        weights = None if seen.weights is None else np.repeat(seen.weights, lists.lengths)

        def count(chosen: np.ndarray | slice) -> np.ndarray:
            return np.bincount(lists.rows[chosen], None if weights is None else weights[chosen], n_rows)

        counts = np.stack([count(h) for h in has.T], 1)
        mine = counts + self.smoothing  # (rows, classes)
        others = count(slice(None))[:, None] - counts + self.smoothing
        ratio = np.log((mine / mine.sum(0)) / (others / others.sum(0)))
        ratio[0] = 0  # padding
        ratio = ratio[:, 1] if len(shape) == 1 else ratio
        return Start(np.float32(self.scale) * ratio.astype(np.float32), (ratio**2).astype(np.float32))
