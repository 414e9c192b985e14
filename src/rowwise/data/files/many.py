"""A glob, a folder or a list in, the files that it names out, and their cells one after the other."""

import glob
import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import accumulate
from pathlib import PurePath
from urllib.parse import unquote

import polars as pl

from rowwise.data.files.file import File
from rowwise.data.files.known import RATINGS
from rowwise.data.named import named
from rowwise.data.opened import Columns, Opened, chosen
from rowwise.errors import BadData
from rowwise.storage.address import address_of, listed

MOST = 20_000  # files of a folder, before it is taken for one that was not meant
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # how Hive writes a missing one


@dataclass(frozen=True, slots=True)
class Part:
    """One file of several; `keys` are what the folders above it say: `year=2024/part-0.parquet`."""

    file: File
    keys: tuple[tuple[str, str | None], ...] = ()


def parts_of(file: File, *, can_be_read: Callable[[str], bool]) -> list[Part]:
    """The files that a path names: those in a folder, those that fit a glob, or the one itself.

    Raises:
        BadData: there is none.
    """
    path = str(file.path)
    if (address := address_of(path)) is not None:
        if address.startswith("http") or not (address.endswith("/") or glob.has_magic(address)):
            return [Part(file)]
        begin = address[: min((address.index(c) for c in "*?[" if c in address), default=len(address))]
        found = [a for a in listed(begin) if address.endswith("/") or fnmatchcase(a, address)]
        base = begin
    elif os.path.isdir(path):
        found, base = sorted(_files_in(path)), path
    elif glob.has_magic(path) and not os.path.exists(path):
        found, base = sorted(p for p in glob.glob(path, recursive=True) if os.path.isfile(p)), ""
    else:
        return [Part(file)]
    shown = [name for name in found if not _is_hidden(name, base)]
    readable = [name for name in shown if can_be_read(PurePath(name).name)]
    if not readable:
        raise BadData(
            f"{path} names no file that can be read",
            expected=f"files of data; there are {', '.join(map(str, shown[:5]))}" if shown else "files of data",
            mend="check the path, and the folder it starts from",
        )
    ratings = [name for name in readable if PurePath(name).name in RATINGS]
    if len(ratings) == 1 and not glob.has_magic(path):  # the folder of MovieLens, with films and links beside
        readable = ratings
    return [Part(replace(file, path=name), _keys(name)) for name in readable]


def _files_in(folder: str) -> list[str]:
    """Every file in a folder and those below.

    Raises:
        BadData: there are so many that it is no folder of data.
    """
    found: list[str] = []
    for above, _, names in os.walk(folder):
        found += [os.path.join(above, name) for name in names if os.path.isfile(os.path.join(above, name))]
        if len(found) > MOST:
            raise BadData(
                f"{folder} and the folders below hold more than {MOST:,} files",
                expected="a folder of data",
                mend=f"name those that are meant: {os.path.join(folder, '*.csv')!r}",
            )
    return found


def open_parts(
    name: str, parts: Sequence[Part], columns: Columns, open_file: Callable[[File, Columns], Opened]
) -> Opened:
    """Several files as one source; they have to have the same columns.

    Raises:
        BadData: a file has other columns than the first, or other types.
    """
    opened = [_with_keys(part, columns, open_file) for part in parts]
    first = opened[0]
    for one in opened[1:]:
        if set(one.frame.columns) != set(first.frame.columns) or one.is_text != first.is_text:
            other = sorted(set(one.frame.columns) ^ set(first.frame.columns))
            raise BadData(
                f"{one.name} and {first.name} are not alike: {', '.join(map(repr, other[:8])) or 'their formats'}",
                expected="files of one kind, with the same columns",
                mend="name those that belong together: 'folder/ratings-*.csv'",
            )
    try:
        frame = pl.concat([one.frame.select(named(first.frame.columns)) for one in opened], how="vertical_relaxed")
    except pl.exceptions.PolarsError as error:
        raise BadData(
            f"the files of {name} do not fit together ({str(error).splitlines()[0]})",
            expected="columns of the same types",
            mend="write each column with one type in all of the files",
        ) from None
    ends = list(accumulate(len(one.frame) for one in opened))
    return Opened(name, frame, first.is_text, partial(_where, opened, ends))


def _where(opened: list[Opened], ends: list[int], row: int) -> str:
    k = bisect_right(ends, row)
    return opened[k].place(row - (ends[k - 1] if k else 0))


def _with_keys(part: Part, columns: Columns, open_file: Callable[[File, Columns], Opened]) -> Opened:
    """One file with a column for each key of its folders, as text."""
    if not part.keys:
        return open_file(part.file, columns)
    keys, name = dict(part.keys), PurePath(str(part.file.path)).name
    wanted: list[str] = []

    def of_the_file(there: list[str]) -> list[str]:
        wanted.extend(chosen(columns, [*there, *(key for key in keys if key not in there)], name=name))
        return [column for column in wanted if column in there] or there[:1]  # one, to count the rows by

    opened = open_file(part.file, of_the_file)
    fresh = {key: value for key, value in keys.items() if key in wanted and key not in opened.frame.columns}
    frame = opened.frame.with_columns(pl.lit(value, pl.String).alias(key) for key, value in fresh.items())
    return replace(opened, frame=frame.select(named(wanted)))


def _keys(path: str) -> tuple[tuple[str, str | None], ...]:
    pairs = [folder.split("=", 1) for folder in PurePath(path).parts[:-1] if "=" in folder]
    return tuple((unquote(key), None if value == NO_VALUE else unquote(value)) for key, value in pairs if key)


def _is_hidden(path: str, base: str) -> bool:
    """What programs put beside the data: `_SUCCESS`, `.part-0.parquet.crc`, `_temporary/…`."""
    below = path[len(base) :] if path.startswith(base) else path
    return any(part.startswith((".", "_")) and part != ".." for part in PurePath(below).parts)
