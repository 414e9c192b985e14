"""A model that another process replaces again and again is read whole: the one or the other, never a mix."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rowwise as rw
from untrained import two_keys

SAVER = """
import sys, rowwise as rw
one, other = rw.load(sys.argv[1]), rw.load(sys.argv[2])
print("ready", flush=True)
for _ in range(int(sys.argv[4])):
    one.save(sys.argv[3])
    other.save(sys.argv[3])
print("done", flush=True)
"""


@pytest.fixture
def two(tmp_path):
    """Two models of the same shapes, whose numbers are 1 and 2 throughout."""
    found = []
    for number in (1.0, 2.0):
        fitted = two_keys()
        for table in fitted.parameters.tables.values():
            table[...] = number
        found.append(fitted.save(tmp_path / f"model {number:g}"))
    return found


def test_a_model_that_is_replaced_while_it_is_loaded_is_one_of_the_two(two, tmp_path):
    place = rw.load(two[0]).save(tmp_path / "model")
    arguments = [sys.executable, "-c", SAVER, *map(str, two), str(place), "100"]
    loads, found = 0, set()
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as saving:
        assert saving.stdout is not None
        assert saving.stdout.readline() == "ready\n"
        while saving.poll() is None:
            numbers = np.concatenate([table.ravel() for table in rw.load(place).parameters.tables.values()])
            loads += 1
            found |= {tuple(np.unique(numbers).tolist())}
    assert saving.returncode == 0
    assert loads > 1
    assert found <= {(1.0,), (2.0,)}


def test_a_folder_that_goes_away_between_two_files_is_read_anew(two, tmp_path, monkeypatch):
    place = rw.load(two[0]).save(tmp_path / "model")
    from rowwise.trained import files

    real, replaced = files._bytes_of, []

    def slow(at: files._Place, name: str, file: int):
        if name != "model.json" and not replaced:
            replaced.append(name)
            rw.load(Path(two[1])).save(place)
        return real(at, name, file)

    monkeypatch.setattr(files, "_bytes_of", slow)
    assert set(np.unique(rw.load(place).parameters.tables["user"]).tolist()) <= {1.0, 2.0}
    assert replaced
