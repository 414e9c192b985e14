"""A program that reads histories in, the same program that reads bags of single numbers out, with what these hold.

Row j and place i of a table of n places are its number j·n + i, so the numbers that the items of a history have in the
place of one item are rows of one number each: a bag, which every engine can read. No engine knows of histories.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.program.inputs import BagLookup, HistoryLookup, Input
from rowwise.program.program import Program

WORTH = "worth"  # what each item of a history counts for
TOGETHER = 1 << 22  # items of histories that are read at once: about 150 MB


def with_bags(
    program: Program, tables: Mapping[str, np.ndarray], examples: Examples, histories: Ragged | None
) -> tuple[Program, Mapping[str, np.ndarray], Examples]:
    """The three as engines read them; as they are where the program reads no histories.

    `histories` are rows of items by row of user. The numbers of a table are not copied.
    """
    found = program.inputs_of(HistoryLookup)
    if not found:
        return program, tables, examples
    assert histories is not None  # a model that reads them is made and loaded with them
    rows = dict(examples.rows)
    for i in found:
        rows[bag_of(i).column] = numbers_of(i, histories, np.asarray(rows[i.of]), np.asarray(rows[i.column]))
    flat = {i.table: tables[i.table].reshape(-1) for i in found}
    return reading_bags(program), {**tables, **flat}, replace(examples, rows=rows)


def parts(program: Program, examples: Examples, histories: Ragged | None) -> list[Examples]:
    """The examples, in parts of which the histories are no longer together than memory is to hold."""
    found = program.inputs_of(HistoryLookup)
    if not found or histories is None:
        return [examples]
    read = np.cumsum(sum(histories.lengths[np.asarray(examples.rows[i.of])] for i in found))
    cuts = np.unique(np.searchsorted(read, np.arange(TOGETHER, read[-1] if len(read) else 0, TOGETHER)))
    return [examples.take(part) for part in np.split(np.arange(examples.n), cuts[cuts > 0])]


@lru_cache(maxsize=64)
def reading_bags(program: Program) -> Program:
    """The program with a bag in place of each history."""
    inputs: list[Input] = [bag_of(i) if isinstance(i, HistoryLookup) else i for i in program.inputs]
    return replace(program, inputs=tuple(inputs))


def bag_of(i: HistoryLookup) -> BagLookup:
    """Its columns are none of the data: `with_bags` gives them."""
    column = f"{i.of} → {i.column}"
    return BagLookup(i.value, column, i.table, "sum", f"worth of {column}")


def numbers_of(i: HistoryLookup, histories: Ragged, users: np.ndarray, items: np.ndarray) -> Ragged:
    """Which numbers of its table a history reads for each pair of a user's row and an item's."""
    lists = histories.take(users)
    places = lists.rows.astype(np.int64) * i.width + np.repeat(items, lists.lengths)
    return Ragged(lists.starts, places.astype(np.int32), {str(bag_of(i).weights): lists.weights[WORTH]})
