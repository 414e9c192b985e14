"""Symbolic values in, the source text of a function of rows out, and the model that it makes.

The text is a whole Python file: pasted into one of your own it gives the same model. Axes of length 1 are left out:
where Keras says (examples, 1, 50), the function receives the (50,) of one example.
"""

import copy
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, TypeVar

import numpy as np

from rowwise.errors import BadModel
from rowwise.keras_style.layer import Layer, Operand
from rowwise.keras_style.layers import Embedding, Place
from rowwise.keras_style.session import identifier
from rowwise.keras_style.symbol import Shape, Symbol, literal, squeezed

HEAD = "import jax\nimport jax.numpy as jnp\n\nimport rowwise as rw\n\n\n"
MASK = "mask of "  # a program calls the column that tells the padding of another so
INITS = {"uniform": '"uniform"', "random_uniform": '"uniform"', "normal": "0.05", "random_normal": "0.05",
         "zero": '"zeros"', "zeros": '"zeros"', "one": '"ones"', "ones": '"ones"'}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function of rows."""

    word: str  # as text


@dataclass(frozen=True, slots=True)
class RowsArgument(Argument):
    """Rows of a layer's table, by the ids of an Input."""

    layer: Embedding
    column: str
    symbol: Symbol

    def numbers(self, weights: Mapping[str, Any]) -> Any:
        """The table, as the function of rows reads it: a view without axes of length 1 behind the first."""
        table = weights["embeddings"]
        return table.reshape((len(table), *squeezed(table.shape[1:])))


@dataclass(frozen=True, slots=True)
class ValueArgument(Argument):
    """The numbers of an Input."""

    column: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class WeightArgument(Argument):
    """A weight of a layer."""

    layer: Layer
    part: str

    def numbers(self, weights: Mapping[str, Any]) -> Any:
        """The weight, as the function of rows reads it: a view without axes of length 1."""
        return weights[self.part].reshape(squeezed(weights[self.part].shape))


@dataclass(frozen=True, slots=True)
class MaskArgument(Argument):
    """A mask that a layer draws for each example."""

    layer: Layer
    shape: Shape


Kind = TypeVar("Kind", bound=Argument)


@dataclass(frozen=True, slots=True)
class Written:
    """A function of rows: its text, and what its arguments are."""

    text: str
    function: Any  # a rowwise Model where there is a loss, else the plain function
    arguments: Mapping[str, Argument]

    def of(self, kind: type[Kind]) -> dict[str, Kind]:
        """The arguments of one kind, by name."""
        return {name: argument for name, argument in self.arguments.items() if isinstance(argument, kind)}

    def columns(self, kind: type[RowsArgument] | type[ValueArgument]) -> dict[str, Symbol]:
        """The columns that arguments of one kind read, with the Input that each comes from."""
        return {argument.column: argument.symbol for argument in self.of(kind).values()}

    @property
    def tables(self) -> dict[str, np.ndarray]:
        """The numbers of each table and dense weight, by the name that the model of rows knows it by."""
        found: dict[str, Any] = {identifier(a.layer.name): a for a in self.of(RowsArgument).values()}
        found |= self.of(WeightArgument)
        return {name: argument.numbers(argument.layer.weights) for name, argument in found.items()}


def write(output: Symbol, *, name: str, bare: bool = False, ending: str = "") -> Written:
    """The function that gives `output`, under a decorator where there is one.

    `ending` is what the decorator is told, such as `target="rating", loss=rw.squared_error`. `bare` leaves the last
    activation to the loss.
    """
    writer = _Writer(name)
    operands: dict[int, Operand] = {}
    for symbol in output.upstream():
        layer = symbol.layer
        if bare and symbol is output:
            layer = copy.copy(layer)
            layer.activation = "linear"
        operands[id(symbol)] = writer.symbol(symbol, layer, [operands[id(i)] for i in symbol.inputs])
    given = operands[id(output)]
    words = {argument: f"={told.word}" if ending else "" for argument, told in writer.arguments.items()}
    arguments = "".join(f"    {argument}{word},\n" for argument, word in words.items())
    lines = "".join(f"    {line}\n" for line in [*writer.lines, f"return {given}"])
    decorator = f"@rw.model({ending})\n" if ending else ""
    text = f"{HEAD}{decorator}def {writer.name}(\n{arguments}):\n{lines}"
    return Written(text, _made(text, writer.name), writer.arguments)


def _made(text: str, name: str) -> Callable[..., Any]:
    """What the text defines; `linecache` holds its lines, so that each step finds the line it came from."""
    lines, k = text.splitlines(keepends=True), 1
    while True:
        file = f"<{name} as rows>" if k == 1 else f"<{name} as rows {k}>"
        if linecache.getlines(file) in ([], lines):
            break
        k += 1
    linecache.cache[file] = (len(text), None, lines, file)
    there: dict[str, Any] = {"__name__": "rowwise.keras_style.written"}
    exec(compile(text, file, "exec"), there)
    return there[name]


class _Writer:
    def __init__(self, name: str):
        self.name = identifier(name)
        self.arguments: dict[str, Argument] = {}
        self.owners: dict[str, Any] = {}  # by name: the argument, or the symbol of a line
        self.lines: list[str] = []
        self.read: dict[str, tuple[Symbol, str]] = {}  # by column: its Input, and as what it is read
        self.now: Symbol  # the one being written

    def symbol(self, symbol: Symbol, layer: Layer, reads: list[Operand]) -> Operand:
        """What a symbolic value is called; its lines are written."""
        self.now = symbol
        name = identifier(symbol.name)
        if isinstance(layer, Place):
            return Operand(name, symbol.shape)
        if not isinstance(layer, Embedding):
            reads = [self._number(i, read) for i, read in zip(symbol.inputs, reads, strict=True)]
        expression = layer.write(self, *reads)
        if not expression.isidentifier():  # else it is what it read, in the shape without axes of length 1
            self._own(name, symbol)
            self.line(f"{name} = {expression}")
            expression = name
        padded = reads[0].padded if layer.keeps_length and reads else None
        if isinstance(layer, Embedding) and layer.mask_zero:
            padded = self._rows(symbol, layer)
        return Operand(expression, symbol.shape, padded)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def lookup(self, layer: Layer, ids: Operand) -> Operand:
        """The argument that receives the rows of a table."""
        assert isinstance(layer, Embedding)
        symbol = self.now.inputs[0]
        column = self._column(symbol, "ids")
        name = self._rows(self.now, layer)
        table = identifier(layer.name)
        if len(ids.squeezed) > 1:
            raise BadModel(
                f"{layer.name} reads ids of shape {ids.shape}",
                expected="one id for each example, or one list of ids",
                mend="make an Input for each list",
            )
        word = "rw.Rows" if ids.squeezed else "rw.Row"
        told = [literal(column)] if layer.output_dim == 1 else [literal(column), str(layer.output_dim)]
        told += [f"length={ids.squeezed[0]}"] if ids.squeezed else []
        told += [f"table={literal(table)}"] if table != name else []
        told += [f"l2={literal(layer.l2)}"] if layer.l2 else []
        told += [f"init={INITS[layer.start]}"] if isinstance(layer.start, str) and layer.start in INITS else []
        told += [] if layer.trainable else ["trainable=False"]
        written = f"{word}({', '.join(told)})"
        self._argument(name, RowsArgument(written, layer, column, symbol))
        return Operand(name, self.now.shape)

    def present(self, rows: str) -> str:
        """The argument that is 1 where another has a word and 0 where it is padding."""
        read = self.arguments[rows]
        assert isinstance(read, RowsArgument)
        ids = read.symbol
        name, column = f"{rows}_there", MASK + ids.name
        self._argument(name, ValueArgument(f'rw.Mask("{rows}")', column, ids))
        return name

    def _rows(self, symbol: Symbol, layer: Embedding) -> str:
        """What the rows of a table are called before any of them is dropped."""
        return identifier(symbol.name) + ("_rows" if layer.rate else "")

    def weight(self, layer: Layer, part: str) -> Operand:
        """The argument that receives a weight of a layer."""
        name, spec = f"{identifier(layer.name)}_{part}", (layer.parts or {})[part]
        shape = squeezed(spec.shape)
        told = [str(shape[0]) if len(shape) == 1 else str(shape)] if shape else []
        told += [f"l2={literal(spec.l2)}"] if spec.l2 else []
        if isinstance(spec.start, str) and len(spec.shape) > 1 and len(shape) < 2:
            told += ['init="glorot"']  # a single number starts at zero otherwise
        told += [] if layer.trainable else ["trainable=False"]
        self._argument(name, WeightArgument(f"rw.Weight({', '.join(told)})", layer, part))
        return Operand(name, spec.shape)

    def mask(self, layer: Layer, shape: Shape, rate: float) -> str:
        """The argument that receives a mask drawn for each example."""
        name, less = f"{identifier(self.now.name)}_kept", squeezed(shape)
        word = f"rw.Dropout({less[0] if len(less) == 1 else less}, {literal(rate)})"
        self._argument(name, MaskArgument(word, layer, less))
        return name

    def _number(self, symbol: Symbol, read: Operand) -> Operand:
        """An operand that is no row: an Input read as numbers becomes an argument."""
        if not isinstance(symbol.layer, Place):
            return read
        column, size = self._column(symbol, "numbers"), read.squeezed
        name = read.name + ("_flat" if len(size) > 1 else "")
        word = f"rw.Value({literal(column)}{f', {prod(size)}' if size else ''})"
        self._argument(name, ValueArgument(word, column, symbol))
        line = f"{read.name} = {name}.reshape{size}"
        if len(size) > 1 and line not in self.lines:
            self._own(read.name, symbol)
            self.line(line)
        return read

    def _column(self, symbol: Symbol, what: str) -> str:
        name = symbol.name
        other, told = self.read.setdefault(name, (symbol, what))
        if told != what:
            raise BadModel(
                f"{name} is read as ids by an Embedding and as numbers by another layer",
                expected="one or the other",
                mend="make an Input for each, and give the data to both",
            )
        if other is not symbol:
            raise BadModel(f"two Inputs are called {name!r}", expected="a name for each", mend="Input(…, name='other')")
        return name

    def _argument(self, name: str, argument: Argument) -> None:
        self._own(name, argument)
        self.arguments[name] = argument

    def _own(self, name: str, thing: object) -> None:
        """A name of the function stands for one argument or one value."""
        if self.owners.setdefault(name, thing) != thing:
            raise BadModel(
                f"two layers are called {name!r} in the function",
                expected="a name for each, also in letters that Python takes",
                mend="leave name= out to have them numbered",
            )
