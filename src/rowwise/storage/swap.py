"""A finished folder in the place of an older one, in one step where the system has one."""

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path

from rowwise.storage.unfinished import hidden, remove

HERE = -100  # AT_FDCWD: a path is as it is seen from the current folder
SWAP = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS


def put(fresh: Path, folder: Path, check: Callable[[Path], None]) -> None:
    """Put `fresh` where `folder` is; the older one has the name of `fresh` then, or is gone.

    A crash at any moment leaves the one or the other there, whole. Systems other than Linux and macOS, and file systems
    without an exchange, need two renames: there, for an instant between them, the old one lies beside. `check` raises
    where the older one holds what must not be lost: then nothing has changed.
    """
    if not folder.exists() or not any(folder.iterdir()):
        if os.name == "nt" and folder.exists():  # there, an empty folder is in the way
            folder.rmdir()
        os.rename(fresh, folder)
    elif exchange(fresh, folder):
        try:
            check(fresh)
        except Exception:
            exchange(fresh, folder)
            raise
    else:
        check(folder)
        _put_by_two_renames(fresh, folder)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False, and nothing done, where the system cannot."""
    if sys.platform not in ("linux", "darwin"):
        return False
    first, second = os.fsencode(one), os.fsencode(other)
    system = ctypes.CDLL(None)
    try:
        if sys.platform == "linux":
            return system.renameat2(HERE, first, HERE, second, SWAP) == 0
        return system.renamex_np(first, second, SWAP) == 0
    except AttributeError:  # a C library that lacks it
        return False


def _put_by_two_renames(fresh: Path, folder: Path) -> None:
    old = hidden(folder)
    os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except BaseException:
        os.rename(old, folder)
        raise
    remove(old)
