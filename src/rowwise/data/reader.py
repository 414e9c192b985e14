"""The one way of data into a model: read → check → classes → split → learn → encode.

reader = Reader(layout).fit(ratings, None).reader     classes and vocabularies are learnt here, and only here
reader.transform(more)                                and decide from then on what every cell means
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import polars as pl

from rowwise.data import splits
from rowwise.data.check import Checked, Report, check
from rowwise.data.classes import numbered, with_classes
from rowwise.data.examples import Examples, encode
from rowwise.data.layout import Layout
from rowwise.data.learn import learn_vocabularies
from rowwise.data.lists import check_lists, check_targets
from rowwise.data.opened import Needed
from rowwise.data.ragged import Ragged
from rowwise.data.source import Opened, Source, open_source
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData

Weigh = Callable[[pl.DataFrame, Layout], pl.DataFrame]  # adds the weights of examples, where there are any
Target = Literal["unread", "if there", "needed", "learnt"]  # what is asked of it; the last: to be more than one number


class Fitting(NamedTuple):
    """What training goes by, and the reader that knows it all from then on."""

    reader: "Reader"
    training: Examples
    frame: pl.DataFrame  # the examples to train on, before they became rows
    report: Report
    held_back: tuple[Examples, Report] | None


@dataclass(frozen=True, slots=True)
class Reader:
    """What a model reads of a source, and how: by its vocabularies, once it has them."""

    layout: Layout
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict[str, Vocabulary])

    def fit(
        self,
        source: Source,
        validation: float | Source | None,
        *,
        weigh: Weigh = lambda frame, layout: frame,
        seed: int = 0,
        min_count: int = 1,
    ) -> Fitting:
        """Learn classes and vocabularies from a source, of which a share may be held back; or validate by another.

        Raises:
            BadData: the data cannot be learnt from.
        """
        opened = self.open(source, "learnt")
        reader = replace(self, layout=with_classes(opened, self.layout))
        checked = reader.check(opened, "learnt")
        frame, held = _divided(weigh(checked.frame, reader.layout), validation, seed)
        vocabularies, rows = learn_vocabularies(frame, reader.layout, min_count=min_count)
        reader = replace(reader, vocabularies=vocabularies)
        return reader._fitting(Checked(frame, checked.report), held, validation, rows)

    def fit_further(self, source: Source, validation: float | Source | None, *, weigh: Weigh, seed: int = 0) -> Fitting:
        """More examples to learn from, by the classes and vocabularies that there are.

        Raises:
            BadData: the data cannot be learnt from.
        """
        checked = self.check(source, "needed")
        frame, held = _divided(weigh(checked.frame, self.layout), validation, seed)
        return self._fitting(Checked(frame, checked.report), held, validation, {})

    def transform(self, source: Source, target: Target = "unread") -> tuple[Examples, Report]:
        """The examples of a source, and what was found in it.

        Raises:
            BadData: a cell is not what its column must be, or the target that is needed is not there.
        """
        return self.encode(self.check(source, target))

    def encode(self, checked: Checked, rows: Mapping[str, Ragged] | None = None) -> tuple[Examples, Report]:
        """Checked examples as arrays; `rows` are those of texts, where they are known already."""
        return encode(checked.frame, checked.report, self.layout, self.vocabularies, found=rows)

    def check(self, source: Source, target: Target = "unread") -> Checked:
        """The columns that the model reads, each cell as what it must be.

        Raises:
            BadData: a cell is not what its column must be, or the target that is needed is not there.
        """
        opened = self._tokenized(self.open(source, target))
        layout = self.layout if self.layout.target in opened.frame.columns else replace(self.layout, target=None)
        check_lists(opened, layout)
        if layout.classes and layout.target is not None:
            labels = numbered(opened.frame[layout.target], layout.classes, opened)
            opened = replace(opened, frame=opened.frame.with_columns(labels))
        single = [name for name, size in layout.values.items() if size is None]  # lists were checked
        numbers = [*single, *layout.means, layout.weight, layout.target if layout.labels is None else None]
        there = [name for name in opened.frame.columns if name in numbers]
        checked = check(
            opened,
            ids=[name for name, column in layout.ids.items() if not column.is_list],
            numbers=there,
            target=layout.target if target == "learnt" and layout.labels is None else None,
            together=self._together() if target == "learnt" else (),
        )
        if layout.target is not None:
            check_targets(checked.frame[layout.target], layout.targets, opened)
        return checked

    def open(self, source: Source, target: Target = "unread") -> Opened:
        """A source with the columns that the model reads, and no others.

        Raises:
            BadData: it lacks one of them.
        """
        if target == "learnt":
            return open_source(source, columns=Needed(self.layout.columns), names=self.layout.columns)
        name, wanted = self.layout.target, self.layout.read
        more = [] if target == "unread" else [each for each in (name, self.layout.weight) if each is not None]
        opened = open_source(
            source,
            columns=lambda there: Needed((*wanted, *(each for each in more if each in there))),
            names=self.layout.columns if more else wanted,
        )
        if target == "needed" and name is not None and name not in opened.frame.columns:
            raise BadData(
                f"{opened.name} has no column {name!r}",
                expected="the target of each example, to compare the predictions with",
                mend="add the column",
            )
        return opened

    def _tokenized(self, opened: Opened) -> Opened:
        texts = {name: column.text for name, column in self.layout.ids.items() if column.text is not None}
        tokens = [text.tokens(opened.frame[name], what=f"column {name!r}") for name, text in texts.items()]
        return replace(opened, frame=opened.frame.with_columns(tokens))

    def _together(self) -> list[list[str]]:
        """The columns of single ids by vocabulary: those that share one have ids of one type."""
        columns: dict[str, list[str]] = {}
        for name, column in self.layout.ids.items():
            if not column.is_list:
                columns.setdefault(column.vocabulary, []).append(name)
        return list(columns.values())

    def _fitting(
        self,
        checked: Checked,
        held: pl.DataFrame | None,
        validation: float | Source | None,
        rows: Mapping[str, Ragged],
    ) -> Fitting:
        examples, report = self.encode(checked, rows)
        if held is not None:
            held_back = self.encode(Checked(held, replace(checked.report, examples=len(held))))
        else:
            held_back = None if validation is None else self.transform(validation, "needed")
        return Fitting(self, examples, checked.frame, report, held_back)


def _divided(
    frame: pl.DataFrame, validation: float | Source | None, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """What is learnt from, and the share that is held back."""
    return splits.random(frame, fraction=validation, seed=seed) if isinstance(validation, float) else (frame, None)
