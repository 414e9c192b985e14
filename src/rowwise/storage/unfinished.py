"""What is being written, under a hidden name beside its place, locked for as long as its writer lives.

A process that is killed leaves its unfinished copy behind, as large as the thing itself, and its lock is gone with it:
so whoever writes to the same place next can tell what is left over from what another process is writing at the moment.
"""

import hashlib
import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Literal

from rowwise.storage.locks import Lock, is_at, lock

LONGEST = 100  # bytes of a name that are kept in the hidden one, which must not become longer than a system takes
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # Windows would turn \n into \r\n
LOOK = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def begin_file(place: Path) -> tuple[Path, int | None]:
    """A new file beside `place`, with the rights that the system gives a new file, and the handle that locks it."""
    while True:
        fresh = hidden(place)
        held = _held(os.open(fresh, NEW, 0o666), fresh)
        if held is not Lock.THEIRS:
            return fresh, held


def begin_folder(place: Path) -> tuple[Path, int | None]:
    """A new folder beside `place`, and the handle that locks it: None where the system has no locks."""
    while True:
        fresh = hidden(place)
        fresh.mkdir()
        try:
            held = _held(os.open(fresh, os.O_RDONLY), fresh)
        except PermissionError:  # Windows opens no folders
            return fresh, None
        except FileNotFoundError:
            continue
        if held is not Lock.THEIRS:
            return fresh, held


def remove_leftovers(place: Path) -> None:
    """Remove what killed writers to `place` have left. Without locks nobody can tell what that is: it stays."""
    with suppress(OSError):
        for name in os.listdir(place.parent):
            if re.fullmatch(rf"\.{re.escape(_stem(place.name))}\.[0-9a-f]{{8}}\.unfinished", name):
                with suppress(OSError):
                    _remove_if_nobodys(place.with_name(name))


def remove(path: Path) -> None:
    """Remove a file or a folder, as far as it can be."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _held(handle: int, fresh: Path) -> int | Literal[Lock.THEIRS] | None:
    """The handle, which locks what it opens; None and closed where there are no locks; THEIRS where it was taken for a
    leftover in the instant before it was locked.
    """
    whose = lock(handle)
    if whose is Lock.OURS and is_at(handle, fresh):
        return handle
    os.close(handle)
    return None if whose is Lock.NONE else Lock.THEIRS


def _remove_if_nobodys(path: Path) -> None:
    handle = os.open(path, LOOK)
    try:
        if lock(handle) is Lock.OURS and is_at(handle, path):
            remove(path)
    finally:
        os.close(handle)


def hidden(place: Path) -> Path:
    """A name beside `place` for what is not finished, or not wanted any more."""
    return place.with_name(f".{_stem(place.name)}.{secrets.token_hex(4)}.unfinished")


def _stem(name: str) -> str:
    encoded = os.fsencode(name)
    return name if len(encoded) <= LONGEST else hashlib.sha256(encoded).hexdigest()[:16]
