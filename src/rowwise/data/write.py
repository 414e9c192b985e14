"""A frame in, a file of the format that its name says out: whole, or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from rowwise.errors import BadOption
from rowwise.storage.whole import is_stream, replaced_whole

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
    if _format(path) not in WRITERS:
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
    with replaced_whole(path) as file:
        WRITERS[_format(path)](frame, file)


def _format(path: str | Path) -> str:
    """The ending that says the format; a device or a pipe without one gets CSV."""
    ending = Path(path).suffix.lower()
    return ".csv" if not ending and is_stream(path) else ending
