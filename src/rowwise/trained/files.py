"""The files of a saved model as bytes: the folder is opened once, each file is read once, and what was read is checked.

Another process may put a new model in the place of this one at any moment. The bytes that are used are those whose
checksums one `model.json` holds, so they are of one model; `Replaced` says that the folder went away while it was read.
"""

import hashlib
import os
import stat
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rowwise.errors import BadFolder
from rowwise.trained.folder import NEEDED, checksum_of_facts, damaged, is_of_a_model, missing, parse_facts

BY_FOLDER = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd
UNIT = 512  # bytes, in which the system counts what a file takes up
HOLLOW = 1 << 26  # bytes from which on a file that is nearly all hole is refused
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Replaced(Exception):
    """While it was read, another model took the folder's place."""


@dataclass(frozen=True, slots=True)
class Files:
    """What model.json says, and the bytes of each file that it lists."""

    folder: Path
    facts: Mapping[str, Any]
    contents: Mapping[str, np.ndarray]  # uint8


def read_files(folder: Path) -> Files:
    """The files of the model in `folder`, whole and as their checksums say.

    Raises:
        BadFolder: there is no model, a file is missing, damaged, or no file.
        Replaced: another model took its place meanwhile.
    """
    with _opened(folder) as place:
        try:
            return _read(place)
        except (BadFolder, OSError, MemoryError) as error:
            if place.is_replaced():
                raise Replaced from None
            if isinstance(error, BadFolder):
                raise
            raise damaged(folder, f"it cannot be read ({error or 'it is larger than the memory'})") from None


def _read(place: "_Place") -> Files:
    folder = place.folder
    if not place.has("model.json"):
        raise missing(folder)
    with ExitStack() as stack:
        told = _bytes_of(place, "model.json", stack.enter_context(place.open("model.json")))
        facts = parse_facts(folder, told.tobytes())
        if facts.get("checksum") != checksum_of_facts(facts):
            raise damaged(folder, "model.json is not the file that was saved")
        checksums = facts["checksums"]
        for name in (*NEEDED, *checksums):
            if name not in checksums:
                raise damaged(folder, f"model.json lists no checksum of {name}")
            if not is_of_a_model(name):
                raise damaged(folder, f"model.json names {name[:100]!r}, which lies outside the folder of a model")
        opened = {name: stack.enter_context(place.open(name)) for name in checksums}  # all of them, before any is read
        contents: dict[str, np.ndarray] = {}
        for name, file in opened.items():
            contents[name] = _bytes_of(place, name, file)
            if hashlib.sha256(contents[name].data).hexdigest() != checksums[name]:
                raise damaged(folder, f"{name} is not the file that was saved")
    return Files(folder, facts, contents)


def _bytes_of(place: "_Place", name: str, file: int) -> np.ndarray:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise damaged(place.folder, f"{name} is no file")
    if found.st_size > HOLLOW and getattr(found, "st_blocks", 1 << 60) * UNIT < found.st_size // 100:
        raise damaged(place.folder, f"{name} is {found.st_size:,} bytes of nothing")
    contents = np.empty(found.st_size, np.uint8)
    with open(file, "rb", buffering=0, closefd=False) as reader:
        view, read = contents.data, 0
        while read < len(view) and (n := reader.readinto(view[read:])):
            read += n
    return contents[:read]


@dataclass(frozen=True, slots=True)
class _Place:
    """An open folder, by its handle; where the system cannot open one, by its path. `folder` is the model's."""

    folder: Path
    path: Path
    handle: int | None
    identity: tuple[int, int]

    def has(self, name: str) -> bool:
        try:
            self._stat(name)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    @contextmanager
    def open(self, name: str) -> Generator[int]:
        """A file of the folder, opened for reading. A link, a folder, a pipe or a device is none."""
        *above, last = name.split("/")
        with ExitStack() as stack:
            inside = self
            for part in above:
                inside = stack.enter_context(inside._folder(part))
            try:
                found = inside._stat(last)
            except (FileNotFoundError, NotADirectoryError):
                raise damaged(self.folder, f"{name} is missing") from None
            if stat.S_ISLNK(found.st_mode):
                raise damaged(self.folder, f"{name} is a link, which may lead outside the folder")
            if not stat.S_ISREG(found.st_mode):
                raise damaged(self.folder, f"{name} is no file")
            handle = os.open(inside._path(last), FLAGS, dir_fd=inside.handle)
        try:
            yield handle
        finally:
            os.close(handle)

    @contextmanager
    def _folder(self, name: str) -> "Generator[_Place]":
        try:
            found = self._stat(name)
        except FileNotFoundError:
            raise damaged(self.folder, f"{name} is missing") from None
        if not stat.S_ISDIR(found.st_mode):
            raise damaged(self.folder, f"{name} is no folder, or a link, which may lead outside the folder")
        with _opened(self.path / name, inside=self) as place:
            yield place

    def _stat(self, name: str) -> os.stat_result:
        return os.stat(self._path(name), dir_fd=self.handle, follow_symlinks=False)

    def _path(self, name: str) -> str | Path:
        return self.path / name if self.handle is None else name

    def is_replaced(self) -> bool:
        """Whether the path leads to another folder now, or to none."""
        try:
            found = os.stat(self.folder)
        except OSError:
            return True
        return (found.st_dev, found.st_ino) != self.identity


@contextmanager
def _opened(path: Path, inside: _Place | None = None) -> Generator[_Place]:
    """The folder at `path`; of one `inside` another, no link leads to it."""
    folder = inside.folder if inside else path
    handle = None
    try:
        if BY_FOLDER:
            flags = os.O_RDONLY | os.O_DIRECTORY | (os.O_NOFOLLOW if inside else 0)
            handle = os.open(path.name if inside else path, flags, dir_fd=inside.handle if inside else None)
        found = os.stat(path if handle is None else handle)
    except (OSError, ValueError):  # none, a file, a loop of links, a name that no system takes
        raise missing(folder) from None
    try:
        yield _Place(folder, path, handle, (found.st_dev, found.st_ino))
    finally:
        if handle is not None:
            os.close(handle)
