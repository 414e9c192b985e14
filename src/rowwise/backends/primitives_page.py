"""The table of primitives in, its page in the docs out.

python -m rowwise.backends.primitives_page > docs/primitives.md
"""

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from rowwise import program
from rowwise.backends import sheet
from rowwise.backends.llvm import rules
from rowwise.program.primitives import ELEMENTWISE, RULES, Elementwise

INTRODUCTION = """\
# The primitives

Made from the table in `rowwise.program.primitives` by
`python -m rowwise.backends.primitives_page > docs/primitives.md`.

A model may use every JAX primitive of the column *arrays*: that is its meaning, for `steps` (NumPy, float64) and for
XLA. With a rule for *machine* code too, the model trains in a machine-code loop; with one for *cells*, it can be
written as a spreadsheet. Where a target lacks a rule, the error names the primitive and the line that used it.
"""


def page() -> str:
    """The page in Markdown."""
    for folder in (program, rules, sheet):
        for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
            import_module(module.name)  # it registers its rules
    return "\n".join([INTRODUCTION, *_elementwise(), *_structural()])


def _elementwise() -> Iterable[str]:
    yield "## Number by number\n"
    yield "| primitive | arrays | machine | machine, integers | cells |"
    yield "|---|---|---|---|---|"
    for row in ELEMENTWISE.values():
        columns = (_arrays(row), *map(_machine, (row.machine, row.integer)), _cells(row.cells))
        yield f"| `{row.primitive}` | " + " | ".join(f"`{text}`" if text else "" for text in columns) + " |"
    yield ""


def _structural() -> Iterable[str]:
    yield "## Moving numbers about\n"
    yield "| primitive | arrays | machine | cells |"
    yield "|---|---|---|---|"
    names = dict.fromkeys(name for rules in RULES.values() for name in rules)
    for name in names:
        yield f"| `{name}` | " + " | ".join("yes" if name in RULES[target] else "" for target in RULES) + " |"
    yield ""


def _arrays(row: Elementwise) -> str:
    return row.arrays if isinstance(row.arrays, str) else _body(row.arrays)


def _body(function: Callable[..., Any]) -> str:
    """What a short function returns, as it is written: `1 / (1 + xp.exp(-x))`."""
    source = ast.parse(inspect.getsource(function).strip().rstrip(","))
    found = next(node for node in ast.walk(source) if isinstance(node, ast.Lambda | ast.Return))
    written = found.body if isinstance(found, ast.Lambda) else found.value
    return ast.unparse(written).replace("xp.", "").replace("|", "\\|") if written else ""


def _machine(text: str) -> str:
    return text.removeprefix(":")


def _cells(formula: str) -> str:
    """The formula with x, y, z for its operands."""
    for place, letter in enumerate("xyz"):
        for tightness in ("", ":1", ":2", ":3", ":4"):
            formula = formula.replace(f"{{{place}{tightness}}}", letter)
    return formula


if __name__ == "__main__":
    print(page(), end="")
