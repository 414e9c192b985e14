"""A packed file's name and bytes in, the bytes of what is packed out; the last part of the name says how."""

import bz2
import gzip
import lzma
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePath

from rowwise.data.files.known import RATINGS
from rowwise.errors import BadData


def _zstd(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd  # pyright: ignore[reportMissingTypeStubs]  # others share the name
    return zstd.decompress(data)


def _zstd_packed(data: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd  # pyright: ignore[reportMissingTypeStubs]  # others share the name
    return zstd.compress(data)


UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".zst": _zstd,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}
PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".zst": _zstd_packed,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
ZIP = ".zip"


def packing_of(name: str) -> str | None:
    """How a file is packed, by the end of its name: a key of `UNPACKED`; None for one that is not."""
    return next((suffix for suffix in UNPACKED if name.lower().endswith(suffix)), None)


def member_of(
    data: bytes, wanted: str | None, *, archive: str, can_be_read: Callable[[str], bool]
) -> tuple[str, bytes]:
    """The name and the bytes of the one file in an archive, of the ratings of MovieLens, or of the one wanted.

    Raises:
        BadData: there are several files, or none of that name.
    """
    with zipfile.ZipFile(BytesIO(data)) as folder:
        names = [name for name in folder.namelist() if _is_of_the_user(name)]
        if wanted is not None:
            found = [name for name in names if name == wanted] or [n for n in names if n.endswith(f"/{wanted}")]
        else:
            readable = [name for name in names if can_be_read(PurePath(name).name)]
            found = readable if len(readable) == 1 else [n for n in readable if PurePath(n).name in RATINGS]
        if len(found) != 1:
            given = f"{archive} holds {len(names)} files" if wanted is None else f"{archive} has no one file {wanted!r}"
            raise BadData(
                given,
                expected=f"one of {', '.join(names[:10])}{', …' if len(names) > 10 else ''}" if names else "a file",
                mend=f"name it: {archive}/{names[0]}" if names else "check how it was made",
            )
        return PurePath(found[0]).name, folder.read(found[0])


def _is_of_the_user(name: str) -> bool:
    """Not a folder, and not what macOS and others put beside the files."""
    return not name.endswith("/") and not name.startswith("__MACOSX") and not PurePath(name).name.startswith(".")
