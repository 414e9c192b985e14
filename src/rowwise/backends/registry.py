"""The engines by name, in the order in which they are asked. A new one is a module with an `ENGINE`, and a line here.

The first that lacks nothing trains, and the first that lacks nothing to predict answers. None of them is imported
before it is asked: the names alone cost nothing.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from rowwise.options import one_of

if TYPE_CHECKING:
    from rowwise.backends.backend import Engine

AUTO = "auto"  # whichever can
ENGINES = {
    "llvm": "rowwise.backends.llvm.engine",
    "xla": "rowwise.backends.xla.engine",
    "als": "rowwise.backends.xla.alternating",
}


def names() -> tuple[str, ...]:
    """What `engine=` may be."""
    return (AUTO, *ENGINES)


def engine(name: str) -> "Engine":
    """The engine of a name."""
    return import_module(ENGINES[name]).ENGINE


def engines() -> Iterator["Engine"]:
    """All engines, each imported when its turn comes."""
    return map(engine, ENGINES)


def checked(name: str) -> str:
    """The name of an engine, or "auto".

    Raises:
        BadOption: there is no such engine.
    """
    return one_of("engine", name, names(), mend="engine='auto' chooses")
