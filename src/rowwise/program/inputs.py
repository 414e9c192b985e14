"""What one example brings to a program: a class for each kind of input, with the fields of its kind and no others.

    Input
    ├── Lookup              rows of a table
    │   ├── RowLookup           the row that the example's id names
    │   ├── RowsLookup          a row for each id of the example's list, padded or cut to one length
    │   ├── BagLookup           the rows of the example's list as one
    │   ├── HistoryLookup       of the rows of all that somebody has, the numbers that stand for one item
    │   └── SampledLookup       the row of an id drawn at random
    │       └── SampledRowsLookup   a row for each of several
    ├── ExampleValue        numbers of the example itself
    │   └── PaddingMask         where the list of a RowsLookup has ids
    ├── Target              what the prediction is compared with
    ├── Dropout             a mask drawn for each example
    └── Statistic, DenseWeight, Constant     the same for every example

What is true of an input wherever it is read stands here. How a backend reads it stands in that backend's folder: a
function for its class. A new kind is a class and these functions; see `KINDS` for what it is called in a file.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from math import prod
from typing import Any, ClassVar, Literal, Self, get_args

from rowwise.data.layout import WEIGHT
from rowwise.data.statistics import STATISTICS, told
from rowwise.narrow import is_a
from rowwise.program.values import Nested, Shape, Value, fills

Combine = Literal["mean", "sum", "sqrtn"]
COMBINE: tuple[Combine, ...] = get_args(Combine)  # how the rows of a list become one
NUMBER, LISTS = "one id or number", "lists"  # what the cells of a column of the data hold

MOST_DRAWN, STEEPEST = 1 << 16, 16.0  # ids that an example draws, and the power of a count: far beyond use

Rename = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Input:
    """What one example brings under the name of `value`."""

    value: Value

    is_list: ClassVar[bool] = False  # it looks up a list of rows, not one
    is_combined: ClassVar[bool] = False  # its rows reach the function as one, and share one gradient
    is_shared: ClassVar[bool] = False  # the same for every example, so that a batch has it once
    is_given: ClassVar[bool] = False  # numbers that stand in the example as they are
    is_drawn: ClassVar[bool] = False  # anew for each example while a model learns, from a stream of its own
    is_known: ClassVar[bool] = True  # already when a prediction is asked for
    is_written: ClassVar[bool] = False  # its numbers stand in the program itself
    columns: ClassVar[tuple[str, ...]] = ()  # the fields that name columns of the data
    tables: ClassVar[tuple[str, ...]] = ()  # the fields that name tables

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.value.name

    @property
    def says(self) -> str:
        """What it is, in a few words, beside its name and shape."""
        raise NotImplementedError

    @property
    def names(self) -> dict[str, str]:
        """The columns and tables that it reads, by the fields that name them."""
        named = {field: getattr(self, field) for field in (*self.columns, *self.tables)}
        return {field: name for field, name in named.items() if name is not None}

    def renamed(self, value: Value, column: Rename, table: Rename) -> Self:
        """The same input under other names."""
        ours = {field: (table if field in self.tables else column)(name) for field, name in self.names.items()}
        return replace(self, value=value, **ours)

    def cells(self) -> Iterator[tuple[str, str]]:
        """The columns that an example must hold for it, and whether their cells are a number or lists."""
        return iter(())

    def wrong(self) -> str:
        """What its fields hold that they may not, in words; nothing where all is well."""
        return ""

    def fits(self) -> bool:
        """Whether its value is of a shape and a type that its kind may have."""
        return self.value.dtype == "float32"

    def to_json(self) -> dict[str, Any]:
        value = {"name": self.value.name, "shape": self.value.shape, "dtype": self.value.dtype}
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"kind": kind_of(self)} | own | {"value": value}


@dataclass(frozen=True, slots=True)
class Lookup(Input):
    """Rows of a table, named by ids of a column's vocabulary."""

    column: str
    table: str

    columns: ClassVar[tuple[str, ...]] = ("column",)
    tables: ClassVar[tuple[str, ...]] = ("table",)

    @property
    def parameter(self) -> str:
        """The name under which its numbers are kept: that of the table."""
        return self.table

    @property
    def row_shape(self) -> Shape:
        """The shape of one row of the table."""
        return self.value.shape

    @property
    def row_size(self) -> int:
        """The numbers of one row of the table."""
        return prod(self.row_shape)

    @property
    def length(self) -> int | None:
        """How many rows a list of ids is padded or cut to; None where it is not."""
        return None

    @property
    def is_weighted(self) -> bool:
        """Whether a column says what each id of a list counts for."""
        return False

    @property
    def may_read_words(self) -> bool:
        """Whether the ids of its column may be the words of texts."""
        return not self.is_weighted

    @property
    def n_gradients(self) -> int:
        """How many rows of gradients an example has for it."""
        return self.length or 1

    @property
    def form(self) -> str:
        """How the ids of its column are read."""
        return kind_of(self)

    @property
    def says(self) -> str:
        return f"{kind_of(self)} of table {self.table} by {self.column}"


@dataclass(frozen=True, slots=True)
class RowLookup(Lookup):
    """The row that the example's id in `column` names."""

    @property
    def may_read_words(self) -> bool:
        return False

    def cells(self) -> Iterator[tuple[str, str]]:
        yield self.column, NUMBER


@dataclass(frozen=True, slots=True)
class RowsLookup(Lookup):
    """A row for each id of the example's list in `column`, padded or cut to as many as the value has."""

    is_list: ClassVar[bool] = True

    @property
    def row_shape(self) -> Shape:
        return self.value.shape[1:]

    @property
    def length(self) -> int:
        return self.value.shape[0]

    @property
    def form(self) -> str:
        return f"rows of {self.length}"

    def cells(self) -> Iterator[tuple[str, str]]:
        yield self.column, LISTS

    def fits(self) -> bool:
        return Input.fits(self) and len(self.value.shape) >= 1


@dataclass(frozen=True, slots=True)
class BagLookup(Lookup):
    """The rows of the example's list of ids in `column` as one: their mean, sum or sum / √n."""

    combine: Combine
    weights: str | None = None  # the column of what each id counts for; None: all the same

    is_list: ClassVar[bool] = True
    is_combined: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("column", "weights")

    @property
    def is_weighted(self) -> bool:
        return self.weights is not None

    @property
    def says(self) -> str:
        weighted = f", weighted by {self.weights}" if self.weights else ""
        return f"{kind_of(self)} of table {self.table} by {self.column}{weighted}"

    def cells(self) -> Iterator[tuple[str, str]]:
        yield self.column, LISTS
        if self.weights is not None:
            yield self.weights, LISTS

    def wrong(self) -> str:
        return "" if self.combine in COMBINE else f"combines by {str(self.combine)[:40]!r}"


@dataclass(frozen=True, slots=True)
class HistoryLookup(Lookup):
    """Of the rows of all that the id in `of` has, the numbers in the place of the id in `column`: their weighted sum.

    What an id has, and what each of it is worth, the model remembers: rows of `column`'s vocabulary, which also counts
    the places of a row. Engines read it as a bag; see `rowwise.program.passes.histories`.
    """

    of: str
    width: int  # places of a row: as many as the table has rows

    columns: ClassVar[tuple[str, ...]] = ("column", "of")

    @property
    def row_shape(self) -> Shape:
        return (self.width,)

    @property
    def may_read_words(self) -> bool:
        return False

    @property
    def form(self) -> str:
        return "row"  # its column may be that of a RowLookup

    @property
    def says(self) -> str:
        return f"the numbers of {self.column} in the rows of table {self.table} that {self.of} has"

    def cells(self) -> Iterator[tuple[str, str]]:
        yield self.column, NUMBER
        yield self.of, NUMBER

    def wrong(self) -> str:
        good = type(self.width) is int and self.width >= 1
        return "" if good else f"has rows of {str(self.width)[:40]} places"

    def fits(self) -> bool:
        return Input.fits(self) and self.value.shape == ()


@dataclass(frozen=True, slots=True)
class SampledLookup(Lookup):
    """The row of an id drawn from the vocabulary of `column`, anew for each example.

    The rows are drawn before an epoch and stand in the examples, so that every engine reads them as it reads ids.
    """

    power: float = 0.0  # an id is drawn in proportion to how often it occurs, to this power; 0: all alike
    unseen: str | None = None  # the column beside whose id no drawn id stands in the data; None: any may be drawn

    is_drawn: ClassVar[bool] = True
    is_known: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("column", "unseen")

    @property
    def count(self) -> int:
        """How many ids are drawn for an example."""
        return 1

    @property
    def may_read_words(self) -> bool:
        return False

    @property
    def form(self) -> str:
        beside = f", none that stands beside {self.unseen}" if self.unseen else ""
        return f"{self.count} drawn to the power {self.power:g}{beside}"

    def wrong(self) -> str:
        good = is_a(self.power, int, float) and 0 <= self.power < STEEPEST
        return "" if good else f"draws by the power {str(self.power)[:40]}"


@dataclass(frozen=True, slots=True)
class SampledRowsLookup(SampledLookup):
    """A row for each of several ids, drawn one by one as a SampledLookup draws its own."""

    is_list: ClassVar[bool] = True

    @property
    def row_shape(self) -> Shape:
        return self.value.shape[1:]

    @property
    def length(self) -> int:
        return self.value.shape[0]

    @property
    def count(self) -> int:
        return self.length

    def fits(self) -> bool:
        return Input.fits(self) and len(self.value.shape) >= 1


@dataclass(frozen=True, slots=True)
class ExampleValue(Input):
    """The numbers that the example holds in `column`."""

    column: str

    is_given: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("column",)

    @property
    def says(self) -> str:
        return f"the number in {self.column}"

    def cells(self) -> Iterator[tuple[str, str]]:
        yield self.column, LISTS if self.value.shape else NUMBER

    def fits(self) -> bool:
        most = 0 if self.value.name == WEIGHT else 1
        return Input.fits(self) and len(self.value.shape) <= most


@dataclass(frozen=True, slots=True)
class PaddingMask(ExampleValue):
    """1 where the list of ids in the column `mask_of` has one, 0 where it is padded; examples keep it as `column`."""

    mask_of: str

    columns: ClassVar[tuple[str, ...]] = ("column", "mask_of")

    def cells(self) -> Iterator[tuple[str, str]]:
        return iter(())  # what it is made of, a lookup reads

    def fits(self) -> bool:
        return Input.fits(self) and len(self.value.shape) == 1


@dataclass(frozen=True, slots=True)
class Target(Input):
    """What the prediction is compared with: one number, the number of a class, or a number for each label."""

    column: str

    is_given: ClassVar[bool] = True
    is_known: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("column",)

    @property
    def title(self) -> str:
        return self.column

    @property
    def says(self) -> str:
        return f"the target, {self.column}"

    def cells(self) -> Iterator[tuple[str, str]]:
        yield self.column, LISTS if self.value.shape else NUMBER

    def fits(self) -> bool:
        axes = len(self.value.shape)
        return (axes <= 1 and Input.fits(self)) or (axes == 0 and self.value.dtype == "int32")


@dataclass(frozen=True, slots=True)
class Dropout(Input):
    """A mask drawn for each example: 0 with probability `rate`, else 1/(1-rate); all 1 when fitted."""

    rate: float

    is_drawn: ClassVar[bool] = True

    @property
    def says(self) -> str:
        return f"a mask, 0 with probability {self.rate}"

    def wrong(self) -> str:
        good = is_a(self.rate, int, float) and 0 <= self.rate < 1
        return "" if good else f"drops at a rate of {str(self.rate)[:40]}"


@dataclass(frozen=True, slots=True)
class Statistic(Input):
    """One number about all of `column`, fixed when the model is fitted."""

    column: str
    statistic: str  # one of STATISTICS

    is_shared: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("column",)

    @property
    def says(self) -> str:
        return told(self.statistic, self.column)

    def renamed(self, value: Value, column: Rename, table: Rename) -> Self:
        return replace(self, value=value, column=column(self.column), statistic="")  # an engine is given its number

    def wrong(self) -> str:
        good = is_a(self.statistic, str) and self.statistic in STATISTICS
        return "" if good else f"is the statistic {str(self.statistic)[:40]!r}"

    def fits(self) -> bool:
        return Input.fits(self) and self.value.shape == ()


@dataclass(frozen=True, slots=True)
class DenseWeight(Input):
    """A weight that every example shares."""

    is_shared: ClassVar[bool] = True

    @property
    def parameter(self) -> str:
        """The name under which its numbers are kept: its own."""
        return self.value.name

    @property
    def row_shape(self) -> Shape:
        """The shape of what an update moves: all of it."""
        return self.value.shape

    @property
    def says(self) -> str:
        return "a dense weight"


@dataclass(frozen=True, slots=True)
class Constant(Input):
    """Numbers of the function itself."""

    numbers: Nested  # of the shape of the value

    is_shared: ClassVar[bool] = True
    is_written: ClassVar[bool] = True

    @property
    def says(self) -> str:
        return "numbers of the function"

    def wrong(self) -> str:
        good = fills(self.numbers, self.value.shape, self.value.dtype)
        return "" if good else f"is not {self.value.dtype} numbers of shape {self.value.shape}"

    def fits(self) -> bool:
        return True  # of whatever type its numbers are


KINDS: dict[str, type[Input]] = {
    "row": RowLookup,
    "rows": RowsLookup,
    "bag": BagLookup,
    "history": HistoryLookup,
    "sampled": SampledLookup,
    "sampled rows": SampledRowsLookup,
    "value": ExampleValue,
    "mask": PaddingMask,
    "target": Target,
    "dropout": Dropout,
    "statistic": Statistic,
    "weight": DenseWeight,
    "constant": Constant,
}


def kind_of(i: Input) -> str:
    """What a file, and an error, calls the kind of an input."""
    return next(name for name, kind in KINDS.items() if kind is type(i))


def input_of(data: Mapping[str, Any]) -> Input:
    """An input as JSON tells it, which may be anything: `verify` tells whether its fields are good.

    Raises:
        ValueError: there is no such kind, or it has other fields.
    """
    told = {name: given for name, given in data.items() if given is not None}
    kind, value = told.pop("kind"), told.pop("value")
    made = KINDS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise ValueError(f"an input is of kind {str(kind)[:40]!r}")
    has = {field.name: field.default is MISSING for field in fields(made) if field.name != "value"}
    wrong = sorted(set(told) - set(has)) or sorted(name for name, must in has.items() if must and name not in told)
    if wrong:
        raise ValueError(f"an input of kind {kind} has or lacks {wrong[0][:40]!r}")
    return made(Value(value["name"], tuple(value["shape"]), value["dtype"]), **told)
