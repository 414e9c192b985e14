"""Matrices in, products and inverses out: on all cores, and the same bytes on any number of them.

A library of linear algebra that cuts its work by the number of cores adds in another order on each machine. Here the
work is cut in blocks whose size no machine decides, and each block is worked out by one core.
"""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from rowwise.backends.llvm.engine import cores

BLOCK = 256  # rows of a product that one core works out
LEAF = 384  # rows of a matrix that is inverted in one go


@dataclass(frozen=True, slots=True)
class Cores:
    """What works on matrices; made by `all_cores`."""

    pool: ThreadPoolExecutor

    def product(
        self, a: Float64[np.ndarray, "rows inner"], b: Float64[np.ndarray, "inner columns"]
    ) -> Float64[np.ndarray, "rows columns"]:
        """The matrix product."""
        found = np.empty((len(a), b.shape[1]))

        def work(begin: int) -> None:
            np.matmul(a[begin : begin + BLOCK], b, out=found[begin : begin + BLOCK])

        list(self.pool.map(work, range(0, len(a), BLOCK)))
        return found

    def inverse(self, a: Float64[np.ndarray, "n n"]) -> Float64[np.ndarray, "n n"]:
        """The inverse of a symmetric positive definite matrix, by halves: 4/3 n³ additions, nearly all in products.

        Source: the inverse of a matrix of four blocks by the Schur complement of the first (Strassen 1969).
        """
        n = len(a)
        if n <= LEAF:
            return np.linalg.inv(a)
        half = BLOCK * round(n / 2 / BLOCK) or n // 2
        first, beside, last = a[:half, :half], a[:half, half:], a[half:, half:]
        found = np.empty_like(a)
        inverse = self.inverse(first)
        carried = self.product(inverse, beside)
        complement = self.inverse(last - self.product(np.ascontiguousarray(beside.T), carried))
        moved = self.product(carried, complement)
        found[:half, :half] = inverse + self.product(moved, np.ascontiguousarray(carried.T))
        found[:half, half:], found[half:, :half] = -moved, -moved.T
        found[half:, half:] = complement
        return found


@contextmanager
def all_cores(threads: int | None = None) -> Generator[Cores]:
    """All cores, or so many, while the library of linear algebra itself keeps to one for each block."""
    from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads or cores()) as pool:
        yield Cores(pool)
