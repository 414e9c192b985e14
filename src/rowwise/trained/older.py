"""What an older format of a model's folder says otherwise than today's: a row for each, so that no model is lost.

1: a table was "user" and its first state "user/1" (today "table/user", "state 1/user"); the mean of a column was an
   input of kind "mean" (today the statistic "mean" of that column).
2: an input had the fields of all kinds, those of others null; the numbers of a constant were its "constant", and a
   mask was a value with a "mask_of" (today an input has its own fields, and "mask" is a kind).
3: today's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rowwise.program.parameters import state_key, table_key

Json = dict[str, Any]  # an object of JSON


@dataclass(frozen=True, slots=True)
class Format:
    """How a format names arrays, and its program as today's format has it."""

    table_key: Callable[[str], str]
    state_key: Callable[[str, int], str]
    renewed: Callable[[Json], Json]


def _means_are_statistics(program: Json) -> Json:
    inputs = [{**i, "kind": "statistic", "statistic": "mean"} if i["kind"] == "mean" else i for i in program["inputs"]]
    return {**program, "inputs": inputs}


def _inputs_have_their_own_fields(program: Json) -> Json:
    return {**program, "inputs": [_own_fields(i) for i in program["inputs"]]}


def _own_fields(i: Json) -> Json:
    own = {"numbers" if name == "constant" else name: given for name, given in i.items() if given is not None}
    return own | {"kind": "mask"} if "mask_of" in own else own


FORMATS = {
    1: Format(
        str,
        lambda name, k: f"{name}/{k + 1}",
        lambda program: _inputs_have_their_own_fields(_means_are_statistics(program)),
    ),
    2: Format(table_key, state_key, _inputs_have_their_own_fields),
    3: Format(table_key, state_key, lambda program: program),
}


def format_of(version: int) -> Format:
    """The format of this number.

    Raises:
        ValueError: there never was one.
    """
    if version not in FORMATS:
        raise ValueError(f"there is no format {version}")
    return FORMATS[version]
