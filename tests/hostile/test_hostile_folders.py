"""Thousands of hostile folders, each loaded and asked in a process with little time and memory.

None may run anything, end or hang the process, show a traceback, or answer otherwise than the definition does. One that
failed is looked at by its number: `python tests/hostile/many.py folders 1234 1235`.
"""

import ast
from collections import Counter
from pathlib import Path

import pytest

from hostile.limits import GOOD, outcomes
from hostile.models import save_all

HERE = Path(__file__).parent
CASES = 2_000


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_all(folder)
    return folder


def told(found):
    return "\n".join(f"case {o.case}: {o.kind}: {o.said}" for o in found if o.kind not in GOOD)


def test_a_hostile_folder_is_refused_or_answers_as_the_definition(models):
    found = outcomes(HERE / "folders.py", range(CASES), HOSTILE_MODELS=str(models))
    kinds = Counter(o.kind for o in found)
    assert set(kinds) == set(GOOD), told(found)
    assert kinds["answered"] > CASES // 10  # many are harmless: those are held to the definition
    assert kinds["refused"] > CASES // 10


def test_a_folder_that_asks_for_a_year_or_for_all_of_the_memory_is_refused_at_once(models):
    tree = ast.parse((HERE / "bombs.py").read_text(encoding="utf-8"))
    bombs = next(n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "BOMBS")
    assert isinstance(bombs, ast.Dict)
    found = outcomes(HERE / "bombs.py", range(len(bombs.keys)), megabytes=700, HOSTILE_MODELS=str(models))
    assert {o.kind for o in found} == {"refused"}, told(found) + str([o for o in found if o.kind == "answered"])
