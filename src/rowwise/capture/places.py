"""Where a step comes from: the line of the user's own function that JAX was tracing."""

import ast
import linecache
import re
import textwrap
from collections.abc import Callable
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import rowwise
from rowwise.capture.jaxpr import Source
from rowwise.program.program import Place

PACKAGE = Path(rowwise.__file__).parent
FRAME = re.compile(r"^(.*):(\d+):(\d+) \((.*)\)$")
# A part of a model that has no line of the user's names itself by `jax.named_scope("⟨l2: 0.01 · sum(user²)⟩")`.
PART = re.compile(r"⟨(\w+): (.*?)⟩")


def find_place(
    source: Source, *, function: Callable[..., Any], loss: Callable[..., Any] | None, tracer: str
) -> Place | None:
    """The line of the loss, or else the innermost line in the function's file, or else the innermost that is not JAX's.

    `tracer` is the file that called JAX: what called it in turn is of no interest.
    """
    part = PART.search(source.scopes)
    mine, its = (getattr(f, "__code__", None) for f in (function, loss))
    if part and mine:
        return Place(_short(mine.co_filename), mine.co_firstlineno, 1, part[1], part[2])
    frames = [FRAME.match(frame) for frame in source.lines()]
    innermost_first = [frame.groups() for frame in reversed(frames) if frame]
    found = list(takewhile(lambda frame: frame[0] != tracer, innermost_first))
    if not found:
        return None
    in_loss = [frame for frame in found if its and (frame[0], frame[3]) == (its.co_filename, its.co_qualname)]
    in_file = [frame for frame in found if mine and frame[0] == mine.co_filename]
    file, line, column, name = (in_loss + in_file + found)[0]
    return Place(_short(file), int(line), int(column), name.rpartition(".")[2], statement(file, int(line)))


def _short(file: str) -> str:
    """A file's name without its folder, `rowwise/models/losses.py` for one of ours."""
    path = Path(file)
    return path.relative_to(PACKAGE.parent).as_posix() if path.is_relative_to(PACKAGE) else path.name


def statement(file: str, line: int) -> str:
    """The statement that a line is part of, as one line however many it is written on."""
    lines = linecache.getlines(file)
    first, last = _spans("".join(lines)).get(line, (line, line))
    text = "".join(lines[first - 1 : last])
    return ast.unparse(ast.parse(textwrap.dedent(text))) if last > first else text.strip()


@lru_cache(maxsize=8)
def _spans(source: str) -> dict[int, tuple[int, int]]:
    """The first and last line of the simple statement that each line of a source is part of."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    except SyntaxError:  # a notebook's cell with magic
        return {}
    spans = [(node.lineno, node.end_lineno or node.lineno) for node in nodes if not hasattr(node, "body")]
    return {line: span for span in spans for line in range(span[0], span[1] + 1)}
