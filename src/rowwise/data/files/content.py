"""A path, an address or `-` in, the bytes of one file out, unpacked; a file on a disk stays where it is."""

import difflib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePath
from urllib.parse import unquote, urlsplit

from rowwise.data.files.unpack import UNPACKED, ZIP, member_of, packing_of
from rowwise.errors import BadData
from rowwise.storage.address import address_of, fetched

SAMPLE = 1 << 18  # so many bytes say how a file is written
STANDARD_INPUT = "-"
PACKINGS = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst", b"BZh": ".bz2", b"\xfd7zXZ\x00": ".xz"}  # by first bytes


@dataclass(frozen=True, slots=True)
class Content:
    """One file. `path` where it lies on a disk as it is; else `data`, which a stream gives only once."""

    name: str  # what messages call it
    kind: str  # the name whose end says the format: ratings.csv for ratings.csv.gz; "" where nothing says it
    path: Path | None = None
    data: bytes = b""

    def head(self) -> tuple[bytes, bool]:
        """The first bytes, and whether those are all."""
        if self.path is None:
            return self.data[:SAMPLE], len(self.data) <= SAMPLE
        with self.path.open("rb") as file:
            sample = file.read(SAMPLE + 1)
        return sample[:SAMPLE], len(sample) <= SAMPLE

    def bytes(self) -> bytes:
        return self.data if self.path is None else self.path.read_bytes()

    def for_polars(self) -> Path | BytesIO:
        return self.path or BytesIO(self.data)


def content_of(source: str | Path, *, can_be_read: Callable[[str], bool]) -> Content:
    """The file at a path or an address, `ratings.zip/u.data` in an archive, or the standard input (`-`).

    Raises:
        BadData: there is no such file, or it is empty.
    """
    if str(source) == STANDARD_INPUT:
        return _streamed("the standard input", sys.stdin.buffer.read())
    if (address := address_of(source)) is not None:
        name = PurePath(unquote(urlsplit(address).path)).name or address
        return _unpacked(Content(name, name, data=fetched(address)), None, can_be_read)
    path, member = _archive_of(Path(source))
    existing(path)
    if not path.is_file():  # a pipe, or /dev/stdin
        return _streamed(str(path), path.read_bytes())
    if path.stat().st_size == 0:
        raise empty(path.name)
    packed = packing_of(path.name) or path.suffix.lower() == ZIP
    content = Content(path.name, path.name, path, path.read_bytes() if packed else b"")
    return _unpacked(replace(content, path=None), member, can_be_read) if packed else content


def existing(path: Path) -> Path:
    """The path, which somebody meant to be that of a file."""
    if path.is_dir() or not path.exists():
        near = difflib.get_close_matches(path.name, [other.name for other in path.parent.glob("*")], n=1)
        raise BadData(
            f"there is no file {str(path)!r}",
            expected="the path of a file",
            mend=f"did you mean {near[0]!r}?" if near else "check the path, and the folder it starts from",
        )
    return path


def empty(name: str) -> BadData:
    return BadData(f"{name} is empty", expected="a header and rows", mend="check how the file was made")


def _streamed(name: str, data: bytes) -> Content:
    """What came through a pipe has no name that says how it is packed; its first bytes do."""
    packing = next((suffix for mark, suffix in PACKINGS.items() if data.startswith(mark)), None)
    data = UNPACKED[packing](data) if packing else data
    if not data:
        raise empty(name)
    return Content(name, "", data=data)


def _unpacked(content: Content, member: str | None, can_be_read: Callable[[str], bool]) -> Content:
    name, kind, data = content.name, content.kind, content.data
    if kind.lower().endswith(ZIP):
        kind, data = member_of(data, member, archive=name, can_be_read=can_be_read)
        name = f"{name}/{kind}"
    if packing := packing_of(kind):
        kind, data = kind[: -len(packing)], UNPACKED[packing](data)
    if not data:
        raise empty(name)
    return Content(name, kind, data=data)


def _archive_of(path: Path) -> tuple[Path, str | None]:
    """A path that goes on behind an archive, taken apart: `ml.zip/ml-100k/u.data`."""
    for above in path.parents:
        if above.suffix.lower() == ZIP and above.is_file():
            return above, path.relative_to(above).as_posix()
    return path, None
