"""A file of cells between separators in, its cells as text out; and a frame as such a file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import islice

import polars as pl

from rowwise.data.files.content import Content, empty
from rowwise.data.files.dialect import Dialect, are_letters, cells_of, detect, encoding_of, is_blank, records
from rowwise.data.files.file import File
from rowwise.data.files.known import known_columns
from rowwise.data.named import named
from rowwise.data.opened import Columns, Opened, chosen, distinct
from rowwise.errors import BadData

UNUSED = "\x1f\x1e\x1d\x1c\x01\x02\x03"  # control characters: a separator of several letters becomes one of them
FEW = 8  # so many cells a message shows
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
        if not is_all and b"\n" not in sample and b"\r" not in sample:  # a header of 100,000 names
            sample, is_all = content.bytes(), True
        usual = self.separator
        dialect = detect(sample, is_all=is_all, usual=usual, separator=file.separator, encoding=file.encoding)
        if not dialect.first:
            raise empty(content.name)
        names = _names(content, dialect, file)
        has_header = dialect.has_header if file.header is None else file.header
        wanted = chosen(columns, names, name=content.name)
        parse = partial(_parsed, content, names=distinct(names), wanted=wanted, has_header=has_header)
        while True:
            try:
                frame = parse(dialect)
                break
            except pl.exceptions.PolarsError as error:
                again = _second_look(content.bytes(), dialect, told=file.encoding is not None)
                if again is None:
                    raise (_fault(content, dialect, names) or error) from None
                dialect = again
        return Opened(content.name, frame, True, partial(_line_of, content, dialect, has_header))

    def write(self, frame: pl.DataFrame, file: BytesIO) -> None:
        frame.write_csv(file, separator=str(self.separator))


def _names(content: Content, dialect: Dialect, file: File) -> list[str]:
    """The names of the columns: those told, those known, or the header's."""
    first = list(dialect.first)
    shown = ", ".join(map(repr, first[:FEW]))
    if names := file.names:
        if len(names) != len(first):
            raise BadData(
                f"{content.name} has {len(first)} columns ({dialect}): {shown}",
                expected=f"as many names as columns, not {len(names)}",
                mend=f"rw.File({content.name!r}, columns='{_likely_names(len(first))}')",
            )
        return names
    if file.header is False:
        return [f"column_{k + 1}" for k in range(len(first))]
    if file.header or dialect.has_header:
        return first
    if known := known_columns(content.kind, width=len(first)):
        return list(known)
    raise BadData(
        f"{content.name} has no header: its first line is {shown} ({dialect})",
        expected="the names of the columns in the first line",
        mend=f"name them: rw.File({content.name!r}, columns='{_likely_names(len(first))}')",
    )


def _likely_names(n: int) -> str:
    return ",".join([*("user", "item", "rating", "time")[:n], *(f"column_{k}" for k in range(5, n + 1))])


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
    frame = frame.select(named(wanted))
    if dialect.decimal == ",":
        comma = r"^\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*$"
        cell = pl.all()
        frame = frame.with_columns(pl.when(cell.str.contains(comma)).then(cell.str.replace(",", ".")).otherwise(cell))
    return frame


def _recoded(data: bytes, dialect: Dialect, *, has_header: bool) -> tuple[BytesIO, str | None]:
    """The examples alone in UTF-8, no header and no comments, below a blank row that says how many cells there are."""
    examples = islice(_records(data.decode(dialect.encoding), dialect), int(has_header), None)
    separator = dialect.separator
    blank = (separator or "") * (len(dialect.first) - 1)
    kept = "\n".join([blank, *(record for _, record in examples)])
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
    return replace(dialect, is_regular=False) if dialect.is_plain and NOT_A_LETTER not in text else None


def _quotes_are_letters(text: str, dialect: Dialect) -> bool:
    """Whether they are, and all records have equally many cells that way."""
    separator, width = dialect.separator, len(dialect.first)
    rows = [cells_of(record, separator, quoted=False) for _, record in _records(text, replace(dialect, quoted=False))]
    return all(len(row) == width for row in rows) and are_letters(rows, separator)


def _fault(content: Content, dialect: Dialect, names: list[str]) -> BadData | None:
    """The first line that cannot be read: no letters of the encoding, or too many cells; None if there is none."""
    text = content.bytes().decode(dialect.encoding, errors="replace")
    for line, letters in enumerate(text.split(dialect.line_end), 1):
        if NOT_A_LETTER in letters:
            return BadData(
                f"{content.name}, line {line} is not UTF-8, and other lines are",
                expected="text in one encoding",
                mend=f"correct the line, or tell the encoding: rw.File({content.name!r}, encoding='latin-1')",
            )
    for line, record in _records(text, dialect):
        cells = cells_of(record, dialect.separator, quoted=dialect.quoted)
        if len(cells) > len(names):
            return BadData(
                f"{content.name}, line {line} has {len(cells)} cells ({dialect})",
                expected=f"{len(names)} cells, as in the header: {', '.join(names[:20])}",
                mend="put quotes around a cell that holds the separator, "
                f"or tell another: rw.File({content.name!r}, separator=';')",
            )
    return None
