"""LibreOffice's own Python runs this: open a workbook, run its DEPS solver, save what it found.

run_solver.py model.xlsx solved.xlsx profile-folder '{"sheet": …, "error": "C3", "changing": ["C14:H28", …]}'
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

DEPS = "com.sun.star.comp.Calc.NLPSolver.DEPSSolverImpl"


def main(source, solved, profile, wanted):
    pipe = f"rowwise{time.time_ns()}"
    accept = f"--accept=pipe,name={pipe};urp;"
    office = subprocess.Popen(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", accept]
    )
    try:
        context = connect(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        document = desktop.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, (option("Hidden", True),))
        solve(context, document, **wanted)
        document.storeToURL(Path(solved).as_uri(), (option("FilterName", "Calc MS Excel 2007 XML"),))
        desktop.terminate()
    finally:
        office.terminate()
        office.wait(30)


def connect(address):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            return resolver.resolve(address)
        except Exception:
            time.sleep(0.5)
    raise TimeoutError("LibreOffice does not answer")


def solve(context, document, sheet, error, changing, cycles):
    page = document.Sheets.getByName(sheet)
    areas = [page.getCellRangeByName(area) for area in changing]
    cells = [
        area.getCellByPosition(column, row)
        for area in areas
        for row in range(area.Rows.Count)
        for column in range(area.Columns.Count)
    ]
    solver = context.ServiceManager.createInstanceWithContext(DEPS, context)
    if solver is None:
        sys.exit("no DEPS solver")
    document.calculateAll()
    before = page.getCellRangeByName(error).Value
    solver.Document = document
    solver.Objective = page.getCellRangeByName(error).CellAddress
    solver.Variables = tuple(cell.CellAddress for cell in cells)
    solver.Maximize = False
    solver.EnhancedSolverStatus = False
    solver.AssumeNonNegative = False
    uno.invoke(solver, "setPropertyValue", ("LearningCycles", uno.Any("long", cycles)))  # a small int would be a byte
    solver.solve()
    for cell, value in zip(cells, solver.Solution, strict=True):
        cell.Value = value
    document.calculateAll()
    print(json.dumps({"before": before, "after": page.getCellRangeByName(error).Value, "cells": len(cells)}))


def option(name, value):
    return PropertyValue(Name=name, Value=value)


if __name__ == "__main__":
    main(*sys.argv[1:4], json.loads(sys.argv[4]))
