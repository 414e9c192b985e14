"""Who has what in, a number for each pair of items out: what having the one says of the other, in closed form.

    Σ over users of w² · |x - x·B|²  +  Σ over items j of (λ + a·|y_j|²) · |B_j|²,   with nothing on the diagonal of B

x is what a user has, w = n^-β/2 of its n items (a long history counts for less), y_j all that is said of item j, and
a = p/(1-p) what a dropout of p in the x on the right comes to. B is -P/diag(P) off the diagonal, P the inverse of
Y'Y + diag(λ + a·|y_j|²), Y the rows w·x: one inverse, of the smaller side of Y.

λ is chosen by what is missed when each user in turn is left out (PRESS), which the same inverse tells:
(x·P)_j / ((1 - h)·P_jj + w²·(x·P)_j²), where h = w²·x·P·x'.

Sources: Steck 2019, "Embarrassingly shallow autoencoders for sparse data"; of the dropout and the weights Steck 2020,
"Autoencoders that don't overfit towards the identity"; PRESS, Allen 1974.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from rowwise.data.ragged import Ragged
from rowwise.program.passes.histories import WORTH
from rowwise.train.cores import Cores, all_cores

PENALTIES = tuple(float(f"{5 * 80 ** (k / 12):.3g}") for k in range(13))  # from 5 to 400
START = 8  # of them: where what suits films is near
LITTLE = 0.5  # a history that is worth so much speaks for a half, and popularity for the rest
LEFT_OUT = 4_000  # users that are left out in turn
TOGETHER = 1 << 22  # numbers at once: 32 MB
LARGEST = 1 << 29  # bytes of the table: up to 11,585 items
SMALLER = 6_000  # of users and items, whichever are fewer: a try costs the cube of that, some seconds


@dataclass(frozen=True, slots=True)
class Settings:
    """What the closed form goes by."""

    penalty: float
    dropout: float = 0.5
    damping: float = 0.3  # β


USUAL = Settings(PENALTIES[START])


@dataclass(frozen=True, slots=True)
class Solved:
    """What each item says of each, how far each user's history is to be trusted, and how much everybody has of each."""

    weights: Float32[np.ndarray, "items items"]
    trust: Float32[np.ndarray, " users"]
    popularity: Float32[np.ndarray, " items"]


def fits(n_users: int, n_items: int) -> bool:
    """Whether a number for each pair of so many items is no more than memory and patience hold."""
    return 4 * n_items**2 <= LARGEST and min(n_users, n_items) <= SMALLER


def chosen(histories: Ragged, n_items: int, *, start: Settings = USUAL, seed: int = 0) -> Settings:
    """The settings by whose penalty least is missed of users who are left out: a walk downhill along `PENALTIES`."""
    missed: dict[int, float] = {}
    with all_cores() as cores:
        data = _Data.of(histories, n_items, start)
        some = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(histories.lengths))[:LEFT_OUT])

        def miss(k: int) -> float:
            if k not in missed:
                is_there = 0 <= k < len(PENALTIES)
                missed[k] = data.solved(PENALTIES[k], cores).missed(some) if is_there else np.inf
            return missed[k]

        best = START
        while (near := min((best - 1, best, best + 1), key=miss)) != best:
            best = near
    return replace(start, penalty=PENALTIES[best])


def solved(histories: Ragged, n_items: int, settings: Settings, *, threads: int | None = None) -> Solved:
    """Solve for the table; `histories` are rows of items by row of user, with what each is worth."""
    with all_cores(threads) as cores:
        weights = _Data.of(histories, n_items, settings).solved(settings.penalty, cores).weights()
    n_users = max(1, int((histories.lengths > 0).sum()))
    popularity = np.bincount(histories.rows, histories.weights[WORTH].astype(np.float64), n_items) / n_users
    return Solved(weights, trust_in(histories), popularity.astype(np.float32))


def trust_in(histories: Ragged) -> Float32[np.ndarray, " users"]:
    """How far each history speaks for itself, from 0 of an empty one towards 1."""
    worth = np.bincount(histories.owners, histories.weights[WORTH].astype(np.float64), len(histories))
    return (worth / (worth + LITTLE)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Data:
    """The rows that are fitted, and what each item pays besides λ."""

    x: Any  # (users, items), sparse
    weight: Float64[np.ndarray, " users"]  # w
    dropped: Float64[np.ndarray, " items"]  # a·|y_j|²

    @classmethod
    def of(cls, histories: Ragged, n_items: int, settings: Settings) -> "_Data":
        from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]

        worth = histories.weights[WORTH].astype(np.float64)
        x: Any = sparse.csr_array((worth, histories.rows, histories.starts), (len(histories), n_items))
        n = histories.lengths
        weight = np.maximum(n, 1.0) ** (-settings.damping / 2)
        weight = np.where(n > 0, weight / weight[n > 0].mean() if (n > 0).any() else 0.0, 0.0)
        squares = np.bincount(histories.rows, (weight[histories.owners] * worth) ** 2, n_items)
        return cls(x, weight, settings.dropout / (1 - settings.dropout) * squares)

    def solved(self, penalty: float, cores: Cores) -> "_Ridge":
        """The inverse of the smaller side."""
        diagonal = penalty + self.dropped
        y = self.x.multiply(self.weight[:, None]).tocsr()
        if y.shape[0] >= y.shape[1]:
            matrix = (y.T @ y).toarray()
            matrix[np.diag_indices_from(matrix)] += diagonal
            return _Primal(self, diagonal, cores.inverse(matrix))
        scaled = y.multiply(1 / diagonal).tocsr()
        matrix = (scaled @ y.T).toarray()
        matrix[np.diag_indices_from(matrix)] += 1
        return _Dual(self, diagonal, scaled, cores.inverse(matrix))


@dataclass(frozen=True, slots=True)
class _Ridge:
    """P, the inverse of Y'Y + diag(diagonal), in one of two forms."""

    data: _Data
    diagonal: Float64[np.ndarray, " items"]

    def diagonal_of_p(self) -> np.ndarray:
        """(items,)"""
        raise NotImplementedError

    def rows_of_p(self) -> Iterator[tuple[slice, np.ndarray]]:
        """(some, items), all of them in parts."""
        raise NotImplementedError

    def times_p(self, users: np.ndarray) -> np.ndarray:
        """x·P of some users, (users, items)."""
        raise NotImplementedError

    def weights(self) -> Float32[np.ndarray, "items items"]:
        """B: row j is what having item j says of each item."""
        own = self.diagonal_of_p()
        found = np.empty((len(own), len(own)), np.float32)
        for part, rows in self.rows_of_p():
            found[part] = rows / -own
        np.fill_diagonal(found, 0)
        return found

    def missed(self, users: np.ndarray) -> float:
        """The sum of the squares that are missed where each of these users in turn is left out."""
        total, own = 0.0, self.diagonal_of_p()
        for part in np.array_split(users, -(-len(users) * len(own) // TOGETHER) or 1):
            through, w = self.times_p(part), self.data.weight[part] ** 2
            leverage = w * (self.data.x[part] * through).sum(1)
            total += float(((through / ((1 - leverage)[:, None] * own + w[:, None] * through**2)) ** 2).sum())
        return total


@dataclass(frozen=True, slots=True)
class _Primal(_Ridge):
    """By the items: P itself."""

    p: Float64[np.ndarray, "items items"]

    def diagonal_of_p(self) -> np.ndarray:
        return self.p.diagonal()

    def rows_of_p(self) -> Iterator[tuple[slice, np.ndarray]]:
        yield from ((part, self.p[part]) for part in _parts(len(self.p), len(self.p)))

    def times_p(self, users: np.ndarray) -> np.ndarray:
        return self.data.x[users] @ self.p


@dataclass(frozen=True, slots=True)
class _Dual(_Ridge):
    """By the users: P = D⁻¹ - Z'·K⁻¹·Z with Z = Y·D⁻¹ and K = 1 + Y·D⁻¹·Y'; K⁻¹·Z is Y·P."""

    scaled: Any  # Z, (users, items), sparse
    inverse: Float64[np.ndarray, "users users"]  # K⁻¹

    def diagonal_of_p(self) -> np.ndarray:
        found = 1 / self.diagonal
        for part in _parts(len(self.inverse), len(found)):
            found -= np.asarray((self.scaled[part] * (self.inverse[part] @ self.scaled)).sum(0)).ravel()
        return found

    def rows_of_p(self) -> Iterator[tuple[slice, np.ndarray]]:
        through, turned = self.inverse @ self.scaled, self.scaled.T.tocsr()  # (users, items)
        for part in _parts(len(self.diagonal), len(self.diagonal)):
            rows = -(turned[part] @ through)
            rows[np.arange(len(rows)), np.arange(part.start, part.start + len(rows))] += 1 / self.diagonal[part]
            yield part, rows

    def times_p(self, users: np.ndarray) -> np.ndarray:
        return (self.inverse[users] @ self.scaled) / self.data.weight[users][:, None]


def _parts(n: int, width: int) -> Iterator[slice]:
    """So many rows of so many numbers, in parts."""
    size = max(1, TOGETHER // max(1, width))
    return (slice(begin, min(begin + size, n)) for begin in range(0, n, size))
