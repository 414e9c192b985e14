"""Workbooks with every remembered value spoilt, recalculated by programs that are not ours."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple

# The functions that every spreadsheet program has.
SHARED = {
    "SUM",
    "SUMPRODUCT",
    "MMULT",
    "INDEX",
    "MATCH",
    "SQRT",
    "EXP",
    "LN",
    "MAX",
    "MIN",
    "ABS",
    "TANH",
    "IF",
    "COUNT",
}
Values = Mapping[tuple[str, str], object]  # (sheet, "B2") -> what a formula cell shows


def poisoned(path: Path, to: Path) -> Path:
    """A copy of a workbook in which every formula's remembered value is -1."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"</f><v>[^<]*</v>", b"</f><v>-1</v>", content)
            new.writestr(name, content)
    return to


def formulas(path: Path) -> dict[tuple[str, str], str]:
    """Every formula of a workbook."""
    book = openpyxl.load_workbook(path)
    cells = (cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f")
    return {(cell.parent.title, cell.coordinate): cell.value for cell in cells}


def remembered(path: Path) -> dict[tuple[str, str], object]:
    """What the file says that its formulas come to."""
    wanted, book = formulas(path), openpyxl.load_workbook(path, data_only=True)
    return {key: book[key[0]][key[1]].value for key in wanted}


def ironcalc(path: Path, typed: Values = MappingProxyType({})) -> dict[tuple[str, str], object]:
    """What IronCalc makes of the formulas, after something is typed into cells."""
    library = pytest.importorskip("ironcalc")
    model = library.load_from_xlsx(str(path), "en", "UTC", "en")
    pages = {page["name"]: k for k, page in enumerate(model.get_worksheets_properties())}
    for (sheet, where), value in typed.items():
        model.set_user_input(pages[sheet], *coordinate_to_tuple(where), str(value))
    model.evaluate()
    return {
        (sheet, where): model.get_cell_value(pages[sheet], *coordinate_to_tuple(where))
        for sheet, where in formulas(path)
    }


def libreoffice(path: Path, folder: Path) -> dict[tuple[str, str], object]:
    """What LibreOffice makes of the formulas: told to recalculate everything it loads, it saves the workbook anew."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    command = ["soffice", f"-env:UserInstallation=file://{profile.parent}", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", folder / "out", path], check=True, capture_output=True, timeout=240)
    book = openpyxl.load_workbook(folder / "out" / path.name, data_only=True)
    return {key: book[key[0]][key[1]].value for key in formulas(path)}


ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop>
</item>
</oor:items>
"""


def farthest(found: Values, wanted: Values) -> tuple[float, object]:
    """The largest difference between numbers, and where; text that differs counts as infinitely far."""
    worst, where = 0.0, None
    for key, value in wanted.items():
        mine = found[key]
        if isinstance(value, int | float) and isinstance(mine, int | float):
            apart = abs(mine - value) / max(1.0, abs(value))
        else:
            apart = 0.0 if (mine or "") == (value or "") else float("inf")
        if apart > worst:
            worst, where = apart, (key, value, mine)
    return worst, where
