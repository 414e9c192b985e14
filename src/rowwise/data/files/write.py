"""A frame in, a file of the format that its name says out: whole, or not at all; here, at an address or in a table."""

from io import BytesIO
from pathlib import Path, PurePath
from urllib.parse import urlsplit

import polars as pl

from rowwise.data.files.database import check_table, is_database, write_table
from rowwise.data.files.formats import WRITTEN, Format, format_of, pack
from rowwise.errors import BadOption
from rowwise.storage.address import address_of, check_address, local_path
from rowwise.storage.whole import is_stream, replaced_whole, try_place


def check_writable(path: str | Path, *, table: str | None = None) -> None:
    """Refuse a name that no format goes with, or a place that is not there, before any work is done.

    Raises:
        BadOption: the name ends in nothing known here, its folder does not exist, it is a folder itself; a database
            without the name of a new table.
    """
    if is_database(path):
        check_table(str(path), table)
        return
    name = _name(path)
    if table is not None:
        raise BadOption(f"--table {table} with {name}", expected="the URL of a database to write the table into",
                        mend="-o sqlite:///predictions.db")  # fmt: skip
    if _format(path) is None:
        raise BadOption(
            f"{name} is in no format known here",
            expected=f"a name that ends in {', '.join(WRITTEN)}",
            mend=f"{PurePath(name).stem}.csv",
        )
    check_place(path)


def check_place(path: str | Path) -> None:
    """Refuse a place where no file can be written, before any work is done.

    Raises:
        BadOption: its folder does not exist, it is a folder itself, or an address that cannot be written.
        CannotWrite: the system does not let us.
    """
    if (address := address_of(path)) is not None:
        check_address(address)
        return
    path = local_path(path, "a file")
    if path.is_dir():
        raise BadOption(f"{path} is a folder", expected="the name of a file", mend=f"{path}/predicted.csv")
    if not path.parent.is_dir():
        raise BadOption(f"there is no folder {path.parent}", expected="a folder to write into", mend="make it first")
    try_place(path)


def write(frame: pl.DataFrame, path: str | Path, *, table: str | None = None) -> None:
    """Write the frame; a file that was there is replaced once the new one is complete, a table has to be new."""
    check_writable(path, table=table)
    if is_database(path):
        write_table(frame, str(path), str(table))
        return
    format = _format(path)
    assert format is not None
    written = BytesIO()
    format.write(frame, written)
    with replaced_whole(path) as file:
        file.write(pack(_name(path), written.getvalue()))


def _format(path: str | Path) -> Format | None:
    """The format that the name says, if it can be written; a device or a pipe without an ending gets CSV."""
    name = _name(path)
    found = format_of(f"{name}.csv" if "." not in name and is_stream(path) else name)
    return found if found is not None and found.writes else None


def _name(path: str | Path) -> str:
    return PurePath(urlsplit(address_of(path) or "").path or str(path)).name
