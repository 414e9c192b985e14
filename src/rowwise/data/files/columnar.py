"""A file of typed columns in, its frame out: Parquet and Arrow; and a frame as such a file."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl

from rowwise.data.files.content import Content
from rowwise.data.files.file import File
from rowwise.data.named import named
from rowwise.data.opened import Columns, Opened, chosen


@dataclass(frozen=True, slots=True)
class Columnar:
    """Columns with types of their own. Only those that are wanted are read."""

    endings: tuple[str, ...]
    title: str
    scan: Callable[..., pl.LazyFrame]
    sink: Callable[[pl.DataFrame, Any], Any]
    check: Callable[[Content], None] = lambda content: None  # raises where it would do harm to read it
    writes = True

    def read(self, content: Content, file: File, columns: Columns) -> Opened:
        self.check(content)
        scan = self.scan(content.for_polars())
        wanted = chosen(columns, scan.collect_schema().names(), name=content.name)
        return Opened(content.name, scan.select(named(wanted)).collect())

    def write(self, frame: pl.DataFrame, file: BytesIO) -> None:
        self.sink(frame, file)
