"""The bytes of a safetensors file in, its arrays out: each is a part of those bytes, nothing is copied.

The library that writes these files copies what it reads from memory, gigabytes of it twice. The format is eight bytes
that say how long a header of JSON is, that header, and the numbers of all arrays. Source: the safetensors format.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from rowwise.narrow import ints_of, is_names
from rowwise.trained.folder import parse_json

LENGTH = 8  # bytes that say how long the header is
TYPES = {"F32": "float32", "I32": "int32", "BOOL": "bool", "F64": "float64", "I64": "int64", "F16": "float16"}
Kind = tuple[tuple[int, ...], str]  # shape and type


def read_arrays(contents: np.ndarray, wanted: Mapping[str, Kind]) -> dict[str, np.ndarray]:
    """The arrays by name, in the order of `wanted`: each of the shape and type there, and no others.

    Raises:
        ValueError: the file holds others, or is no such file.
    """
    size = int.from_bytes(bytes(contents[:LENGTH]), "little")
    if len(contents) < LENGTH or size > len(contents) - LENGTH:
        raise ValueError("tables.safetensors has no header")
    header = parse_json(bytes(contents[LENGTH : LENGTH + size]))
    if not is_names(header):
        raise ValueError("the header of tables.safetensors is no object")
    told = {name: fact for name, fact in header.items() if name != "__metadata__"}
    found = {name: _kind(fact) for name, fact in told.items()}
    for name in {**wanted, **found}:
        if wanted.get(name) != found.get(name):
            raise ValueError(f"the array {name!r} is {_told(found.get(name))}, not {_told(wanted.get(name))}")
    numbers = contents[LENGTH + size :]
    places = {name: _place(fact, wanted[name], len(numbers)) for name, fact in told.items()}
    if any(one[1] > other[0] for one, other in pairwise(sorted(places.values()))):
        raise ValueError("tables.safetensors holds two arrays in one place")
    return {name: _array(numbers[slice(*places[name])], kind) for name, kind in wanted.items()}


def _kind(told: object) -> Kind:
    shape, dtype = (told.get("shape"), str(told.get("dtype"))) if is_names(told) else (None, "")
    sizes = ints_of(shape)
    if sizes is None or min(sizes, default=0) < 0:
        raise ValueError("tables.safetensors holds an array without a shape")
    return tuple(sizes), TYPES.get(dtype, dtype[:40])


def _place(told: Mapping[str, Any], kind: Kind, n_bytes: int) -> tuple[int, int]:
    place = ints_of(told.get("data_offsets"))
    if place is None or len(place) != 2:
        raise ValueError("tables.safetensors holds an array without a place")
    begin, end = place
    if end - begin != prod(kind[0]) * np.dtype(kind[1]).itemsize or not 0 <= begin <= end <= n_bytes:
        raise ValueError("tables.safetensors ends before its arrays do")
    return begin, end


def _array(part: np.ndarray, kind: Kind) -> np.ndarray:
    shape, dtype = kind
    if dtype == "bool" and (part > 1).any():
        raise ValueError("tables.safetensors holds truth values that are neither true nor false")
    aligned = part if part.ctypes.data % np.dtype(dtype).itemsize == 0 else part.copy()
    return aligned.view(dtype).reshape(shape)


def _told(kind: Kind | None) -> str:
    return "missing" if kind is None else f"{kind[1]} of shape {kind[0]}"
