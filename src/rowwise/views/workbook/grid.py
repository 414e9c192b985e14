"""The classic view of a model of two keys: users down the left, items across the top, ratings in the middle."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, area, cells_of, filled
from rowwise.data.vocabulary import Vocabulary
from rowwise.program.array_rules import Arrays, apply
from rowwise.program.program import Phase, Program, Value
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import Page, block, pinned
from rowwise.views.workbook.names import cell_names
from rowwise.views.workbook.shown import Example, Shown, inputs_of, label, two_keys
from rowwise.views.workbook.solver import prefill

TOP, LEFT = 6, 2  # the line of the titles of the items, the column of the first number of a user
TITLE = 26  # characters of a title that stand above a column
Numbers = Mapping[str, np.ndarray]  # by table: (rows, numbers of a row), float64


@dataclass(frozen=True)
class Side:
    """The ids along one side of the grid, and how many numbers of each table an id has there."""

    vocabulary: Vocabulary
    rows: list[int]
    widths: Mapping[str, int]  # by table
    down: bool  # users stand down the left, items across the top
    first: Cell  # the first number of the first id

    def cell(self, k: int, number: int) -> Cell:
        """Where a number of the k-th id stands."""
        down, right = (k, number) if self.down else (number, k)
        return Cell(self.first.row + down, self.first.column + right, pin="column" if self.down else "row")

    def offset(self, table: str) -> int:
        names = list(self.widths)
        return sum(self.widths[name] for name in names[: names.index(table)])

    def cells(self, k: int, table: str, size: int) -> Cells:
        """The numbers of the k-th id in a table; 0 where the grid shows no more of them."""
        start, shown = self.offset(table), self.widths[table]
        return cells_of([self.cell(k, start + n) if n < shown else 0.0 for n in range(size)])

    def area(self, table: str, n: int) -> tuple[Cell, Cell]:
        """The corners of the block that holds the first n ids' numbers of a table."""
        start = self.offset(table)
        return self.cell(0, start), self.cell(n - 1, start + self.widths[table] - 1)


@dataclass(frozen=True)
class Grid:
    """A grid on its page. `numbers` are what it starts from, 0 in factors beyond `factors`."""

    page: Page
    fitted: Trained
    shown: Shown
    shared: Mapping[str, Cells]
    numbers: Numbers
    factors: int  # shown of each row

    @cached_property
    def users(self) -> Side:
        down = sum(self._widths(1).values())
        return self._side(0, self.shown.users, Cell(TOP + 2 + down + 1, LEFT), down=True)

    @cached_property
    def items(self) -> Side:
        return self._side(1, self.shown.items, Cell(TOP + 2, LEFT + sum(self._widths(0).values()) + 1), down=False)

    @cached_property
    def ratings(self) -> Cells:
        return block(self.users.first.row, self.items.first.column, self.shown.ratings.shape)

    @cached_property
    def predictions(self) -> Cells:
        return block(
            self.users.first.row + len(self.shown.users) + 3, self.items.first.column, self.shown.ratings.shape
        )

    @cached_property
    def losses(self) -> Cells:
        down = 2 * (len(self.shown.users) + 3)
        return block(self.users.first.row + down, self.items.first.column, self.shown.ratings.shape)

    @property
    def error(self) -> Cell:
        return Cell(2, LEFT)

    @cached_property
    def linked(self) -> dict[tuple[str, int], Cells]:
        """By table and row, the cells that hold its numbers, as other sheets read them."""
        found = {}
        for side in (self.users, self.items):
            for table in side.widths:
                for k, row in enumerate(side.rows):
                    size = self.numbers[table].shape[1]
                    found[table, row] = pinned(side.cells(k, table, size), "", self.page.name)
        return found

    def _keys(self) -> tuple[str, str]:
        return two_keys(self.fitted) or ("", "")

    def _widths(self, key: int) -> dict[str, int]:
        column = self._keys()[key]
        tables = dict.fromkeys(str(i.table) for i in self.fitted.program.lookups if i.column == column)
        return {table: min(self.factors, self.numbers[table].shape[1]) for table in tables}

    def _side(self, key: int, rows: list[int], first: Cell, *, down: bool) -> Side:
        vocabulary = self.fitted.vocabularies[self.fitted.column_vocabulary[self._keys()[key]]]
        return Side(vocabulary, rows, self._widths(key), down, first)

    def inputs(self, user: int, item: int) -> dict[str, Cells]:
        """The cells that the prediction for the user-th user and the item-th item reads."""
        found = {**self.shared, **lowering.constants(self.fitted.program.inputs)}
        for i in self.fitted.program.lookups:
            side, k = (self.users, user) if i.column == self._keys()[0] else (self.items, item)
            cells = side.cells(k, str(i.table), self.numbers[str(i.table)].shape[1])
            found[i.value.name] = cells.reshape(i.value.shape)
        return found

    @cached_property
    def outcomes(self) -> dict[str, np.ndarray]:
        """The prediction and the loss of every pair, (users, items) each, in float64."""
        import jax
        import jax.numpy as jnp

        program = self.fitted.program
        rows = {str(i.table): i for i in program.lookups}
        given = inputs_of(self.fitted, Example({}, {}, None), {})
        needed = program.phase(Phase.FORWARD)
        exact = Arrays(jnp, np.float64)

        def pair(user: Any, item: Any, rating: Any) -> dict[str, Any]:
            values: dict[str, Any] = {**given, "target": rating}
            for i in program.lookups:
                row = user if i.column == self._keys()[0] else item
                values[i.value.name] = row[str(i.table)].reshape(i.value.shape)
            for step in needed:
                operands = tuple(reference.number(values, operand) for operand in step.inputs)
                values[step.output.name] = apply(exact, step.primitive, operands, step.params, step.place)
            return {"prediction": values[str(program.prediction)], "loss": values[str(program.loss)]}

        with jax.enable_x64(True):
            sides = [
                {table: jnp.asarray(self.numbers[table][side.rows]) for table in rows if table in side.widths}
                for side in (self.users, self.items)
            ]
            across = jax.vmap(pair, in_axes=(None, 0, 0))
            ratings = jnp.asarray(np.nan_to_num(self.shown.ratings))
            both = jax.vmap(across, in_axes=(0, None, 0))(sides[0], sides[1], ratings)
            return {name: np.asarray(array) for name, array in both.items()}

    @cached_property
    def error_value(self) -> float:
        """What the cell of the error comes to."""
        known = np.isfinite(self.shown.ratings)
        if not known.any():
            return 0.0
        if not is_squared(self.fitted.program):
            return float(self.outcomes["loss"][known].mean())
        return float(np.sqrt(np.mean((self.outcomes["prediction"] - self.shown.ratings)[known] ** 2)))


def write_grid(grid: Grid, *, title: str) -> int:
    """Fill in the page; how many cells Solver may change."""
    page, n_users = grid.page, len(grid.shown.users)
    page.say(0, 0, title, "title")
    for side in (grid.users, grid.items):
        _write_side(grid, side)
    _write_ratings(grid)
    _write_predictions(grid)
    squared = is_squared(grid.fitted.program)
    if not squared:
        _write_losses(grid)
    page.say(2, 0, "error", "head")
    page.put(2, LEFT, _squared(grid) if squared else _mean_loss(grid), grid.error_value, "number", "error")
    kind = "root of the mean squared error" if squared else "mean loss"
    page.say(2, LEFT + 2, f"the {kind} over the {np.isfinite(grid.shown.ratings).sum()} known ratings", "note")
    blocks = [(side, table) for side in (grid.users, grid.items) for table in side.widths]
    n = prefill(page, grid.error, [(side.area, table, len(side.rows), side.widths[table]) for side, table in blocks])
    changed = "" if n == sum(len(s.rows) * s.widths[t] for s, t in blocks) else ", as many as it takes"
    page.say(
        3, 0, f"Solver is filled in: it makes the error small by changing {n} of the yellow numbers{changed}.", "note"
    )
    page.sheet.fit_to_pages(1, 1)
    page.sheet.set_column(0, 0, 11)
    page.sheet.set_column(1, 1, 4)
    page.sheet.set_column(LEFT, grid.items.first.column + len(grid.items.rows), 6.3)
    frozen = grid.users.first.row <= 18 and n_users
    page.sheet.freeze_panes(*((grid.users.first.row, LEFT) if frozen else (0, LEFT)))
    return n


def _write_side(grid: Grid, side: Side) -> None:
    """Ids and titles, then each table's numbers with its name."""
    page = grid.page
    titles = grid.shown.titles.get(side.vocabulary.name, {})
    for k, row in enumerate(side.rows):
        id = label(side.vocabulary, row)
        here = side.cell(k, 0)
        if side.down:
            for line in (
                here.row,
                grid.predictions[k, 0].row,
                *([] if is_squared(grid.fitted.program) else [grid.losses[k, 0].row]),
            ):
                page.say(line, 0, id, "left")
        else:
            page.say(TOP, here.column, shortened(titles.get(str(id), "")), "small", "turned")
            page.say(TOP + 1, here.column, id, "head", "right")
            page.say(grid.predictions[0, k].row - 1, here.column, id, "small", "right")
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
        page.sheet.set_row(TOP, 110)
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


def _write_ratings(grid: Grid) -> None:
    page = grid.page
    first = grid.ratings[0, 0]
    page.say(first.row - 1, first.column, "ratings (blank: not known; type one in)", "note")
    free = page.book.style("free")
    for cell, rating in zip(grid.ratings.ravel(), grid.shown.ratings.ravel(), strict=True):
        if np.isnan(rating):
            page.sheet.blank(cell.row, cell.column, free)
        else:
            page.sheet.number(cell.row, cell.column, rating, free)


def _write_predictions(grid: Grid) -> None:
    page, program = grid.page, grid.fitted.program
    first = grid.predictions[0, 0]
    page.say(first.row - 2, 0, "predictions", "head")
    page.say(
        first.row - 2,
        first.column,
        "computed from the yellow numbers; the redder, the further from the known rating",
        "note",
    )
    assert program.prediction is not None  # a grid is of predictions
    formulas = lowering.walk(program.needed([program.prediction]), grid.inputs(0, 0))
    element = lowering.operand(formulas, program.prediction).item()
    for (user, item), cell in np.ndenumerate(grid.predictions):
        number = grid.outcomes["prediction"][user, item]
        page.write(cell.row, cell.column, filled(element, user, item), float(number), "short", "answer")
    _colour(grid)


def _write_losses(grid: Grid) -> None:
    page, program = grid.page, grid.fitted.program
    first = grid.losses[0, 0]
    page.say(first.row - 2, 0, "losses", "head")
    page.say(first.row - 2, first.column, "what each known rating costs; blank where none is known", "note")
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


def is_squared(program: Program) -> bool:
    """Whether the loss of an example is the square of its score less its target."""
    by_name = {step.output.name: step for step in program.steps}
    last = by_name.get(program.loss.name) if isinstance(program.loss, Value) else None
    if last is None or not (last.primitive == "square" or (last.primitive == "integer_pow" and last.params["y"] == 2)):
        return False
    inner = by_name.get(str(last.inputs[0]))
    return inner is not None and inner.primitive == "sub" and "target" in map(str, inner.inputs)


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
