"""A process made by `fork`, told at once that it cannot answer, where it would wait for ever.

A fork copies the memory of a process and only one of its threads. Polars and JAX compute in threads of their own, which
they start when they are first used: a child of a process that has used them waits for threads that it does not have.
Used for the first time after the fork, they start threads in the child, and everything works.
"""

import os
import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from rowwise.errors import Forked

P = ParamSpec("P")
R = TypeVar("R")

THREADS = {"Polars": re.compile(r"polars-\d"), "JAX": re.compile("tf_XLA")}  # as the system shows their names
LISTED = "/proc/self/task"  # Linux


class Lost:
    """The libraries whose threads are in the parent of this process, and not in it."""

    names: tuple[str, ...] = ()  # in this process
    now: tuple[str, ...] = ()  # in a child, if it were forked at this moment

    def look(self) -> None:
        """Just before a fork, in the parent."""
        self.now = tuple(name for name in THREADS if name in self.names or _used(name))

    def mark(self) -> None:
        """Just after it, in the child."""
        self.names = self.now


LOST = Lost()
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=LOST.look, after_in_child=LOST.mark)


def not_in_a_fork(door: Callable[P, R]) -> Callable[P, R]:
    """A function that refuses at once in a forked process whose parent has what it would wait for."""

    @wraps(door)
    def checked(*args: P.args, **options: P.kwargs) -> R:
        if LOST.names:
            what = door.__qualname__.removesuffix(".__init__")
            raise Forked(
                f"{what} in a process that was forked after {' and '.join(LOST.names)} had been used",
                expected="a process that was started anew, or forked before: their threads stay with the parent",
                mend='multiprocessing.get_context("spawn"); under gunicorn, load the model without --preload',
            )
        return door(*args, **options)

    return checked


def _used(library: str) -> bool:
    """Whether a thread of this library runs here; where the system does not list them, whether it was imported."""
    try:
        running = os.listdir(LISTED)
    except OSError:
        return library.lower() in sys.modules
    return any(THREADS[library].match(_name(task)) for task in running)


def _name(task: str) -> str:
    try:
        with open(f"{LISTED}/{task}/comm", encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:  # it has just ended
        return ""
