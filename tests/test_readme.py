"""The README and the pages of the docs run as they stand."""

import importlib
import json
from pathlib import Path

import pytest

from documents import assert_says, run_document

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "page", ["README.md", "docs/index.md", "docs/language.md", "docs/steps.md", "docs/functional.md"]
)
def test_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_document(ROOT / page) > 1


def test_the_errors_in_the_readme_are_those_that_were_measured():
    runs = json.loads((ROOT / "benchmarks" / "results" / "accuracy.json").read_text())["runs"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for run in (run for run in runs if run["part"] == "mean"):
        cells = [f"{run['mse'][name]:.3f} ± {run['mse_sd'][name]:.3f}" for name in run["mse"]]
        assert f"| {run['data']} | {' | '.join(cells)} |" in readme


def test_the_speeds_in_the_readme_are_those_that_were_measured(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    table = importlib.import_module("table")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\n".join(table.rows()) in readme
    assert table.scale() in readme


def test_a_page_that_says_something_else_is_found_out():
    assert_says("user 7   0.8712\n", "user 7   0.8711\n")
    with pytest.raises(AssertionError):
        assert_says("user 7   0.8712\n", "user 8   0.8712\n")
    with pytest.raises(AssertionError):
        assert_says("user 7   0.8712\n", "user 7   0.7712\n")
