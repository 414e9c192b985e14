"""A program and a column in, the score that is affine in the rows of that column out, or None.

Everything else held still, most scores are affine in the rows of one column: a·user + b. Where the loss is of degree 2
in such a score, the best rows are the solution of a system of linear equations, and no step has to be taken.

A step's *degree* is told from those of its operands by the row of its primitive, which is a bound: what is squared and
taken away again is of degree 2 by its steps and of degree 1 in truth, as in a factorization machine that is written
½(‖Σv‖² − Σ‖v‖²). So what is 2 by the bound is looked at once more, in float64 at random points.
"""

from collections.abc import Iterable, Mapping
from math import inf

import numpy as np

from rowwise.program import array_rules
from rowwise.program.inputs import Constant, Input
from rowwise.program.primitives import PRIMITIVES
from rowwise.program.program import Operand, Program, Step, Value

EXACT = array_rules.Arrays(np, np.float64)
POINTS = 4  # at each, a polynomial of degree 2 passes for one of degree 1 with probability 0


def affine_score(program: Program, column: str) -> Value | None:
    """The narrowest number of an example that is affine in the rows of `column`, all its lookups taken together.

    The loss sees these rows through that number alone, and is of degree 2 in it. None where there is none, or where a
    table of theirs is read by another column too, so that it would not be held still.
    """
    rows = _rows(program, column)
    if not rows:
        return None
    steps = program.needed([program.loss])
    bound = degrees(steps, dict.fromkeys(rows, 1))
    for step in steps:
        score = step.output
        if score.shape or score.dtype != "float32" or bound[score.name] not in (1, 2):
            continue
        if _degree_through(program, steps, rows, score) != 2:
            continue
        if bound[score.name] == 1 or _is_affine(program, rows, score):
            return score
    return None


def degrees(steps: Iterable[Step], given: Mapping[str, float]) -> dict[str, float]:
    """The degree of each step as a polynomial of what is `given` with a degree, by name; inf where it may be none.

    A bound: what cancels is not seen. A step that is itself given has the degree given.
    """
    found = dict(given)
    for step in steps:
        if step.output.name not in given:
            of_inputs = [_degree(found, operand) for operand in step.inputs]
            found[step.output.name] = PRIMITIVES[step.primitive].degree(of_inputs, step.params)
    return found


def _degree(found: Mapping[str, float], operand: Operand) -> float:
    return found.get(operand.name, 0) if isinstance(operand, Value) else 0


def _rows(program: Program, column: str) -> set[str]:
    """The lookups of a column, by name; none where another column reads a table of theirs."""
    mine = [i for i in program.lookups if i.column == column]
    tables = {i.table for i in mine}
    shared = any(i.table in tables for i in program.lookups if i.column != column)
    return set() if shared else {i.value.name for i in mine}


def _degree_through(program: Program, steps: Iterable[Step], rows: Iterable[str], score: Value) -> float:
    """The degree of the loss in the score; inf where the rows reach it by another way."""
    return _degree(degrees(steps, {**dict.fromkeys(rows, inf), score.name: 1}), program.loss)


def _is_affine(program: Program, rows: Iterable[str], score: Value) -> bool:
    """Whether f(x + a + b) - f(x + a) - f(x + b) + f(x) is 0 for rows x, a, b at random: of degree 2 it is 2·aᵀQb."""
    steps, random = program.needed([score]), np.random.default_rng(0)
    for _ in range(POINTS):
        values = {i.value.name: _numbers(i, random) for i in program.inputs}
        first, second = ({name: random.normal(size=values[name].shape) for name in rows} for _ in range(2))
        total, size = 0.0, 0.0
        for sign, moves in ((1, (first, second)), (-1, (first,)), (-1, (second,)), (1, ())):
            moved = {name: values[name] + sum((move[name] for move in moves), np.float64(0)) for name in rows}
            with np.errstate(all="ignore"):
                found = array_rules.run(EXACT, steps, {**values, **moved})
            total += sign * float(found[score.name])
            size = max(size, *(float(np.abs(found[step.output.name]).max(initial=0)) for step in steps))
        if not abs(total) <= 1e-9 * max(size, 1):  # not finite is not affine either
            return False
    return True


def _numbers(i: Input, random: np.random.Generator) -> np.ndarray:
    if isinstance(i, Constant):
        return np.asarray(i.numbers, EXACT.dtype(i.value.dtype))
    if i.value.dtype == "float32":
        return np.asarray(random.normal(size=i.value.shape))
    return random.integers(0, 2, i.value.shape).astype(i.value.dtype)
