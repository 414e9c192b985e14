"""How messages count, list and name things."""

from collections.abc import Sequence


def n_of(n: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 example", "2,000 examples"."""
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[object], *, most: int = 5) -> str:
    """The first few of many, and how many more there are: "1, 2 and 7 more"."""
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
