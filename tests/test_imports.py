"""The house has one direction: a module imports from the folders before its own, and from nowhere else."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rowwise

ROOT = Path(rowwise.__file__).parent

# As the data flow: each may import what stands before it. Folders first, then the modules that stand in front of them.
ORDER = (
    "inert", "errors", "english", "options", "forks", "screen", "storage", "data", "program", "models", "capture",
    "backends", "trained", "train", "views", "keras_style", "imported", "functional", "api", "demo", "cli",
)  # fmt: skip

# Doors: imports inside a function of something later in the order, opened only when a person goes through.
DOORS = {
    ("models.model", "capture.capture"),  # model.program()
    ("models.model", "backends.llvm.kernel"),  # model.kernel()
    ("models.model", "backends.reference"),  # model.steps()
    ("models.model", "train.fit"),  # model.fit()
    ("models.model", "views"),  # model.steps()
    ("program.program", "views.cards"),  # a program in a notebook
    ("trained.fitted", "train.further"),  # fitted.fit()
    ("trained.fitted", "views"),  # fitted.steps(), .sheet(), .plot_history()
}

MODULES = sorted(set(ROOT.rglob("*.py")) - {ROOT / "__init__.py"})  # that one imports a name when it is used


def name_of(path: Path) -> str:
    """`rowwise/data/source.py` -> "data.source"; the `__init__.py` of a folder is the folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> tuple[set[str], set[str]]:
    """What of Rowwise a module imports when it is imported, and what its functions import when they are called."""
    at_once, later = set(), set()

    def visit(node: ast.AST, found: set[str]) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rowwise"):
            inside = (node.module or "").partition(".")[2]
            found |= {inside} if inside else {alias.name for alias in node.names if alias.name in ORDER}
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("rowwise.")}
        inner = later if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else found
        for child in ast.iter_child_nodes(node):
            visit(child, inner)

    visit(ast.parse(path.read_text(encoding="utf-8")), at_once)
    return at_once, later


def place(module: str) -> int:
    return ORDER.index(module.partition(".")[0])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_folders_before_its_own(path):
    name = name_of(path)
    at_once, _ = imports_of(path)
    assert [other for other in at_once if place(other) > place(name)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_imports_from_a_later_folder_only_through_a_known_door(path):
    name = name_of(path)
    _, later = imports_of(path)
    doors = {other for other in later if place(other) > place(name)}
    assert {other for other in doors if not any(is_door(name, other, door) for door in DOORS)} == set()


def is_door(name: str, other: str, door: tuple[str, str]) -> bool:
    return name == door[0] and (other == door[1] or other.startswith(f"{door[1]}."))


def test_every_folder_has_its_place_in_the_order():
    assert {name_of(path).partition(".")[0] for path in MODULES} <= set(ORDER)


def test_nothing_imports_the_command_line_and_errors_imports_how_they_are_read_only():
    everything = {name_of(path): set.union(*imports_of(path)) for path in MODULES}
    assert [name for name, imported in everything.items() if "cli" in imported] == []
    assert everything["errors"] == {"inert"}


HEAVY = ("jax", "numpy", "polars", "llvmlite", "rich", "optax", "equinox", "jaxtyping", "matplotlib", "safetensors")


@pytest.mark.parametrize(
    "code",
    [
        "import rowwise",
        "import sys, rowwise.cli; sys.argv = ['rowwise', '--help']; rowwise.cli.main(standalone_mode=False)",
    ],
    ids=["import rowwise", "rowwise --help"],
)
def test_nothing_heavy_is_imported_until_it_is_used(code):
    told = f"import sys\n{code}\nprint('heavy:', *[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy:"


def test_every_public_name_is_where_the_package_says():
    assert [name for name in rowwise.__all__ if getattr(rowwise, name, None) is None] == []
