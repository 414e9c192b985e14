"""Numbers as text: short enough to read, whole on request."""

import numpy as np

FIRST = 3
FEW = 5


def brief(array: np.ndarray) -> str:
    """One number, a few, or the first few and the last, with where they lie."""
    flat = np.ravel(array)
    if array.ndim == 0:
        return one(flat[0], digits=5)
    if flat.size <= FEW:
        return f"[{' '.join(map(one, flat))}]"
    some = " ".join(map(one, flat[:FIRST]))
    return f"[{some} … {one(flat[-1])}]  {one(flat.min())} to {one(flat.max())}, mean {one(flat.mean())}"


def whole(array: np.ndarray) -> str:
    """Every number."""
    return np.array2string(array, threshold=2**31, max_line_width=72, formatter={"float_kind": lambda x: one(float(x))})


def one(number: float, digits: int = 3) -> str:
    if isinstance(number, bool | np.bool_):
        return str(number).lower()
    return f"{number:.{digits}g}" if number else "0"


def count(n: int, one: str) -> str:
    """`1 row`, `5,000 rows`."""
    return f"{n:,} {one if n == 1 else one + 's'}"
