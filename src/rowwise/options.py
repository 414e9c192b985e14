"""What an option may be: each kind is checked in one place, and what it is not is refused with how to mend it."""

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from math import inf, isfinite
from numbers import Integral, Real
from os import PathLike
from typing import Any, TypeGuard

from rowwise.errors import BadOption
from rowwise.narrow import is_iterable, is_mapping, is_names

LARGEST = 2**31 - 1  # what a row number, a count or a seed may be at most: they travel as 32 bits
WIDEST = 2**20  # numbers in a row: a row of 4 MB; more is a slip of the keyboard


def whole(name: str, value: object, *, least: int, most: int = LARGEST, expected: str = "", mend: str = "") -> int:
    """The value as a whole number from `least` to `most`; 2.0 and True are none."""
    if is_whole(value) and least <= value <= most:
        return int(value)
    wanted = expected or f"a whole number of {least:,} or more"
    wanted += f", and not above {most:,}" if is_whole(value) and value > most else ""
    raise BadOption(said(name, value), expected=wanted, mend=mend or "leave it out for the default")


def number(
    name: str, value: object, *, least: float = 0.0, below: float = inf, above: float | None = None, mend: str = ""
) -> float:
    """The value as a finite number of `least` or more (or above `above`) and below `below`."""
    if is_number(value) and (value >= least if above is None else value > above) and value < below:
        return float(value)
    wanted = f"a number of {least:g} or more" if above is None else f"a number above {above:g}"
    wanted += "" if below == inf else f" and below {below:g}"
    raise BadOption(said(name, value), expected=wanted, mend=mend or "leave it out for the default")


def flag(name: str, value: object) -> bool:
    """The value as True or False, and nothing that merely counts as either."""
    if isinstance(value, bool):
        return value
    raise BadOption(said(name, value), expected="True or False", mend="leave it out for the default")


def one_of(name: str, value: object, choices: Collection[Any], *, mend: str = "leave it out for the default") -> Any:
    """The value, which is one of a few."""
    if isinstance(value, str | None) and value in choices:
        return value
    known = [str(choice) for choice in choices if choice is not None]
    near = get_close_matches(value, known, n=1) if isinstance(value, str) else []
    raise BadOption(
        said(name, value), expected=f"one of {', '.join(known)}", mend=f"did you mean {near[0]!r}?" if near else mend
    )


def name_of_column(name: str, value: object, *, mend: str = "") -> str:
    """The value as the name of a column."""
    if isinstance(value, str) and value:
        return value
    raise BadOption(said(name, value), expected="the name of a column, as text", mend=mend or f"write {name}='…'")


def text(name: str, value: object, *, mend: str, expected: str = "a text") -> str:
    """The value as a text, which may be empty."""
    if isinstance(value, str):
        return value
    raise BadOption(said(name, value), expected=expected, mend=mend)


def place(name: str, value: object) -> "str | PathLike[str]":
    """The value as a path, or as an address: a text or an object of `pathlib`."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, PathLike) and isinstance(value.__fspath__(), str):
        return value
    raise BadOption(said(name, value), expected="a path, as text or of pathlib", mend=f"write {name}='…'")


def names_of_columns(name: str, value: object) -> list[str]:
    """The value as names of columns: a list, an array or a series of texts."""
    is_text = isinstance(value, str | bytes) or is_mapping(value)
    given = list(value) if is_iterable(value) and not is_text and getattr(value, "ndim", 1) == 1 else [None]
    names: list[str] = [each for each in given if isinstance(each, str)]
    if len(names) == len(given):
        return names
    mend = f"{name}=[{value!r}]" if isinstance(value, str) and value else f"{name}=['userId', 'movieId']"
    raise BadOption(said(name, value), expected="a list of names of columns", mend=mend)


def known_names(given: Iterable[str], known: Iterable[str], *, of: str) -> None:
    """Refuse the name of an option that there is not."""
    known = list(known)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise BadOption(
                f"{name!r} is no option of {of}",
                expected=f"one of {', '.join(known)}",
                mend=f"did you mean {near[0]!r}?" if near else "leave it out",
            )


def mapping(name: str, value: object, *, expected: str, mend: str) -> Mapping[str, Any]:
    """The value as a mapping of names."""
    if is_names(value):
        return value
    raise BadOption(said(name, value), expected=expected, mend=mend)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number by its type: NumPy's too, but no bool and no 2.0."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a finite number by its type: NumPy's too, but no bool and no text."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def said(name: str, value: object) -> str:
    """`name=value` as it may stand in one line; a name such as "Row(dim" gets its bracket back."""
    item = getattr(value, "item", None) if getattr(value, "size", 0) == 1 else None  # NumPy writes np.int64(7)
    written = repr(value if item is None else item())
    written = " ".join(written.split())
    shown = written if len(written) <= 60 else f"{written[:50]} …"
    return f"{name}={shown}{')' if '(' in name else ''}"
