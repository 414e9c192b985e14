"""Where everything stands in the grid of a model of two keys: a prediction where the row of a user meets an item's."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, Cells, cells_of
from rowwise.data.vocabulary import Vocabulary
from rowwise.program.array_rules import Arrays, apply
from rowwise.program.program import Phase, Program, Value
from rowwise.trained.trained import Trained
from rowwise.views.workbook.book import UNFOLDED, Page, block, pinned
from rowwise.views.workbook.shown import Example, Shown, inputs_of, two_keys

TOP, LEFT = 6, 2  # the line of the titles of the items, the column of the first number of a user
NAMES = 2  # lines above a block: what it is, and the ids of its columns
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

    @property
    def n_folded(self) -> int:
        """How many numbers are folded away: those of the widest tables, which come first, until few enough are left."""
        folded, there = 0, sum(self.widths.values())
        for width in self.widths.values():
            folded += width if width > 1 and there - folded > UNFOLDED else 0
        return folded

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
        return self._side(0, self.shown.users, Cell(TOP + 2 + down + NAMES, LEFT), down=True)

    @cached_property
    def items(self) -> Side:
        return self._side(1, self.shown.items, Cell(TOP + 2, LEFT + sum(self._widths(0).values()) + 1), down=False)

    @cached_property
    def predictions(self) -> Cells:
        return self._block(0)

    @cached_property
    def ratings(self) -> Cells:
        return self._block(1)

    @cached_property
    def losses(self) -> Cells:
        return self._block(2)

    def _block(self, number: int) -> Cells:
        """A cell for every pair: predictions where the rows of both meet, what else there is below."""
        down = number * (len(self.shown.users) + NAMES + 1)
        return block(self.users.first.row + down, self.items.first.column, self.shown.ratings.shape)

    @property
    def error(self) -> Cell:
        return Cell(2, 1)

    @property
    def folded_columns(self) -> range:
        return range(LEFT, LEFT + self.users.n_folded)

    @property
    def folded_lines(self) -> range:
        return range(self.items.first.row, self.items.first.row + self.items.n_folded)

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
        widths = {table: min(self.factors, self.numbers[table].shape[1]) for table in tables}
        return dict(sorted(widths.items(), key=lambda named: -named[1]))

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

        def pair(user: Mapping[str, Any], item: Mapping[str, Any], rating: object) -> dict[str, Any]:
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


def is_squared(program: Program) -> bool:
    """Whether the loss of an example is the square of its score less its target."""
    by_name = {step.output.name: step for step in program.steps}
    last = by_name.get(program.loss.name) if isinstance(program.loss, Value) else None
    if last is None or not (last.primitive == "square" or (last.primitive == "integer_pow" and last.params["y"] == 2)):
        return False
    inner = by_name.get(str(last.inputs[0]))
    return inner is not None and inner.primitive == "sub" and "target" in map(str, inner.inputs)
