"""A path and what its bytes do not say: a file that is read as it is told."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rowwise.errors import BadOption
from rowwise.options import flag, names_of_columns, place, text


@dataclass(frozen=True, slots=True)
class File:
    """A file of text whose dialect is told where it cannot be seen. Without anything told, a path says as much.

    Args:
        path: a path, an address, `-` for the standard input.
        header: whether the first line holds names; by default that is found out, and told where it cannot be.
        columns: the names of the columns, in place of a header, or of the header's: a list, or "user,item,rating".
        separator: what parts the cells: ",", ";", "\\t", "|", "::", …
        encoding: a name that Python knows, such as "latin-1"; by default that is found out.
    """

    path: str | Path
    header: bool | None = None
    columns: Sequence[str] | str = ()
    separator: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        place("path", self.path)
        if self.header is not None:
            flag("header", self.header)
        if not isinstance(self.columns, str):
            names_of_columns("columns", self.columns)
        for name in ("separator", "encoding"):
            if getattr(self, name) is not None:
                text(name, getattr(self, name), mend="leave it out: it is then found out")
        names = self.names
        twice = [name for k, name in enumerate(names) if name in names[:k]]
        if twice:
            raise BadOption(f"columns= names {twice[0]!r} twice", expected="different names", mend="rename one of them")
        if self.separator is not None and (not self.separator or set(self.separator) & set('"\r\n')):
            raise BadOption(
                f"separator={self.separator!r}",
                expected="a letter or a few, no quote and no line end",
                mend="separator=';'",
            )
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise BadOption(
                    f"encoding={self.encoding!r}", expected="an encoding that Python knows", mend="encoding='latin-1'"
                ) from None

    @property
    def names(self) -> list[str]:
        """The names of the columns that are told."""
        listed = self.columns.split(",") if isinstance(self.columns, str) else self.columns
        return [name.strip() for name in listed] if len(self.columns) else []

    @property
    def told(self) -> list[str]:
        """The names of what is told."""
        given = {"header": self.header is not None, "columns": len(self.columns) > 0,
                 "separator": self.separator is not None, "encoding": self.encoding is not None}  # fmt: skip
        return [name for name, is_given in given.items() if is_given]
