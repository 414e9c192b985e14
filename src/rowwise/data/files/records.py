"""A file of JSON objects in, its cells out: numbers as they are written, text as text; and a frame as such a file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

import polars as pl

from rowwise.data.files.content import Content
from rowwise.data.files.dialect import encoding_of
from rowwise.data.files.file import File
from rowwise.data.opened import Columns, Opened, chosen, row_from_0
from rowwise.errors import BadData
from rowwise.narrow import is_list, is_names


class Number(str):
    """A number as the file writes it: 12345678901234567890 and 1.10 lose nothing."""

    __slots__ = ()


Convert = Callable[[Number], object]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):  # Python, and others, would keep the last
        names = [name for name, _ in pairs]
        raise json.JSONDecodeError(f"two values for {next(n for n in found if names.count(n) > 1)!r}", "", 0)
    return found


DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number, object_pairs_hook=_object)


@dataclass(frozen=True, slots=True)
class Records:
    """JSON: an object a line, or an array of objects."""

    endings: tuple[str, ...]
    a_line: bool
    writes = True
    title = "JSON"

    def read(self, content: Content, file: File, columns: Columns) -> Opened:
        data = content.bytes()
        text = data.decode(encoding_of(data, is_all=True)).removeprefix("\ufeff")
        objects, lines = self._objects(content.name, text)
        names = list(dict.fromkeys(name for one in objects for name in one))
        wanted = chosen(columns, names, name=content.name)
        frame = pl.DataFrame({name: _column([one.get(name) for one in objects]) for name in wanted})
        where = partial(_line, lines) if self.a_line else row_from_0
        return Opened(content.name, frame, True, where)

    def _objects(self, name: str, text: str) -> tuple[list[Mapping[str, object]], list[int]]:
        """The objects, and the line of each."""
        objects: list[Mapping[str, object]] = []
        if self.a_line:
            found = [(_decoded(name, line, n), n) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        else:
            whole: object = _decoded(name, text, 1)
            found = [(one, 1) for one in (whole if is_list(whole) else [whole])]
        for k, (one, line) in enumerate(found):
            if not is_names(one):
                raise BadData(
                    f"{name}, {f'line {line}' if self.a_line else f'row {k}'} holds {type(one).__name__}, no object",
                    expected='objects: {"user": 1, "item": 10, "rating": 4.5}',
                    mend="give each value the name of its column",
                )
            objects.append(one)
        return objects, [line for _, line in found]

    def write(self, frame: pl.DataFrame, file: BytesIO) -> None:
        text = frame.write_ndjson() if self.a_line else frame.write_json()
        file.write(text.encode())


def _decoded(name: str, text: str, line: int) -> object:
    try:
        return DECODER.decode(text.strip())
    except (json.JSONDecodeError, RecursionError) as error:
        at = line + getattr(error, "lineno", 1) - 1
        raise BadData(
            f"{name} cannot be read, line {at} ({getattr(error, 'msg', 'too many brackets')})",
            expected="an object a line (.ndjson, .jsonl), or an array of objects (.json)",
            mend="check how the file was made",
        ) from None


def _line(lines: list[int], row: int) -> str:
    return f"line {lines[row]}"


def _column(values: list[object]) -> pl.Series:
    """Cells as text; lists as lists of whole numbers, of numbers or of text, whichever all of them are."""
    present = [value for value in values if value is not None]
    if not any(isinstance(value, list) for value in present):
        return pl.Series([None if value is None else _text(value) for value in values], dtype=pl.String)
    lists = [value if is_list(value) else None if value is None else [value] for value in values]
    inside = [each for one in lists for each in one or ()]
    convert = next(c for c in (_whole, float, _text) if _can(c, inside))
    return pl.Series([one and [_or_none(convert, each) for each in one] for one in lists], strict=True)


def _text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def _whole(value: str) -> int:
    number = int(value)
    if str(number) != value or not -(2**63) <= number < 2**63:
        raise ValueError(value)
    return number


def _can(convert: Convert, values: list[object]) -> bool:
    if convert is _text:
        return True
    return all(value is None or (isinstance(value, Number) and _does(convert, value)) for value in values)


def _does(convert: Convert, value: Number) -> bool:
    try:
        convert(value)
    except ValueError:
        return False
    return True


def _or_none(convert: Convert, value: Any) -> object:
    return None if value is None else convert(value)
