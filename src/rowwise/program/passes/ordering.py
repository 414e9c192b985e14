"""A program in, the program of the score that its prediction rises with out: what things are put in order by.

A clip makes one number of all that lies outside, and in float32 a sigmoid is 1 for every score above 17: two things
whose predictions are equal are still told apart by the score before.
"""

from dataclasses import replace
from functools import lru_cache

from rowwise.program.primitives import ELEMENTWISE
from rowwise.program.program import Literal, Operand, Program, Step, Value


@lru_cache(maxsize=64)
def ordering(program: Program) -> Program:
    """The program with the score as its prediction: higher where the prediction is higher, and seldom equal."""
    steps = {step.output.name: step for step in program.steps}
    fixed = {i.value.name for i in program.inputs if i.is_shared}
    positive = {i.value.name for i in program.statistics if i.statistic == "spread"}
    score = program.prediction
    while isinstance(score, Value) and score.name in steps:
        below = _rises_with(steps[score.name], fixed, positive)
        if below is None:
            break
        score = below
    return replace(program, prediction=score)


def _rises_with(step: Step, fixed: set[str], positive: set[str]) -> Operand | None:
    """The one operand that a step rises with, where the others are fixed; None where it may fall."""
    varying = [k for k, o in enumerate(step.inputs) if isinstance(o, Value) and o.name not in fixed]
    row = ELEMENTWISE.get(step.primitive)
    if len(varying) != 1 or row is None or varying[0] not in row.rises_with:
        return None
    others = [o for k, o in enumerate(step.inputs) if k != varying[0]]
    if row.of_positive and not all(_is_positive(o, positive) for o in others):
        return None
    return step.inputs[varying[0]]


def _is_positive(operand: Operand, positive: set[str]) -> bool:
    return operand.value > 0 if isinstance(operand, Literal) else operand.name in positive
