"""What is trained on: examples in memory, or a Parquet file read in shuffled chunks.

Both answer the same questions: how many examples, which rows they read, what they look like to a checkpoint, and
what goes through them once an epoch.
"""

import hashlib
import shutil
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import polars as pl

from rowwise.backends.backend import Trainer
from rowwise.data.check import Report
from rowwise.data.classes import with_classes
from rowwise.data.examples import Examples
from rowwise.data.files.content import Content, existing
from rowwise.data.files.parquet_pages import check_pages
from rowwise.data.layout import IdColumn, Layout
from rowwise.data.learn import of_one_type
from rowwise.data.named import named
from rowwise.data.opened import Opened, chosen, collecting
from rowwise.data.ragged import Ragged, counted
from rowwise.data.reader import Reader
from rowwise.data.vocabulary import Vocabulary
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData, BadOption, foreign
from rowwise.program import draws

MakeTrainer = Callable[[Examples, int], Trainer]  # examples and a seed in
PAIRS = 20_000_000  # what is remembered of who has seen what: 8 bytes a pair while it is gathered, 4 when it is kept
SLICES = 16  # a chunk is put together from so many places of the file, so that a sorted file is mixed


@dataclass(frozen=True, slots=True)
class InMemory:
    """All examples at once."""

    examples: Examples

    @property
    def n(self) -> int:
        return self.examples.n

    def trainer(self, make: MakeTrainer, seed: int) -> Trainer:
        return make(self.examples, seed)

    def counts(self, column: str, n_rows: int) -> np.ndarray:
        """How often each row of a column of ids is named: (n_rows,)."""
        rows = self.examples.rows[column]
        return counted(rows.rows if isinstance(rows, Ragged) else rows, n_rows)

    def pairs(self, user: str, item: str) -> pl.DataFrame:
        """The rows of two columns of ids, as columns `user` and `item`."""
        return pl.DataFrame({"user": self.examples.rows[user], "item": self.examples.rows[item]})

    def digest(self) -> str:
        """A fingerprint of every number."""
        found = hashlib.sha256()
        for column in [*self.examples.rows.values(), *self.examples.values.values(), self.examples.target]:
            for part in column.parts if isinstance(column, Ragged) else (column,):
                if part is not None:
                    found.update(np.ascontiguousarray(part).view(np.uint8).data)
        return found.hexdigest()


class Scratch:
    """A folder for files of our own, which goes when nobody holds it any more, and with the process at the latest."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="rowwise-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A Parquet file, `chunk_rows` examples of it in memory at a time."""

    name: str  # what messages call it
    path: Path
    reader: Reader
    chunk_rows: int
    n: int
    scratch: Scratch | None = None  # holds the file, if it is ours, and goes with it

    @property
    def scan(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path)

    def trainer(self, make: MakeTrainer, seed: int) -> Trainer:
        return _Chunks(self, make, seed)

    def counts(self, column: str, n_rows: int) -> np.ndarray:
        """How often each row of a column of ids is named: (n_rows,)."""
        read_as = self.reader.layout.ids[column]
        vocabulary = self.reader.vocabularies[read_as.vocabulary]
        if isinstance(vocabulary, WordVocabulary):
            return vocabulary.counts
        ids = _counted(self.scan, column, read_as)
        rows = vocabulary.rows(ids["id"])
        return np.bincount(rows, ids["len"].to_numpy(), n_rows).astype(np.int64)

    def pairs(self, user: str, item: str) -> pl.DataFrame | None:
        """The rows of two columns of ids, each pair once, read in chunks; None for a file of more than `PAIRS`."""
        if self.n > PAIRS:
            return None
        found = pl.DataFrame(schema={"user": pl.Int32, "item": pl.Int32})
        known = [self.reader.vocabularies[self.reader.layout.ids[column].vocabulary] for column in (user, item)]
        for begin in range(0, self.n, self.chunk_rows):
            chunk = pl.scan_parquet(self.path).select(named([user, item])).slice(begin, self.chunk_rows).collect()
            users, items = (v.rows(chunk[c]) for v, c in zip(known, (user, item), strict=True))
            found = pl.concat([found, pl.DataFrame({"user": users, "item": items})])
        return found.unique()

    def digest(self) -> str:
        """A fingerprint of the file's size and time, not of its numbers; of all its bytes if the file is ours."""
        if self.scratch is not None:
            with open(self.path, "rb") as file:
                return f"{hashlib.file_digest(file, 'sha256').hexdigest()} {self.chunk_rows}"
        facts = self.path.stat()
        return f"{self.path.resolve()} {facts.st_size} {facts.st_mtime_ns} {self.chunk_rows}"

    def chunks(self, epoch: int, seed: int) -> Iterator[Examples]:
        """All examples once, in chunks put together from slices of the file in an order of the epoch."""
        size = max(1, self.chunk_rows // SLICES)
        begins = np.arange(0, self.n, size)
        np.random.default_rng([seed, epoch]).shuffle(begins)
        for part in range(0, len(begins), SLICES):
            yield self._read(sorted(begins[part : part + SLICES].tolist()), size)

    def _read(self, begins: list[int], size: int) -> Examples:
        scan = self.scan.select(named(self.reader.layout.columns))
        frame = pl.concat([scan.slice(begin, size) for begin in begins]).collect()
        chunk = Opened(self.name, frame, where=lambda row: f"row {begins[row // size] + row % size}")
        return self.reader.transform(chunk, "needed")[0]


@dataclass(frozen=True, slots=True)
class _Chunks:
    """The trainer of a file: a fresh one for each chunk, all moving the same parameters."""

    file: OnDisk
    make: MakeTrainer
    seed: int

    def epoch(self, epoch: int, rate: float) -> float:
        total = 0.0
        for k, examples in enumerate(self.file.chunks(epoch, self.seed)):
            total += self.make(examples, draws.key(self.seed, k)).epoch(epoch, rate) * examples.n
        return total / self.file.n


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of some columns of a file, so many at a time: to be read twice, and never held together."""

    path: Path
    columns: list[str]
    n: int
    chunk_rows: int

    def __iter__(self) -> Iterator[pl.Series]:
        for column in self.columns:
            scan = pl.scan_parquet(self.path).select(named(column))
            for begin in range(0, self.n, self.chunk_rows):
                yield scan.slice(begin, self.chunk_rows).collect().to_series()


def on_disk(source: object, layout: Layout, *, chunk_rows: int, min_count: int) -> tuple[OnDisk, Report]:
    """A set to train on that stays on disk: a Parquet file, or a LazyFrame, which is first written to one.

    Vocabularies are learnt in one pass that holds no more than the ids.

    Raises:
        BadOption: the source is neither.
        BadData: a column is missing, or there are no examples.
    """
    file = parts_of(source, layout.columns, chunk_rows)
    name, path = file.name, file.path
    chosen(layout.columns, _schema(path).names(), name=name)
    scan = pl.scan_parquet(path)
    n = int(scan.select(pl.len()).collect().item())
    if n == 0:
        raise BadData(f"{name} has no rows", expected="examples", mend="check how it was made")
    if layout.target is not None:
        layout = with_classes(Opened(name, scan.select(named(layout.target)).collect()), layout)
    counted = {c: _counted(scan, c, column) for c, column in layout.ids.items() if column.text is None}
    ids: dict[str, dict[str, pl.Series]] = {}
    texts: dict[str, list[str]] = {}
    for column, read_as in layout.ids.items():
        if read_as.text is not None:
            texts.setdefault(read_as.vocabulary, []).append(column)
            continue
        kept = counted[column].filter(pl.col("len") >= min_count)["id"].drop_nulls()
        ids.setdefault(read_as.vocabulary, {})[column] = kept
    vocabularies = {each: Vocabulary.of(each, of_one_type(columns)) for each, columns in ids.items()}
    for each, columns in texts.items():
        text = layout.ids[columns[0]].text
        assert text is not None
        vocabularies[each] = WordVocabulary.learn(each, _Texts(path, columns, n, chunk_rows), text)
    single = {column: len(found) for column, found in counted.items() if not layout.ids[column].is_list}
    report = Report(name, n, single, 0)
    return OnDisk(name, path, Reader(layout, vocabularies), chunk_rows, n, file.scratch), report


@dataclass(frozen=True, slots=True)
class Parts:
    """A Parquet file to read in parts, any number of times."""

    name: str  # what messages call it
    path: Path
    scratch: Scratch | None = None  # holds the file, if it is ours, and goes with it


def columns_on_disk(source: object, chunk_rows: int) -> pl.DataFrame:
    """The columns of what can be read in parts, and no row of it: nothing is read for their names alone.

    Raises:
        BadOption: it cannot be read in parts.
        BadData: there is no such file, or it is no Parquet.
    """
    if isinstance(source, pl.LazyFrame):
        with collecting():
            return pl.DataFrame(schema=source.collect_schema())
    return pl.DataFrame(schema=_schema(_parquet(source, chunk_rows)))


def _schema(path: Path) -> pl.Schema:
    with foreign(BadData, f"{path.name} cannot be read", expected="a Parquet file", mend="write the file anew"):
        check_pages(Content(path.name, path.name, existing(path)))
        return pl.scan_parquet(path).collect_schema()


def parts_of(source: object, columns: list[str], chunk_rows: int) -> Parts:
    """The file itself, or what a LazyFrame gives, written down: each part of it would be computed from the beginning.

    Raises:
        BadOption: the source is neither.
        BadData: a column is missing.
    """
    if isinstance(source, Parts):
        return source
    if isinstance(source, pl.LazyFrame):
        scratch = Scratch()
        path = scratch.folder / "examples.parquet"
        with collecting():
            wanted = chosen(columns, source.collect_schema().names(), name="the frame")
            source.select(named(wanted)).sink_parquet(path)
        return Parts("the frame", path, scratch)
    path = _parquet(source, chunk_rows)
    return Parts(path.name, path)


def _parquet(source: object, chunk_rows: int) -> Path:
    path = Path(source) if isinstance(source, str | Path) else None
    if path is None or path.suffix.lower() != ".parquet":
        raise BadOption(
            f"chunk_rows={chunk_rows} with {path.name if path else 'a frame'}",
            expected="a Parquet file or a LazyFrame, which can be read in parts",
            mend="write the data as Parquet, or leave chunk_rows out",
        )
    return path


def _counted(scan: pl.LazyFrame, name: str, column: IdColumn) -> pl.DataFrame:
    """Each `id` of a column, or of its lists, and how often it stands there as `len`."""
    ids = named(name).explode() if column.is_list else named(name)
    return scan.select(ids.alias("id")).group_by("id").len().collect(engine="streaming")
