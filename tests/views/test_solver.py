"""Solver really runs: LibreOffice's nonlinear solver, on the cells that the workbook filled in."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from rowwise.backends import reference
from rowwise.views.unsheet import unsheet
from untrained import two_keys

SCRIPT = Path(__file__).parent.parent / "run_solver.py"
PYTHON = (
    shutil.which("python3", path="/usr/bin") or "python3"
)  # LibreOffice's own bindings belong to the system's Python


def solved(path, folder, sheet, *, cycles):
    """What the error was and became, and the workbook that holds the numbers found."""
    if shutil.which("soffice") is None or subprocess.run([PYTHON, "-c", "import uno"], capture_output=True).returncode:
        pytest.skip("LibreOffice and python3-uno are not installed")
    names = openpyxl.load_workbook(path)[sheet].defined_names
    changing = [area.replace("$", "") for _, area in names["solver_adj"].destinations]
    ((_, error),) = names["solver_opt"].destinations
    wanted = {"sheet": sheet, "error": error.replace("$", ""), "changing": changing, "cycles": cycles}
    command = [PYTHON, SCRIPT, path, folder / "solved.xlsx", folder / "profile", json.dumps(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=550)
    if "no DEPS solver" in done.stderr:
        pytest.skip("LibreOffice has no nonlinear solver (libreoffice-nlpsolver, and Java)")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), folder / "solved.xlsx"


def test_solver_makes_the_error_of_the_random_grid_fall_and_unsheet_brings_its_rows_home(ratings, tmp_path):
    fitted = two_keys(factors=4)
    path = fitted.sheet(tmp_path / "model.xlsx", data=ratings, optimizers=())
    found, workbook_solved = solved(path, tmp_path, "grid from random", cycles=50)
    assert found["after"] < 0.9 * found["before"]
    tables = unsheet(workbook_solved, fitted.trained, sheet="grid from random")
    errors = []
    for user, film, rating in ratings.iter_rows():
        rows = {"user": fitted.vocabularies["userId"].row(user), "film": fitted.vocabularies["filmId"].row(film)}
        rows |= {"user_bias": rows["user"], "film_bias": rows["film"]}
        given = {name: tables[name][row] for name, row in rows.items()} | {"mean": 3.25, "target": rating}
        errors.append(float(reference.number(reference.run(fitted.program, given), fitted.program.prediction)) - rating)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(found["after"], abs=1e-5)
