"""What can go wrong, as a tree; each error says what was given, what was expected, and how to mend it.

    RowwiseError
    ├── BadData (ValueError)                     a file, frame or query that cannot be learnt from
    ├── BadModel (TypeError)                     a signature or a function that is not a model
    ├── BadOption (ValueError)                   a setting outside its range
    ├── NotFitted (AttributeError)               an estimator asked before `fit` for what only fit can tell
    ├── UnknownId (KeyError)                     an id that a vocabulary does not hold
    ├── UnsupportedPrimitive (NotImplementedError)   an operation that a target has no rule for
    ├── Diverged (ArithmeticError)               training left the finite numbers
    ├── BadFolder (ValueError)                   a saved model that is damaged, foreign or too new
    ├── CannotWrite (OSError)                    a file or folder that the system does not let us write
    └── Forked (RuntimeError)                    a forked process, asked for what only its parent can do

    NotKeptWarning (UserWarning)             a checkpoint that could not be written: training goes on
    UnknownIdsWarning (UserWarning)          answers that came from the unknown row

Each is also the built-in error a caller would think of.
"""

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rowwise import inert

LONGEST = 1_000  # letters of a line of an error


class RowwiseError(Exception):
    """Base of all errors a user can mend: `given`, `expected` and `mend` are sentences without a full stop.

    `facts` are what else there is to see, such as the shape of each value: a line each, under what was expected.
    """

    def __init__(self, given: str, *, expected: str = "", mend: str = "", facts: Sequence[str] = ()):
        super().__init__(given)
        self.given = given
        self.expected = expected
        self.mend = mend
        self.facts = tuple(facts)

    def __str__(self) -> str:
        lines = [_short(self.given)]
        if self.expected:
            lines.append(f"  expected: {_short(self.expected)}")
        lines += [f"    {_short(fact)}" for fact in self.facts]
        if self.mend:
            lines.append(f"  to mend:  {inert.line(self.mend)}")
        return "\n".join(lines)


def _short(text: str) -> str:
    """A text on one line that can be read: an id, a column or a file may be called anything, at any length."""
    words = inert.line(text)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]} …"


class BadData(RowwiseError, ValueError):
    """A file, frame or query that cannot be learnt from."""


class BadModel(RowwiseError, TypeError):
    """A signature or a function that is not a model."""


class BadOption(RowwiseError, ValueError):
    """A setting outside its range."""


class NotFitted(RowwiseError, AttributeError):
    """An estimator asked before `fit` for what only fit can tell."""


class UnknownId(RowwiseError, KeyError):
    """An id that a vocabulary does not hold."""

    __str__ = RowwiseError.__str__  # KeyError would print the repr


class UnsupportedPrimitive(RowwiseError, NotImplementedError):
    """An operation that a target has no rule for."""


class Diverged(RowwiseError, ArithmeticError):
    """Training left the finite numbers.

    `fitted` is the model of the last good epoch, None where there was none; `example` the first example whose loss was
    not finite, as its columns, None where it is not known: `error.fitted.steps(error.example)` walks through it.
    `share` of the learning rates stays finite, which was tried; None where nothing was.
    """

    fitted: object = None
    example: Any = None
    share: float | None = None

    def say_how_to_look(self) -> None:
        """Add to the mend how to walk through the example, where both it and a model are there."""
        if self.fitted is not None and self.example is not None:
            self.mend += "; error.fitted.steps(error.example) walks through that example"


class BadFolder(RowwiseError, ValueError):
    """A saved model that is damaged, foreign or written by a newer version."""


class CannotWrite(RowwiseError, OSError):
    """A file or folder that the system does not let us write: a full disk, a missing right, a name too long.

    `errno` is the system's number and `filename` the place; `fitted` is the model that could not be saved, where it is
    one, so that it can be saved elsewhere.
    """

    fitted: object = None


class Forked(RowwiseError, RuntimeError):
    """A process made by `fork`, asked for something that would wait for ever for threads that its parent has."""


class NotKeptWarning(UserWarning):
    """A checkpoint could not be written; training goes on without it."""


class SlowDeviceWarning(UserWarning):
    """The device that XLA would compute on is known to be slow with what is installed."""


class UnknownIdsWarning(UserWarning):
    """Some answers came from the unknown row, because training never saw their ids."""

    def __str__(self) -> str:
        return inert.line(super().__str__())


@contextmanager
def foreign(error: type[RowwiseError], given: str, *, expected: str = "", mend: str = "") -> Iterator[None]:
    """Whatever other people's code raises inside, as ours, with the first line of what it said.

    What is raised while a file is written is told by `rowwise.storage.refusals`, with its place.
    """
    try:
        yield
    except RowwiseError:
        raise
    except BaseException as fault:
        if not isinstance(fault, Exception) and not is_panic(fault):
            raise  # Ctrl-C, or the end of the process
        raise error(f"{given} ({said(fault)})", expected=expected, mend=mend) from None


def is_panic(fault: BaseException) -> bool:
    """Whether it is a panic of a library in Rust, which is no `Exception`: it would pass every net for those."""
    return type(fault).__module__ == "pyo3_runtime"


def said(fault: BaseException) -> str:
    """The first line with anything in it; of an error of the system, what it means and the file."""
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror if fault.filename is None else f"{fault.filename}: {fault.strerror}"
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    return lines[0] if lines else type(fault).__name__


def warn_of_unknown(message: str) -> None:
    """Warn that an answer came from the unknown row, at the line of the caller's own code, however far up it is."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "rowwise":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UnknownIdsWarning, stacklevel=level)
