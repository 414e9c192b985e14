"""What somebody calls a file in (a path, an address, a glob, a folder, several of them, `-`), its cells out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

from rowwise.data.files.content import STANDARD_INPUT, Content, content_of
from rowwise.data.files.database import is_database, needs_a_query
from rowwise.data.files.delimited import Delimited
from rowwise.data.files.file import File
from rowwise.data.files.formats import ENDINGS, Format, ending_seen, format_of, format_seen
from rowwise.data.files.many import open_parts, parts_of
from rowwise.data.files.unpack import UNPACKED
from rowwise.data.opened import Columns, Opened
from rowwise.errors import BadData, BadOption, foreign
from rowwise.narrow import is_list
from rowwise.storage.address import OTHER, address_of

Files = str | Path | File | Sequence[str | Path | File]


def are_files(source: object) -> TypeGuard[Files]:
    """Whether a source is a path, or some: of a list of texts, each has to end as the name of a file does."""
    if is_list(source):
        return bool(source) and all(
            isinstance(each, Path | File) or (isinstance(each, str) and _looks_like_a_file(each)) for each in source
        )
    return isinstance(source, str | Path | File)


def open_files(source: Files, columns: Columns) -> Opened:
    """The cells of a file, or of many one after the other.

    Raises:
        BadData: there is no such file, it is empty or unreadable, or it lacks one of the columns.
    """
    given = [source] if isinstance(source, str | Path | File) else source
    files = [each if isinstance(each, File) else File(each) for each in given]
    for file in files:
        if is_database(file.path):
            raise needs_a_query(str(file.path))
    parts = [part for file in files for part in parts_of(file, can_be_read=_can_be_read)]
    if len(parts) == 1 and not parts[0].keys:
        return _open_file(parts[0].file, columns)
    name = str(files[0].path) if len(files) == 1 else f"{len(files)} files"
    return open_parts(name, parts, columns, _open_file)


def _open_file(file: File, columns: Columns) -> Opened:
    _refuse_other_schemes(str(file.path))
    name = Path(str(file.path)).name or str(file.path)
    mend = "write the file anew, or in another format: .csv, .parquet"
    with foreign(BadData, f"{name} cannot be read", expected="what its name says it is", mend=mend):
        _check_name(file)
        content = content_of(file.path, can_be_read=_can_be_read)
        return _format(content, file).read(content, file, columns)


def _check_name(file: File) -> None:
    """Refuse a name that says nothing, of a file that is there: one that is missing is told as missing."""
    path = Path(file.path)
    is_zip = path.suffix.lower() == ".zip"
    if not path.is_file() or is_zip or format_of(path.name) is not None or file.told:
        return
    raise BadData(
        f"{path.name} is in no format known here",
        expected=f"a file that ends in {', '.join(ENDINGS)}, or in one of those and {', '.join((*UNPACKED, '.zip'))}",
        mend="save it as .xlsx or .csv"
        if path.suffix.lower() in (".xls", ".ods")
        else f"rename or convert it, or tell how text is written: rw.File({path.name!r}, separator=',')",
    )


def _format(content: Content, file: File) -> Format:
    """The format that the name says, and that the first bytes do not deny."""
    head, _ = content.head()
    format = format_of(content.kind) or format_seen(head)
    if (ending := ending_seen(head, format)) is not None:
        raise BadData(
            f"{content.name} is no {format.title}: its first bytes are those of {ending}",
            expected="what its name says it is",
            mend=f"rename it: {content.kind if ending in UNPACKED else Path(content.kind).stem}{ending}",
        )
    if file.told and not isinstance(format, Delimited):
        raise BadOption(
            f"{file.told[0]}= for {content.name}, which is {format.title}",
            expected="a file of text",
            mend=f"leave {file.told[0]}= out",
        )
    return format


def _refuse_other_schemes(path: str) -> None:
    if OTHER.match(path) and address_of(path) is None:
        raise BadData(
            f"nothing here reads {path.partition(':')[0]}://",
            expected="a path, or an address that begins with s3://, gs://, az:// or https://",
            mend="copy it here first",
        )


def _can_be_read(name: str) -> bool:
    return format_of(name) is not None


def _looks_like_a_file(text: str) -> bool:
    return text == STANDARD_INPUT or (
        "\n" not in text and (_can_be_read(Path(text).name) or text.lower().endswith(".zip"))
    )
