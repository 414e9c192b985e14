"""One writer at a time: locks that the system takes away when a process ends, however it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

from rowwise.errors import BadOption

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


class Lock(Enum):
    """Whose a lock is, after it was asked for."""

    OURS = "ours"
    THEIRS = "theirs"
    NONE = "none"  # the system, or this file system, has no such locks


def lock(handle: int, *, wait: bool = False) -> Lock:
    """Ask for the lock of an open file or folder, until its handle is closed."""
    if fcntl is None:
        return Lock.NONE
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return Lock.THEIRS
    except OSError:  # some network file systems
        return Lock.NONE
    return Lock.OURS


def unlock(handle: int | None) -> None:
    """Give a lock back; None is none."""
    if handle is not None:
        os.close(handle)


def is_at(handle: int, path: Path) -> bool:
    """Whether an open file or folder still has this name."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Inside, no other process of ours puts anything into its place in `folder`, where the system has locks."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        yield
        return
    try:
        lock(handle, wait=True)
        yield
    finally:
        os.close(handle)


@contextmanager
def only_user(path: Path) -> Iterator[None]:
    """Inside, `path` is this call's alone, by a locked file beside it that is gone at the end.

    Raises:
        BadOption: another process, or another call in this one, has it.
    """
    beside = path.with_name(f".{path.name}.lock")
    handle = _own(beside, path)
    try:
        yield
    finally:
        with suppress(OSError):  # while it is locked, which Windows refuses: whoever waits sees that it is gone
            beside.unlink()
        os.close(handle)


def _own(beside: Path, path: Path) -> int:
    while True:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        if lock(handle) is Lock.THEIRS:
            who = os.read(handle, 20).decode(errors="replace")
            os.close(handle)
            raise BadOption(
                f"checkpoint {path.name} is in use by another training" + (f", process {who}" if who else ""),
                expected="one training for a checkpoint",
                mend="wait until that one ends, or give another checkpoint",
            )
        if is_at(handle, beside):
            os.truncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
            return handle
        os.close(handle)  # its owner has just ended
