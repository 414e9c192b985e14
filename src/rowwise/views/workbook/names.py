"""Names of tables and vocabularies in, names that every calculator takes out: of sheets, and of blocks of cells.

A workbook does not tell capitals from small letters, and has few signs; two names that would become one are numbered.
"""

import re
from collections.abc import Iterable, Mapping

from rowwise import inert
from rowwise.trained.trained import Trained

LONGEST_SHEET, LONGEST_NAME = 28, 200  # letters; calculators take 31 and 255
OURS = ("grid", "examples", "learn", "loss", "weights", "words", "read me", "history")
SIGNS = re.compile(r"[\[\]:*?/\\']|_(?=x[0-9a-fA-F]{4}_)")  # not in a name; and how XML in a workbook writes a letter
REFERENCES = ("r", "c", "rc", "true", "false")  # a formula would read them as something else


def sheet_names(vocabularies: Iterable[str]) -> dict[str, str]:
    """The sheet of each vocabulary."""
    found: dict[str, str] = {}
    for name in vocabularies:
        plain = SIGNS.sub(" ", inert.line(name)).strip()[:LONGEST_SHEET].strip() or "ids"
        if plain.casefold() in OURS + REFERENCES or plain.casefold().startswith(("learn", "grid")):
            plain = f"{plain[: LONGEST_SHEET - 4]} ids"
        found[name] = _free(plain, found.values(), LONGEST_SHEET)
    return found


def cell_names(fitted: Trained) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """How the blocks of each table or weight are called, and those of the ids of each vocabulary, behind a prefix."""
    taken: list[str] = []

    def named(name: str, prefix: str) -> str:
        taken.append(_free(prefix + re.sub(r"\W", "_", name), taken, LONGEST_NAME))
        return taken[-1]

    tables = {name: named(name, "") for name in fitted.parameters.tables}
    return tables, {name: named(name, "ids_") for name in fitted.vocabularies}


def _free(name: str, taken: Iterable[str], longest: int) -> str:
    """The name, or the first of `name 2`, `name 3`, … that differs from all others by more than capitals."""
    there = {other.casefold() for other in taken}
    found, k = name[:longest], 1
    while found.casefold() in there:
        k += 1
        found = f"{name[: longest - len(str(k)) - 1]}_{k}"
    return found
