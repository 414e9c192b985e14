"""Program in, every value out: each step run slowly in NumPy float64. The definition that other targets are held to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rowwise.errors import BadModel
from rowwise.program import array_rules
from rowwise.program.inputs import Combine
from rowwise.program.program import Operand, Phase, Program, Step, Update, Value

Values = dict[str, np.ndarray]
EXACT = array_rules.Arrays(np, np.float64)


def run(program: Program, inputs: Mapping[str, Any]) -> Values:
    """Every value of the forward and derivative steps for one example, by name, in float64.

    `inputs` holds a number or array for each input of the program but its constants: looked-up rows by argument,
    the combined row of a bag, `target` where the model has one.
    """
    numbers = {**inputs, **{i.value.name: i.numbers for i in program.constants}}
    values = {i.value.name: _given(numbers[i.value.name], i.value) for i in program.inputs}
    return walk((s for s in program.steps if s.phase != Phase.UPDATE), values)


def run_update(
    program: Program, update: Update, row: object, gradient: object, rate: float, states: Sequence[object]
) -> Values:
    """Every value of one table's update, with the new row under `update.new_row.name`."""
    given = (row, gradient, rate, *states)
    values = {v.name: _given(array, v) for v, array in zip(update.inputs, given, strict=True)}
    return walk((s for s in program.needed(update.outputs) if s.phase == Phase.UPDATE), values)


def shares(combine: Combine, weights: np.ndarray) -> np.ndarray:
    """What each row of a bag counts for: its weight w, w / Σw ("mean") or w / √Σw² ("sqrtn"); of no rows, none.

    Without weights each is 1. Where all are 0, all count for 0.
    """
    weights = weights.astype(np.float64)
    total = {"mean": weights.sum(), "sqrtn": np.sqrt((weights**2).sum())}.get(combine, 1.0)
    return weights / (total if total > 0 else 1.0)


def walk(steps: Iterable[Step], values: Mapping[str, Any]) -> Values:
    """`values` and the output of each step."""
    with np.errstate(all="ignore"):
        return {name: np.asarray(array) for name, array in array_rules.run(EXACT, steps, dict(values)).items()}


def number(values: Mapping[str, Any], operand: Operand) -> Any:
    """An operand's numbers: a value already worked out, or a literal."""
    return array_rules.number(EXACT, values, operand)


def _given(given: object, value: Value) -> np.ndarray:
    array = np.asarray(given, EXACT.dtype(value.dtype))
    if array.shape != value.shape:
        raise BadModel(
            f"{value.name} was given numbers of shape {array.shape}",
            expected=f"shape {value.shape}",
            mend="give one example, without a batch axis",
        )
    return array
