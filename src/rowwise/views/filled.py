"""A formula with its numbers in: `3.542 − 1.048 + 0.085 + 0.638`; and a product of two vectors, term by term."""

import re
from collections.abc import Iterable, Mapping

import numpy as np

from rowwise.backends import reference as definition
from rowwise.program.program import Literal, Step, Value
from rowwise.views.formula import Formulas
from rowwise.views.numbers import one
from rowwise.views.record import ProductSeen
from rowwise.views.story import Line

LONGEST = 100  # letters of a formula that is worth filling in


def filled(lines: Iterable[Line], forward: Formulas, values: definition.Values) -> dict[str, str]:
    """By value, the formula of each single number that a line gives, with the numbers that it is made of."""
    found = {}
    for line in lines:
        mine = {step.output.name: step for step in line.steps}
        numbers = {o.name: o for step in line.steps for o in step.inputs if not isinstance(o, Literal) and not o.shape}
        leaves = {name for name in numbers if name not in mine or _adds_up(mine[name])}
        named = {name: _atom(values[name]) for name in leaves}
        for value in line.gives:
            if value.shape or value.name in leaves or not _is_of_numbers(value, mine, leaves):
                continue
            text = _signs(Formulas(line.steps, named).of(value))
            if len(text) <= LONGEST and text != forward.of(value):
                found[forward.name(value)] = text
    return found


def products(line: Line, forward: Formulas, values: definition.Values) -> tuple[ProductSeen, ...]:
    """What each product of two vectors in a line adds up, in order."""
    found = []
    for step in line.steps:
        if not _adds_up(step) or len(step.inputs) != 2:
            continue
        left, right = (np.asarray(definition.number(values, o), np.float64) for o in step.inputs)
        if left.shape == right.shape and left.ndim == 1 and left.size > 1:
            names = " · ".join(forward.inline(o) for o in step.inputs)
            terms = left * right
            found.append(ProductSeen(names, terms, np.cumsum(terms)))
    return tuple(found)


def spelled(number: np.ndarray) -> str:
    """One number as formulas hold it."""
    return re.sub(r"^-", "−", one(number.item(), digits=5))


def _adds_up(step: Step) -> bool:
    """Whether a step makes one number of many."""
    return not step.output.shape and any(not isinstance(o, Literal) and o.shape for o in step.inputs)


def _is_of_numbers(value: Value, mine: Mapping[str, Step], leaves: set[str]) -> bool:
    """Whether a value comes to nothing but single numbers."""
    if value.name not in mine:
        return False
    operands = [o for o in mine[value.name].inputs if not isinstance(o, Literal)]
    return all(o.name in leaves or _is_of_numbers(o, mine, leaves) for o in operands)


def _atom(number: np.ndarray) -> str:
    text = spelled(number)
    return f"({text})" if text.startswith("−") else text


def _signs(text: str) -> str:
    """`3 + (−1)` as `3 − 1`, where no power or product binds the number more closely."""
    alone = r"\(−([\d.e+-]+)\)(?= [+−]|$|[)|])"
    text = re.sub(rf"\+ {alone}", r"− \1", text)
    return re.sub(rf"(?:(?<=[(|])|^){alone}", r"−\1", text)
