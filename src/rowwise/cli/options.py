"""What an option may be, as types of click: a number outside its range is refused at the door, as it was typed."""

import math
from typing import Any, NoReturn

import click

from rowwise.errors import BadOption

MOST = 2**31 - 1  # rows, columns and counts are 32 bits wide
LARGEST = 3.4028234663852886e38  # that float32 holds
LETTERS = 60  # of what was typed that are shown


class Whole(click.ParamType):
    """A whole number from `least` to `most`; `usual` is one that the mend names."""

    name = "integer"

    def __init__(self, least: int, usual: int, most: int = MOST):
        self.least, self.usual, self.most = least, usual, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            _refuse(param, value, self)
        return number if self.least <= number <= self.most else _refuse(param, value, self)

    def __str__(self) -> str:
        return f"a whole number from {self.least:,} to {self.most:,}"


class Number(click.ParamType):
    """A finite number from `least` to `most`."""

    name = "float"

    def __init__(self, least: float, usual: float, most: float = LARGEST):
        self.least, self.usual, self.most = least, usual, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            _refuse(param, value, self)
        fits = math.isfinite(number) and self.least <= number <= self.most
        return number if fits else _refuse(param, value, self)

    def __str__(self) -> str:
        return f"a number from {self.least:g} to {self.most:g}"


class Named(click.ParamType):
    """`NAME=VALUE`, as a pair; what the value may be is known when the model is."""

    name = "name=value"
    usual = "hour=12"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):  # click converts twice where an option may be given several times
            return value
        name, _, typed = value.partition("=")
        return (name, typed) if name and typed else _refuse(param, value, self)

    def __str__(self) -> str:
        return "a name and a value"


class Words(click.ParamType):
    """A text, an id or a path: letters that a file in UTF-8 can hold."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise BadOption(
                f"{_called(param)} {value[:LETTERS]}",
                expected="a text in UTF-8, without zeros",
                mend="type it anew, or give the file another name",
            )
        return value


def _called(param: click.Parameter | None) -> str:
    """An option as it is typed, an argument as the help has it."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name if param is not None else "it"


def _refuse(param: click.Parameter | None, value: object, kind: Whole | Number | Named) -> NoReturn:
    typed, usual = str(value), kind.usual
    shown = typed if len(typed) <= LETTERS else f"{typed[:LETTERS]}…"
    raise BadOption(
        f"{_called(param)} {shown}", expected=str(kind), mend=f"{_called(param)} {usual} is usual"
    ) from None
