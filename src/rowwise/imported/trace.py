"""A traced function of tables in, what it looks up and what it does with the rows out.

jaxpr ──▶ lines, nested calls inlined ──┬─▶ of the data alone: row numbers, and other numbers that come with them
                                        ├─▶ lookups: a table read by `gather` at such row numbers
                                        └─▶ the rest: a function of rows, without axes of length 1
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from rowwise.capture.places import PART
from rowwise.errors import BadModel
from rowwise.keras_style.symbol import Shape, squeezed
from rowwise.program.primitives import PRIMITIVES, REDUCTIONS, ByNumber

BODIES = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # parameters that hold the body of a nested call
INLINED = ("jit", "pjit", "closed_call", "core_call", "remat", "checkpoint", "remat2")
SAME = ("copy", "copy_p", "stop_gradient", "optimization_barrier", "reshape", "squeeze", "expand_dims")
BY_NUMBER = {row.name for row in PRIMITIVES.values() if isinstance(row, ByNumber)}


@dataclass(frozen=True, eq=False)
class Var:
    """One value of a traced function: `origin` says of what it is made, "data", "weight" or "rows"."""

    shape: Shape
    dtype: Any
    origin: str
    key: Any  # equal for values that are worked out in the same way from the same data


@dataclass(frozen=True, eq=False)
class Known:
    """A constant."""

    array: Any

    origin = "data"

    @property
    def key(self) -> Any:
        array = np.asarray(self.array)
        return (array.dtype.str, array.shape, array.tobytes())

    @property
    def shape(self) -> Shape:
        return np.shape(self.array)


@dataclass(frozen=True, slots=True)
class Line:
    """One equation."""

    primitive: Any
    params: Mapping[str, Any]
    reads: tuple[Any, ...]
    gives: tuple[Var, ...]
    source: Any  # where it comes from
    part: str  # "⟨dense: Dense⟩", where a layer says so

    @property
    def name(self) -> str:
        return self.primitive.name

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """What is traced meanwhile seems to come from where the line was written."""
        import jax
        from jax.extend import source_info_util

        with ExitStack() as stack:
            stack.enter_context(source_info_util.user_context(self.source.traceback))
            if self.part:
                stack.enter_context(jax.named_scope(self.part))
            yield

    def run(self, values: Sequence[Any], **params: Any) -> list[Any]:
        """What it gives for these arrays, with some of its parameters changed."""
        bound = self.primitive.get_bind_params({**self.params, **params})
        functions, rest = bound if isinstance(bound, tuple) else ((), bound)  # as JAX before 0.10 has it
        out = self.primitive.bind(*functions, *values, **rest)
        return list(out) if self.primitive.multiple_results else [out]


@dataclass(frozen=True, eq=False)
class Lookup:
    """A table read at row numbers of the data: `ids` is of shape (*many, 1) or (*many,)."""

    table: str
    ids: Any
    gives: Var
    row_shape: Shape


@dataclass(frozen=True)
class Traced:
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


def take_apart(closed: Any, weights: Sequence[str], data: Sequence[str], masks: Sequence[str]) -> Traced:
    """A jaxpr of (weights, data, masks) -> one array.

    Raises:
        BadModel: a table that is looked up is read in another way too.
    """
    jaxpr = closed.jaxpr
    names = [*weights, *data, *masks]
    kinds = ["weight"] * len(weights) + ["data"] * len(data) + ["rows"] * len(masks)
    made = [
        Var(v.aval.shape, v.aval.dtype, kind, name) for v, kind, name in zip(jaxpr.invars, kinds, names, strict=True)
    ]
    given = iter(made)  # a table and an input may have one name
    of_weights, of_data, of_masks = ({name: next(given) for name in kind} for kind in (weights, data, masks))
    lines: list[Line] = []
    (output,) = _inline(closed, made, lines, source=None, part="")
    traced = Traced(
        of_weights,
        of_data,
        of_masks,
        lines,
        output=output,
    )
    names_of = {var: name for name, var in traced.weights.items()}
    for line in lines:
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
    from jax.extend import source_info_util

    part = PART.search(line.part)
    return f"layer {part[1]} ({part[2]})" if part else source_info_util.summarize(line.source)


def _inline(closed: Any, given: Sequence[Any], lines: list[Line], *, source: Any, part: str) -> list[Any]:
    jaxpr = closed.jaxpr
    env: dict[Any, Any] = dict(zip(jaxpr.constvars, map(Known, closed.consts), strict=True))
    env |= zip(jaxpr.invars, given, strict=True)

    def read(atom: Any) -> Any:
        return Known(np.asarray(atom.val, atom.aval.dtype)) if hasattr(atom, "val") else env[atom]

    for eqn in jaxpr.eqns:
        reads = [read(atom) for atom in eqn.invars]
        inner = PART.search(str(eqn.source_info.name_stack))
        here = inner[0] if inner else part
        body = next((eqn.params[name] for name in BODIES if name in eqn.params), None)
        if eqn.primitive.name in INLINED and body is not None:
            env |= zip(
                eqn.outvars, _inline(_closed(body), reads, lines, source=eqn.source_info, part=here), strict=True
            )
            continue
        is_data = all(value.origin == "data" for value in reads)
        origin = "data" if is_data else "rows"
        key = (eqn.primitive.name, str(eqn.params), *(value.key for value in reads)) if is_data else object()
        gives = tuple(Var(v.aval.shape, v.aval.dtype, origin, (key, k)) for k, v in enumerate(eqn.outvars))
        lines.append(Line(eqn.primitive, eqn.params, tuple(reads), gives, source or eqn.source_info, here))
        env |= zip(eqn.outvars, gives, strict=True)
    return [read(atom) for atom in jaxpr.outvars]


def _closed(jaxpr: Any) -> Any:
    import jax.extend.core as core

    return jaxpr if hasattr(jaxpr, "consts") else core.ClosedJaxpr(jaxpr, ())


def _lookup(line: Line, table: str) -> Lookup | None:
    """The lookup that a line is: whole rows of a table at row numbers that come from the data."""
    (shape, *_), ids = [value.shape for value in line.reads], line.reads[1:]
    if not ids or any(value.origin != "data" for value in ids):
        return None
    row = shape[1:]
    if line.name == "gather":
        numbers, sizes = line.params["dimension_numbers"], tuple(line.params["slice_sizes"])
        plain = numbers.start_index_map == (0,) and not numbers.operand_batching_dims
        return Lookup(table, ids[0], line.gives[0], row) if plain and sizes == (1, *row) else None
    if line.name == "dynamic_slice" and tuple(line.params["slice_sizes"]) == (1, *row):
        return Lookup(table, ids[0], line.gives[0], row)
    return None


def run(lines: Sequence[Line], known: dict[Any, Any], output: Any) -> Any:
    """The output of a function of rows. `known` holds arrays without axes of length 1; so does everything here."""
    for line in lines:
        with line.as_written():
            given = _without_ones(line, [_read(known, value) for value in line.reads])
        known |= zip(line.gives, given, strict=True)
    return _read(known, output)


def _read(known: Mapping[Any, Any], value: Any) -> Any:
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
