"""The formats, a row each: what a file's name ends in, and what reads and writes it."""

from io import BytesIO
from pathlib import Path
from typing import Protocol, runtime_checkable

import polars as pl

from rowwise.data.files.columnar import Columnar
from rowwise.data.files.content import PACKINGS, Content
from rowwise.data.files.delimited import Delimited
from rowwise.data.files.file import File
from rowwise.data.files.known import is_known
from rowwise.data.files.parquet_pages import check_pages
from rowwise.data.files.records import Records
from rowwise.data.files.unpack import PACKED, packing_of
from rowwise.data.files.workbook import Workbook
from rowwise.data.opened import Columns, Opened


@runtime_checkable
class Format(Protocol):
    """How files with these endings are read and written."""

    @property
    def endings(self) -> tuple[str, ...]: ...
    @property
    def title(self) -> str: ...
    @property
    def writes(self) -> bool: ...
    def read(self, content: Content, file: File, columns: Columns) -> Opened: ...
    def write(self, frame: pl.DataFrame, file: BytesIO) -> None: ...


def _scan_stream(file: Path | BytesIO) -> pl.LazyFrame:
    return pl.read_ipc_stream(file).lazy()


FORMATS: tuple[Format, ...] = (
    Delimited((".csv",), ","),
    Delimited((".tsv", ".tab"), "\t"),
    Delimited((".dat",), "::"),
    Delimited((".txt", ".data"), None),
    Records((".json",), a_line=False),
    Records((".ndjson", ".jsonl"), a_line=True),
    Columnar((".parquet", ".pq"), "Parquet", pl.scan_parquet, pl.DataFrame.write_parquet, check_pages),
    Columnar((".arrow", ".feather", ".ipc"), "Arrow", pl.scan_ipc, pl.DataFrame.write_ipc),
    Columnar((".arrows",), "an Arrow stream", _scan_stream, pl.DataFrame.write_ipc_stream),
    Workbook((".xlsx",)),
)
WRITTEN = tuple(ending for format in FORMATS for ending in format.endings if format.writes)
ENDINGS = tuple(ending for format in FORMATS for ending in format.endings)
MAGIC = {
    b"PAR1": ".parquet",
    b"ARROW1": ".arrow",
    b"\xff\xff\xff\xff": ".arrows",
    b"PK\x03\x04": ".xlsx",
}  # first bytes
KNOWN_FILE = Delimited((), None)  # u.item, u1.base, …


def format_of(name: str) -> Format | None:
    """The format of a file by its name, packed or not."""
    name = name.lower()
    name = name[: -len(packing)] if (packing := packing_of(name)) else name
    found = next((format for format in FORMATS if name.endswith(format.endings)), None)
    return found or (KNOWN_FILE if is_known(name) else None)


def format_seen(head: bytes) -> Format:
    """The format that the first bytes show, where no name does."""
    for mark, ending in MAGIC.items():
        if head.startswith(mark):
            return _of_ending(ending)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _of_ending({b"[": ".json", b"{": ".ndjson"}.get(text[:1], ".csv"))


def ending_seen(head: bytes, format: Format) -> str | None:
    """The ending that the name of a file should have whose first bytes are of another format than its name says."""
    ending = next((ending for mark, ending in (MAGIC | PACKINGS).items() if head.startswith(mark)), None)
    return ending if ending is not None and ending not in format.endings else None


def _of_ending(ending: str) -> Format:
    return next(format for format in FORMATS if ending in format.endings)


def pack(name: str, data: bytes) -> bytes:
    """The bytes of a file as its name says they are packed."""
    packing = packing_of(name)
    return PACKED[packing](data) if packing else data
