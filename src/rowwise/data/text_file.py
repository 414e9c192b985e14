"""A CSV, TSV or NDJSON file in, its records and the lines they stand on out, so that a message can point at a cell."""

import csv
import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import cast

import polars as pl

from rowwise.errors import BadData

SEPARATORS = {".csv": ",", ".csv.gz": ",", ".tsv": "\t", ".tsv.gz": "\t", ".ndjson": None, ".jsonl": None}
NOT_UTF8 = "\ufffd"  # what Python shows instead of a byte that is not UTF-8


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of one record a line; with a separator it has a header and cells, without one each line is JSON."""

    path: Path
    separator: str | None

    @classmethod
    def of(cls, path: Path) -> "TextFile | None":
        """The text file at a path; None if its name does not end as those of text files do."""
        found = [separator for suffix, separator in SEPARATORS.items() if path.name.lower().endswith(suffix)]
        return cls(path, found[0]) if found else None

    def scan(self) -> pl.LazyFrame:
        """The records as a frame: cells are text as they stand, JSON has types of its own."""
        if self.separator is None:
            return pl.scan_ndjson(self.path, infer_schema_length=None)
        return pl.scan_csv(self.path, separator=self.separator, infer_schema=False, glob=False)

    def line_of(self, row: int) -> int:
        """The line, as an editor counts them, on which a row of the frame starts."""
        lines = self._json_lines() if self.separator is None else (line for line, _ in self._records())
        header = 0 if self.separator is None else 1
        return next(islice(lines, header + row, None))

    def check_header(self) -> None:
        """Refuse what Polars would rename or garble: a name that is there twice, or is not UTF-8."""
        if self.separator is None:
            return
        header = self._header()
        if any(NOT_UTF8 in name for name in header):
            raise self._not_utf8(1)
        for name in header:
            if header.count(name) > 1:
                raise BadData(
                    f"{self.path.name}, line 1: column {name!r} is there twice",
                    expected="a header of different names",
                    mend="rename one of them",
                )

    def fault(self) -> BadData | None:
        """The first line that cannot be read: not UTF-8, or longer than the header; None if there is no such line."""
        with suppress(OSError, EOFError, zlib.error), self._open() as file:  # a damaged .gz has no lines
            for line, text in enumerate(file, 1):
                if NOT_UTF8 in text:
                    return self._not_utf8(line)
            header = self._header()
            for line, cells in self._records() if self.separator else ():
                if len(cells) > len(header):
                    return BadData(
                        f"{self.path.name}, line {line} has {len(cells)} cells",
                        expected=f"{len(header)} cells, as in the header: {', '.join(header)}",
                        mend="put quotes around a cell that holds the separator",
                    )
        return None

    def _header(self) -> list[str]:
        return next((cells for _, cells in self._records()), [])

    def _not_utf8(self, line: int) -> BadData:
        return BadData(
            f"{self.path.name}, line {line} is not UTF-8",
            expected="text encoded as UTF-8",
            mend=f"iconv -f latin1 -t utf-8 {self.path.name} > utf8-{self.path.name}",
        )

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record, the header first, and the line it starts on: a quoted cell may span lines."""
        csv.field_size_limit(sys.maxsize)  # a cell may be a whole review
        with self._open() as file:
            reader = csv.reader(file, delimiter=self.separator or ",")
            line = 1
            for record in reader:
                yield line, record
                line = reader.line_num + 1

    def _json_lines(self) -> Iterator[int]:
        with self._open() as file:
            yield from (line for line, text in enumerate(file, 1) if text.strip())

    def _open(self) -> TextIOWrapper:
        binary = gzip.open if self.path.suffix.lower() == ".gz" else open
        return cast(TextIOWrapper, binary(self.path, "rt", encoding="utf-8-sig", errors="replace", newline=""))
