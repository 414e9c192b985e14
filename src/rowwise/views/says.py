"""What a learner is told: sentences about lookups, shapes and sections, the same in every face of the steps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

from rowwise.program.program import Input, Shape, Step
from rowwise.views.formula import Formulas
from rowwise.views.record import TableSeen, Walk

WEIGHTS = (
    "The weights are the rows of these tables: {} numbers, and nothing else is trained. This example reads {} of them."
)
DENSE = "The weights are the rows of the tables and the dense weights: {} numbers. This example reads {} of them."
EXAMPLE = "An id is a name, not a quantity: all it does is say which row of a table to read."
ROWS = "These vectors are the weights being trained:"
FORWARD = "The function, a line at a time, on the numbers above."
DERIVATIVE = (
    "Each line above is an expression that knows its derivative: it kept what it did and to what, so the chain rule "
    "can go back through it, last line first. A plain array holds the same numbers but has forgotten where they "
    "came from, so nothing could be learnt from it."
)
UPDATE = "Only what this example read can move, each number against its derivative."
DENSE_UPDATE = "The update is dense, as in Keras: every other row of a table moves too, as if its derivative were 0."
NO_TARGET = "Without a target there is no loss, so nothing to learn: give {} to see the derivative and the update."


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 row`, `5,000 rows`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def shape(of: Shape) -> str:
    return f"({', '.join(f'{n:,}' for n in of)}{',' * (len(of) == 1)})"


def about_argument(i: Input, n_rows: int | None, n_ids: int) -> str:
    """What the shape of an argument means, axis by axis."""
    if i.kind in ("row", "sampled", "rows", "bag"):
        width = i.value.shape[1:] if i.kind == "rows" else i.value.shape
        each = f"{prod(width)} numbers, the columns" if width else "one number"
        table = f"table {i.table} has {count(n_rows or 0, 'row')}"
        return {
            "row": f"one row of {each}; {table}",
            "sampled": f"one row of {each}, of an id drawn at random; {table}",
            "rows": f"{n_ids} ids looked up, each a row of {each}; {table}",
            "bag": f"the {_combined(i.combine)} of {count(n_ids, 'row')}, each of {each}; {table}",
        }[i.kind]
    return {
        "value": f"the example's own {i.column}",
        "mean": f"the mean of {i.column} over the training data",
        "weight": f"{count(i.value.size, 'dense weight')}, the same for every example",
        "dropout": f"all 1 here; in training each is 0 with probability {i.rate}",
        "target": "what the prediction should have been",
    }.get(i.kind, "numbers of the function")


def _combined(combine: str | None) -> str:
    return {"sqrtn": "sum divided by √n"}.get(combine or "mean", combine or "mean")


def about_weights(walk: Walk) -> str:
    """Where the weights are, and how many this example reads."""
    total = sum(table.weights for table in walk.tables)
    read = sum(prod(table.row_shape) * (1 if table.rows is None else len(table.read)) for table in walk.tables)
    dense = any(table.rows is None for table in walk.tables)
    return (DENSE if dense else WEIGHTS).format(f"{total:,}", f"{read:,}")


def about_rows(walk: Walk) -> str:
    """That a looked-up row is a row of the table itself."""
    told = []
    for argument in walk.arguments:
        if argument.kind in ("row", "sampled"):
            told.append(f"{argument.name} is row {argument.rows[0]} of table {argument.table} itself, no copy")
        elif argument.kind == "rows":
            told.append(f"{argument.name} is {len(argument.rows)} rows of table {argument.table}")
        elif argument.kind == "bag":
            told.append(f"{argument.name} is made of {count(len(argument.rows), 'row')} of table {argument.table}")
    return f"{ROWS} {'; '.join(told[:2])}."


def about_moves(table: TableSeen, *, is_dense: bool) -> str:
    """`943 of the 944 rows of table user did not move.`"""
    if table.rows is None:
        return f"{table.name} is a dense weight: every example moves it"
    if not table.is_trained:
        return f"table {table.name} is frozen: none of its {count(table.rows, 'row')} moved"
    if is_dense:
        return f"table {table.name}: all {count(table.rows, 'row')} take part in a dense update"
    return f"table {table.name}: {table.rows - table.moved:,} of {count(table.rows, 'row')} did not move"


def notes(steps: Iterable[Step], formulas: Formulas) -> tuple[str, ...]:
    """What a line does to shapes, for each step that changes one."""
    told = [SHAPES[step.primitive](_Sides(step, formulas)) for step in steps if step.primitive in SHAPES]
    return tuple(dict.fromkeys(note for note in told if note))


@dataclass(frozen=True, slots=True)
class _Sides:
    """A step whose operands are written as `user (50,)`."""

    step: Step
    formulas: Formulas

    def __str__(self) -> str:
        return " and ".join(self.operands)

    @property
    def operands(self) -> list[str]:
        return [f"{self._short(self.formulas.inline(o))} {shape(o.shape)}" for o in self.step.inputs]

    @property
    def out(self) -> str:
        return shape(self.step.output.shape)

    def _short(self, text: str) -> str:
        return text if len(text) <= 24 else "…"


def _dot(sides: _Sides) -> str:
    (x_axes, _), (batch, _) = sides.step.params["dimension_numbers"]
    x, y = (operand.shape for operand in sides.step.inputs)
    if not x_axes or batch:
        return ""
    added, made = prod(x[axis] for axis in x_axes), sides.step.output.size
    left, right = sides.operands
    if not sides.step.output.shape:
        what = f"{added} products, number by number, added up into one number"
    else:
        what = f"{count(made, 'dot product')}, each of {added} numbers with {added}"
        if len(x) == len(y) == 2:
            what += f" ({' × '.join(f'{n:,}' for n in sides.step.output.shape)})"
    return f"{left} @ {right} → {sides.out}: {what}"


def _reduced(how: str) -> Callable[[_Sides], str]:
    def tell(sides: _Sides) -> str:
        shape_in = sides.step.inputs[0].shape
        n = prod(shape_in[axis] for axis in sides.step.params["axes"])
        return f"{sides} → {sides.out}: {how.format(n)}"

    return tell


SHAPES: dict[str, Callable[[_Sides], str]] = {
    "dot_general": _dot,
    "concatenate": lambda sides: f"{sides} → {sides.out}: laid end to end, nothing is added up",
    "stack": lambda sides: f"{sides} → {sides.out}: stacked, nothing is added up",
    "reduce_sum": _reduced("{} numbers added up into one"),
    "reduce_max": _reduced("the largest of {}"),
    "reduce_min": _reduced("the smallest of {}"),
    "transpose": lambda sides: f"{sides} → {sides.out}: rows become columns",
    "max": lambda sides: (
        f"{sides.operands[0]} → {sides.out}: number by number, the shape stays" * bool(sides.step.output.shape)
    ),
}
