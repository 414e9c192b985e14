"""What training gives, as a record: a program, its tables, its vocabularies, how they came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Any

import polars as pl

from rowwise import inert
from rowwise.data.ids import Id
from rowwise.data.layout import WEIGHT, IdColumn, Layout
from rowwise.data.ragged import Ragged
from rowwise.data.reader import Reader
from rowwise.data.targets import Number
from rowwise.data.text import Text
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadOption
from rowwise.program.inputs import BagLookup, ExampleValue, PaddingMask
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program


@dataclass(frozen=True)
class Trained:
    """A trained model, whole: it needs nothing of the script that trained it. Made by `train` and `load`."""

    program: Program
    parameters: Parameters
    vocabularies: Mapping[str, Vocabulary]
    column_vocabulary: Mapping[str, str]  # column of ids -> name of its vocabulary
    means: Mapping[str, float]  # argument -> the mean it stands for
    targets: Number  # what the target may be
    signature: str  # the model as it prints
    settings: Mapping[str, Any]  # how it was trained, and by which engine
    history: pl.DataFrame  # a row an epoch
    report: str  # what was found in the training data
    seen: Ragged | None = None  # rows of items by row of user: the pairs of the training data
    classes: tuple[Id, ...] = ()  # what the target holds in place of 0, 1, 2, …
    whole: Program | None = None  # the program that moves what is frozen too, where anything is
    watched: Mapping[str, Any] = field(
        default_factory=dict[str, Any]
    )  # the steps of a watched example by epoch; not saved

    @property
    def name(self) -> str:
        return self.program.name

    @cached_property
    def layout(self) -> Layout:
        """Which columns of a frame the model reads."""
        vocabularies = {column: self.vocabularies[name] for column, name in self.column_vocabulary.items()}
        texts = {column: v.text for column, v in vocabularies.items() if isinstance(v, WordVocabulary)}
        layout = layout_of(self.program, self.column_vocabulary, self.targets, texts=texts)
        return replace(layout, classes=self.classes)

    @cached_property
    def reader(self) -> Reader:
        """How the model reads data."""
        return Reader(self.layout, self.vocabularies)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that hold one id each, in the order of the signature: who, what, and further ones."""
        return self.layout.keys

    @property
    def two_keys(self) -> tuple[str, str]:
        """The columns of the user and of the item: the first two columns of ids in the signature.

        Raises:
            BadOption: the model reads the rows of fewer columns.
        """
        if len(self.keys) < 2:
            raise BadOption(
                f"{self.name} reads the ids of {', '.join(self.keys) or 'no column'}",
                expected="a model of two columns of ids: who, and what",
                mend="recommend needs a Row for the user and a Row for the item",
            )
        return self.keys[0], self.keys[1]

    @property
    def first_rate(self) -> float:
        """The learning rate of the first epoch; 0 where the engine that trained has none."""
        rate: float | list[float] = self.settings.get("learning_rate", 0.0)
        return float(rate[0] if isinstance(rate, list) else rate)

    def __str__(self) -> str:
        numbers = sum(table.size for table in self.parameters.tables.values())
        lines = [self.signature, f"  {numbers:,} numbers trained by {self.settings.get('engine', '?')}"]
        for name, table in self.parameters.tables.items():
            lines.append(f"    {name:<12} {' × '.join(f'{n:,}' for n in table.shape) or 'one number'}")
        lines += [f"  {line}" for line in self.report.splitlines()]
        if len(self.history):
            last = {k: v for k, v in self.history.row(-1, named=True).items() if isinstance(v, float)}
            lines.append("  last epoch: " + ", ".join(f"{name} {value:.4g}" for name, value in last.items()))
        return inert.lines("\n".join(lines))

    __repr__ = __str__


def layout_of(
    program: Program, column_vocabulary: Mapping[str, str], targets: Number, *, texts: Mapping[str, Text]
) -> Layout:
    """Which columns of a frame a program reads, and as what; `texts` are those that hold texts."""
    ids: dict[str, IdColumn] = {}
    for i in program.lookups:
        if not i.is_drawn or i.column not in ids:
            weights = _weights_of(program, i.column)
            vocabulary, text = column_vocabulary[i.column], texts.get(i.column)
            is_list, length = (False, None) if i.is_drawn else (i.is_list, i.length)
            ids[i.column] = IdColumn(vocabulary, is_list, length, text, weights)
    target, masks = program.target, program.inputs_of(PaddingMask)
    numbers = [i for i in program.inputs_of(ExampleValue) if i not in masks]
    return Layout(
        ids=ids,
        values={i.column: i.value.shape[0] if i.value.shape else None for i in numbers if i.value.name != WEIGHT},
        target=None if target is None else target.column,
        targets=targets,
        labels=target.value.size if target is not None and target.value.shape else None,
        means=[i.column for i in program.statistics],
        weight=next((i.column for i in numbers if i.value.name == WEIGHT), None),
        masks={i.column: i.mask_of for i in masks},
    )


def _weights_of(program: Program, column: str) -> dict[str, float]:
    """The columns that weigh the ids of bags, with the least that they may hold: a mean divides by their sum."""
    found: dict[str, float] = {}
    for i in program.inputs_of(BagLookup):
        if i.column == column and i.weights is not None:
            found[i.weights] = max(found.get(i.weights, -inf), 0.0 if i.combine == "mean" else -inf)
    return found
