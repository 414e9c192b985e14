"""One text in, the way from letters to looked-up rows out, with the size of each step and what set it.

    text ──pattern──▶ tokens ──vocabulary──▶ ids ──length──▶ as many ids as the model reads ──dim──▶ rows

The three sizes are independent: the vocabulary is how many rows the table has, the length how many of them a text looks
up, and dim how many numbers are in each.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from rowwise import inert
from rowwise.data.corpus import Corpus
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadOption
from rowwise.program.inputs import Lookup
from rowwise.screen import say
from rowwise.trained.trained import Trained
from rowwise.views.terminal import show

FEW = 12  # ids shown of many


@dataclass(frozen=True)
class Encoded:
    """A text on its way to rows. `print` it, or call `show()`, which adds what the training texts hold."""

    text: str
    tokens: list[str]
    ids: np.ndarray  # the row of each word and n-gram
    read: np.ndarray  # the rows that the model looks up: cut and padded, where it has a length
    lookup: Lookup
    vocabulary: WordVocabulary

    @property
    def rare(self) -> list[str]:
        """The words without a row of their own."""
        return [token for token in dict.fromkeys(self.tokens) if token not in self.vocabulary]

    @property
    def rows(self) -> tuple[int, ...]:
        """The shape of what is looked up."""
        return (len(self.read), *self.lookup.row_shape)

    @property
    def length(self) -> int | None:
        """How many rows the model looks up of each text; None where it reads them all."""
        return self.lookup.length

    def __str__(self) -> str:
        return "\n".join(inert.line(line) for step in self._steps() for line in step)

    __repr__ = __str__

    def show(self) -> None:
        """Print the steps, and two tables to choose the sizes by: what a vocabulary covers, what a length keeps."""
        say(self)
        corpus = self.vocabulary.corpus
        if corpus.running:
            say(f"\n{corpus.distinct:,} different words stand {corpus.running:,} times in {corpus.texts:,} texts")
            show(coverage(corpus), digits={"share of running words": 3})
            say("\nhow many words a text has, and what a length keeps")
            show(lengths(corpus), digits={"texts kept whole": 3, "words kept": 3})

    def _steps(self) -> list[list[str]]:
        text, vocabulary = self.text, self.vocabulary
        steps = [
            _step("text", f"{len(text):,} letters", text),
            _step("tokens", f"{len(self.tokens):,} words", " · ".join(self.tokens)),
            _step("ids", f"{len(self.ids):,} ids", _some(self.ids), f"vocabulary: {_rows_of(vocabulary)}"),
        ]
        if self.rare:
            steps[-1].append(" " * 28 + f"no row of their own, so {vocabulary.rare}: {_cut(', '.join(self.rare), 70)}")
        if self.lookup.length is not None:
            steps.append(_step("length", f"{len(self.read):,} ids", _some(self.read), self._padded()))
        else:
            steps.append(_step("length", f"{len(self.read):,} ids", "all of them: a bag has no length"))
        shape = " × ".join(f"{n:,}" for n in self.rows)
        width = self.rows[1:] or (1,)
        said = f"dim: {width[0]} {'number' if width[0] == 1 else 'numbers'} in each row of table {self.lookup.table!r}"
        steps.append(_step("rows", shape, said))
        return steps

    def _padded(self) -> str:
        sides, length = self.vocabulary.text, len(self.read)
        padding, lost = max(0, length - len(self.ids)), max(0, len(self.ids) - length)
        if lost:
            return f"length {length:,}: {lost:,} ids cut off in {sides.cut}"
        return f"length {length:,}: {padding:,} times row 0 in {sides.pad}"


def encode(trained: Trained, text: str, column: str | None) -> Encoded:
    """A text on its way to the rows of a column of texts, by default the first.

    Raises:
        BadOption: the model reads no such column.
    """
    columns = {c: v for c, v in _texts(trained).items() if column in (None, c)}
    if not columns:
        there = list(_texts(trained))
        raise BadOption(
            f"{trained.name} reads no texts from column={column!r}",
            expected=f"a column of texts: {', '.join(there) or 'none'}",
            mend=f"column={there[0]!r}" if there else "steps takes an example of any model",
        )
    name, vocabulary = next(iter(columns.items()))
    lookup = next(i for i in trained.program.lookups if i.column == name)
    ragged = vocabulary.encode([text])
    read = ragged[0] if lookup.length is None else vocabulary.pad(ragged, lookup.length)[0]
    tokens = vocabulary.text.tokens([text])[0].to_list()
    return Encoded(text, tokens, ragged[0], read, lookup, vocabulary)


def coverage(corpus: Corpus) -> pl.DataFrame:
    """For each size of a vocabulary, the share of running words that have a row of their own."""
    sizes = {**corpus.coverage, corpus.distinct + 2: 1.0}
    return pl.DataFrame({"vocabulary": list(sizes), "share of running words": list(sizes.values())})


def lengths(corpus: Corpus) -> pl.DataFrame:
    """For each length, the share of texts that are no longer, and the share of running words that is left of all."""
    longest = max(corpus.lengths)
    tried = [length for length in (50, 100, 200, 300, 500, 1000, 2000) if length < longest] + [longest]
    kept = [corpus.kept(length) for length in tried]
    return pl.DataFrame({"length": tried, "texts kept whole": [k[0] for k in kept], "words kept": [k[1] for k in kept]})


def _texts(trained: Trained) -> dict[str, WordVocabulary]:
    named = {column: trained.vocabularies[name] for column, name in trained.column_vocabulary.items()}
    return {column: v for column, v in named.items() if isinstance(v, WordVocabulary)}


def _rows_of(vocabulary: WordVocabulary) -> str:
    parts = [f"{len(vocabulary):,} rows: 0 pads", f"1 to {vocabulary.n_own:,} by rank"]
    if vocabulary.text.buckets:
        parts.append(f"{vocabulary.text.buckets:,} buckets of n-grams")
    return ", ".join([*parts, f"{vocabulary.rare:,} for rare words"])


def _step(name: str, size: str, shown: str, *more: str) -> list[str]:
    return [f"{name:<8} {size:>16}   {_cut(shown, 92)}", *(" " * 28 + line for line in more)]


def _some(ids: np.ndarray) -> str:
    numbers = [str(int(k)) for k in ids]
    if len(numbers) > FEW:
        numbers = [*numbers[: FEW // 2], "…", *numbers[-FEW // 2 :]]
    return " ".join(numbers)


def _cut(text: str, letters: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= letters else plain[: letters - 1] + "…"
