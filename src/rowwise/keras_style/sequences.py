"""Layers over a sequence of rows: convolution, pooling, recurrence; each is a line of `rw.layers` or of `jnp`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rowwise.errors import BadOption
from rowwise.keras_style.activations import activated, activation_of
from rowwise.keras_style.layer import Layer, Operand, Part, Start, Writer, penalty
from rowwise.keras_style.spelling import spelt
from rowwise.keras_style.symbol import Shape, Symbol, without_ones
from rowwise.options import WIDEST, is_whole, one_of, said, whole


class _Sequence(Layer):
    """What reads (length, dim)."""

    def __init__(self, *, input_shape: Shape | None = None, **named: Any):
        super().__init__(**named)
        self.first = input_shape

    def length_and_dim(self, *shapes: Shape) -> tuple[int, int]:
        """Of what comes in.

        Raises:
            BadModel: it is no sequence.
        """
        if len(shapes) != 1 or len(shapes[0]) != 2:
            raise self.misfit("a sequence, (examples, length, dim)", *shapes, mend="put it before Flatten")
        return shapes[0][0], shapes[0][1]


class Conv1D(_Sequence):
    """What each filter makes of each run of `kernel_size` rows."""

    kind = "Conv1D"

    @spelt(
        "data_format", "dilation_rate", "kernel_constraint", "bias_constraint", "activity_regularizer",
        nb_filter="filters", filter_length="kernel_size", border_mode="padding", subsample_length="strides",
        init="kernel_initializer", W_regularizer="kernel_regularizer", b_regularizer="bias_regularizer",
        bias="use_bias",
    )  # fmt: skip
    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: str = "valid",
        activation: str | None = None,
        use_bias: bool = True,
        kernel_initializer: Start = "glorot_uniform",
        bias_initializer: Start = "zeros",
        kernel_regularizer: object = None,
        bias_regularizer: object = None,
        weights: Sequence[Any] | None = None,
        input_shape: Shape | None = None,
        trainable: bool = True,
        name: str | None = None,
    ):
        super().__init__(name=name, trainable=trainable, weights=weights, input_shape=input_shape)
        one_of("padding", padding, ("same", "valid"))
        if not is_whole(strides) or strides != 1:
            raise BadOption(
                said("strides", strides), expected="1", mend="leave it out; MaxPooling1D(2) halves the length"
            )
        self.filters = whole("filters", filters, least=1, most=WIDEST, mend="filters=64 is usual")
        self.width = whole("kernel_size", kernel_size, least=1, most=WIDEST, mend="kernel_size=5 is usual")
        self.padding = padding
        self.use_bias, self.activation = use_bias, activation_of(activation)
        self.starts = kernel_initializer, bias_initializer
        self.l2s = penalty(kernel_regularizer, of=self.name), penalty(bias_regularizer, of=self.name)

    def shape(self, *shapes: Shape) -> Shape:
        length, _ = self.length_and_dim(*shapes)
        if length < self.width:
            raise self.misfit(f"{self.width} rows or more", *shapes, mend=f"kernel_size={length}, or less")
        return (length if self.padding == "same" else length - self.width + 1, self.filters)

    def needs(self, *shapes: Shape) -> Mapping[str, Part]:
        kernel = (self.width, self.length_and_dim(*shapes)[1], self.filters)
        parts = {"kernel": Part(kernel, self.starts[0], self.l2s[0])}
        return parts | ({"bias": Part((self.filters,), self.starts[1], self.l2s[1])} if self.use_bias else {})

    def write(self, writer: Writer, *reads: Operand) -> str:
        kernel = writer.weight(self, "kernel").whole
        padding = "" if self.padding == "same" else f', padding="{self.padding}"'
        bias = f" + {writer.weight(self, 'bias')}" if self.use_bias else ""
        expression = activated(self.activation, f"rw.layers.convolution({reads[0].whole}, {kernel}{padding}){bias}")
        return without_ones(expression, self.shape(reads[0].shape))

    def tells(self, symbol: Symbol) -> str:
        return f"what {self.filters} filters make of each run of {self.width} rows of {symbol.inputs[0].name}"


class MaxPooling1D(_Sequence):
    """The largest of each `pool_size` neighbours, number by number."""

    kind = "MaxPooling1D"

    @spelt("data_format", pool_length="pool_size", stride="strides", border_mode="padding")
    def __init__(self, pool_size: int = 2, strides: int | None = None, padding: str = "valid", name: str | None = None):
        super().__init__(name=name)
        self.size = whole("pool_size", pool_size, least=1)
        if not (strides is None or is_whole(strides)) or strides not in (None, pool_size) or padding != "valid":
            raise BadOption(
                f"{said('strides', strides)} and {said('padding', padding)} with {said('pool_size', pool_size)}",
                expected="neighbours that do not overlap: strides as pool_size, padding='valid'",
                mend="leave strides and padding out",
            )

    def shape(self, *shapes: Shape) -> Shape:
        length, dim = self.length_and_dim(*shapes)
        if length < self.size:
            raise self.misfit(f"{self.size} rows or more", *shapes, mend=f"pool_size={length}, or less")
        return (length // self.size, dim)

    def write(self, writer: Writer, *reads: Operand) -> str:
        return without_ones(f"rw.layers.max_pool({reads[0].whole}, {self.size})", self.shape(reads[0].shape))

    def tells(self, symbol: Symbol) -> str:
        return f"the largest of each {self.size} neighbours of {symbol.inputs[0].name}"


class GlobalMaxPooling1D(_Sequence):
    """The largest of the whole sequence, number by number."""

    kind = "GlobalMaxPooling1D"

    def __init__(self, name: str | None = None):
        super().__init__(name=name)

    def shape(self, *shapes: Shape) -> Shape:
        return (self.length_and_dim(*shapes)[1],)

    def write(self, writer: Writer, *reads: Operand) -> str:
        return without_ones(f"jnp.max({reads[0].whole}, axis=0)", self.shape(reads[0].shape))

    def tells(self, symbol: Symbol) -> str:
        return f"the largest of all rows of {symbol.inputs[0].name}, number by number"


class GlobalAveragePooling1D(GlobalMaxPooling1D):
    """The mean of the sequence, of its words alone where an Embedding has mask_zero."""

    kind = "GlobalAveragePooling1D"

    def write(self, writer: Writer, *reads: Operand) -> str:
        (x,) = reads
        if x.padded:
            there = writer.present(x.padded)
            mean = f"{there} @ {x.whole} / jnp.maximum(jnp.sum({there}), 1)"
            return mean if x.shape[-1] > 1 else without_ones(f"({mean})", (1,))
        return without_ones(f"jnp.mean({x.whole}, axis=0)", self.shape(x.shape))

    def tells(self, symbol: Symbol) -> str:
        return f"the mean of the rows of {symbol.inputs[0].name}"


class LSTM(_Sequence):
    """What is remembered after the last row; padding is passed over where an Embedding has mask_zero."""

    kind = "LSTM"

    @spelt(
        "consume_less", "unroll", "use_cudnn", "stateful", "seed", "implementation",
        output_dim="units", inner_activation="recurrent_activation", inner_init="recurrent_initializer",
        init="kernel_initializer", W_regularizer="kernel_regularizer", U_regularizer="recurrent_regularizer",
    )  # fmt: skip
    def __init__(
        self,
        units: int,
        activation: str = "tanh",
        recurrent_activation: str = "sigmoid",
        return_sequences: bool = False,
        kernel_initializer: Start = "glorot_uniform",
        recurrent_initializer: Start = "orthogonal",
        kernel_regularizer: object = None,
        recurrent_regularizer: object = None,
        weights: Sequence[Any] | None = None,
        input_shape: Shape | None = None,
        trainable: bool = True,
        name: str | None = None,
    ):
        super().__init__(name=name, trainable=trainable, weights=weights, input_shape=input_shape)
        told = activation, recurrent_activation, return_sequences
        if not all(isinstance(each, str | bool) for each in told) or told != ("tanh", "sigmoid", False):
            raise BadOption(
                f"an LSTM with {said('activation', activation)}, {said('recurrent_activation', recurrent_activation)}, "
                f"{said('return_sequences', return_sequences)}",
                expected="tanh, gates of sigmoid, and what is remembered at the end alone",
                mend="leave these out",
            )
        self.units = whole("units", units, least=1, most=WIDEST, mend="units=32 is usual")
        self.starts = kernel_initializer, recurrent_initializer
        self.l2s = tuple(penalty(r, of=self.name) for r in (kernel_regularizer, recurrent_regularizer))

    def shape(self, *shapes: Shape) -> Shape:
        self.length_and_dim(*shapes)
        return (self.units,)

    def needs(self, *shapes: Shape) -> Mapping[str, Part]:
        gates = 4 * self.units

        def open_to_the_past(random: np.random.Generator, shape: Shape) -> np.ndarray:
            """The forget gate starts at 1. Source: Jozefowicz et al. 2015."""
            return np.repeat(np.array([0, 1, 0, 0], np.float32), self.units)

        return {
            "kernel": Part((self.length_and_dim(*shapes)[1], gates), self.starts[0], self.l2s[0]),
            "recurrent_kernel": Part((self.units, gates), self.starts[1], self.l2s[1]),
            "bias": Part((gates,), open_to_the_past),
        }

    def write(self, writer: Writer, *reads: Operand) -> str:
        weights = ", ".join(writer.weight(self, part).whole for part in ("kernel", "recurrent_kernel", "bias"))
        mask = f", mask={writer.present(reads[0].padded)}" if reads[0].padded else ""
        return without_ones(f"rw.layers.lstm({reads[0].whole}, {weights}{mask})", (self.units,))

    def tells(self, symbol: Symbol) -> str:
        return f"what {self.units} cells remember after the last row of {symbol.inputs[0].name}"
