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
from rowwise.program.primitives import ELEMENTWISE, PRIMITIVES, RULES, Elementwise, Primitive

INTRODUCTION = """\
# The primitives

Made from the table in `rowwise.program.primitives` by
`python -m rowwise.backends.primitives_page > docs/primitives.md`.

A model may use every JAX primitive of the column *arrays*: that is its meaning, for `steps` (NumPy, float64) and for
XLA. With a rule for *llvm* too, the model trains in a machine-code loop; with one for *sheet*, it can be written as a
spreadsheet. Where a backend lacks a rule, the error names the primitive and the line that used it.
"""


def page() -> str:
    """The page in Markdown."""
    for folder in (program, rules, sheet):
        for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
            import_module(module.name)  # it registers its rules
    return "\n".join([INTRODUCTION, *_elementwise(), *_structural()])


def _elementwise() -> Iterable[str]:
    yield "## Number by number\n"
    yield "| primitive | arrays | llvm | llvm, integers | sheet |"
    yield "|---|---|---|---|---|"
    for row in ELEMENTWISE.values():
        columns = (_arrays(row), *map(_llvm, (row.llvm, row.integer)), _sheet(row.sheet))
        yield f"| `{row.name}` | " + " | ".join(f"`{text}`" if text else "" for text in columns) + " |"
    yield ""


def _structural() -> Iterable[str]:
    yield "## Moving numbers about\n"
    yield "| primitive | parameters | linear in | arrays | llvm | sheet |"
    yield "|---|---|---|---|---|---|"
    for row in (row for row in PRIMITIVES.values() if not isinstance(row, Elementwise)):
        params = ", ".join(f"`{name}`" for name in row.params)
        rules = ("yes" if row.name in RULES[backend] else "" for backend in ("arrays", "llvm", "sheet"))
        yield f"| `{row.name}` | {params} | {_linear(row)} | " + " | ".join(rules) + " |"
    yield ""


def _linear(row: Primitive) -> str:
    """The operands that the result is linear in: "all together", or "1, 2 together", "each of 1, 2"."""
    if not row.linear or row.times:
        return ""
    if None in row.linear:
        return "all together"
    groups = [", ".join(str(k + 1) for k in group or ()) for group in row.linear]
    return f"each of {', '.join(groups)}" if len(groups) > 1 else f"{groups[0]}{' together' * (',' in groups[0])}"


def _arrays(row: Elementwise) -> str:
    return row.arrays if isinstance(row.arrays, str) else _body(row.arrays)


def _body(function: Callable[..., Any]) -> str:
    """What a short function returns, as it is written: `1 / (1 + xp.exp(-x))`."""
    source = ast.parse(inspect.getsource(function).strip().rstrip(","))
    found = next(node for node in ast.walk(source) if isinstance(node, ast.Lambda | ast.Return))
    written = found.body if isinstance(found, ast.Lambda) else found.value
    return ast.unparse(written).replace("xp.", "").replace("|", "\\|") if written else ""


def _llvm(text: str) -> str:
    return text.removeprefix(":")


def _sheet(formula: str) -> str:
    """The formula with x, y, z for its operands."""
    for place, letter in enumerate("xyz"):
        for tightness in ("", ":1", ":2", ":3", ":4"):
            formula = formula.replace(f"{{{place}{tightness}}}", letter)
    return formula


if __name__ == "__main__":
    print(page(), end="")
