"""A trained model as people hold it: each method asks one thing of the record beneath."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from rowwise.data.ids import Id
from rowwise.data.layout import Layout
from rowwise.data.ragged import Ragged
from rowwise.data.reader import Reader
from rowwise.data.source import Source
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import CannotWrite, Diverged
from rowwise.forks import not_in_a_fork
from rowwise.program.parameters import Parameters
from rowwise.program.program import Program
from rowwise.trained import load as folders
from rowwise.trained.metrics import Evaluation
from rowwise.trained.predict import evaluate, predict
from rowwise.trained.recommend import recommend, similar
from rowwise.trained.tables import table
from rowwise.trained.trained import Trained
from rowwise.views.cards import fitted_card

if TYPE_CHECKING:
    from rowwise.views.encoding import Encoded
    from rowwise.views.record import Walk


@dataclass(frozen=True)
class Fitted:
    """A trained model. Made by `fit` or `load`; it needs nothing of the script that trained it."""

    trained: Trained

    # Answers

    @not_in_a_fork
    def predict(self, data: Source) -> np.ndarray:
        """The prediction for each example, in order: (n,), or (n, classes).

        An id that training never saw is answered from the unknown row; a warning counts such examples.
        """
        return predict(self.trained, data)

    @not_in_a_fork
    def evaluate(
        self, data: Source, *, metrics: Sequence[str | Callable[[np.ndarray, np.ndarray], float]] | None = None
    ) -> Evaluation:
        """The errors on examples with a known target, with how many there are and how many have unknown ids.

        Those that fit the target, or the `metrics` asked for, by name or as functions of (target, predictions):

            fitted.evaluate(test, metrics=["rmse", "r2", sklearn.metrics.max_error])

        Raises:
            BadOption: the model has no target, or its kind of target no such metric.
        """
        return evaluate(self.trained, data, metrics=metrics)

    @not_in_a_fork
    def recommend(
        self, users: object, n: int = 10, *, seen: str = "drop", values: Mapping[str, Any] | None = None
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
        return recommend(self.trained, users, n, seen=seen, values={} if values is None else values)

    @not_in_a_fork
    def similar(self, id: object, n: int = 10, *, column: str | None = None, table: str | None = None) -> pl.DataFrame:
        """The `n` ids whose rows point most nearly the same way as the row of `id`, nearest first.

        Columns: the id, `cosine` (1.0 same way, -1.0 opposite). `column` says whose id it is: by default the item's.

        Raises:
            BadData: `id` is no id.
            UnknownId: the vocabulary does not hold `id`.
        """
        return similar(self.trained, id, n, column=column, table=table)

    # Looking inside

    @not_in_a_fork
    def encode(self, text: str, *, column: str | None = None) -> "Encoded":
        """A text on its way to rows, step by step, with the size of each step; `.show()` prints it.

        `column` says which column of texts it would stand in: by default the first. See `rowwise.views.encoding`.
        """
        from rowwise.views.encoding import encode

        return encode(self.trained, text, column)

    @not_in_a_fork
    def table(self, name: str) -> pl.DataFrame:
        """A table as a frame: its ids (null is the unknown row) and its numbers, one column a factor."""
        return table(self.trained, name)

    @not_in_a_fork
    def steps(self, example: Mapping[str, Any], *, seed: int = 0) -> "Walk":
        """One example walked through the model, line by line: values, derivatives, and the rows that move.

        `example` holds an id or a number for each column the model reads, and the target if it is known. The update is
        shown at the learning rate of the first epoch. See `rowwise.views.record.Walk`.
        """
        from rowwise.views.walk import walk_trained

        return walk_trained(self.trained, example, seed=seed)

    @not_in_a_fork
    def page(self, path: str | Path, *, data: Source | None = None, items: Source | None = None) -> Path:
        """Write the model as one offline page in which it answers and learns.

        `data` are ratings, or other examples, that the page can show; `items` say what people call the items.
        """
        from rowwise.views.page.page import write_page

        return write_page(self.trained, path, data=data, items=items)

    @not_in_a_fork
    def export(self, path: str | Path) -> Path:
        """Write what predicts as a WebAssembly module, for any language; see `rowwise.trained.export.export`."""
        from rowwise.trained.export import export

        return export(self.trained, path)

    def play(self, path: str | Path) -> Path:
        """Write the steps of the example that `fit(watch=…)` kept as one offline page that plays through the epochs."""
        from rowwise.views.steps_html import play

        return play(self.trained, path)

    def sheet(self, path: str | Path, **options: Any) -> Path:
        """Write the model as a workbook with live formulas. See `rowwise.views.workbook.workbook.workbook`."""
        from rowwise.views.workbook.workbook import workbook

        return workbook(self.trained, path, **options)

    def plot_history(self) -> Any:
        """The training loss and the validation error by epoch, as a Matplotlib figure (extra `plots`)."""
        from rowwise.views.plots import plot_history

        return plot_history(self.history)

    @not_in_a_fork
    def plot_texts(self, *, column: str | None = None) -> Any:
        """What each length of texts and each size of the vocabulary would keep of the training texts, as a figure.

        `column` says which column of texts: by default the first. The figure is Matplotlib's (extra `plots`).
        """
        from rowwise.views.plots import plot_texts

        return plot_texts(self.trained, column)

    def __str__(self) -> str:
        return str(self.trained)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return fitted_card(self.trained)

    # Keeping it, and going on

    def save(self, folder: str | Path) -> Path:
        """Write the model as a folder, whole or not at all. See `rowwise.trained.save`."""
        from rowwise.trained.save import save

        try:
            return save(self.trained, folder)
        except CannotWrite as error:
            error.fitted = self
            raise

    @not_in_a_fork
    def fit(self, data: Source, **options: object) -> "Fitted":
        """Train further, on more data or with other tables frozen; see `rowwise.train.further.train_further`."""
        from rowwise.train.further import train_further

        with diverged_with_face():
            return Fitted(train_further(self.trained, data, **options))

    @not_in_a_fork
    def fold_in(self, data: Source) -> "Fitted":
        """Rows for the ids of `data` that this model has none for, and nothing else moved.

        Each row is the one that makes what its examples cost least, with the rest held still: solved for at once where
        the cost is of degree 2 in it, by a few of Newton's steps elsewhere. See `rowwise.train.fold.fold_in`.

            with_them = fitted.fold_in({"userId": ["new", "new"], "movieId": [15, 7], "rating": [5, 2]})
            with_them.recommend("new")
        """
        from rowwise.train.fold import fold_in

        return Fitted(fold_in(self.trained, data))

    @not_in_a_fork
    def update(self, data: Source, **options: object) -> "Fitted":
        """The model after more data: new ids folded in, then trained further. See `rowwise.train.update.update`."""
        from rowwise.train.update import update

        with diverged_with_face():
            return Fitted(update(self.trained, data, **options))

    # What the record holds

    @property
    def name(self) -> str:
        """What the function of rows is called."""
        return self.trained.name

    @property
    def signature(self) -> str:
        """The model as it prints."""
        return self.trained.signature

    @property
    def program(self) -> Program:
        """The model as one flat list of steps."""
        return self.trained.program

    @property
    def parameters(self) -> Parameters:
        """The numbers: tables, dense weights, and the optimizer's state of each."""
        return self.trained.parameters

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        """The ids of the tables by name: `column_vocabulary` says which is a column's."""
        return self.trained.vocabularies

    @property
    def column_vocabulary(self) -> Mapping[str, str]:
        """For each column of ids, the name of its vocabulary."""
        return self.trained.column_vocabulary

    @property
    def means(self) -> Mapping[str, float]:
        """For each argument that stands for a statistic of the training data, its number."""
        return self.trained.means

    @property
    def targets(self) -> str:
        """What is predicted: "number", "binary", "margin", "class", "labels" or "count"."""
        return self.trained.targets.name

    @property
    def classes(self) -> tuple[Id, ...]:
        """What the target holds in place of 0, 1, 2, …"""
        return self.trained.classes

    @property
    def settings(self) -> Mapping[str, Any]:
        """How it was trained, and by which engine."""
        return self.trained.settings

    @property
    def history(self) -> pl.DataFrame:
        """The course of training: a row an epoch."""
        return self.trained.history

    @property
    def report(self) -> str:
        """What was found in the training data."""
        return self.trained.report

    @property
    def seen(self) -> Ragged | None:
        """The rows of items by row of user: the pairs of the training data, where they are remembered."""
        return self.trained.seen

    @property
    def watched(self) -> Mapping[str, Any]:
        """The steps of the example that `fit(watch=…)` named, by epoch; they are not saved."""
        return self.trained.watched

    @property
    def layout(self) -> Layout:
        """Which columns of a frame the model reads."""
        return self.trained.layout

    @property
    def reader(self) -> Reader:
        """How the model reads data."""
        return self.trained.reader

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that hold one id each, in the order of the signature: who, what, and further ones."""
        return self.trained.keys

    @property
    def two_keys(self) -> tuple[str, str]:
        """The columns of the user and of the item.

        Raises:
            BadOption: the model reads the rows of fewer columns.
        """
        return self.trained.two_keys


def load(folder: str | Path) -> Fitted:
    """The model that `save` wrote.

    Raises:
        BadFolder: there is no model, a file is missing, damaged or changed, or a newer version wrote it.
    """
    return Fitted(folders.load(folder))


@contextmanager
def diverged_with_face() -> Iterator[None]:
    """A training that diverges brings its last good model as people hold it."""
    try:
        yield
    except Diverged as error:
        if isinstance(error.fitted, Trained):
            error.fitted = Fitted(error.fitted)
        raise
