"""What a model reads: which columns of a frame, and as what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rowwise.data.ids import Id
from rowwise.data.targets import Number
from rowwise.data.text import Text

WEIGHT = "sample weight"  # the column of weights where the data have none of their own


@dataclass(frozen=True, slots=True)
class IdColumn:
    """How a column of ids is read: one id a cell, or lists of ids as they are or padded to `length`.

    Where there is a `text`, the cells are texts, and their words the ids. `weights` are the columns of lists that say
    what each id of a list counts for, with the least that they may hold.
    """

    vocabulary: str
    is_list: bool = False
    length: int | None = None
    text: Text | None = None
    weights: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a frame a model reads, and as what."""

    ids: Mapping[str, IdColumn]
    values: Mapping[str, int | None]  # numbers in each cell; None: one, that is no list
    target: str | None
    targets: Number  # what the target may be
    means: Sequence[str] = ()  # columns whose mean the model reads
    classes: Sequence[Id] = ()  # what the target holds in place of 0, 1, 2, …
    labels: int | None = None  # how many labels a target holds that is a list of them
    weight: str | None = None  # what each example counts for; 1 where a frame lacks it
    masks: Mapping[str, str] = field(
        default_factory=dict[str, str]
    )  # what tells padding apart -> the column that is padded

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that hold one id each, in the order of the signature: who, what, and further ones."""
        return tuple(name for name, column in self.ids.items() if not column.is_list)

    @property
    def read(self) -> list[str]:
        """Everything that an example to be answered must hold."""
        weights = [name for column in self.ids.values() for name in column.weights]
        return list(dict.fromkeys([*self.ids, *weights, *self.values]))

    @property
    def columns(self) -> list[str]:
        """Everything that an example to learn from must hold."""
        more = [name for name in (self.target, self.weight) if name not in (None, WEIGHT)]
        return list(dict.fromkeys([*self.read, *map(str, more), *self.means]))
