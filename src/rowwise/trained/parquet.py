"""Parquet as bytes in, a frame out: how much it says it holds is compared with its size before any of it is decoded.

A few bytes of Parquet can stand for a billion rows, and what stands at the end of a file need not be true of its pages.
So the headers of all pages are read too.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl

from rowwise.data.files.parquet_pages import footer, pages, whole
from rowwise.errors import BadData, foreign

ROOM = 1 << 28  # bytes that any file may decode to
RATIO = 400  # decoded bytes of one byte of a larger file: 160 were seen, of pairs of every user with every item
WIDE = 8  # bytes of a number, at most
SCHEMA, N_ROWS = 2, 3  # fields of the footer

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
    facts, body = footer(contents)
    n_rows, n_columns = whole(facts, N_ROWS), len(facts.get(SCHEMA) or ()) - 1
    if n_rows * max(n_columns, 1) * WIDE > most:
        raise TooLarge(f"its {len(contents):,} bytes say that they are {n_rows:,} rows")
    unpacked = n_values = 0
    for size, count in pages(contents, facts, body):
        unpacked, n_values = unpacked + size, n_values + count
        if max(unpacked, n_values * WIDE) > most:
            many = max(unpacked, n_values * WIDE)
            raise TooLarge(f"its {len(contents):,} bytes say that they unpack to {many:,} or more")
    return n_rows
