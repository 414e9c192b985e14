"""Who has what, of what worth, as training takes it: the lists of all users, and what of them is held back."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from rowwise.data.ragged import Ragged, starts_of
from rowwise.program.passes.histories import WORTH

PAIR = ["user", "item"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of items by row of user: what each likes, and all that each has, with what it is worth."""

    liked: Ragged
    had: Ragged

    def without(self, held: Ragged) -> "Pairs":
        """The pairs but for those that are held back."""
        return Pairs(_left(self.liked, held), _left(self.had, held))


def histories_of(pairs: pl.DataFrame, n_users: int) -> Ragged:
    """Rows of "user" and "item" with their "worth" as a list a user; of pairs that come twice, the last counts."""
    pairs = pairs.filter(pl.col("user") > 0, pl.col("item") > 0)
    pairs = pairs.unique(PAIR, keep="last", maintain_order=True).sort(PAIR)
    starts = starts_of(np.bincount(pairs["user"].to_numpy(), minlength=n_users))
    return Ragged(starts, pairs["item"].to_numpy(), {WORTH: pairs[WORTH].to_numpy()})


def as_pairs(lists: Ragged) -> pl.DataFrame:
    """The lists as rows of "user" and "item", with what stands beside them."""
    return pl.DataFrame({"user": lists.owners.astype(np.int32), "item": lists.rows, **lists.weights})


def _left(lists: Ragged, held: Ragged) -> Ragged:
    left = as_pairs(lists).join(as_pairs(held), on=PAIR, how="anti", maintain_order="left")
    weights = {name: left[name].to_numpy() for name in lists.weights}
    starts = starts_of(np.bincount(left["user"].to_numpy(), minlength=len(lists)))
    return Ragged(starts, left["item"].to_numpy(), weights)
