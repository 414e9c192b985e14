"""The inputs of a program proven: each has the fields of its kind, and what is shared is read in one way.

A column of ids is read in one form, a table in one shape, and a name means one thing in its namespace.
"""

from collections.abc import Iterable
from math import prod

from rowwise.data.layout import WEIGHT
from rowwise.errors import BadModel
from rowwise.narrow import ints_of, is_a, is_tuple
from rowwise.program.budget import MOST_AXES, MOST_NUMBERS
from rowwise.program.inputs import (
    KINDS,
    DenseWeight,
    ExampleValue,
    HistoryLookup,
    Input,
    Lookup,
    PaddingMask,
    RowLookup,
    SampledLookup,
    Target,
    kind_of,
)
from rowwise.program.program import Program, Update
from rowwise.program.shape_rules import DTYPES
from rowwise.program.values import Value, is_text


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


def check_kind(shape: object, dtype: object, what: str) -> None:
    """Refuse what is not the shape and the type of a value, or is too large for one."""
    sizes = ints_of(shape) if is_tuple(shape) else None
    if sizes is None or len(sizes) > MOST_AXES or min(sizes, default=0) < 0 or dtype not in DTYPES:
        raise broken(f"{what} is {str(dtype)[:40]} of shape {str(shape)[:200]}")
    if prod(sizes) > MOST_NUMBERS:
        raise broken(f"{what} is {dtype} of shape {shape}, more than {MOST_NUMBERS:,} numbers")


def broken(what: str) -> BadModel:
    return BadModel(
        f"the program is broken: {what}", expected="single assignment, in order, with true shapes and types"
    )


def _check_fields(i: Input) -> None:
    if type(i) not in KINDS.values() or not is_a(i.value, Value) or not is_text(i.value.name):
        raise broken("an input has no name")
    for field, name in i.names.items():
        if not (is_text(name) and name):
            raise broken(f"the input {i.value} has a {field} that is no name")


def _check_value(i: Input) -> None:
    """The shape and type that a kind may have, and what its own fields may hold."""
    value = i.value
    check_kind(value.shape, value.dtype, f"{value}, of an input,")
    if not value.size and not i.is_written:
        raise broken(f"the input {value} is of shape {value.shape}: it holds nothing")
    if not i.fits():
        raise broken(f"the input {value}, of kind {kind_of(i)}, is {value.dtype} of shape {value.shape}")
    if wrong := i.wrong():
        raise broken(f"the input {value} {wrong}")
    is_weight = type(i) is ExampleValue
    if (value.name == WEIGHT and not is_weight) or isinstance(i, Target) != (value.name == "target"):
        raise broken(f"an input of kind {kind_of(i)} is called {value}")


def _check_columns(program: Program) -> None:
    """One column of ids in one form, one column of numbers in one shape; a mask of the lists that it is a mask of."""
    lists = [i for i in program.lookups if not i.is_drawn]
    forms = _one_each(((i.column, i.form) for i in lists), "the column")
    _one_each((cell for i in program.inputs for cell in i.cells()), "the column")
    drawn = program.inputs_of(SampledLookup)
    _one_each(((i.column, i.form) for i in drawn), "the column")
    single = {i.column for i in program.inputs_of(RowLookup)}
    for i in drawn:
        if i.unseen is not None and not {i.column, i.unseen} <= single:
            raise broken(f"{i.value} is unseen beside {i.unseen!r}, and the two are no columns of single ids")
    values = program.inputs_of(ExampleValue)
    _one_each(((i.column, (i.value.shape, i.names.get("mask_of"))) for i in values), "the column")
    for i in program.inputs_of(PaddingMask):
        if forms.get(i.mask_of) != f"rows of {i.value.shape[0]}":
            raise broken(f"the mask {i.value} is of no column of {i.value.shape[0]} ids")
    for i in program.inputs_of(HistoryLookup):
        if forms.get(i.of) != "row" or i.of == i.column:
            raise broken(f"the history {i.value} is of no column of single ids")
    if len(program.inputs_of(Target)) > 1:
        raise broken("it has two targets")


def _one_each(named: Iterable[tuple[str, object]], what: str) -> dict[str, object]:
    """The form of each name, of which it has one."""
    found: dict[str, object] = {}
    for name, form in named:
        if found.setdefault(name, form) != form:
            raise broken(f"{what} {name!r} is read as {found[name]} and as {form}")
    return found


def _check_tables(program: Program) -> None:
    """One table in one shape of row; tables and dense weights under names of their own."""
    tables = _one_each(((i.table, i.row_shape) for i in program.lookups), "the table")
    weights = [i.value.name for i in program.weights]
    names = [*tables, *weights]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise broken(f"{twice[0]!r} is the name of two tables or weights")


def _check_moves(program: Program) -> None:
    """Each update moves a table or a weight that is there, by the gradients of the inputs that read it."""
    readers: dict[str, list[Lookup | DenseWeight]] = {}
    for i in (*program.lookups, *program.weights):
        readers.setdefault(i.parameter, []).append(i)
    for name, update in program.updates.items():
        if not is_a(update, Update) or not all(is_a(v, Value) for v in update.inputs):
            raise broken(f"the update of {str(name)[:40]!r} reads something else than values")
        if update.table != name or name not in readers:
            raise broken(f"the update of {str(name)[:40]!r} moves no table and no weight")
        shape = readers[name][0].row_shape
        if update.row.shape != shape:
            raise broken(f"the update of {name!r} moves rows of {update.row.shape}, where {shape} is read")
    moved = {i.value.name for name in program.updates for i in readers[name]}
    if moved != set(program.gradients):
        wrong = sorted(moved ^ set(program.gradients))
        raise broken(f"the gradient of {wrong[0]!r} is missing, or of nothing that moves")
