"""Anything in, something whose type is known out: what a file or a caller gave is `object` until it is looked at.

`isinstance(given, list)` does not say what the list holds, and a type checker then knows nothing of it. These do.
"""

from collections.abc import Mapping, Sequence
from typing import TypeGuard, TypeVar

T = TypeVar("T")


def is_a(given: object, *kinds: type[T]) -> TypeGuard[T]:
    """Whether something is of a kind, also where its declared type says so: a record from a file may hold anything."""
    return isinstance(given, kinds)


def is_list(given: object) -> TypeGuard[Sequence[object]]:
    """Whether something is a list or a tuple, of whatever."""
    return isinstance(given, list | tuple)


def is_mapping(given: object) -> TypeGuard[Mapping[object, object]]:
    """Whether something is a mapping, of whatever to whatever."""
    return isinstance(given, Mapping)
