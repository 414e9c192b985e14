"""Layers of several values: the merges of Keras, and what makes one value of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rowwise.english import n_of
from rowwise.errors import BadModel, BadOption
from rowwise.keras_style.layer import Layer, Operand, Writer, alike
from rowwise.keras_style.spelling import spelt
from rowwise.keras_style.symbol import Shape, Symbol, squeezed, without_ones
from rowwise.options import LARGEST, is_whole, one_of, said, whole

ONE_WIDTH = "give the layers that come before one width, such as output_dim=50"
ONE_ROW = "Flatten()(…) makes a row of each first"


class _Merge(Layer):
    """Several values, number by number."""

    told = ""

    def shape(self, *shapes: Shape) -> Shape:
        if len(shapes) < 2:
            raise self.misfit("a list of two values or more", *shapes, mend=f"{self.kind}()([u, m])")
        try:
            return np.broadcast_shapes(*shapes)
        except ValueError:
            raise self.misfit("values of one shape", *shapes, mend=ONE_WIDTH) from None

    def expression(self, names: Sequence[str]) -> str:
        raise NotImplementedError

    def write(self, writer: Writer, *reads: Operand) -> str:
        shape = self.shape(*(r.shape for r in reads))
        if alike(reads, squeezed(shape)):
            return self.expression([r.name for r in reads])
        return without_ones(self.expression([r.whole for r in reads]), shape)

    def tells(self, symbol: Symbol) -> str:
        return f"{' and '.join(i.name for i in symbol.inputs)} {self.told}, number by number"


class Add(_Merge):
    """The sum of several values."""

    kind, told = "Add", "added"

    def expression(self, names: Sequence[str]) -> str:
        return " + ".join(names)


class Multiply(_Merge):
    """The product of several values."""

    kind, told = "Multiply", "multiplied"

    def expression(self, names: Sequence[str]) -> str:
        return " * ".join(names)


class Average(_Merge):
    """The mean of several values."""

    kind, told = "Average", "averaged"

    def expression(self, names: Sequence[str]) -> str:
        return f"({' + '.join(names)}) / {len(names)}"


class Concatenate(Layer):
    """Several values end to end along one axis, counted as in Keras: axis 0 is that of the examples."""

    kind = "Concatenate"

    @spelt(concat_axis="axis")
    def __init__(self, axis: int = -1, name: str | None = None):
        super().__init__(name=name)
        self.axis = whole("axis", axis, least=-LARGEST, expected="the number of an axis", mend="axis=-1 is the last")

    def shape(self, *shapes: Shape) -> Shape:
        axis = _axis(self, self.axis, *shapes)
        rest = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
        if len(shapes) < 2 or len(rest) > 1:
            raise self.misfit(f"two values or more that differ in axis {axis + 1} at most", *shapes, mend=ONE_ROW)
        first = shapes[0]
        return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])

    def write(self, writer: Writer, *reads: Operand) -> str:
        shapes = [r.shape for r in reads]
        axis = _axis(self, self.axis, *shapes)
        shape = self.shape(*shapes)
        if all(n == 1 for k, n in enumerate(shape) if k != axis):
            join = "concatenate" if all(r.squeezed for r in reads) else "hstack"  # hstack takes single numbers too
            return f"jnp.{join}([{', '.join(map(str, reads))}])"
        return without_ones(f"jnp.concatenate([{', '.join(r.whole for r in reads)}], axis={axis})", shape)

    def tells(self, symbol: Symbol) -> str:
        return f"{' and '.join(i.name for i in symbol.inputs)} end to end"


class Dot(Layer):
    """The products of two values, summed over one axis of each; axes are counted as in Keras, 0 is the examples'."""

    kind = "Dot"

    @spelt(dot_axes="axes")
    def __init__(self, axes: int | tuple[int, int] = -1, name: str | None = None):
        super().__init__(name=name)
        pair = tuple(axes) if isinstance(axes, tuple | list) else (axes, axes)
        if len(pair) != 2 or not all(map(is_whole, pair)):
            raise BadOption(said("axes", axes), expected="an axis of both, or a pair of them", mend="axes=-1 is usual")
        self.axes = pair

    def _axes(self, *shapes: Shape) -> tuple[int, int]:
        if len(shapes) != 2:
            raise self.misfit("a list of two values", *shapes, mend="Dot(1)([u, m])")
        x, y = (_axis(self, axis, shape) for axis, shape in zip(self.axes, shapes, strict=True))
        if shapes[0][x] != shapes[1][y]:
            raise self.misfit(
                f"as many numbers in axis {x + 1} of the first as in axis {y + 1} of the second",
                *shapes,
                mend=ONE_WIDTH,
            )
        return x, y

    def shape(self, *shapes: Shape) -> Shape:
        x, y = self._axes(*shapes)
        return (*_without(shapes[0], x), *_without(shapes[1], y)) or (1,)

    def write(self, writer: Writer, *reads: Operand) -> str:
        one, other = reads
        x, y = self._axes(one.shape, other.shape)
        if len(one.squeezed) == len(other.squeezed) == 1 and one.shape[x] > 1:
            return f"{one} @ {other}"
        if not one.squeezed and not other.squeezed:
            return f"{one} * {other}"
        shape = (*_without(one.shape, x), *_without(other.shape, y))
        return without_ones(f"jnp.tensordot({one.whole}, {other.whole}, axes=(({x},), ({y},)))", shape)

    def tells(self, symbol: Symbol) -> str:
        return f"the products of {' and '.join(i.name for i in symbol.inputs)}, summed over an axis of each"


def _axis(layer: Layer, axis: int, *shapes: Shape) -> int:
    """Keras' axis, which counts that of the examples, as an axis of one example."""
    found = axis + len(shapes[0]) if axis < 0 else axis - 1
    if len({len(shape) for shape in shapes}) > 1:
        raise layer.misfit("values of as many axes", *shapes, mend=ONE_ROW)
    if not 0 <= found < len(shapes[0]):
        raise layer.misfit(f"values that have an axis {axis} beside that of the examples", *shapes, mend="axis=-1")
    return found


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]


MODES: dict[str, type[Layer]] = {"dot": Dot, "sum": Add, "mul": Multiply, "concat": Concatenate, "ave": Average}
CONCAT_OR_DOT = {"concat": "concat_axis", "dot": "dot_axes"}


class Merge:
    """The merge layer of 2016: `Merge(mode="concat")([u, m])`."""

    def __new__(
        cls, mode: str = "sum", *, concat_axis: int = -1, dot_axes: object = -1, name: str | None = None
    ) -> Any:
        one_of("mode", mode, MODES, mend="mode='dot' is the lesson's")
        axis = {"concat": {"axis": concat_axis}, "dot": {"axes": dot_axes}}.get(mode, {})
        made = MODES[mode](**axis)  # pyright: ignore[reportCallIssue]
        if name is not None:
            made.name = name
        return made


def merge(inputs: Sequence[Symbol], mode: str = "sum", **options: Any) -> Symbol:
    """Several symbolic values as one, as in 2016: mode "dot", "sum", "mul", "concat" or "ave"."""
    if not isinstance(inputs, list | tuple) or len(inputs) < 2:
        n = len(inputs) if isinstance(inputs, list | tuple) else 1
        raise BadModel(f"merge of {n_of(n, 'value')}", expected="a list of two or more", mend="merge([u, m], 'dot')")
    return Merge(mode, **options)(inputs)
