"""The grid of a model of two keys written down: both sides' numbers, predictions, ratings, losses, one error."""

import numpy as np

from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of, filled
from rowwise.views.workbook.book import UNFOLDED, pinned
from rowwise.views.workbook.grid import LEFT, NAMES, TOP, Grid, Side, is_squared
from rowwise.views.workbook.names import cell_names
from rowwise.views.workbook.shown import label
from rowwise.views.workbook.solver import prefill

NUMBER = 6.3  # the width of a column of numbers
NAME = 11  # that of the column with the names of the items' numbers
TITLE = 24  # characters of a title that stand above a column


def write_grid(grid: Grid, *, title: str) -> int:
    """Fill in the page; how many cells Solver may change."""
    page = grid.page
    page.say(0, 0, title, "title")
    page.say(
        1, 0, "Change a yellow number: every prediction that is computed from its row follows, and the error.", "note"
    )
    for side in (grid.users, grid.items):
        _write_side(grid, side)
    _write_predictions(grid)
    _write_ratings(grid)
    squared = is_squared(grid.fitted.program)
    if not squared:
        _write_losses(grid)
    page.say(2, 0, "error", "head")
    error = _squared(grid) if squared else _mean_loss(grid)
    page.put(grid.error.row, grid.error.column, error, grid.error_value, "number", "error")
    kind = "root of the mean squared error" if squared else "mean loss"
    page.say(
        2,
        grid.folded_columns.stop,
        f"the {kind} over the {np.isfinite(grid.shown.ratings).sum()} known ratings",
        "note",
    )
    blocks = [(side, table) for side in (grid.users, grid.items) for table in side.widths]
    n = prefill(page, grid.error, [(side.area, table, len(side.rows), side.widths[table]) for side, table in blocks])
    changed = "" if n == sum(len(s.rows) * s.widths[t] for s, t in blocks) else ", as many as it takes"
    page.say(
        3, 0, f"Solver is filled in: it makes the error small by changing {n} of the yellow numbers{changed}.", "note"
    )
    _lay_out(grid)
    return n


def _lay_out(grid: Grid) -> None:
    """Widths, what is folded away, and what stays when the page is scrolled: the ids of all blocks."""
    page, items = grid.page, grid.items
    page.sheet.fit_to_pages(1, 1)
    page.sheet.set_column(0, 0, 11)
    page.sheet.set_column(1, 1, 7)
    page.sheet.set_column(LEFT, items.first.column + len(items.rows), NUMBER)
    gap = items.first.column - 1
    page.sheet.set_column(gap, gap, NAME)
    page.fold_columns(grid.folded_columns, NUMBER, NAME if grid.folded_columns.stop == gap else NUMBER)
    page.fold_lines(grid.folded_lines)
    if grid.folded_columns or grid.folded_lines:
        page.say(
            4,
            0,
            f"Rows of more than {UNFOLDED} numbers are folded away: the + at the left and above shows them.",
            "note",
        )
    page.sheet.freeze_panes(TOP + 2, LEFT)


def _write_side(grid: Grid, side: Side) -> None:
    """Ids and titles, then each table's numbers with its name."""
    page = grid.page
    titles = grid.shown.titles.get(side.vocabulary.name, {})
    blocks = [grid.predictions, grid.ratings, *([] if is_squared(grid.fitted.program) else [grid.losses])]
    for k, row in enumerate(side.rows):
        id = label(side.vocabulary, row)
        here = side.cell(k, 0)
        if side.down:
            for block in blocks:
                page.say(block[k, 0].row, 0, id, "left")
        else:
            page.say(TOP, here.column, shortened(titles.get(str(id), "")), "small", "turned")
            page.say(TOP + 1, here.column, id, "head", "right")
            for block in blocks:
                page.say(block[0, k].row - 1, here.column, id, "small", "right")
        for table, width in side.widths.items():
            cells, numbers = side.cells(k, table, width), grid.numbers[table][row]
            for cell, number in zip(cells, numbers, strict=False):
                page.put(cell.row, cell.column, float(number), 0, "short", "free")
    for table, width in side.widths.items():
        for number in range(width):
            at = side.cell(0, side.offset(table) + number)
            several = grid.numbers[table].shape[1] > 1
            if not side.down:
                page.say(at.row, at.column - 1, f"{table} {number + 1}" if several else table, "small", "right")
                continue
            if number == 0:
                page.say(at.row - 2, at.column, table, "small")
            page.say(at.row - 1, at.column, number + 1 if several else "", "small", "right")
    if not side.down and titles:
        page.sheet.set_row(TOP, 120)
    prefix = grid.page.name.replace(" ", "_")
    first, last = side.cell(0, 0), side.cell(len(side.rows) - 1, 0)
    ids = ((first.row, 0), (last.row, 0)) if side.down else ((TOP + 1, first.column), (TOP + 1, last.column))
    corners = [Cell(*at, grid.page.name, "both") for at in ids]
    called, called_ids = cell_names(grid.fitted)
    page.book.name(f"{prefix}_{called_ids[side.vocabulary.name]}", area(*corners))
    for table in side.widths:
        corners = pinned(cells_of(side.area(table, len(side.rows))), "both", page.name)
        page.book.name(f"{prefix}_{called[table]}", area(*corners))


def shortened(title: str) -> str:
    return title if len(title) <= TITLE else title[: TITLE - 1].rstrip(" ,(") + "…"


def _head(grid: Grid, cells: Cells, name: str, told: str) -> None:
    """What a block is, above it."""
    line = cells[0, 0].row - NAMES
    grid.page.say(line, 0, name, "bold")
    grid.page.say(line, cells[0, 0].column, told, "note")


def _write_ratings(grid: Grid) -> None:
    page = grid.page
    _head(grid, grid.ratings, "ratings", "what is known; type one into a blank cell")
    free = page.book.style("free")
    for cell, rating in zip(grid.ratings.ravel(), grid.shown.ratings.ravel(), strict=True):
        if np.isnan(rating):
            page.sheet.blank(cell.row, cell.column, free)
        else:
            page.sheet.number(cell.row, cell.column, rating, free)


def _write_predictions(grid: Grid) -> None:
    page, program = grid.page, grid.fitted.program
    told = "where the row of one meets that of the other; the redder, the further from the known rating"
    _head(grid, grid.predictions, "predictions", told)
    assert program.prediction is not None  # a grid is of predictions
    formulas = lowering.walk(program.needed([program.prediction]), grid.inputs(0, 0))
    element = lowering.operand(formulas, program.prediction).item()
    for (user, item), cell in np.ndenumerate(grid.predictions):
        number = grid.outcomes["prediction"][user, item]
        page.write(cell.row, cell.column, filled(element, user, item), float(number), "short", "answer")
    _colour(grid)


def _write_losses(grid: Grid) -> None:
    page, program = grid.page, grid.fitted.program
    _head(grid, grid.losses, "losses", "what each known rating costs; blank where none is known")
    rating = grid.ratings[0, 0]
    formulas = lowering.walk(program.needed([program.loss]), grid.inputs(0, 0) | {"target": cells_of(rating)})
    loss = f'IF({rating}="","",{lowering.operand(formulas, program.loss).item()})'
    for (user, item), cell in np.ndenumerate(grid.losses):
        known = np.isfinite(grid.shown.ratings[user, item])
        number = float(grid.outcomes["loss"][user, item]) if known else ""
        page.write(cell.row, cell.column, filled(loss, user, item), number, "short")


def _squared(grid: Grid) -> str:
    known, guess = (area(cells[0, 0], cells[-1, -1]) for cells in (grid.ratings, grid.predictions))
    return f'SQRT(SUMPRODUCT(({known}<>"")*({known}-{guess})^2)/MAX(1,COUNT({known})))'


def _mean_loss(grid: Grid) -> str:
    losses = area(grid.losses[0, 0], grid.losses[-1, -1])
    return f"SUM({losses})/MAX(1,COUNT({losses}))"


def _colour(grid: Grid) -> None:
    """Predictions of known ratings: the further off, the redder; of unknown ones grey."""
    page, guess, known = grid.page, grid.predictions[0, 0], grid.ratings[0, 0]
    spread = float(np.nanstd(grid.shown.ratings)) if np.isfinite(grid.shown.ratings).any() else 1.0
    last = grid.predictions[-1, -1]
    shades = [(1.0, "#F4B183"), (0.5, "#F8CBAD"), (0.25, "#FBE5D6")]
    rules = [(f'{known}=""', {"font_color": "#A6A6A6", "bg_color": "#FFFFFF"})]
    rules += [(f"ABS({known}-{guess})>{share * max(spread, 0.1):.2g}", {"bg_color": shade}) for share, shade in shades]
    for criteria, look in rules:
        look = page.book.file.add_format(look)
        rule = {"type": "formula", "criteria": f"={criteria}", "format": look, "stop_if_true": True}
        page.sheet.conditional_format(guess.row, guess.column, last.row, last.column, rule)
