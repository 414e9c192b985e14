"""A path in, a file or a folder to write into out, which takes its place there when it is complete."""

import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from rowwise.storage.address import address_of, check_address, local_path, store
from rowwise.storage.locks import one_at_a_time, unlock
from rowwise.storage.refusals import refusals
from rowwise.storage.swap import put
from rowwise.storage.unfinished import begin_file, begin_folder, remove, remove_leftovers

BLOCK = 4096  # bytes: a full disk may take a name and nothing else
OWN = {"/dev/stdout": 1, "/dev/stderr": 2}  # what a shell has opened for this process, by its number


@contextmanager
def replaced_whole(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write into; what stood at `path` is replaced once it is complete, and stays if anything fails.

    Where `path` is a link, the file that it leads to is replaced. A device, a pipe or an address gets everything at the
    end.

    Raises:
        CannotWrite: the system does not let us, for one of the reasons in `rowwise.storage.refusals`.
    """
    if (address := address_of(path)) is not None:
        there = BytesIO()
        yield there
        store(address, there.getvalue())
        return
    path = local_path(path, "a file")
    with refusals(path):
        if is_stream(path):
            ready = BytesIO()
            yield ready
            _pour(ready, path)
            return
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        place = _leads_to(path)
        remove_leftovers(place)
        fresh, handle = begin_file(place)
        try:
            with open(fresh, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _same_rights(fresh, place)
            os.replace(fresh, place)
            sync_folder(place.parent)
        finally:
            unlock(handle)
            remove(fresh)


@contextmanager
def folder_replaced_whole(path: str | Path, check: Callable[[Path], None]) -> Iterator[Path]:
    """A folder to write into; what stood at `path` is replaced once it is complete, and stays if anything fails.

    `check` raises where a folder holds what must not be lost: it is asked before anything is written, and again when
    the two have changed places, because somebody may have put a file there meanwhile. Of two processes that write to
    one place, one wins whole.

    Raises:
        CannotWrite: the system does not let us, for one of the reasons in `rowwise.storage.refusals`.
    """
    path = local_path(path, "a folder")
    check(path)
    with refusals(path):
        place = _leads_to(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        stood = place.exists()
        if stood:  # else, where folders cannot change places, a leftover may be all that there is
            _remove_leftovers(place)
        fresh, handle = begin_folder(place)
        try:
            yield fresh
            _sync_all(fresh)
            _same_rights(fresh, place)
            with one_at_a_time(place.parent):
                put(fresh, place, check)
            sync_folder(place.parent)
        finally:
            unlock(handle)
            remove(fresh)
        if not stood:
            _remove_leftovers(place)


def try_place(path: str | Path, n_bytes: int = 0) -> None:
    """Refuse a place for a file or a folder that cannot be written, or has no room for `n_bytes`, before any work.

    Raises:
        CannotWrite: as writing there would.
    """
    if (address := address_of(path)) is not None:
        check_address(address)
        return
    path = local_path(path, "a file")
    if is_stream(path):
        return
    with refusals(path):
        place = _leads_to(path)
        if not place.name:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
        above = next(folder for folder in place.parents if folder.exists())
        fresh, handle = begin_file(above / place.name)
        try:
            fresh.write_bytes(bytes(BLOCK))
            if shutil.disk_usage(above).free < n_bytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            unlock(handle)
            remove(fresh)


def is_stream(path: str | Path) -> bool:
    """Whether a path is a device, a pipe or what the shell has opened for us: nothing that can be replaced."""
    if _number(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can be asked for that."""
    with suppress(PermissionError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):  # some network file systems
                raise
        finally:
            os.close(handle)


def _leads_to(path: Path) -> Path:
    """What stands at a path, or where the links there lead.

    Raises:
        OSError: they lead to themselves, or there is no current folder.
    """
    place = Path(os.path.realpath(path))
    if place.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return place


def _number(path: str | Path) -> int | None:
    """The number of a file that is open in this process already, as /dev/stdout and /dev/fd/3 name it."""
    name = os.path.abspath(path)
    found = re.fullmatch(r"(?:/dev|/proc/self)/fd/(\d+)", name)
    return int(found[1]) if found else OWN.get(name)


def _pour(ready: BytesIO, path: Path) -> None:
    number = _number(path)
    if number in (1, 2):
        for shown in filter(None, (sys.stdout, sys.stderr)):
            shown.flush()
    with open(path if number is None else os.dup(number), "wb") as file:
        file.write(ready.getbuffer())


def _same_rights(fresh: Path, place: Path) -> None:
    """What replaces something may be read and written by those who could before."""
    with suppress(FileNotFoundError):
        fresh.chmod(stat.S_IMODE(place.stat().st_mode))


def _sync_all(folder: Path) -> None:
    for root, _, names in os.walk(folder):
        for name in names:
            with open(Path(root, name), "rb+") as file:
                os.fsync(file.fileno())
        sync_folder(Path(root))


def _remove_leftovers(place: Path) -> None:
    with one_at_a_time(place.parent):
        remove_leftovers(place)
