"""What several commands do: load a model, read an id as its training data had it, show a table."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rowwise import inert
from rowwise.cli.options import LARGEST
from rowwise.errors import BadOption
from rowwise.screen import pass_on, say

if TYPE_CHECKING:
    import polars as pl

    from rowwise.api.fitted import Fitted
    from rowwise.data.titles import Titles


def loaded(folder: str) -> "Fitted":
    """The model that a folder holds."""
    from rowwise.api.fitted import load

    return load(folder)


def as_id(fitted: "Fitted", column: str, text: str) -> int | str:
    """An id as the training data had it: of a column of whole numbers the number that the text spells."""
    id = fitted.vocabularies[fitted.column_vocabulary[column]].cast([text])[0]
    if id is None:
        spelt = text.strip().lstrip("+0")
        raise BadOption(
            f"{text!r} is no {column}",
            expected="a whole number, as in the training data, which holds no 007 and no 7.0",
            mend=f"did you mean {spelt}?" if spelt.isdecimal() else "check the id",
        )
    return id


def values_by_column(fitted: "Fitted", given: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """What --value gave, by name, as the column holds it: a number, an id, several with commas between, or a text."""
    values: dict[str, Any] = {}
    for name, value in given:
        column = fitted.layout.ids.get(name)
        if column is None:
            values[name] = _number(fitted, name, value)
        elif column.text is not None:
            values[name] = value
        else:
            ids = [as_id(fitted, name, id) for id in (value.split(",") if column.is_list else [value])]
            values[name] = ids if column.is_list else ids[0]
    return values


def _number(fitted: "Fitted", name: str, value: str) -> float | list[float]:
    is_list = fitted.layout.values.get(name) is not None or any(name in c.weights for c in fitted.layout.ids.values())
    try:
        numbers = [float(number) for number in value.split(",")]
    except ValueError:
        numbers = []
    if not all(abs(number) <= LARGEST for number in numbers or [math.nan]) or (len(numbers) > 1 and not is_list):
        raise BadOption(
            f"--value {name}={value}",
            expected="a name and a finite number, or several with commas between where the column holds lists",
            mend=f"--value {name}=12",
        )
    return numbers if is_list else numbers[0]


def titles_of(items: object, column: str) -> Any:
    """The titles in the file of --items, for the ids of a column; None without a file."""
    if items is None:
        return None
    from rowwise.data.titles import Titles

    return Titles.read(items, column)


def with_titles(found: "pl.DataFrame", column: str, titles: "Titles | None") -> "pl.DataFrame":
    """The title of each id in a column of its own, beside the ids."""
    if titles is None:
        return found
    from rowwise.trained.recommend import free_name

    names = titles.of(found[column]).alias(free_name("title", found.columns))
    return found.insert_column(found.columns.index(column) + 1, names)


def show_table(found: "pl.DataFrame", digits: Mapping[str, int]) -> None:
    """A table on the standard output; `digits` says how many a column of numbers shows."""
    from rowwise.views.terminal import show

    show(found, digits=digits)


def echo_json(facts: object) -> None:
    """Facts for a program to read."""
    import json

    from rowwise.views.record import plain

    pass_on(inert.json(json.dumps(plain(facts), ensure_ascii=False, indent=1, default=str)) + "\n")


def say_written(output: str, what: str = "") -> None:
    """Say that a file is written, and not into it, where it is the standard output itself."""
    from rowwise.storage.whole import is_stream

    say(f"wrote {output}{what}", err=is_stream(output))


def text_column(fitted: "Fitted") -> str:
    """The column in which a model reads texts."""
    columns = [name for name, column in fitted.layout.ids.items() if column.text is not None]
    if not columns:
        raise BadOption(
            f"{fitted.name} reads no text",
            expected=f"an example of {', '.join(fitted.layout.columns)}",
            mend="name --user and --item instead",
        )
    return columns[0]


def folder_name(path: str | Path) -> str:
    """A folder as it is shown: with one slash at its end."""
    return f"{str(path).rstrip('/')}/"
