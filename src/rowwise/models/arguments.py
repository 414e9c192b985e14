"""What an argument of a function of rows asks for: a class for each word of a signature, made by `models.words`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rowwise.data.statistics import told
from rowwise.data.text import Text
from rowwise.models.initializers import Initializer
from rowwise.program import inputs

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """What an argument of a function of rows asks for."""

    is_list: ClassVar[bool] = False  # it looks up a list of rows
    is_drawn: ClassVar[bool] = False  # anew for each example

    @property
    def shown(self) -> str:
        """The shape of what the function receives: "(500, 32)"."""
        return str(next(self.inputs("")).value.shape)

    @property
    def means(self) -> str:
        """What that shape means: "500 ids looked up, each a row of 32 numbers"."""
        raise NotImplementedError

    def says(self, name: str) -> str:
        """Where the numbers of the argument of this name come from."""
        raise NotImplementedError

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        """What a program reads for the argument of this name."""
        raise NotImplementedError

    def weights(self, name: str) -> dict[str, "Dense"]:
        """The dense weights that it stands for, by name."""
        return {}


@dataclass(frozen=True, slots=True)
class Lookup(Word):
    """One or several rows of a table, named by ids in a column."""

    word: ClassVar[str]  # as a user writes it
    may_be_matrix: ClassVar[bool] = False  # whether a row may have several axes

    column: str
    row_shape: Shape  # () is one number
    table: str | None  # None: a table of its own, named after the argument
    l2: float
    init: Initializer | None  # None: where the table is shared, what another argument says
    trainable: bool = True

    @property
    def shape(self) -> Shape:
        return self.row_shape

    @property
    def texts(self) -> Text | None:
        """How the column's texts become rows; None where it holds ids."""
        return None

    @property
    def form(self) -> str:
        """How the ids of its column are read."""
        return f"a {self.word}"

    @property
    def each(self) -> str:
        return f"{' × '.join(map(str, self.row_shape))} numbers" if self.row_shape else "one number"

    def says(self, name: str) -> str:
        l2 = f", l2 {self.l2:g}" if self.l2 else ""
        return f"{self.reads(self.table or name)}{l2}" + ("" if self.trainable else ", frozen")

    def reads(self, table: str) -> str:
        """Which rows of a table it reads."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class RowWord(Lookup):
    """See `Row`."""

    word: ClassVar[str] = "Row"
    may_be_matrix: ClassVar[bool] = True

    @property
    def means(self) -> str:
        return f"one row of {self.each}"

    def reads(self, table: str) -> str:
        return f"the row of table {table} that {self.column} names"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.RowLookup(_float(name, self.shape), self.column, self.table or name)


@dataclass(frozen=True, slots=True)
class RowsWord(Lookup):
    """See `Rows`."""

    length: int = 1
    text: Text | None = None

    word: ClassVar[str] = "Rows"
    is_list: ClassVar[bool] = True

    @property
    def shape(self) -> Shape:
        return (self.length, *self.row_shape)

    @property
    def texts(self) -> Text | None:
        return self.text

    @property
    def form(self) -> str:
        return f"Rows with length={self.length}"

    @property
    def means(self) -> str:
        return f"{self.length} ids looked up, each a row of {self.each}"

    def reads(self, table: str) -> str:
        return f"the rows of table {table} that {self.column} lists"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.RowsLookup(_float(name, self.shape), self.column, self.table or name)


@dataclass(frozen=True, slots=True)
class BagWord(Lookup):
    """See `Bag`."""

    combine: inputs.Combine = "mean"
    text: Text | None = None
    weighted_by: str | None = None  # the column that says what each row counts for; None: all the same

    word: ClassVar[str] = "Bag"
    is_list: ClassVar[bool] = True

    @property
    def texts(self) -> Text | None:
        return self.text

    @property
    def means(self) -> str:
        return f"the {self.combine} of several rows, each of {self.each}"

    def reads(self, table: str) -> str:
        weighted = f", weighted by {self.weighted_by}" if self.weighted_by else ""
        return f"the {self.combine} of the rows of table {table} that {self.column} lists{weighted}"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        table, value = self.table or name, _float(name, self.shape)
        yield inputs.BagLookup(value, self.column, table, self.combine, self.weighted_by)


@dataclass(frozen=True, slots=True)
class HistoryWord(Lookup):
    """See `History`."""

    of: str = ""

    word: ClassVar[str] = "History"

    @property
    def shape(self) -> Shape:
        return ()

    @property
    def form(self) -> str:
        return "a Row"

    @property
    def means(self) -> str:
        return f"one number of each row that {self.of} has, summed"

    def reads(self, table: str) -> str:
        return f"the numbers of {self.column} in the rows of table {table} that {self.of} has"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.HistoryLookup(_float(name, ()), self.column, self.table or name, self.of, self.row_shape[0])


@dataclass(frozen=True, slots=True)
class SampledWord(Lookup):
    """See `Sampled`."""

    count: int | None = None  # None: one, without an axis for it
    power: float = 0.0
    unseen: str | bool = False  # the column beside whose id no drawn id stands; True: the other that a Row reads

    word: ClassVar[str] = "Sampled"
    is_drawn: ClassVar[bool] = True

    @property
    def shape(self) -> Shape:
        return self.row_shape if self.count is None else (self.count, *self.row_shape)

    @property
    def form(self) -> str:
        return next(i.form for i in self.inputs("") if isinstance(i, inputs.Lookup))

    @property
    def means(self) -> str:
        if self.count is None:
            return f"one row of {self.each}, drawn at random"
        return f"{self.count} rows drawn at random, each of {self.each}"

    def reads(self, table: str) -> str:
        by = f" by its count to the power {self.power:g}" if self.power else ""
        new = f", none that stands beside the {self.unseen}" if self.unseen else ""
        many = "a row" if self.count is None else f"{self.count} rows"
        return f"{many} of table {table} drawn at random from {self.column}{by}{new}"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        made = inputs.SampledLookup if self.count is None else inputs.SampledRowsLookup
        unseen = self.unseen if isinstance(self.unseen, str) else None
        yield made(_float(name, self.shape), self.column, self.table or name, float(self.power), unseen)


@dataclass(frozen=True, slots=True)
class ValueWord(Word):
    """See `Value`."""

    column: str
    shape: Shape = ()

    @property
    def means(self) -> str:
        return f"the value of {self.column}"

    def says(self, name: str) -> str:
        return f"the number in {self.column}"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.ExampleValue(_float(name, self.shape), self.column)


@dataclass(frozen=True, slots=True)
class MaskWord(Word):
    """See `Mask`; its column and shape are those of the argument `of`."""

    of: str
    column: str = ""
    shape: Shape = ()

    @property
    def means(self) -> str:
        return f"the mask of {self.column}"

    def says(self, name: str) -> str:
        return f"1 where {self.of} has an id, 0 where it is padding"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.PaddingMask(_float(name, self.shape), f"mask of {self.column}", self.column)


@dataclass(frozen=True, slots=True)
class StatisticWord(Word):
    """See `Mean`."""

    column: str
    statistic: str  # mean | spread | lowest | highest, of `column`
    shape: ClassVar[Shape] = ()

    @property
    def means(self) -> str:
        return f"the {self.statistic} of {self.column}"

    def says(self, name: str) -> str:
        return f"{told(self.statistic, self.column)} over the training data"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.Statistic(_float(name, ()), self.column, self.statistic)


@dataclass(frozen=True, slots=True)
class Dense(Word):
    """A weight that every example shares."""

    shape: Shape
    l2: float
    init: Initializer
    trainable: bool = True

    @property
    def means(self) -> str:
        return "a dense weight"

    def says(self, name: str) -> str:
        return "a dense weight"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.DenseWeight(_float(name, self.shape))

    def weights(self, name: str) -> dict[str, "Dense"]:
        return {name: self}


@dataclass(frozen=True, slots=True)
class Module(Word):
    """A pytree whose arrays are dense weights."""

    module: object
    l2: float

    @property
    def shown(self) -> str:
        return "callable"

    @property
    def means(self) -> str:
        return f"a module of dense layers, {type(self.module).__name__}"

    def says(self, name: str) -> str:
        return f"a module of dense weights: {type(self.module).__name__}"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        for path, weight in self.weights(name).items():
            yield from weight.inputs(path)

    def weights(self, name: str) -> dict[str, Dense]:
        arrays = module_arrays(name, self.module)
        return {path: Dense(array.shape, self.l2, _start_at(array)) for path, array in arrays.items()}


@dataclass(frozen=True, slots=True)
class Drawn(Word):
    """Numbers drawn anew for each example."""

    shape: Shape
    rate: float

    @property
    def means(self) -> str:
        return "a mask to multiply with"

    def says(self, name: str) -> str:
        return f"a mask drawn for each example, 0 with probability {self.rate:g}"

    def inputs(self, name: str) -> Iterator[inputs.Input]:
        yield inputs.Dropout(_float(name, self.shape), self.rate)


def module_arrays(name: str, module: object) -> dict[str, Any]:
    """The float arrays of a module by path, in the order of its leaves: `{"head.layers[0].weight": array}`."""
    import equinox as eqx
    import jax

    leaves, _ = jax.tree_util.tree_flatten_with_path(eqx.filter(module, eqx.is_inexact_array))
    return {name + jax.tree_util.keystr(path): array for path, array in leaves}


def _start_at(array: object) -> Initializer:
    values = np.asarray(array, np.float32)
    return lambda random, shape: values


def _float(name: str, shape: Shape) -> inputs.Value:
    return inputs.Value(name, shape, "float32")
