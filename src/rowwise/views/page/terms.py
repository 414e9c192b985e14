"""A program in, what its prediction is the sum of out: a mean, each bias, a product."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from rowwise.program.program import FORWARD, Operand, Program, Step, Value
from rowwise.views.story import Story


@dataclass(frozen=True, slots=True)
class Term:
    """One number that the prediction adds up: the value of `value`, times and by others, in the names of the code."""

    sign: int
    value: Any  # an operand, as JSON has it
    formula: str
    times: tuple[Any, ...] = ()
    by: tuple[Any, ...] = ()


def terms(program: Program, story: Story) -> list[Term]:
    """What the prediction is the sum of, before it is clipped; one term where it is no sum, none without a number."""
    prediction = program.prediction
    if prediction is None or prediction.shape:
        return []
    makers = {step.output.name: step for step in program.phase(FORWARD)}
    shared = {i.value.name for i in program.inputs if i.is_shared}
    return list(_terms(prediction, Term(1, None, ""), makers, shared, story))


def _terms(value: Operand, term: Term, makers: Mapping[str, Step], shared: set[str], story: Story) -> Iterator[Term]:
    step = makers.get(value.name) if isinstance(value, Value) else None
    for operand, part in _parts(step, term, shared):
        yield from _terms(operand, part, makers, shared, story)
    if not _parts(step, term, shared):
        yield Term(term.sign, asdict(value), story.forward.of(value), term.times, term.by)


def _parts(step: Step | None, term: Term, shared: set[str]) -> list[tuple[Operand, Term]]:
    """The operands whose sum a step is, each with what it counts for; none where it is no sum."""
    if step is None or step.output.shape:
        return []

    def is_shared(operand: Operand) -> bool:
        return not isinstance(operand, Value) or operand.name in shared

    match step.primitive, step.inputs:
        case "add", (x, y):
            return [(x, term), (y, term)]
        case "sub", (x, y):
            return [(x, term), (y, replace(term, sign=-term.sign))]
        case "neg", (x,):
            return [(x, replace(term, sign=-term.sign))]
        case "mul", (x, y) if is_shared(x) != is_shared(y):
            factor, rest = (x, y) if is_shared(x) else (y, x)
            return [(rest, replace(term, times=(*term.times, asdict(factor))))]
        case "div", (x, y) if is_shared(y) and not is_shared(x):
            return [(x, replace(term, by=(*term.by, asdict(y))))]
        case (("max" | "min"), (x, y)) if is_shared(x) != is_shared(y):
            return [(y if is_shared(x) else x, term)]
        case (("convert_element_type" | "reshape" | "squeeze" | "broadcast_in_dim"), (x,)):
            return [(x, term)]
    return []
