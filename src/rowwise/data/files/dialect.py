"""The first bytes of a text file in, how it is written out: encoding, separator, quotes, header, decimal sign."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

SEPARATORS = ("\t", ";", "::", "|", ",")  # in this order where several would do, and the name does not say
COMMENTS = ("#", "%")
BOMS = (  # UTF-32 first: its mark begins as that of UTF-16 does
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
         "utf-32": "UTF-32", "cp1252": "Windows-1252", "latin-1": "Latin-1"}  # fmt: skip
NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*\Z")
DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]|\s*\Z)")
COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
N_SHOWN = 200  # so many records of the sample are looked at


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is written. Printed, it is what messages say of it: `UTF-8, separator ';'`."""

    separator: str | None = ","  # None: one cell a line
    encoding: str = "utf-8"
    quoted: bool = True  # False: a quote is a letter like any other
    line_end: str = "\n"  # "\n" stands for "\r\n" too
    comment: str | None = None  # what the lines begin with that are no data
    decimal: str = "."
    skipped: int = 0  # blank and comment lines before the first record
    first: tuple[str, ...] = ()  # the cells of the first record
    first_lines: int = 1  # a quoted name may span some
    has_header: bool = True  # False: the first record is an example
    is_regular: bool = True  # False: the first example has fewer cells than the others, or blank lines before it

    def __str__(self) -> str:
        cells = "one cell a line" if self.separator is None else f"separator {self.separator!r}"
        return f"{NAMES.get(self.encoding, self.encoding)}, {cells}"

    @property
    def is_plain(self) -> bool:
        """Whether it can be parsed where it lies, without a copy in UTF-8."""
        in_place = self.encoding in ("utf-8", "utf-8-sig") and self.line_end == "\n" and not self.comment
        return in_place and self.is_regular and len(self.separator or " ") == 1


def detect(
    sample: bytes, *, is_all: bool, usual: str | None = None, separator: str | None = None, encoding: str | None = None
) -> Dialect:
    """How a file is written whose first bytes these are, or all of them; what is given is not looked for.

    The separator is the one by which all records have equally many cells, more than one: the `usual` one of such files
    first. Without any, it is the one by which the most do (a message will point at the others), and a kind of file
    that has no usual one has one cell a line.
    """
    encoding = encoding or encoding_of(sample, is_all=is_all)
    text = sample.decode(encoding, errors="replace").removeprefix("\ufeff")
    line_end = "\n" if "\n" in text or "\r" not in text else "\r"
    lines = text.split(line_end) if is_all or line_end not in text else text.split(line_end)[:-1]
    lines = [line.rstrip("\r") for line in lines]
    skipped, mark = _before_the_first(lines)
    lines = lines[skipped:]
    candidates = [separator] if separator else list(dict.fromkeys([usual or SEPARATORS[0], *SEPARATORS]))
    chosen, quoted = _cut(lines, candidates, usual=separator or usual)
    rows = _shape(lines, chosen, quoted=quoted)
    dialect = Dialect(chosen, encoding, quoted=quoted, line_end=line_end, skipped=skipped)
    if not rows:
        return dialect
    comment = mark or next((c for c in COMMENTS if any(_is_comment(row, c, len(rows[0])) for row in rows)), None)
    rows = [row for row in rows if not (comment and _is_comment(row, comment, len(rows[0])))]
    return replace(
        dialect,
        comment=comment,
        decimal=_decimal(rows, chosen),
        first=tuple(rows[0]),
        first_lines=next(records(lines, quoted=quoted))[1].count("\n") + 1,
        has_header=not _is_example(rows),
    )


def _cut(lines: Sequence[str], candidates: Sequence[str], *, usual: str | None) -> tuple[str | None, bool]:
    """The separator, and whether quotes hold cells together; that they are letters is asked only where they do not."""
    for quoted in (True, False):
        shapes = {c: _shape(lines, c, quoted=quoted) for c in candidates}
        for separator, rows in shapes.items():
            all_in_one = len(rows) == 1 and len(lines) > 2  # a quote that never ends
            if _is_table(rows) and (not all_in_one if quoted else are_letters(rows, separator)):
                return separator, quoted
    if usual is None:
        return _space(lines), True
    shares = {c: _share(_shape(lines, c, quoted=True)) for c in candidates}
    return max(shares, key=shares.__getitem__), True  # the first of equals: the usual one


def encoding_of(sample: bytes, *, is_all: bool) -> str:
    """The encoding that a mark at the beginning says, else UTF-8 where the bytes are valid, else one byte a letter.

    One byte a letter is Windows-1252, which holds Latin-1's letters; Latin-1 where a byte has no letter in it. Beside a
    letter of UTF-8, bytes that are none are damage, not another encoding: UTF-8 stays, and reading fails.
    """
    for mark, name in BOMS:
        if sample.startswith(mark):
            return name
    even, odd = sample[:4000:2].count(0), sample[1:4000:2].count(0)
    if max(even, odd) * 5 > min(len(sample), 4000):  # two in five bytes at least, of one side
        return "utf-16-be" if even > odd else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=is_all)
        return "utf-8"
    except UnicodeDecodeError:
        if MULTIBYTE.search(sample):
            return "utf-8"
    return "latin-1" if re.search(rb"[\x81\x8d\x8f\x90\x9d]", sample) else "cp1252"


def records(lines: Sequence[str], *, quoted: bool) -> Iterator[tuple[int, str]]:
    """Each record and the line, from 1, on which it starts: a quoted cell may span lines."""
    begun, start = "", 0
    for number, line in enumerate(lines, 1):
        start = start or number
        begun = f"{begun}\n{line}" if start != number else line
        if not quoted or begun.count('"') % 2 == 0:
            yield start, begun
            begun, start = "", 0
    if start:
        yield start, begun


def cells_of(record: str, separator: str | None, *, quoted: bool = True) -> list[str]:
    """The cells of one record, without the quotes around them."""
    if separator is None:
        return [record]
    if not quoted or '"' not in record:
        return record.split(separator)
    cell = rf'(?:"((?:[^"]|"")*)"|(.*?))(?:{re.escape(separator)}|\Z)'
    found: list[str] = []
    at = 0
    while match := re.compile(cell, re.DOTALL).match(record, at):
        found.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        at = match.end()
        if at == len(record):
            return [*found, ""] if match[0].endswith(separator) else found
    return record.split(separator)  # letters after a closing quote


def is_blank(record: str, separator: str | None) -> bool:
    return not record.replace(separator or "\n", "").strip()


def _before_the_first(lines: Sequence[str]) -> tuple[int, str | None]:
    """How many lines stand before the first record, and how those begin that are comments."""
    mark = None
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith(COMMENTS):
            return number, mark
        if line.strip():
            mark = line[0]
    return len(lines), mark


def _shape(lines: Sequence[str], separator: str | None, *, quoted: bool) -> list[list[str]]:
    rows: list[list[str]] = []
    for _, record in records(lines, quoted=quoted):
        if not is_blank(record, separator):
            rows.append(cells_of(record, separator, quoted=quoted))
        if len(rows) == N_SHOWN:
            break
    return rows


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether all records have as many cells as the first, comments aside, and those are several."""
    return bool(rows) and len(rows[0]) > 1 and all(
        len(row) == len(rows[0]) or row[0].startswith(COMMENTS) for row in rows
    )  # fmt: skip


def _share(rows: Sequence[Sequence[str]]) -> float:
    """How many of the records have as many cells as the first, where those are several."""
    return sum(len(row) == len(rows[0]) for row in rows) / len(rows) if rows and len(rows[0]) > 1 else 0.0


def are_letters(rows: Iterable[Sequence[str]], separator: str | None) -> bool:
    """Whether quotes are letters: no cell stands in quotes, and one has a quote inside, or commas part nothing here.

    Between commas a quote that begins a cell and ends nowhere is damage: the file is cut.
    """
    some = separator != ","
    for row in rows:
        if any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in row):
            return False
        some = some or any('"' in cell[1:] for cell in row)
    return some


def _is_comment(row: Sequence[str], mark: str, width: int) -> bool:
    """A line with as many cells as the others is an example, whatever its first letter is."""
    return row[0].startswith(mark) and len(row) != width


def _space(lines: Sequence[str]) -> str | None:
    """A space parts cells only where every line after the first has the same number of them, all numbers."""
    rows = [line.split(" ") for line in lines[:N_SHOWN] if line.strip()]
    numbers = all(NUMBER.fullmatch(cell) for row in rows[1:] or rows for cell in row)
    return " " if numbers and _is_table(rows) else None


def _decimal(rows: Sequence[Sequence[str]], separator: str | None) -> str:
    """A comma where `;` parts the cells; elsewhere only one before other than three digits is no thousand."""
    commas = [cell for row in rows for cell in row if COMMA_NUMBER.fullmatch(cell.strip())]
    if separator == "," or not commas:
        return "."
    return "," if separator == ";" or any(len(cell.strip().partition(",")[2]) != 3 for cell in commas) else "."


def _is_example(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record is one like the others: a number above numbers, a date above dates, a cell again."""
    for k, cell in enumerate(rows[0]):
        below = [row[k] for row in rows[1:] if k < len(row) and row[k].strip()]
        if cell in below or any(kind.match(cell) and all(map(kind.match, below)) for kind in (NUMBER, DATE)):
            return True
    return False
