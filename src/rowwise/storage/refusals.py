"""What the system says when it does not let us write, as given, expected, mend."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rowwise.errors import CannotWrite, is_panic, said


class Refusal(NamedTuple):
    """The three lines of one error of the system, with `{path}`, `{folder}` and `{free}` to fill in."""

    given: str
    expected: str
    mend: str


ELSEWHERE = "give another place"
FULL = Refusal("the disk is full: {path} does not fit", "more room than {free}", "free some space, or " + ELSEWHERE)
LOCKED = Refusal("{path} may not be written", "the right to write in {folder}", "chmod u+w {folder}, or " + ELSEWHERE)
NO_FOLDER = Refusal("{folder} is no folder", "a folder to write into", ELSEWHERE)
REFUSALS = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: Refusal("the quota is used up: {path} does not fit", FULL.expected, FULL.mend),
    errno.EFBIG: Refusal("{path} is larger than a file may be here", "a smaller file, or no limit", ELSEWHERE),
    errno.EACCES: LOCKED,
    errno.EPERM: LOCKED,
    errno.EROFS: Refusal("{path} is on a disk that can only be read", "a disk to write on", ELSEWHERE),
    errno.ENOENT: Refusal("there is no folder {folder}", "a folder to write into", "mkdir -p {folder}"),
    errno.ENOTDIR: NO_FOLDER,
    errno.EEXIST: NO_FOLDER,  # mkdir, where a file stands
    errno.EISDIR: Refusal("{path} is a folder", "the name of a file", "give a name inside it"),
    errno.ENAMETOOLONG: Refusal("the name {path} is too long", "255 bytes at most", "give a shorter name"),
    errno.ELOOP: Refusal("{path} is a link that leads to itself", "a link that leads to a place", "remove the link"),
}
WRITERS = ("polars", "pyarrow", "safetensors", "safetensors_rust", "xlsxwriter", "zipfile")  # who else may refuse
OTHER = Refusal("{path} cannot be written: {says}", "a place that takes it", ELSEWHERE)


def refusal(path: Path, number: int | None, says: str) -> CannotWrite:
    """The error to raise for the system's error `number` on `path`."""
    lines = REFUSALS.get(number or 0, OTHER)
    folder = path.parent if number == errno.ENOENT else next(above for above in (*path.parents, path) if above.exists())
    words = {"path": path, "folder": folder, "free": _free(path), "says": says}
    given, expected, mend = (line.format(**words) for line in lines)
    error = CannotWrite(given, expected=expected, mend=mend)
    error.errno, error.filename = number, str(path)
    return error


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Inside, what the system or a library that writes says of a full disk and the like is said of `path`.

    So is what was said of a file inside `path`, whose hidden name means nothing to anybody.
    """
    try:
        yield
    except BrokenPipeError:  # the reader has gone, and wants no more
        raise
    except BaseException as error:
        number = number_of(error) if isinstance(error, Exception) else None
        if number is None and not _of_a_writer(error):
            raise
        raise refusal(path, number, said(error) if number is None else os.strerror(number)) from None


def _of_a_writer(error: BaseException) -> bool:
    return is_panic(error) or type(error).__module__.partition(".")[0] in WRITERS


def number_of(error: BaseException) -> int | None:
    """The system's number of an error, also of one that a library has wrapped; None where it is not the system's."""
    for one in (error, *error.args, error.__cause__):
        if isinstance(one, OSError) and one.errno is not None:
            return one.errno
    found = re.search(r"\(os error (\d+)\)", str(error))  # as Rust says it: Polars, safetensors
    return int(found[1]) if found else None


def _free(path: Path) -> str:
    try:
        return f"the {shutil.disk_usage(path.parent).free / 1e6:.1f} MB that are free there"
    except OSError:
        return "there is"
