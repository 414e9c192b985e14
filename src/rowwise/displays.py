"""How a record shows itself to a person. The views stand above the records, and tell here what they make of each kind:

@html.register
def program_card(program: Program) -> Html: ...
"""

from functools import singledispatch


@singledispatch
def text(record: object) -> str:
    """A record as `print` shows it."""
    return object.__repr__(record)


@singledispatch
def html(record: object) -> str | None:
    """A record as a notebook shows it; None where no view is told of: a notebook then prints it."""
    return None
