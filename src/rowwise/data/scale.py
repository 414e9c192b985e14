"""Ratings of any scale in, what each is worth out: the best 1, the worst a tenth, in the order of the values."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

KNOTS = 101  # of a scale of more values: its percentiles
PLACES, WORTHS = (0, 0.25, 0.5, 0.75, 1), (0.1, 0.2, 0.5, 0.8, 1)  # of five stars, chosen on MovieLens


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that ratings have, ascending; by the place of a rating among them it is told what it is worth."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, ratings: np.ndarray) -> "Scale":
        """The scale of the ratings that there are."""
        values = np.unique(ratings)
        some = values if len(values) <= KNOTS else np.unique(np.quantile(values, np.linspace(0, 1, KNOTS)))
        return cls(tuple(some.tolist()))

    def worth(self, ratings: np.ndarray) -> Float32[np.ndarray, " n"]:
        """Between the values in proportion; of a scale of a single value, 1."""
        if len(self.values) < 2:
            return np.ones(len(ratings), np.float32)
        places = np.interp(ratings, self.values, np.linspace(0, 1, len(self.values)))
        return np.interp(places, PLACES, WORTHS).astype(np.float32)
