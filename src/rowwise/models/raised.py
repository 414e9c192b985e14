"""What a user's own function raises, told with its line and how to mend it."""

import linecache
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rowwise.errors import BadModel, RowwiseError


@contextmanager
def computed(
    function: Callable[..., Any], *, facts: Callable[[BaseException], Sequence[str]] | None = None
) -> Generator[None]:
    """Inside, a user's function is tried on shapes, and may raise anything; `facts` says what else there is to see.

    Raises:
        BadModel: it cannot be computed.
    """
    try:
        yield
    except RowwiseError:
        raise
    except Exception as error:
        raise BadModel(
            f"{raised_at(error, function)} cannot be computed: {first_line(error)}",
            expected="array code for one example" + (", where" if facts else ""),
            facts=facts(error) if facts else (),
            mend=_mend(error),
        ) from error


def place_of(function: Callable[..., Any]) -> str:
    """Where a function is written, "my_model.py:5 (score)"; its name alone where there is no file."""
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", "model")
    return f"{Path(code.co_filename).name}:{code.co_firstlineno} ({name})" if code else name


def raised_at(error: BaseException, function: Callable[..., Any]) -> str:
    """The deepest line of a function's own file in an error's traceback: "my_model.py:5 (score): `user @ movie`"."""
    code = getattr(function, "__code__", None)
    raised = [e for e in (error, error.__cause__) if e is not None]  # JAX keeps the trace of a derivative in the cause
    frames = [
        f for e in raised for f in traceback.extract_tb(e.__traceback__) if code and f.filename == code.co_filename
    ]
    if not frames:
        return place_of(function)
    last = frames[-1]
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    return f"{Path(last.filename).name}:{last.lineno} ({last.name}): `{line}`"


def _mend(error: BaseException) -> str:
    """What to do about the mistakes that JAX meets most."""
    import jax

    if isinstance(error, jax.errors.TracerBoolConversionError):
        return "numbers are known only when the model runs: write jnp.where(condition, a, b) in place of if"
    if isinstance(error, jax.errors.TracerArrayConversionError):
        return "use jax.numpy in place of numpy"
    if isinstance(error, TypeError | ValueError):
        return "make the shapes on that line fit; there is no batch axis here"
    return "correct that line: it was run as Python, with arrays of one example"


def first_line(error: BaseException) -> str:
    """The first line of an error's text, or its type where it has none."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
