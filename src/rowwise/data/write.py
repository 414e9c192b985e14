"""A frame in, a file of the format that its name says out: whole, or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from rowwise.errors import BadOption

WRITERS: dict[str, Callable[[pl.DataFrame, Any], Any]] = {
    ".csv": lambda frame, file: frame.write_csv(file),
    ".tsv": lambda frame, file: frame.write_csv(file, separator="\t"),
    ".parquet": lambda frame, file: frame.write_parquet(file),
    ".ndjson": lambda frame, file: frame.write_ndjson(file),
    ".jsonl": lambda frame, file: frame.write_ndjson(file),
    ".arrow": lambda frame, file: frame.write_ipc(file),
}


def check_writable(path: str | Path) -> None:
    """Refuse a name that no format goes with, or a folder that is not there, before any work is done.

    Raises:
        BadOption: the name ends in nothing known here, its folder does not exist, or it is a folder itself.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITERS:
        raise BadOption(
            f"{path.name} is in no format known here",
            expected=f"a name that ends in {', '.join(WRITERS)}",
            mend=f"{path.stem}.csv",
        )
    if path.is_dir():
        raise BadOption(f"{path} is a folder", expected="the name of a file", mend=f"{path}/predicted.csv")
    if not path.parent.is_dir():
        raise BadOption(f"there is no folder {path.parent}", expected="a folder to write into", mend="make it first")


def write(frame: pl.DataFrame, path: str | Path) -> None:
    """Write the frame; a file that was there is replaced once the new one is complete."""
    check_writable(path)
    with whole(path) as file:
        WRITERS[Path(path).suffix.lower()](frame, file)


@contextmanager
def whole(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write into that gets its name when it is complete; if anything fails, what was there stays."""
    path = Path(path)
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(fresh, 0o666 & ~umask)  # mkstemp lets nobody else read
        os.replace(fresh, path)
    finally:
        Path(fresh).unlink(missing_ok=True)
