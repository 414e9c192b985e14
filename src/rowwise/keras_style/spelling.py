"""The words of 2016 and of Keras 3 for one argument: `nb_epoch` is `epochs`."""

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from typing import Any, TypeVar

from rowwise.errors import BadOption

F = TypeVar("F", bound=Callable[..., Any])


def spelt(*ignored: str, **spellings: str) -> Callable[[F], F]:
    """Let a function take arguments by other names as well: `spelt(nb_epoch="epochs")`; drop the `ignored` ones.

    The function then raises BadOption for an argument that it does not have in any spelling.
    """

    def make(function: F) -> F:
        known = [n for n in inspect.signature(function).parameters if n not in ("self", "given")]

        @wraps(function)
        def call(*args: object, **named: object) -> Any:
            found = {}
            for name, value in named.items():
                if name in ignored:
                    continue
                new = spellings.get(name, name)
                if new not in known:
                    near = get_close_matches(name, [*known, *spellings], n=1)
                    raise BadOption(
                        f"{_name_of(function)} has no argument {name!r}",
                        expected=f"one of {', '.join(known)}",
                        mend=f"did you mean {near[0]!r}?" if near else "leave it out",
                    )
                if new in found:
                    raise BadOption(
                        f"{_name_of(function)} is told {new!r} twice",
                        expected="one spelling of it",
                        mend=f"leave {name!r} out",
                    )
                found[new] = value
            return function(*args, **found)

        return call  # pyright: ignore[reportReturnType]

    return make


def _name_of(function: Callable[..., Any]) -> str:
    return function.__qualname__.removesuffix(".__init__")
