"""The house has one direction: a module imports from the folders before its own, and from nowhere else."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import rowwise
import rowwise as rw
from camps import two_camps

ROOT = Path(rowwise.__file__).parent

# As the data flow: each may import what stands before it. Folders first, then the modules that stand in front of them.
ORDER = (
    "narrow", "inert", "errors", "english", "options", "forks", "screen", "storage", "displays",
    "data", "program", "models", "capture",
    "backends", "trained", "train", "views", "api", "keras_style", "imported", "functional", "demo", "serve", "cli",
)  # fmt: skip

# The one imports a name when it is used, the other is the command line.
MODULES = sorted(set(ROOT.rglob("*.py")) - {ROOT / "__init__.py", ROOT / "__main__.py"})


def name_of(path: Path) -> str:
    """`rowwise/data/source.py` -> "data.source"; the `__init__.py` of a folder is the folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES}


def imports_of(path: Path) -> set[str]:
    """The modules of Rowwise that a module imports, at once or when a function is called; not for its types alone."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "rowwise":
            inside = str(node.module).partition(".")[2]
            named = {f"{inside}.{alias.name}".strip(".") for alias in node.names}
            found.update(name if name in NAMES else inside for name in named if inside or name in NAMES)
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("rowwise."))
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def place(module: str) -> int:
    return ORDER.index(module.partition(".")[0])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_folders_before_its_own(path):
    """Also inside its functions, when they are called: there is no door upwards."""
    name = name_of(path)
    assert [other for other in imports_of(path) if place(other) > place(name)] == []


def test_no_module_imports_itself_by_way_of_others():
    imported = {name_of(path): imports_of(path) for path in MODULES}
    in_order = list(TopologicalSorter(imported).static_order())  # a CycleError names the modules
    assert set(in_order) == set(imported)


BACKENDS = sorted(path.parent.name for path in (ROOT / "backends").glob("*/__init__.py"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_knows_a_program_and_neither_another_backend_nor_how_it_was_captured(backend):
    folder = [path for path in MODULES if name_of(path).startswith(f"backends.{backend}")]
    others = tuple(f"backends.{other}" for other in BACKENDS if other != backend)
    assert [name for path in folder for name in imports_of(path) if name.startswith(("capture", *others))] == []


def test_the_map_of_the_readme_lists_the_folders_in_this_order():
    map_ = (ROOT.parent.parent / "README.md").read_text(encoding="utf-8").partition("## The map")[2]
    listed = re.findall(r"`src/rowwise/(\w+)/`", map_.partition("## What it does not do")[0])
    folders = [name for name in ORDER if (ROOT / name / "__init__.py").exists() and name != "storage"]
    assert listed == folders


def test_every_folder_has_its_place_in_the_order():
    assert {name_of(path).partition(".")[0] for path in MODULES} <= set(ORDER)


def test_nothing_imports_the_command_line_and_errors_imports_how_they_are_read_only():
    everything = {name_of(path): imports_of(path) for path in MODULES}
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


@rw.model(target="stars", loss=rw.squared_error)
def keras_like(user=rw.Row("user", 2), film=rw.Row("film", 2)):
    return user @ film


TRAINED = {
    "rows": lambda: keras_like.fit(two_camps(6), epochs=1, progress=False),
    "dense": lambda: keras_like.fit(two_camps(6), epochs=1, update="dense", batch_size=8, progress=False),
    "ratings": lambda: rw.Recommender(user="user", item="film", target="stars", epochs=1).fit(two_camps(6)).fitted_,
    "lists": lambda: rw.Recommender(user="user", item="film").fit(two_camps(6)[["user", "film"]]).fitted_,
    "texts": lambda: rw.TextClassifier(epochs=1).fit(["good", "bad"] * 9, ["yes", "no"] * 9).fitted_,
}
ANSWERS = """
import sys, rowwise as rw
fitted = rw.load(sys.argv[1])
if "texts" in sys.argv[1]:
    fitted.predict({"text": ["good"]})
else:
    fitted.predict({"user": [1], "film": [2]}), fitted.recommend(1, n=2), fitted.similar(2, n=2)
print(*[name for name in ("jax", "optax", "equinox", "scipy", "rich", "openpyxl", "pooch") if name in sys.modules])
"""


@pytest.mark.parametrize("how", TRAINED)
def test_a_saved_model_answers_without_what_trains(tmp_path, how):
    """However it was trained: JAX alone takes longer to import than all the rest and the answer."""
    TRAINED[how]().save(tmp_path / how)
    command = [sys.executable, "-c", ANSWERS, str(tmp_path / how)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("\n", 0), done.stderr


def test_every_public_name_is_where_the_package_says():
    assert [name for name in rowwise.__all__ if getattr(rowwise, name, None) is None] == []
