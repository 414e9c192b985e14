"""The inputs of a program proven: each has the fields of its kind, and what is shared is read in one way.

A column of ids is read in one form, a table in one shape, and a name means one thing in its namespace.
"""

from collections.abc import Iterable, Iterator
from math import isinf, isnan, prod
from typing import Any

from rowwise.data.layout import WEIGHT
from rowwise.data.statistics import STATISTICS
from rowwise.errors import BadModel
from rowwise.program.budget import MOST_AXES, MOST_NUMBERS
from rowwise.program.program import Input, Program, Shape, Update, Value
from rowwise.program.shape_rules import DTYPES, WHOLE

COMBINE = ("mean", "sum", "sqrtn")
FIELDS = {  # of each kind: the fields that it has, besides its value; those in `MAY` may be missing
    "row": {"column", "table"},
    "rows": {"column", "table"},
    "bag": {"column", "table", "combine", "weights"},
    "sampled": {"column", "table"},
    "value": {"column", "mask_of"},
    "statistic": {"column", "statistic"},
    "weight": set(),
    "dropout": {"rate"},
    "target": {"column"},
    "constant": {"constant"},
}
MAY = {"weights", "mask_of"}
ALL = ("column", "table", "combine", "rate", "constant", "mask_of", "weights", "statistic")
LARGEST_FLOAT = 3.4028236e38  # what is larger becomes infinite in float32


def check_inputs(program: Program) -> None:
    """Refuse inputs that are not of their kind, read one thing in two ways, or do not fit the updates.

    Raises:
        BadModel
    """
    for i in program.inputs:
        _check_fields(i)
        _check_value(i)
    _check_columns(program)
    _check_tables(program)
    _check_moves(program)


def is_text(value: Any) -> bool:
    """Whether a value is text that can be written: half of a surrogate pair cannot."""
    try:
        return isinstance(value, str) and value.encode("utf-8") is not None
    except UnicodeEncodeError:
        return False


def check_kind(shape: Any, dtype: Any, what: str) -> None:
    """Refuse what is not the shape and the type of a value, or is too large for one."""
    is_shape = isinstance(shape, tuple) and len(shape) <= MOST_AXES and all(type(n) is int and n >= 0 for n in shape)
    if not is_shape or dtype not in DTYPES:
        raise broken(f"{what} is {str(dtype)[:40]} of shape {str(shape)[:200]}")
    if prod(shape) > MOST_NUMBERS:
        raise broken(f"{what} is {dtype} of shape {shape}, more than {MOST_NUMBERS:,} numbers")


def holds(dtype: str, number: Any) -> bool:
    """Whether a number is of a type, and of a size that the type holds."""
    if dtype == "bool":
        return type(number) is bool
    if dtype in WHOLE:
        return type(number) is int and number in WHOLE[dtype]
    return type(number) in (int, float) and (abs(number) < LARGEST_FLOAT or isnan(number) or isinf(number))


def broken(what: str) -> BadModel:
    return BadModel(
        f"the program is broken: {what}", expected="single assignment, in order, with true shapes and types"
    )


def _check_fields(i: Any) -> None:
    if not isinstance(i, Input) or not isinstance(i.value, Value) or not is_text(i.value.name):
        raise broken("an input has no name")
    if i.kind not in FIELDS:
        raise broken(f"the input {i.value} is of kind {str(i.kind)[:40]!r}")
    has = {name for name in ALL if getattr(i, name) is not None}
    if not FIELDS[i.kind] - MAY <= has <= FIELDS[i.kind]:
        wrong = sorted(has ^ (FIELDS[i.kind] - MAY))
        raise broken(f"the input {i.value}, of kind {i.kind}, has or lacks {', '.join(wrong)}")
    for name in ("column", "table", "mask_of", "weights"):
        text = getattr(i, name)
        if text is not None and not (is_text(text) and text):
            raise broken(f"the input {i.value} has a {name} that is no name")
    if i.kind == "bag" and i.combine not in COMBINE:
        raise broken(f"the input {i.value} combines by {str(i.combine)[:40]!r}")
    if i.kind == "statistic" and (not isinstance(i.statistic, str) or i.statistic not in STATISTICS):
        raise broken(f"the input {i.value} is the statistic {str(i.statistic)[:40]!r}")
    if i.kind == "dropout" and not (isinstance(i.rate, int | float) and 0 <= i.rate < 1):
        raise broken(f"the input {i.value} drops at a rate of {str(i.rate)[:40]}")


def _check_value(i: Input) -> None:
    """The shape and type that a kind may have; the numbers of a constant."""
    value, axes = i.value, len(i.value.shape) if isinstance(i.value.shape, tuple) else 0
    check_kind(value.shape, value.dtype, f"{value}, of an input,")
    if i.kind == "constant":
        if not _fills(i.constant, value.shape, value.dtype):
            raise broken(f"the constant {value} is not {value.dtype} numbers of shape {value.shape}")
        return
    if not value.size:
        raise broken(f"the input {value} is of shape {value.shape}: it holds nothing")
    fits = {
        "rows": axes >= 1,
        "value": axes <= 1 and (i.mask_of is None or axes == 1) and (value.name != WEIGHT or axes == 0),
        "statistic": axes == 0,
        "target": axes <= 1,
    }.get(i.kind, True)
    if not fits or not (value.dtype == "float32" or (i.kind == "target" and (value.dtype, axes) == ("int32", 0))):
        raise broken(f"the input {value}, of kind {i.kind}, is {value.dtype} of shape {value.shape}")
    if (value.name == WEIGHT and i.kind != "value") or (i.kind == "target") != (value.name == "target"):
        raise broken(f"an input of kind {i.kind} is called {value}")


def _fills(numbers: Any, shape: Shape, dtype: str) -> bool:
    """Whether nested lists hold exactly the numbers of a shape."""
    if not shape:
        return holds(dtype, numbers)
    if not isinstance(numbers, list | tuple) or len(numbers) != shape[0]:
        return False
    if len(shape) > 1:
        return all(_fills(part, shape[1:], dtype) for part in numbers)
    return all(holds(dtype, number) for number in numbers)


def _check_columns(program: Program) -> None:
    """One column of ids in one form, one column of numbers in one shape; a mask of the lists that it is a mask of."""
    lists = [i for i in program.lookups if i.kind != "sampled"]
    forms = {column: (form, f"ids, as {form}") for column, form in _one_each(lists, _form, "the column")}
    _one_each(_cells(program), lambda cell: cell, "the column")
    numbers = [i for i in program.inputs if i.kind == "value"]
    _one_each(numbers, lambda i: (str(i.column), (i.value.shape, i.mask_of)), "the column")
    for i in numbers:
        if i.mask_of is not None and forms.get(i.mask_of, (None,))[0] != f"rows of {i.value.shape[0]}":
            raise broken(f"the mask {i.value} is of no column of {i.value.shape[0]} ids")
    if sum(i.kind == "target" for i in program.inputs) > 1:
        raise broken("it has two targets")


def _cells(program: Program) -> Iterator[tuple[str, str]]:
    """Each column of the data that an example must hold, and whether its cells are lists."""
    for i in program.inputs:
        if i.kind in ("row", "rows", "bag"):
            yield str(i.column), "one id or number" if i.kind == "row" else "lists"
        if i.kind == "target" or (i.kind == "value" and i.mask_of is None):
            yield str(i.column), "lists" if i.value.shape else "one id or number"
        if i.weights is not None:
            yield i.weights, "lists"


def _form(i: Input) -> tuple[str, str]:
    return str(i.column), f"rows of {i.value.shape[0]}" if i.kind == "rows" else i.kind


def _one_each(inputs: Iterable[Any], of: Any, what: str) -> list[tuple[str, Any]]:
    """What `of` says of each, as (name, form): a name has one form."""
    found: dict[str, Any] = {}
    for i in inputs:
        name, form = of(i)
        if found.setdefault(name, form) != form:
            raise broken(f"{what} {name!r} is read as {found[name]} and as {form}")
    return list(found.items())


def row_shape(i: Input) -> Shape:
    """The shape of one row of the table that a lookup reads; of a dense weight, its own."""
    return i.value.shape[1:] if i.kind == "rows" else i.value.shape


def _check_tables(program: Program) -> None:
    """One table in one shape of row; tables and dense weights under names of their own."""
    tables = dict(_one_each(program.lookups, lambda i: (str(i.table), row_shape(i)), "the table"))
    weights = [i.value.name for i in program.weights]
    names = [*tables, *weights]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise broken(f"{twice[0]!r} is the name of two tables or weights")


def _check_moves(program: Program) -> None:
    """Each update moves a table or a weight that is there, by the gradients of the inputs that read it."""
    readers: dict[str, list[Input]] = {}
    for i in (*program.lookups, *program.weights):
        readers.setdefault(i.table or i.value.name, []).append(i)
    for name, update in program.updates.items():
        if not isinstance(update, Update) or not all(isinstance(v, Value) for v in update.inputs):
            raise broken(f"the update of {str(name)[:40]!r} reads something else than values")
        if update.table != name or name not in readers:
            raise broken(f"the update of {str(name)[:40]!r} moves no table and no weight")
        shape = row_shape(readers[name][0])
        if update.row.shape != shape:
            raise broken(f"the update of {name!r} moves rows of {update.row.shape}, where {shape} is read")
    moved = {i.value.name for name in program.updates for i in readers[name]}
    if moved != set(program.gradients):
        wrong = sorted(moved ^ set(program.gradients))
        raise broken(f"the gradient of {wrong[0]!r} is missing, or of nothing that moves")
