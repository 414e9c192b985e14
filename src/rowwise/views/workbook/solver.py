"""Solver, filled in before it is opened: hidden names of one sheet, as Excel stores them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from rowwise.backends.sheet.rules import Cell, area
from rowwise.views.workbook.book import Page

# (corners of the first n ids of a table, the table, its ids, the numbers of an id)
Block = tuple[Callable[[str, int], tuple[Cell, Cell]], str, int, int]
MOST = 200  # cells that Excel's Solver may change
LIBREOFFICE = "com.sun.star.comp.Calc.NLPSolver.DEPSSolverImpl"  # read by LibreOffice 24.8 and later
# Excel's own settings: 2 minimise, engine 1 the nonlinear one (GRG), negative numbers allowed.
SETTINGS = {
    "solver_typ": 2, "solver_val": 0, "solver_eng": 1, "solver_neg": 2, "solver_num": 0, "solver_ver": 3,
    "solver_cvg": 0.0001, "solver_drv": 1, "solver_est": 1, "solver_itr": 2147483647, "solver_mip": 2147483647,
    "solver_mni": 30, "solver_mrt": 0.075, "solver_msl": 2, "solver_nod": 2147483647, "solver_nwt": 1,
    "solver_pre": 0.000001, "solver_rbv": 1, "solver_rlx": 2, "solver_rsd": 0, "solver_scl": 1, "solver_sho": 2,
    "solver_ssz": 100, "solver_tim": 2147483647, "solver_tol": 0.01, "solver_lo_eng": f'"{LIBREOFFICE}"',
}  # fmt: skip


def prefill(page: Page, error: Cell, blocks: Iterable[Block]) -> int:
    """Solver of this sheet minimises `error` by changing blocks of cells, as many whole ids as fit; how many cells."""
    chosen: list[str] = []
    n = 0
    for corners, table, n_ids, width in blocks:
        fit = min(n_ids, (MOST - n) // width)
        if fit:
            first, last = (replace(cell, sheet=page.name, pin="both") for cell in corners(table, fit))
            chosen.append(area(first, last))
            n += fit * width
    hidden = SETTINGS | {"solver_adj": ",".join(chosen), "solver_opt": str(replace(error, sheet=page.name, pin="both"))}
    for name, value in sorted(hidden.items()):
        # XlsxWriter's own list: its method makes no hidden names
        page.book.file.defined_names.append([name, page.sheet.index, str(value), True])
    return n
