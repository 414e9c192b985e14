"""HTML made of escaped text: the little that every HTML view shares."""

from collections.abc import Iterable
from html import escape
from typing import Any


class Html(str):
    """Markup that is safe as it stands; every other text is escaped before it becomes a part of it."""


def tag(name: str, *children: Any, **attributes: Any) -> Html:
    """`tag("b", "1 < 2", class_="so")` is `<b class="so">1 &lt; 2</b>`; `data_name` becomes `data-name`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Any]) -> Html:
    """Parts one after another, text escaped."""
    return Html("".join(child if isinstance(child, Html) else escape(str(child)) for child in children))


def table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Html:
    """A table with a heading over each column."""
    head = tag("tr", *(tag("th", heading) for heading in headings))
    body = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag("table", tag("thead", head), tag("tbody", *body))
