"""A file of cells between separators in, its cells as text out; and a frame as such a file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import islice

import polars as pl

from rowwise.data.files.content import Content, empty
from rowwise.data.files.dialect import Dialect, cells_of, detect, encoding_of, is_blank, is_quoted, records
from rowwise.data.files.file import File
from rowwise.data.files.known import known_columns
from rowwise.data.opened import Columns, Opened, chosen
from rowwise.errors import BadData

UNUSED = "\x1f\x1e\x1d\x1c\x01\x02\x03"  # control characters: a separator of several letters becomes one of them
NOT_A_LETTER = "\ufffd"  # what Python shows instead of a byte that is no letter of the encoding


@dataclass(frozen=True, slots=True)
class Delimited:
    """Text, a record a line. `separator` is the usual one of files with these endings; None: there is none."""

    endings: tuple[str, ...]
    separator: str | None
    title = "text"

    @property
    def writes(self) -> bool:
        return self.separator is not None and len(self.separator) == 1

    def read(self, content: Content, file: File, columns: Columns) -> Opened:
        sample, is_all = content.head()
        usual = self.separator
        dialect = detect(sample, is_all=is_all, usual=usual, separator=file.separator, encoding=file.encoding)
        if not dialect.first:
            raise empty(content.name)
        names = _names(content, dialect, file)
        has_header = dialect.has_header if file.header is None else file.header
        wanted = _wanted(columns, names, source=content.name)
        parse = partial(_parsed, content, names=_numbered(names), wanted=wanted, has_header=has_header)
        try:
            frame = parse(dialect)
        except pl.exceptions.PolarsError as error:
            again = _second_look(content.bytes(), dialect, told=file.encoding is not None)
            if again is None:
                raise (_fault(content, dialect, names) or error) from None
            dialect, frame = again, parse(again)
        return Opened(content.name, frame, True, partial(_line_of, content, dialect, has_header))

    def write(self, frame: pl.DataFrame, file: BytesIO) -> None:
        frame.write_csv(file, separator=str(self.separator))


def _names(content: Content, dialect: Dialect, file: File) -> list[str]:
    """The names of the columns: those told, those known, or the header's."""
    first = list(dialect.first)
    if file.columns:
        if len(file.columns) != len(first):
            raise BadData(
                f"{content.name} has {len(first)} columns ({dialect}), columns= names {len(file.columns)}",
                expected=f"a name for each of {', '.join(map(repr, first[:8]))}",
                mend="name as many, or give the separator",
            )
        return list(file.columns)
    if file.header is False:
        return [f"column_{k + 1}" for k in range(len(first))]
    if file.header or dialect.has_header:
        return first
    if known := known_columns(content.kind, width=len(first)):
        return list(known)
    names = ["user", "item", "rating", "time"][: len(first)] + [f"column_{k}" for k in range(5, len(first) + 1)]
    raise BadData(
        f"{content.name} has no header: its first line is {', '.join(map(repr, first[:8]))} ({dialect})",
        expected="the names of the columns in the first line",
        mend=f"tell them: --no-header --columns {','.join(names[:8])}, "
        f"or rw.File({content.name!r}, header=False, columns={names[:8]})",
    )


def _wanted(columns: Columns, names: list[str], *, source: str) -> list[str]:
    """The columns that are wanted, none of them there twice: that is only refused where somebody asks for it."""
    wanted = chosen(columns, _numbered(names), name=source)
    if len(set(names)) < len(names):
        for column in wanted if columns is not None else ():
            if names.count(column) > 1:
                raise BadData(
                    f"{source}, line 1: column {column!r} is there twice",
                    expected="a header of different names",
                    mend="rename one of them",
                )
    return wanted


def _numbered(names: list[str]) -> list[str]:
    """The names, those that were there before with their place behind them."""
    seen: set[str] = set()
    return [f"{name}_{k + 1}" if name in seen or seen.add(name) else name for k, name in enumerate(names)]


def _parsed(
    content: Content, dialect: Dialect, *, names: list[str], wanted: list[str], has_header: bool
) -> pl.DataFrame:
    where, separator = content.for_polars(), dialect.separator
    skipped = dialect.skipped + (dialect.first_lines if has_header else 0)
    if not dialect.is_plain:
        (where, separator), skipped = _recoded(content.bytes(), dialect, has_header=has_header), 0
    frame = pl.scan_csv(
        where,
        separator=separator or UNUSED[0],
        quote_char='"' if dialect.quoted else None,
        has_header=False,
        skip_lines=skipped,
        schema=dict.fromkeys(names, pl.String),
        glob=False,
    ).collect()  # all columns: Polars does not see that a line has too many cells if it looks at some of them only
    blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series() if names else None
    if blank is not None and blank.any():
        frame = frame.filter(~blank)  # a line with nothing in it, or nothing but separators, is no row
    frame = frame.select(wanted)
    if dialect.decimal == ",":
        comma = r"^\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*$"
        cell = pl.all()
        frame = frame.with_columns(pl.when(cell.str.contains(comma)).then(cell.str.replace(",", ".")).otherwise(cell))
    return frame


def _recoded(data: bytes, dialect: Dialect, *, has_header: bool) -> tuple[BytesIO, str | None]:
    """The examples alone in UTF-8: no header, and no comments."""
    examples = islice(_records(data.decode(dialect.encoding), dialect), int(has_header), None)
    kept = "\n".join(record for _, record in examples)
    separator = dialect.separator
    if separator is not None and len(separator) > 1:
        free = next(letter for letter in UNUSED if letter not in kept)
        kept, separator = kept.replace(separator, free), free
    return BytesIO(f"{kept}\n".encode()), separator


def _records(text: str, dialect: Dialect) -> Iterator[tuple[int, str]]:
    """Each record that is data, the header first where there is one, and the line it starts on."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split(dialect.line_end)]
    for line, record in records(lines[dialect.skipped :], quoted=dialect.quoted):
        is_comment = (
            dialect.comment is not None
            and record.startswith(dialect.comment)
            and len(cells_of(record, dialect.separator, quoted=dialect.quoted)) != len(dialect.first)
        )
        if not is_comment and not is_blank(record, dialect.separator):
            yield line + dialect.skipped, record


def _line_of(content: Content, dialect: Dialect, has_header: bool, row: int) -> str:
    text = content.bytes().decode(dialect.encoding, errors="replace")
    at = row + has_header
    return f"line {next(line for k, (line, _) in enumerate(_records(text, dialect)) if k == at)}"


def _second_look(data: bytes, dialect: Dialect, *, told: bool) -> Dialect | None:
    """How the file may be written after all, which its first bytes did not show: None if that is all."""
    encoding = dialect.encoding if told else encoding_of(data, is_all=True)
    if encoding != dialect.encoding:
        return replace(dialect, encoding=encoding)
    text = data.decode(dialect.encoding, errors="replace")
    if dialect.quoted and NOT_A_LETTER not in text and _quotes_are_letters(text, dialect):
        return replace(dialect, quoted=False)
    return None


def _quotes_are_letters(text: str, dialect: Dialect) -> bool:
    """Whether no cell stands in quotes, one has a quote inside, and all records have equally many cells that way."""
    inside = False
    for _, record in _records(text, replace(dialect, quoted=False)):
        cells = cells_of(record, dialect.separator, quoted=False)
        if len(cells) != len(dialect.first) or any(map(is_quoted, cells)):
            return False
        inside = inside or any('"' in cell[1:] for cell in cells) or (dialect.separator != "," and '"' in record)
    return inside


def _fault(content: Content, dialect: Dialect, names: list[str]) -> BadData | None:
    """The first line that cannot be read: no letters of the encoding, or too many cells; None if there is none."""
    text = content.bytes().decode(dialect.encoding, errors="replace")
    for line, letters in enumerate(text.split(dialect.line_end), 1):
        if NOT_A_LETTER in letters:
            return BadData(
                f"{content.name}, line {line} is not UTF-8, and other lines are",
                expected="text in one encoding",
                mend="correct the line, or tell the encoding: --encoding latin-1, "
                f"or rw.File({content.name!r}, encoding='latin-1')",
            )
    for line, record in _records(text, dialect):
        cells = cells_of(record, dialect.separator, quoted=dialect.quoted)
        if len(cells) > len(names):
            return BadData(
                f"{content.name}, line {line} has {len(cells)} cells ({dialect})",
                expected=f"{len(names)} cells, as in the header: {', '.join(names[:20])}",
                mend="put quotes around a cell that holds the separator, or tell another one: --separator",
            )
    return None
