"""Anything in, something whose type is known out: what a file or a caller gave is `object` until it is looked at.

`isinstance(given, list)` does not say what the list holds, and a type checker then knows nothing of it. These do.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


def is_a(given: object, *kinds: type[T]) -> TypeGuard[T]:
    """Whether something is of a kind, also where its declared type says so: what comes from outside may be anything."""
    return isinstance(given, kinds)


def is_list(given: object) -> TypeGuard[Sequence[object]]:
    """Whether something is a list or a tuple, of whatever."""
    return isinstance(given, list | tuple)


def is_tuple(given: object) -> TypeGuard[tuple[object, ...]]:
    """Whether something is a tuple, of whatever."""
    return isinstance(given, tuple)


def ints_of(given: object) -> list[int] | None:
    """The whole numbers of a list or a tuple; None where it is none, or holds something else too, such as True."""
    if not is_list(given):
        return None
    found = [each for each in given if type(each) is int]
    return found if len(found) == len(given) else None


def is_iterable(given: object) -> TypeGuard[Iterable[object]]:
    """Whether something can be gone through, a text too."""
    return isinstance(given, Iterable)


def is_mapping(given: object) -> TypeGuard[Mapping[Any, object]]:
    """Whether something is a mapping, of whatever to whatever."""
    return isinstance(given, Mapping)


def is_names(given: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether something is a mapping of names, as JSON's objects are."""
    return is_mapping(given) and all(isinstance(key, str) for key in given)


def is_array(given: object) -> "TypeGuard[np.ndarray]":
    """Whether something is an array of NumPy, of whatever numbers."""
    import numpy as np  # only when it is asked for: whoever needs help about a command needs no arrays

    return isinstance(given, np.ndarray)
