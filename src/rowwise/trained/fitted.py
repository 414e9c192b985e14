"""A trained model: its program, its tables, its vocabularies; what people do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rowwise import inert
from rowwise.data.check import Report
from rowwise.data.examples import Examples
from rowwise.data.ids import Id, a_blank_counts
from rowwise.data.layout import WEIGHT, IdColumn, Layout
from rowwise.data.ragged import Ragged
from rowwise.data.reader import Reader
from rowwise.data.source import Source
from rowwise.data.text import Text
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.english import n_of
from rowwise.errors import BadOption, warn_of_unknown
from rowwise.forks import not_in_a_fork
from rowwise.program.inputs import BagLookup, ExampleValue, PaddingMask
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.storage.whole import replaced_whole
from rowwise.trained.answer import answer
from rowwise.trained.metrics import Evaluation, measure


@dataclass(frozen=True)
class Fitted:
    """A trained model. Made by `fit` or `load`; it needs nothing of the script that trained it."""

    program: Program
    parameters: Parameters
    vocabularies: Mapping[str, Vocabulary]
    column_vocabulary: Mapping[str, str]  # column of ids -> name of its vocabulary
    means: Mapping[str, float]  # argument -> the mean it stands for
    targets: str  # number | binary | margin | class | labels | count
    signature: str  # the model as it prints
    settings: Mapping[str, Any]  # how it was trained, and by which engine
    history: pl.DataFrame  # a row an epoch
    report: str  # what was found in the training data
    seen: Ragged | None = None  # rows of items by row of user: the pairs of the training data
    classes: tuple[Id, ...] = ()  # what the target holds in place of 0, 1, 2, …
    whole: Program | None = None  # the program that moves what is frozen too, where anything is
    watched: Mapping[str, Any] = field(default_factory=dict)  # the steps of a watched example by epoch; not saved

    # Answers

    @not_in_a_fork
    def predict(self, data: Source) -> np.ndarray:
        """The prediction for each example, in order: (n,), or (n, classes).

        An id that training never saw is answered from the unknown row; a warning counts such examples.
        """
        examples, report = self.reader.transform(data)
        self._warn(report)
        return self._answer(examples)

    @not_in_a_fork
    def evaluate(self, data: Source) -> Evaluation:
        """The errors on examples with a known target, with how many there are and how many have unknown ids."""
        examples, report = self.reader.transform(data, "needed")
        if examples.target is None:
            raise BadOption(
                f"{self.name} returns its own loss, and has no target to compare predictions with",
                expected="a model with a target",
                mend="predict gives the predictions, where the function returns (prediction, loss)",
            )
        metrics = measure(self._answer(examples), examples.target, targets=self.targets)
        return Evaluation(metrics, examples.n, report.unknown)

    @not_in_a_fork
    def recommend(
        self, users: Any, n: int = 10, *, seen: str = "drop", values: Mapping[str, Any] | None = None
    ) -> pl.DataFrame:
        """The `n` items with the highest predictions for each user, without those that the user has seen.

        Columns: the user's id, the item's id, `prediction`; best first, users in the order given; the same columns and
        types for no users too. (Where a column of the data is called `prediction`, ours is `prediction_`.)

        Args:
            users: an id, a list, array or series of ids, or a frame with their column. A user that training never saw
                gets what suits the unknown row, and a warning says so.
            seen: "drop" leaves out what the data of the trainings say that the user has seen, the part held back for
                validation included; "keep" leaves out nothing.
            values: what the model reads besides: a number, an id, a list of ids or a text for each column by name.

        Raises:
            BadData: `users` holds something that is no id.
            BadOption: the model does not remember what was seen, or reads more than it is given.
        """
        from rowwise.trained.recommend import recommend

        found, strange = recommend(self, users, n, seen=seen, values={} if values is None else values)
        if strange:
            warn_of_unknown(strange)
        return found

    @not_in_a_fork
    def similar(self, id: Any, n: int = 10, *, column: str | None = None, table: str | None = None) -> pl.DataFrame:
        """The `n` ids whose rows point most nearly the same way as the row of `id`, nearest first.

        Columns: the id, `cosine` (1.0 same way, -1.0 opposite). `column` says whose id it is: by default the item's.

        Raises:
            BadData: `id` is no id.
            UnknownId: the vocabulary does not hold `id`.
        """
        from rowwise.trained.recommend import similar

        return similar(self, id, n, column=column, table=table)

    @not_in_a_fork
    def encode(self, text: str, *, column: str | None = None) -> Any:
        """A text on its way to rows, step by step, with the size of each step; `.show()` prints it.

        `column` says which column of texts it would stand in: by default the first. See `rowwise.views.encoding`.
        """
        from rowwise.views.encoding import encode

        return encode(self, text, column)

    @not_in_a_fork
    def table(self, name: str) -> pl.DataFrame:
        """A table as a frame: its ids (null is the unknown row) and its numbers, one column a factor."""
        if not isinstance(name, str) or name not in self.parameters.tables:
            known = list(self.parameters.tables)
            near = get_close_matches(str(name), known, n=1) or known
            raise BadOption(
                f"{self.name} has no table {name!r}", expected=f"one of {', '.join(known)}", mend=f"table({near[0]!r})"
            )
        values = self.parameters.tables[name]
        column = next((i.column for i in self.program.lookups if i.table == name), None)
        if column is None:
            return pl.DataFrame({name: values.ravel()})
        flat = values.reshape(len(values), -1)
        width = flat.shape[1]
        names = [name] if values.ndim == 1 else [f"{name}_{k + 1}" for k in range(width)]
        names = [f"{n}_row" if n == column else n for n in names]  # an argument may be called as its column
        vocabulary = self.vocabularies[self.column_vocabulary[column]]
        return pl.DataFrame([vocabulary.ids.alias(column), *(pl.Series(c, flat[:, k]) for k, c in enumerate(names))])

    # Facts

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
        """The learning rate of the first epoch."""
        rate = self.settings["learning_rate"]
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

    # Doors

    def _repr_html_(self) -> str:
        from rowwise.views.cards import fitted_card

        return fitted_card(self)

    @not_in_a_fork
    def steps(self, example: Mapping[str, Any], *, seed: int = 0) -> Any:
        """One example walked through the model, line by line: values, derivatives, and the rows that move.

        `example` holds an id or a number for each column the model reads, and the target if it is known. The update is
        shown at the learning rate of the first epoch. See `rowwise.views.record.Walk`.
        """
        from rowwise.views.walk import walk

        return walk(
            self.program,
            self.parameters,
            example,
            vocabularies={column: self.vocabularies[name] for column, name in self.column_vocabulary.items()},
            means=self.means,
            rate=self.first_rate,
            seed=seed,
        )

    def play(self, path: str | Path) -> Path:
        """Write the steps of the example that `fit(watch=…)` kept as one offline page that plays through the epochs."""
        from rowwise.views.steps_html import page

        if not self.watched:
            raise BadOption(
                f"{self.name} kept no example while it was trained",
                expected="a model fitted with watch=",
                mend="fit(data, watch={'userId': 15, 'movieId': 32, 'rating': 4.5}) with columns of yours",
            )
        with replaced_whole(path) as file:
            file.write(page(self.watched).encode())
        return Path(path)

    def sheet(self, path: str | Path, **options: Any) -> Path:
        """Write the model as a workbook with live formulas. See `rowwise.views.workbook.workbook.workbook`."""
        from rowwise.views.workbook.workbook import workbook

        if self.layout.labels is not None:
            raise BadOption(
                f"{self.name} predicts {self.layout.labels} labels",
                expected="a model of one number, or of classes: a workbook has one cell for a target",
                mend="fitted.steps(example) shows every number",
            )
        return workbook(self, path, **options)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder, whole or not at all. See `rowwise.trained.save`."""
        from rowwise.trained.save import save

        return save(self, folder)

    @not_in_a_fork
    def fit(self, data: Source, **options: Any) -> "Fitted":
        """Train further, on more data or with other tables frozen; see `rowwise.train.further.fit_further`."""
        from rowwise.train.further import fit_further

        return fit_further(self, data, **options)

    def plot_history(self) -> Any:
        """The training loss and the validation error by epoch, as a Matplotlib figure (extra `plots`)."""
        from rowwise.views.plots import plot_history

        return plot_history(self.history)

    @not_in_a_fork
    def plot_texts(self, *, column: str | None = None) -> Any:
        """What each length of texts and each size of the vocabulary would keep of the training texts, as a figure.

        `column` says which column of texts: by default the first. The figure is Matplotlib's (extra `plots`).
        """
        from rowwise.views.encoding import encode
        from rowwise.views.plots import plot_texts

        lookup = encode(self, "", column)
        return plot_texts(lookup.vocabulary.corpus, size=len(lookup.vocabulary), length=lookup.length)

    # Inside

    def _answer(self, examples: Examples) -> np.ndarray:
        return answer(self.program, self.parameters.tables, examples, means=self.means)

    def _warn(self, report: Report) -> None:
        for column, n in report.unknown.items():
            if n:
                warn_of_unknown(
                    f"training never saw the {column} of {n:,} of {n_of(report.examples, 'example')}: "
                    "answered from the unknown row"
                    + (f"; {a_blank_counts(column, report.blanks[column])}" if column in report.blanks else "")
                )


def layout_of(
    program: Program, column_vocabulary: Mapping[str, str], targets: str, *, texts: Mapping[str, Text]
) -> Layout:
    """Which columns of a frame a program reads, and as what; `texts` are those that hold texts."""
    ids: dict[str, IdColumn] = {}
    for i in program.lookups:
        if not i.is_drawn or i.column not in ids:
            weights = _weights_of(program, i.column)
            vocabulary, text = column_vocabulary[i.column], texts.get(i.column)
            ids[i.column] = IdColumn(vocabulary, i.is_list, i.length, text, weights)
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
