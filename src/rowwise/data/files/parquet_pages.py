"""Parquet as bytes in, what it says of itself out: the facts at its end, and the header of each page.

Numbers there are believed by whoever decodes them: for a count below 0 Polars asks for 2⁶¹ bytes, and the process ends.
So they are read here first, by a small reader of Thrift's compact protocol, in which they are written.
Source: the Apache Parquet format and the Thrift compact protocol specification.
"""

import mmap
from collections.abc import Iterator, Mapping
from typing import Any

from rowwise.data.files.content import Content
from rowwise.narrow import is_mapping

Bytes = bytes | mmap.mmap
MAGIC = b"PAR1"
GROUPS = 4  # of the footer's fields
COLUMNS, META = 1, 3  # of a group of rows, of a column there
PACKED, FIRST_PAGE, DICTIONARY = 7, 9, 11  # of a column's facts
UNPACKED_PAGE, PACKED_PAGE, DATA, DICTIONARY_PAGE, DATA_2 = 2, 3, 5, 7, 8  # of the header of a page


class BelowZero(ValueError):
    """A size or a count that can be none."""


def check_pages(content: Content) -> None:
    """Refuse a file with a size or a count below 0. What else may be wrong with it, whoever decodes it says.

    Raises:
        BelowZero: there is one.
    """
    if content.path is None:
        _go_through(content.data)
        return
    with content.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as contents:
        _go_through(contents)


def _go_through(contents: Bytes) -> None:
    try:
        for _ in pages(contents, *footer(contents)):
            pass
    except BelowZero:
        raise
    except ValueError:
        return


def footer(contents: Bytes) -> tuple[dict[int, Any], int]:
    """The facts at the end of the file, by field, and where they begin.

    Raises:
        ValueError: it is no Parquet.
    """
    size = int.from_bytes(contents[-8:-4], "little")
    begin = len(contents) - 8 - size
    if contents[:4] != MAGIC or contents[-4:] != MAGIC or begin < 4:
        raise ValueError("it is no Parquet")
    return Reader(contents, begin).struct()[0], begin


def pages(contents: Bytes, facts: Mapping[int, Any], body: int) -> Iterator[tuple[int, int]]:
    """What each page says it unpacks to: bytes, and values. `body` is where the footer begins.

    Raises:
        BelowZero, ValueError: a size or a count is none, or a column lies outside of the file.
    """
    for group in facts.get(GROUPS) or ():
        for column in group.get(COLUMNS) or ():
            meta: dict[int, Any] = column.get(META) or {}
            starts: list[int] = [meta[field] for field in (FIRST_PAGE, DICTIONARY) if type(meta.get(field)) is int]
            place, end = min(starts, default=-1), min(starts, default=-1) + whole(meta, PACKED)
            if not 0 <= place <= end <= body:
                raise ValueError("a column lies outside of the file")
            while place < end:
                header, place = Reader(contents, place).struct()
                counts = [whole(header.get(kind) or {1: 0}, 1) for kind in (DATA, DATA_2, DICTIONARY_PAGE)]
                yield whole(header, UNPACKED_PAGE), max(counts)
                place += whole(header, PACKED_PAGE)


def whole(facts: object, field: int) -> int:
    """A size or a count.

    Raises:
        BelowZero, ValueError: it is below 0, or there is none.
    """
    number = facts.get(field) if is_mapping(facts) else None
    if type(number) is not int:
        raise ValueError("it lacks a number that Parquet has")
    if number < 0:
        raise BelowZero(f"it says {number} of what cannot be below 0")
    return number


class Reader:
    """Thrift's compact protocol from a place on: structs as dicts of their fields by number."""

    DEEPEST = 16

    def __init__(self, contents: Bytes, place: int):
        self.contents, self.place, self.deep = contents, place, 0

    def struct(self) -> tuple[dict[int, Any], int]:
        """The struct, and where it ends."""
        try:
            return self._struct(), self.place
        except IndexError:
            raise ValueError("its facts end too early") from None

    def _struct(self) -> dict[int, Any]:
        self.deep += 1
        if self.deep > self.DEEPEST:
            raise ValueError("its facts are nested too deeply")
        fields: dict[int, Any] = {}
        field = 0
        while byte := self._byte():
            field = field + (byte >> 4) if byte >> 4 else self._signed()
            kind = byte & 15
            fields[field] = kind == 1 if kind in (1, 2) else self._value(kind)
        self.deep -= 1
        return fields

    def _value(self, kind: int) -> Any:
        match kind:
            case 1 | 2:  # a truth value in a list
                return self._byte() == 1
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._signed()
            case 7:
                return self._bytes(8)
            case 8:
                return self._bytes(self._unsigned())
            case 9 | 10:
                return self._list()
            case 12:
                return self._struct()
            case _:
                raise ValueError(f"its facts hold a value of kind {kind}")

    def _list(self) -> list[Any]:
        byte = self._byte()
        size, kind = byte >> 4, byte & 15
        size = self._unsigned() if size == 15 else size
        if size > len(self.contents):  # each takes a byte at least
            raise ValueError("its facts end too early")
        return [self._value(kind) for _ in range(size)]

    def _byte(self) -> int:
        self.place += 1
        return self.contents[self.place - 1]

    def _bytes(self, n: int) -> bytes:
        self.place += n
        if self.place > len(self.contents):
            raise ValueError("its facts end too early")
        return self.contents[self.place - n : self.place]

    def _unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7
            if shift > 63:
                raise ValueError("its facts hold a number beyond 64 bits")

    def _signed(self) -> int:
        number = self._unsigned()
        return (number >> 1) ^ -(number & 1)
