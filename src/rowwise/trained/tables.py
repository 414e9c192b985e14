"""A trained model and the name of a table in, its ids and numbers as a frame out."""

from difflib import get_close_matches

import polars as pl

from rowwise.errors import BadOption
from rowwise.narrow import is_a
from rowwise.trained.trained import Trained


def table(trained: Trained, name: str) -> pl.DataFrame:
    """A table as a frame: its ids (null is the unknown row) and its numbers, one column a factor.

    Raises:
        BadOption: there is no such table.
    """
    tables = trained.parameters.tables
    if not is_a(name, str) or name not in tables:
        near = get_close_matches(str(name), list(tables), n=1) or list(tables)
        raise BadOption(
            f"{trained.name} has no table {name!r}", expected=f"one of {', '.join(tables)}", mend=f"table({near[0]!r})"
        )
    values = tables[name]
    column = next((i.column for i in trained.program.lookups if i.table == name), None)
    if column is None:
        return pl.DataFrame({name: values.ravel()})
    flat = values.reshape(len(values), -1)
    width = flat.shape[1]
    names = [name] if values.ndim == 1 else [f"{name}_{k + 1}" for k in range(width)]
    names = [f"{n}_row" if n == column else n for n in names]  # an argument may be called as its column
    vocabulary = trained.vocabularies[trained.column_vocabulary[column]]
    return pl.DataFrame([vocabulary.ids.alias(column), *(pl.Series(c, flat[:, k]) for k, c in enumerate(names))])
