"""HTML made of escaped text: the little that every HTML view shares.

What acts, or is no character, is shown as `rowwise.inert` shows it: the text of a page is the text of a terminal.
"""

from collections.abc import Iterable
from html import escape
from typing import Any

from rowwise import inert


class Html(str):
    """Markup that is safe as it stands; every other text is escaped before it becomes a part of it."""


def tag(name: str, *children: object, **attributes: object) -> Html:
    """`tag("b", "1 < 2", class_="so")` is `<b class="so">1 &lt; 2</b>`; `data_name` becomes `data-name`."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{_escaped(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def _escaped(text: object) -> str:
    return escape(inert.lines(text))


def join(children: Iterable[Any]) -> Html:
    """Parts one after another, text escaped."""
    return Html("".join(child if isinstance(child, Html) else _escaped(child) for child in children))


def table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Html:
    """A table with a heading over each column."""
    head = tag("tr", *(tag("th", heading) for heading in headings))
    body = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag("table", tag("thead", head), tag("tbody", *body))
