"""Parquet as bytes in, a frame out: how much it says it holds is compared with its size before any of it is decoded.

A few bytes of Parquet can stand for a billion rows, and what stands at the end of a file need not be true of its pages.
So the headers of all pages are read too: a small reader of Thrift's compact protocol, in which they are written.
Source: the Apache Parquet format and the Thrift compact protocol specification.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl

from rowwise.errors import BadData, foreign
from rowwise.narrow import is_mapping

ROOM = 1 << 28  # bytes that any file may decode to
RATIO = 400  # decoded bytes of one byte of a larger file: 160 were seen, of pairs of every user with every item
MAGIC = b"PAR1"
WIDE = 8  # bytes of a number, at most
SCHEMA, N_ROWS, GROUPS = 2, 3, 4  # fields of the footer
COLUMNS, META = 1, 3  # of a group of rows, of a column there
N_VALUES, PACKED, FIRST_PAGE, DICTIONARY = 5, 7, 9, 11  # of a column's facts
UNPACKED_PAGE, PACKED_PAGE, DATA, DICTIONARY_PAGE, DATA_2 = 2, 3, 5, 7, 8  # of the header of a page

Schema = Mapping[str, tuple[Any, ...]]  # the types that each column may have


class TooLarge(ValueError):
    """The file decodes to more than its size allows."""


def read_parquet(contents: bytes | np.ndarray, schemas: Sequence[Schema]) -> tuple[pl.DataFrame, Mapping[str, str]]:
    """The frame, whose columns are those of one of the `schemas`, and the metadata of the file.

    Raises:
        TooLarge: it decodes to more than its size allows.
        ValueError: it is no Parquet, or holds other columns.
    """
    contents = bytes(contents)
    n_rows = check_size(contents)
    with foreign(BadData, "it cannot be read"):
        there = pl.read_parquet_schema(BytesIO(contents))
        metadata = pl.read_parquet_metadata(BytesIO(contents))
    if not any(_fits(there, schema) for schema in schemas):
        raise ValueError(f"it holds {', '.join(f'{name} ({kind})' for name, kind in there.items())}"[:300])
    with foreign(BadData, "it cannot be read"):
        frame = pl.read_parquet(BytesIO(contents), use_statistics=False)
    if frame.height != n_rows:
        raise ValueError(f"it says {n_rows} rows and holds {frame.height}")
    return frame, metadata


def _fits(there: Mapping[str, Any], schema: Schema) -> bool:
    return there.keys() == schema.keys() and all(there[name] in kinds for name, kinds in schema.items())


def check_size(contents: bytes) -> int:
    """How many rows a file of Parquet holds, if all of it decodes to no more than its size allows.

    Raises:
        TooLarge, ValueError: as `read_parquet`.
    """
    most = ROOM + RATIO * len(contents)
    footer, body = _footer(contents)
    n_rows, n_columns = _whole(footer, N_ROWS), len(footer.get(SCHEMA) or ()) - 1
    if n_rows * max(n_columns, 1) * WIDE > most:
        raise TooLarge(f"its {len(contents):,} bytes say that they are {n_rows:,} rows")
    unpacked = n_values = 0
    for group in footer.get(GROUPS) or ():
        for column in group.get(COLUMNS) or ():
            facts: dict[int, Any] = column.get(META) or {}
            starts: list[int] = [facts[field] for field in (FIRST_PAGE, DICTIONARY) if type(facts.get(field)) is int]
            place, end = min(starts, default=-1), min(starts, default=-1) + _whole(facts, PACKED)
            if not 0 <= place <= end <= body:
                raise ValueError("a column lies outside of the file")
            while place < end:
                header, place = _Reader(contents, place).struct()
                unpacked += _whole(header, UNPACKED_PAGE)
                n_values += max(_whole(header.get(kind) or {1: 0}, 1) for kind in (DATA, DATA_2, DICTIONARY_PAGE))
                place += _whole(header, PACKED_PAGE)
                if max(unpacked, n_values * WIDE) > most:
                    many = max(unpacked, n_values * WIDE)
                    raise TooLarge(f"its {len(contents):,} bytes say that they unpack to {many:,} or more")
    return n_rows


def _footer(contents: bytes) -> tuple[dict[int, Any], int]:
    """The facts at the end of the file, and where they begin."""
    size = int.from_bytes(contents[-8:-4], "little")
    begin = len(contents) - 8 - size
    if contents[:4] != MAGIC or contents[-4:] != MAGIC or begin < 4:
        raise ValueError("it is no Parquet")
    return _Reader(contents, begin).struct()[0], begin


def _whole(facts: object, field: int) -> int:
    number = facts.get(field) if is_mapping(facts) else None
    if type(number) is not int or number < 0:
        raise ValueError("it is no Parquet that Rowwise wrote")
    return number


class _Reader:
    """Thrift's compact protocol from a place on: structs as dicts of their fields by number."""

    DEEPEST = 16

    def __init__(self, contents: bytes, place: int):
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
