"""A finished folder in the place of an older one, in one step where the system has one."""

import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = -100  # AT_FDCWD: a path is as it is seen from the current folder


def put(fresh: Path, folder: Path) -> None:
    """Put `fresh` where `folder` is, which is gone then.

    A crash at any moment leaves the one or the other there, whole. Systems other than Linux and macOS, and file systems
    without an exchange, need two renames: there, for an instant between them, the old one lies beside.
    """
    if not folder.exists() or not any(folder.iterdir()):
        os.rename(fresh, folder)
    elif exchange(fresh, folder):
        shutil.rmtree(fresh)
    else:
        _put_by_two_renames(fresh, folder)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False, and nothing done, where the system cannot."""
    first, second = os.fsencode(one), os.fsencode(other)
    system = ctypes.CDLL(None)
    try:
        if sys.platform == "linux":
            return system.renameat2(HERE, first, HERE, second, 2) == 0  # RENAME_EXCHANGE
        if sys.platform == "darwin":
            return system.renamex_np(first, second, 2) == 0  # RENAME_SWAP
    except AttributeError:  # a C library that lacks it
        pass
    return False


def _put_by_two_renames(fresh: Path, folder: Path) -> None:
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    old = beside / folder.name
    try:
        os.rename(folder, old)
        os.rename(fresh, folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(beside)
