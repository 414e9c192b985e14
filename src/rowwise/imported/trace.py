"""A traced function of tables in, what it looks up and what it does with the rows out.

jaxpr ──▶ lines, nested calls inlined ──┬─▶ of the data alone: row numbers, and other numbers that come with them
                                        ├─▶ lookups: a table read by `gather` at such row numbers
                                        └─▶ the rest: a function of rows, without axes of length 1
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

from rowwise.capture.jaxpr import CUSTOM, Equation, Source, Traced, Walker
from rowwise.capture.places import PART
from rowwise.capture.tape import Known
from rowwise.errors import BadModel
from rowwise.keras_style.symbol import Shape, squeezed
from rowwise.program.primitives import PRIMITIVES, REDUCTIONS, ByNumber

SAME = ("copy", "copy_p", "stop_gradient", "optimization_barrier", "reshape", "squeeze", "expand_dims")
BY_NUMBER = {row.name for row in PRIMITIVES.values() if isinstance(row, ByNumber)}


@dataclass(frozen=True, eq=False)
class Var:
    """One value of a traced function: `origin` says of what it is made, "data", "weight" or "rows"."""

    shape: Shape
    dtype: str
    origin: str
    key: object  # equal for values that are worked out in the same way from the same data


class Where(NamedTuple):
    """Where an equation comes from: the outermost line, and the part of the model that says its name inside of it."""

    source: Source
    part: str  # "⟨dense: Dense⟩", where a layer says so


@dataclass(frozen=True, slots=True)
class Line:
    """One equation."""

    equation: Equation
    reads: tuple[Any, ...]
    gives: tuple[Var, ...]
    where: Where

    @property
    def name(self) -> str:
        return self.equation.name

    @property
    def params(self) -> Mapping[str, Any]:
        return self.equation.params

    def as_written(self) -> AbstractContextManager[None]:
        """What is traced meanwhile seems to come from where the line was written."""
        return self.where.source.again(self.where.part)

    def run(self, values: Sequence[Any], **params: object) -> list[Any]:
        """What it gives for these arrays, with some of its parameters changed."""
        return self.equation.run(values, **params)


@dataclass(frozen=True, eq=False)
class Lookup:
    """A table read at row numbers of the data: `ids` is of shape (*many, 1) or (*many,)."""

    table: str
    ids: Var
    gives: Var
    row_shape: Shape


@dataclass(frozen=True)
class Parts:
    """A function of weights, data and masks, taken apart."""

    weights: dict[str, Var]
    data: dict[str, Var]
    masks: dict[str, Var]
    lines: list[Line]
    lookups: list[Lookup] = field(default_factory=list)
    output: Any = None

    def of_rows(self) -> list[Line]:
        """The lines of the function of rows, without lookups and without what the output does not need."""
        found = {lookup.gives for lookup in self.lookups}
        needed, kept = {self.output}, []
        for line in reversed(self.lines):
            if line.gives[0].origin == "rows" and not found & {*line.gives} and needed & {*line.gives}:
                needed |= {value for value in line.reads if isinstance(value, Var)}
                kept.append(line)
        return kept[::-1]

    def values(self) -> list[Var]:
        """What the function of rows reads of the data besides rows, each once."""
        read = [value for line in self.of_rows() for value in line.reads if isinstance(value, Var)]
        return list(dict.fromkeys(v for v in read if v.origin == "data"))

    def from_data(self, wanted: Sequence[Any], data: Mapping[str, Any]) -> list[Any]:
        """Some values of one example that come from its data alone."""
        known: dict[Any, Any] = {var: data[name] for name, var in self.data.items()}
        for line in self.lines:
            if line.gives[0].origin == "data":
                known |= zip(line.gives, line.run([_read(known, value) for value in line.reads]), strict=True)
        return [_read(known, value) for value in wanted]


def take_apart(function: Traced, weights: Sequence[str], data: Sequence[str], masks: Sequence[str]) -> Parts:
    """A traced function of (weights, data, masks) -> one array, taken apart.

    Raises:
        BadModel: a table that is looked up is read in another way too.
    """
    names = [*weights, *data, *masks]
    kinds = ["weight"] * len(weights) + ["data"] * len(data) + ["rows"] * len(masks)
    made = [Var(*told, kind, name) for told, kind, name in zip(function.inputs, kinds, names, strict=True)]
    given = iter(made)  # a table and an input may have one name
    of_weights, of_data, of_masks = ({name: next(given) for name in kind} for kind in (weights, data, masks))
    walker = _Lines()
    (output,) = walker.walk(function, made, None)
    traced = Parts(of_weights, of_data, of_masks, walker.lines, output=output)
    names_of = {var: name for name, var in traced.weights.items()}
    for line in traced.lines:
        table = line.reads[0] if line.reads else None
        if isinstance(table, Var) and table in names_of and (found := _lookup(line, names_of[table])):
            traced.lookups.append(found)
    looked_up = {lookup.table for lookup in traced.lookups}
    for line in traced.of_rows():
        for value in line.reads:
            if isinstance(value, Var) and names_of.get(value) in looked_up:
                raise BadModel(
                    f"{names_of[value]} is looked up, and read whole by {line.name} of {where(line)}",
                    expected="a table whose rows are looked up and nothing else",
                    mend="give that part a weight of its own",
                )
    return traced


def where(line: Line) -> str:
    """Where a line was written: the layer, or file and line."""
    part = PART.search(line.where.part)
    return f"layer {part[1]} ({part[2]})" if part else line.where.source.line


class _Lines(Walker[Any, Where | None]):
    """Keeps every equation as a line; of the data alone are those that read nothing else."""

    whole = frozenset(CUSTOM)  # a derivative of its own is kept, and so is the name of an activation

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def known(self, array: object) -> Known:
        return Known(array)

    def place(self, equation: Equation, outer: Where | None) -> Where:
        inner, around = PART.search(equation.source.scopes), outer or Where(equation.source, "")
        return Where(around.source, inner[0] if inner else around.part)

    def operation(self, equation: Equation, args: list[Any], place: Where | None) -> tuple[Var, ...]:
        is_data = all(_origin(value) == "data" for value in args)
        origin = "data" if is_data else "rows"
        key = (equation.name, str(equation.params), *map(_key, args)) if is_data else object()
        gives = tuple(Var(*kind, origin, (key, k)) for k, kind in enumerate(equation.gives))
        assert place is not None  # every equation has one
        self.lines.append(Line(equation, tuple(args), gives, place))
        return gives


def _origin(value: Var | Known) -> str:
    return "data" if isinstance(value, Known) else value.origin


def _key(value: Var | Known) -> Any:
    """Equal for values that are worked out in the same way from the same data."""
    return (value.dtype, value.shape, value.array.tobytes()) if isinstance(value, Known) else value.key


def _lookup(line: Line, table: str) -> Lookup | None:
    """The lookup that a line is: whole rows of a table at row numbers that come from the data."""
    (shape, *_), ids = [value.shape for value in line.reads], line.reads[1:]
    if not ids or any(_origin(value) != "data" for value in ids):
        return None
    row = shape[1:]
    if line.name == "gather":
        numbers, sizes = line.params["dimension_numbers"], tuple(line.params["slice_sizes"])
        plain = numbers.start_index_map == (0,) and not numbers.operand_batching_dims
        return Lookup(table, ids[0], line.gives[0], row) if plain and sizes == (1, *row) else None
    if line.name == "dynamic_slice" and tuple(line.params["slice_sizes"]) == (1, *row):
        return Lookup(table, ids[0], line.gives[0], row)
    return None


def run(lines: Sequence[Line], known: dict[Any, Any], output: object) -> Any:
    """The output of a function of rows. `known` holds arrays without axes of length 1; so does everything here."""
    for line in lines:
        with line.as_written():
            given = _without_ones(line, [_read(known, value) for value in line.reads])
        known |= zip(line.gives, given, strict=True)
    return _read(known, output)


def _read(known: Mapping[Any, Any], value: object) -> Any:
    return value.array if isinstance(value, Known) else known[value]


def _without_ones(line: Line, values: list[Any]) -> list[Any]:
    """What a line gives, in shapes without axes of length 1."""
    import jax
    import jax.numpy as jnp

    shapes = [value.shape for value in line.reads]
    out = squeezed(line.gives[0].shape)
    less = [jnp.reshape(v, squeezed(shape)) for v, shape in zip(values, shapes, strict=True)]
    if line.name in SAME:
        return [jnp.reshape(less[0], out)]
    if line.name in BY_NUMBER and all(v.shape in ((), out) for v in less):
        return line.run(less)
    if line.name == "broadcast_in_dim" and less[0].shape == out:
        return less
    if line.name == "broadcast_in_dim" and not less[0].shape:
        return [jnp.broadcast_to(less[0], out)]
    if line.name == "transpose" and [n for n in line.params["permutation"] if shapes[0][n] > 1] == sorted(
        n for n in range(len(shapes[0])) if shapes[0][n] > 1
    ):
        return less
    if line.name in REDUCTIONS:
        axes = tuple(_place(shapes[0], axis) for axis in line.params["axes"] if shapes[0][axis] > 1)
        return line.run(less[:1], axes=axes)
    if line.name == "dot_general":
        return [jnp.reshape(_dot(line, less, shapes), out)]
    axis = line.params.get("dimension", 0)
    if line.name == "concatenate" and all(shape[axis] > 1 for shape in shapes):
        return line.run(less, dimension=_place(shapes[0], axis))
    if line.name == "custom_jvp_call" and len(less) == 1 and hasattr(jax.nn, str(line.params.get("name"))):
        return [getattr(jax.nn, line.params["name"])(less[0])]  # relu and its like are of any shape
    whole = [jnp.reshape(v, shape) for v, shape in zip(less, shapes, strict=True)]
    return [jnp.reshape(v, squeezed(v.shape)) for v in line.run(whole)]


def _place(shape: Shape, axis: int) -> int:
    """Where an axis is among those longer than 1."""
    return sum(n > 1 for n in shape[:axis])


def _dot(line: Line, values: Sequence[Any], shapes: Sequence[Shape]) -> Any:
    """A product without axes of length 1; what is contracted over one number is a product of numbers."""
    (x_contracted, y_contracted), (x_batch, y_batch) = line.params["dimension_numbers"]

    def longer(axes: Sequence[int], shape: Shape) -> tuple[int, ...]:
        return tuple(_place(shape, axis) for axis in axes if shape[axis] > 1)

    dims = (
        (longer(x_contracted, shapes[0]), longer(y_contracted, shapes[1])),
        (longer(x_batch, shapes[0]), longer(y_batch, shapes[1])),
    )
    if not dims[0][0] and not dims[1][0] and min(prod(v.shape) for v in values) == 1:
        return values[0] * values[1]
    return line.run(values, dimension_numbers=dims)[0]
