"""An error raised inside a user's function in, every shape that was there out, in words."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from traceback import walk_tb
from typing import Any

from rowwise.models.arguments import Word


def shapes_so_far(error: BaseException, function: Callable[..., Any], words: Mapping[str, Word]) -> list[str]:
    """What each name of the function was when the error was raised: its arguments, then what its lines made."""
    told = [f"{name} is {word.shown}: {word.means}" for name, word in words.items()]
    code = getattr(function, "__code__", None)
    frames = [(frame, line) for frame, line in walk_tb(error.__traceback__) if frame.f_code is code]
    if not frames:
        return told
    frame, line = frames[-1]
    for name, source in _assigned(function, line).items():
        shape = getattr(frame.f_locals.get(name), "shape", None)
        if shape is not None:
            told.append(f"{name} is {tuple(shape)}: {name} = {source}")
    return told


def _assigned(function: Callable[..., Any], before: int) -> dict[str, str]:
    """What the lines of a function before a line assign to each name."""
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return {}
    above = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and first + node.lineno - 1 < before]
    pairs = [(target, ast.unparse(node.value)) for node in above for target in node.targets]
    return {target.id: source for target, source in pairs if isinstance(target, ast.Name)}
