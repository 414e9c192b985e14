"""Every example runs as it stands, and prints something."""

import runpy
from pathlib import Path

import pytest

from camps import two_camps

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", [str(path)])
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out


def test_the_first_example_takes_a_file_of_your_own(tmp_path, capsys, monkeypatch):
    two_camps().write_csv(tmp_path / "mine.csv")
    monkeypatch.setattr("sys.argv", ["", str(tmp_path / "mine.csv")])
    runpy.run_path(str(ROOT / "examples" / "train_on_your_ratings.py"), run_name="__main__")
    assert "20 different user, 20 different film" in capsys.readouterr().out
