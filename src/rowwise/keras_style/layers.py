"""The layers of one value: lookups, dense layers, masks, and what only moves numbers."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from rowwise.errors import BadModel, BadOption
from rowwise.keras_style.activations import activated, activation_of
from rowwise.keras_style.layer import Layer, Operand, Part, Start, Writer, penalty
from rowwise.keras_style.spelling import spelt
from rowwise.keras_style.symbol import Shape, Symbol, shown
from rowwise.options import LARGEST, WIDEST, flag, is_whole, number, said, whole


class Place(Layer):
    """Where the data come in."""

    kind = "Input"

    def __init__(self, shape: Shape, dtype: str, name: str | None):
        super().__init__(name=name)
        self.of_example, self.dtype = shape, dtype

    def tells(self, symbol: Symbol) -> str:
        return "what the data will hold for each example: ids for an Embedding, or numbers"


@spelt("batch_shape", "sparse")
def Input(shape: Sequence[int] | int = (1,), dtype: str = "float32", name: str | None = None) -> Symbol:
    """The place of what each example brings: `Input(shape=(1,), name="user")` is one id of one column."""
    axes: list[Any] = list(shape) if isinstance(shape, tuple | list) else [shape]
    if not all(is_whole(n) and 1 <= n <= LARGEST for n in axes):
        raise BadOption(
            said("Input(shape", shape), expected="whole numbers of 1 or more", mend="shape=(1,) is one id an example"
        )
    layer = Place(tuple(map(int, axes)), dtype, name)
    return Symbol(layer, (), layer.of_example, layer.name)


class Embedding(Layer):
    """The row of a table for each id: the ids are row numbers, 0 to input_dim - 1.

    `dropout` (2016) drops whole rows of the sequence while it trains. With `mask_zero` an LSTM or a mean
    passes over id 0.
    """

    kind = "Embedding"

    @spelt(
        "W_constraint", "embeddings_constraint", "activity_regularizer", "mask_value",
        W_regularizer="embeddings_regularizer", init="embeddings_initializer",
    )  # fmt: skip
    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Start = "uniform",
        embeddings_regularizer: object = None,
        mask_zero: bool = False,
        weights: Sequence[Any] | None = None,
        input_length: int | None = None,
        dropout: float = 0.0,
        input_shape: Shape | None = None,
        trainable: bool = True,
        name: str | None = None,
    ):
        super().__init__(name=name, trainable=trainable, weights=weights)
        self.input_dim = whole("input_dim", input_dim, least=1, mend="as many as the largest id and one")
        self.output_dim = whole("output_dim", output_dim, least=1, most=WIDEST, mend="output_dim=50 is usual")
        number("dropout", dropout, below=1.0, mend="dropout=0.2 drops a fifth of the rows")
        self.start, self.mask_zero, self.rate = embeddings_initializer, mask_zero, dropout
        self.l2 = penalty(embeddings_regularizer, of=self.name)
        self.first = _first("input_length", input_length, input_shape)

    def __call__(self, given: object) -> Symbol:
        if isinstance(given, Symbol) and given.inputs:
            raise BadModel(
                f"{self.name} was called on {given.name}, which {given.layer.kind} gives",
                expected="the ids of an Input: which rows an example reads has to be known from its data",
                mend="work the ids out before, and give them to fit; or bring a Keras model along by from_keras",
            )
        return super().__call__(given)

    def shape(self, *shapes: Shape) -> Shape:
        return (*shapes[0], self.output_dim)

    def needs(self, *shapes: Shape) -> Mapping[str, Part]:
        return {"embeddings": Part((self.input_dim, self.output_dim), self.start, self.l2)}

    def write(self, writer: Writer, *reads: Operand) -> str:
        rows = writer.lookup(self, reads[0])
        if not self.rate:
            return rows.name
        length = reads[0].squeezed
        kept = writer.mask(self, length, self.rate)
        return f"{rows} * {kept}[:, None]" if length and self.output_dim > 1 else f"{rows} * {kept}"

    def tells(self, symbol: Symbol) -> str:
        each = "the row that its id names" if symbol.inputs[0].shape == (1,) else "for each id the row that it names"
        return f"{each} in a table of {self.input_dim:,} rows of {self.output_dim}"


class Dense(Layer):
    """Each output number is a weighted sum of all the numbers of the last axis, and a bias."""

    kind = "Dense"
    keeps_length = True

    @spelt(
        "kernel_constraint", "bias_constraint", "activity_regularizer",
        W_regularizer="kernel_regularizer", b_regularizer="bias_regularizer", init="kernel_initializer",
        output_dim="units", bias="use_bias",
    )  # fmt: skip
    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        kernel_initializer: Start = "glorot_uniform",
        bias_initializer: Start = "zeros",
        kernel_regularizer: object = None,
        bias_regularizer: object = None,
        weights: Sequence[Any] | None = None,
        input_dim: int | None = None,
        input_shape: Shape | None = None,
        trainable: bool = True,
        name: str | None = None,
    ):
        super().__init__(name=name, trainable=trainable, weights=weights)
        self.units = whole("units", units, least=1, most=WIDEST, mend="units=1 gives one number")
        self.use_bias, self.activation = flag("use_bias", use_bias), activation_of(activation)
        self.starts = kernel_initializer, bias_initializer
        self.l2s = penalty(kernel_regularizer, of=self.name), penalty(bias_regularizer, of=self.name)
        self.first = _first("input_dim", input_dim, input_shape)

    def shape(self, *shapes: Shape) -> Shape:
        return (*shapes[0][:-1], self.units)

    def needs(self, *shapes: Shape) -> Mapping[str, Part]:
        parts = {"kernel": Part((shapes[0][-1], self.units), self.starts[0], self.l2s[0])}
        return parts | ({"bias": Part((self.units,), self.starts[1], self.l2s[1])} if self.use_bias else {})

    def write(self, writer: Writer, *reads: Operand) -> str:
        (x,), kernel = reads, writer.weight(self, "kernel")
        product = f"{x} @ {kernel}"
        if x.shape[-1] == 1:
            product = f"jnp.outer({x}, {kernel})" if x.squeezed and kernel.squeezed else f"{x} * {kernel}"
        bias = f" + {writer.weight(self, 'bias')}" if self.use_bias else ""
        return activated(self.activation, product + bias)

    def tells(self, symbol: Symbol) -> str:
        return f"{self.units} weighted sums of {symbol.inputs[0].name}" + (
            f", through {self.activation}" if self.activation != "linear" else ""
        )


class Activation(Layer):
    """A function of each number, by name."""

    kind = "Activation"
    keeps_length = True

    def __init__(self, activation: str, name: str | None = None):
        super().__init__(name=name)
        self.activation = activation_of(activation)

    def shape(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def write(self, writer: Writer, *reads: Operand) -> str:
        return activated(self.activation, str(reads[0]))

    def tells(self, symbol: Symbol) -> str:
        return f"{symbol.inputs[0].name} through {self.activation}"


class Dropout(Layer):
    """While it trains, numbers left out at random for each example, the others made larger; afterwards all are kept."""

    kind = "Dropout"
    keeps_length = True

    @spelt(p="rate")
    def __init__(self, rate: float, name: str | None = None):
        super().__init__(name=name)
        self.rate = number("rate", rate, below=1.0, mend="rate=0.2 drops a fifth")

    def shape(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def masked(self, shape: Shape) -> Shape:
        """The shape of what is drawn."""
        return shape

    def write(self, writer: Writer, *reads: Operand) -> str:
        (x,) = reads
        return f"{x} * {writer.mask(self, self.masked(x.shape), self.rate)}" if self.rate else x.name

    def tells(self, symbol: Symbol) -> str:
        return f"{symbol.inputs[0].name}, of which a share of {self.rate:g} is left out while it trains"


class SpatialDropout1D(Dropout):
    """The same, of whole columns of a sequence."""

    kind = "SpatialDropout1D"

    def masked(self, shape: Shape) -> Shape:
        return (shape[-1],)


class Flatten(Layer):
    """All numbers of an example in one row."""

    kind = "Flatten"

    def __init__(self, name: str | None = None, input_shape: Shape | None = None):
        super().__init__(name=name)
        self.first = input_shape

    def shape(self, *shapes: Shape) -> Shape:
        return (prod(shapes[0]),)

    def write(self, writer: Writer, *reads: Operand) -> str:
        return f"{reads[0]}.ravel()" if len(reads[0].squeezed) > 1 else reads[0].name

    def tells(self, symbol: Symbol) -> str:
        shape = symbol.inputs[0].shape
        many = "one number" if prod(shape) == 1 else f"{prod(shape):,} numbers"
        return f"the {many} of {symbol.inputs[0].name} {shown(shape)} in one row"


class Reshape(Layer):
    """The numbers of an example in another shape."""

    kind = "Reshape"

    def __init__(self, target_shape: Sequence[int], name: str | None = None, input_shape: Shape | None = None):
        super().__init__(name=name)
        axes: list[Any] = list(target_shape) if isinstance(target_shape, tuple | list) else [target_shape]
        if not all(is_whole(n) and (1 <= n <= LARGEST or n == -1) for n in axes) or axes.count(-1) > 1:
            raise BadOption(
                said("target_shape", target_shape), expected="whole numbers of 1 or more, of which one may be -1",
                mend="target_shape=(-1,) is one row",
            )  # fmt: skip
        self.target, self.first = tuple(map(int, axes)), input_shape

    def shape(self, *shapes: Shape) -> Shape:
        size, known = prod(shapes[0]), prod(n for n in self.target if n != -1)
        shape = tuple(size // known if n == -1 else n for n in self.target)
        if prod(shape) != size:
            mend = f"Reshape(({size},)) is one row; -1 stands for the rest"
            raise self.misfit(f"numbers that fill {shown(self.target)}", *shapes, mend=mend)
        return shape

    def write(self, writer: Writer, *reads: Operand) -> str:
        shape = Operand("", self.shape(reads[0].shape)).squeezed
        return reads[0].name if shape == reads[0].squeezed else f"{reads[0]}.reshape({', '.join(map(str, shape))})"

    def tells(self, symbol: Symbol) -> str:
        return f"the numbers of {symbol.inputs[0].name} in another shape"


def _first(name: str, n: object, shape: Shape | None) -> Shape | None:
    """What a layer reads that begins a Sequential model: its shape, or one axis of `n`; None where neither is told."""
    told = None if n is None else (whole(name, n, least=1),)
    return told if shape is None else shape
