"""What a kernel is called with: arguments, each a role and the name of what it stands for.

A role is a namespace of its own, so that an argument of a user's model, one of its columns and one of its tables may
be called alike, and no name of a user's is ever one of ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import singledispatch

from rowwise.program.inputs import (
    BagLookup,
    DenseWeight,
    Dropout,
    ExampleValue,
    Input,
    RowLookup,
    RowsLookup,
    SampledLookup,
    Statistic,
    Target,
)
from rowwise.program.program import Program


class Role(Enum):
    """What an argument is for. `Role.IDS("c0")` is the argument with the ids of a column."""

    # by the name of a table or dense weight
    TABLE = auto()
    STATE = auto()  # part k: the k-th array of the optimizer's state
    # by the name of a column
    IDS = auto()
    DRAWN = auto()  # rows that this epoch draws
    STARTS = auto()
    ID_WEIGHTS = auto()
    VALUES = auto()
    # by the name of a value
    MEAN = auto()
    # by no name
    TARGET = auto()
    KEY = auto()  # part k: of the random stream k
    RATE = auto()
    FIRST = auto()
    LAST = auto()
    LOSSES = auto()
    OUT = auto()  # of predictions
    RUNS = auto()  # of an online kernel
    N_RUNS = auto()
    ORDER = auto()  # of a batch: which examples, and in which pieces
    PIECE_SIZE = auto()
    N_PIECES = auto()
    PIECE = auto()
    COUNT = auto()
    SCALE = auto()
    BATCH_SIZE = auto()
    N_EXAMPLES = auto()
    ORDER_KEY = auto()
    TOTAL = auto()
    BANDS = auto()  # of grouping, part k: those of the k-th key
    BLOCKS = auto()  # where each begins
    FILLED = auto()
    N_BLOCKS = auto()
    SIDE = auto()
    # buffers of a batch, by the name of the table whose rows occur (see `llvm_buffers`)
    GRADIENTS = auto()
    ROWS = auto()
    SOURCES = auto()
    COUNTS = auto()
    HEADS = auto()
    NEXTS = auto()
    ROW_WEIGHTS = auto()
    ROOM = auto()
    SUMS = auto()

    def __call__(self, name: str = "", part: int = 0) -> "Argument":
        return Argument(self, name, part)


_KINDS = {
    "float": (Role.MEAN, Role.RATE, Role.SCALE),
    "int": (Role.KEY, Role.ORDER_KEY),
    "index": (
        Role.FIRST, Role.LAST, Role.N_RUNS, Role.PIECE_SIZE, Role.N_PIECES, Role.PIECE, Role.COUNT, Role.BATCH_SIZE,
        Role.N_EXAMPLES, Role.N_BLOCKS, Role.SIDE, Role.ROOM,
    ),
}  # fmt: skip
_KIND_OF = {role: kind for kind, roles in _KINDS.items() for role in roles}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a kernel."""

    role: Role
    name: str = ""
    part: int = 0

    @property
    def kind(self) -> str:
        """How it is passed: pointer | float | int | index."""
        return _KIND_OF.get(self.role, "pointer")

    def __str__(self) -> str:
        """As a person reads it in a kernel's text: "ids of userId", "state 1 of user", "rate"."""
        word = self.role.name.lower().replace("_", " ")
        word += f" {self.part + 1}" if self.role in (Role.STATE, Role.KEY, Role.BANDS) else ""
        return f"{word} of {self.name}" if self.name else word


Signature = tuple[Argument, ...]


def signature(*parts: Argument | Iterable[Argument]) -> Signature:
    """Arguments in the order given, each once."""
    flat = [argument for part in parts for argument in ([part] if isinstance(part, Argument) else part)]
    return tuple(dict.fromkeys(flat))


def inputs_signature(program: Program, inputs: Iterable[Input], *, fitted: bool = False) -> Signature:
    """What a kernel that reads `inputs` is called with; one that is not `fitted` draws, and moves tables."""
    read = signature(*(arguments_of(i, program, fitted) for i in inputs))
    if fitted:
        return read
    states = [Role.STATE(name, k) for name, update in program.updates.items() for k in range(len(update.state))]
    return signature(read, states, Role.RATE())


@singledispatch
def arguments_of(i: Input, program: Program, fitted: bool) -> list[Argument]:
    """What one input needs; nothing where its numbers stand in the program."""
    return []


@arguments_of.register
def _(i: RowLookup | RowsLookup, program: Program, fitted: bool) -> list[Argument]:
    return [Role.TABLE(i.table), Role.IDS(i.column)]


@arguments_of.register
def _(i: BagLookup, program: Program, fitted: bool) -> list[Argument]:
    weights = [Role.ID_WEIGHTS(i.weights)] if i.weights else []
    return [Role.TABLE(i.table), Role.IDS(i.column), Role.STARTS(i.column), *weights]


@arguments_of.register
def _(i: SampledLookup, program: Program, fitted: bool) -> list[Argument]:
    return [Role.TABLE(i.table)] + ([] if fitted else [Role.DRAWN(i.column)])


@arguments_of.register
def _(i: Dropout, program: Program, fitted: bool) -> list[Argument]:
    return _key(i, program, fitted)


@arguments_of.register
def _(i: ExampleValue, program: Program, fitted: bool) -> list[Argument]:
    return [Role.VALUES(i.column)]


@arguments_of.register
def _(i: DenseWeight, program: Program, fitted: bool) -> list[Argument]:
    return [Role.TABLE(i.parameter)]


@arguments_of.register
def _(i: Target, program: Program, fitted: bool) -> list[Argument]:
    return [Role.TARGET()]


@arguments_of.register
def _(i: Statistic, program: Program, fitted: bool) -> list[Argument]:
    return [Role.MEAN(i.value.name)]


def _key(i: Input, program: Program, fitted: bool) -> list[Argument]:
    """The key that numbers are drawn by: of a fitted model none are."""
    return [] if fitted else [Role.KEY(part=program.stream(i))]
