"""Program in, its story out: the lines of the user's function, what each value is called, what each derivative is of.

Nothing here depends on an example; `walk.py` puts the numbers in.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rowwise.backends import reference as definition
from rowwise.program.program import DERIVATIVE, FORWARD, Literal, Operand, Place, Program, Step, Value
from rowwise.views.formula import Formulas

SHORT = 34  # letters; a derivative written shorter than this is written out inside other formulas
PROBES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source, and the steps it comes down to."""

    number: int
    place: Place | None
    steps: tuple[Step, ...]
    reads: tuple[Value, ...]  # made by earlier lines, or inputs
    gives: tuple[Value, ...]  # read by later lines, or results

    @property
    def code(self) -> str:
        return self.place.text if self.place else "; ".join(step.primitive for step in self.steps)


@dataclass(frozen=True, slots=True)
class Derivative:
    """d loss / d `of`, told at the line that first reads it on the way to the loss: there all its uses are counted."""

    of: Value
    line: int
    value: Operand


@dataclass(frozen=True)
class Story:
    """The lines forward, the derivatives backward, and formulas for both in the names of the user's code."""

    lines: tuple[Line, ...]
    derivatives: tuple[Derivative, ...]
    names: dict[str, str]  # of values: as in the code, `d loss / d hidden` for derivatives, else %12
    forward: Formulas
    backward: Formulas


def tell(program: Program, *, learns: bool = True) -> Story:
    """The story of a program; without `learns` only as far as the prediction."""
    results = [program.prediction, program.loss] if learns else [program.prediction]
    steps = [step for step in program.needed(results) if step.phase == FORWARD]
    lines = find_lines(program, steps)
    names = name_values(program, lines)
    forward = Formulas(steps, names)
    derivatives = find_derivatives(program, lines) if learns else ()
    written = [*steps, *program.phase(DERIVATIVE)]
    backward = Formulas(written, dict(names))
    for derivative in derivatives:
        value = derivative.value
        if isinstance(value, Value) and value.name not in backward.names:
            formula = backward.of(value)
            if value.shape or len(formula) > SHORT or " where " in formula:
                backward.names[value.name] = f"d loss / d {names.get(derivative.of.name, derivative.of.name)}"
    return Story(lines, derivatives, backward.names, forward, backward)


def find_lines(program: Program, steps: Sequence[Step]) -> tuple[Line, ...]:
    """Neighbouring steps of one statement, with what goes in and what comes out."""
    results = {o.name for o in (program.prediction, program.loss) if isinstance(o, Value)}
    groups = [tuple(group) for _, group in groupby(steps, key=_statement)]
    lines = []
    for k, group in enumerate(groups):
        mine = {step.output.name for step in group}
        others = {o.name for other in groups[:k] + groups[k + 1 :] for step in other for o in _values(step.inputs)}
        reads = {o.name: o for step in group for o in _values(step.inputs) if o.name not in mine}
        gives = tuple(step.output for step in group if step.output.name in others | results)
        lines.append(Line(k + 1, group[0].place, group, tuple(reads.values()), gives))
    return tuple(lines)


def name_values(program: Program, lines: Sequence[Line]) -> dict[str, str]:
    """What each value is called: arguments, the target's column, what the code assigns, prediction and loss."""
    names = {i.value.name: i.value.name for i in program.inputs}
    target = program.target
    if target is not None and target.column not in names:
        names[target.value.name] = target.column or "target"
    results = {"prediction": program.prediction, "loss": program.loss}
    special = {o.name: word for word, o in results.items() if isinstance(o, Value)}
    for line in lines:
        assigned = _assigned(line.code)
        gives = [v for v in line.gives if not _is_unfinished(v, line, lines)]
        for name, value in zip(assigned[::-1], gives[::-1], strict=False):  # a name that nobody reads has no value
            names[value.name] = _fresh(name, names.values())
        for value in line.gives:
            if value.name in special:
                names.setdefault(value.name, _fresh(special[value.name], names.values()))
        if gives and not assigned:
            names.setdefault(gives[-1].name, _fresh(_result_of(line, program), names.values()))
    return names


def find_derivatives(program: Program, lines: Sequence[Line]) -> tuple[Derivative, ...]:
    """Every derivative that the program works out of a value between lines, the last line's first."""
    costs = {step.output.name for step in program.needed([program.loss])}
    on_the_way = [line for line in lines if any(step.output.name in costs for step in line.steps)]
    first_read = {value.name: (value, line.number) for line in reversed(on_the_way) for value in line.reads}
    of_values = _found_by_trying(program, [line.gives for line in lines])
    found = {**of_values, **program.gradients}
    told = [Derivative(value, line, found[name]) for name, (value, line) in first_read.items() if name in found]
    return tuple(sorted(told, key=lambda derivative: -derivative.line))


def _found_by_trying(program: Program, gives: Sequence[Sequence[Value]]) -> dict[str, Value]:
    """For each value, the derivative step that is d loss / d it.

    The program does not say, so each value is pushed a little in a random direction, at random inputs: the derivative
    is the step whose numbers foretell how the loss moves, every time.
    """
    forward = program.phase(FORWARD)
    made = [step.output for step in program.phase(DERIVATIVE)]
    wanted = [v for group in gives for v in group if v.dtype == "float32" and v != program.loss]
    candidates = {v.name: [c for c in made if c.shape == v.shape and c.dtype == v.dtype] for v in wanted}
    for seed in range(PROBES):
        random = np.random.default_rng(seed)
        inputs = {i.value.name: 0.3 * random.standard_normal(i.value.shape) for i in program.inputs}
        values = definition.run(program, inputs)
        for value in wanted:
            push = random.standard_normal(value.shape)
            slope = _slope(program, forward, values, value, push)
            fits = [c for c in candidates[value.name] if _near(float(np.sum(values[c.name] * push)), slope)]
            candidates[value.name] = fits
    return {name: fits[0] for name, fits in candidates.items() if fits}


def _slope(program: Program, forward: Sequence[Step], values: dict, value: Value, push: np.ndarray) -> float:
    """How fast the loss moves when `value` is pushed and all that follows from it is worked out anew."""
    touched = {value.name}
    after = []
    for step in forward:
        if step.output.name not in touched and any(o.name in touched for o in _values(step.inputs)):
            touched.add(step.output.name)
            after.append(step)
    losses = []
    for size in (1e-5, -1e-5):
        pushed = {**values, value.name: values[value.name] + size * push}
        losses.append(float(definition.number(definition.walk(after, pushed), program.loss)))
    return (losses[0] - losses[1]) / 2e-5


def _near(x: float, y: float) -> bool:
    return bool(np.isfinite(x) and abs(x - y) <= 1e-6 + 1e-5 * abs(y))


def _statement(step: Step) -> tuple[str, str, str]:
    place = step.place
    return (place.file, place.function, place.text) if place else ("", "", step.primitive)


def _values(operands: Iterable[Operand]) -> list[Value]:
    return [operand for operand in operands if not isinstance(operand, Literal)]


def _is_unfinished(value: Value, line: Line, lines: Sequence[Line]) -> bool:
    """Whether a value is half of a statement: read further on by the same statement, after a call that it makes."""
    readers = [other for other in lines[line.number :] if value in other.reads]
    return any(_statement(other.steps[0]) == _statement(line.steps[0]) for other in readers)


def _assigned(code: str) -> list[str]:
    """The names that a statement assigns."""
    try:
        statement = ast.parse(code).body[0]
    except (SyntaxError, IndexError):
        return []
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [node.id for target in targets if target for node in ast.walk(target) if isinstance(node, ast.Name)]


def _result_of(line: Line, program: Program) -> str:
    """What a line that assigns nothing gives: the function's score, or the call of another function."""
    function = line.place.function if line.place else ""
    if function in ("", program.name, "range"):
        return "score"
    return f"{function.strip('_')}(…)"


def _fresh(name: str, taken: Iterable[str]) -> str:
    """The name, numbered from the second time on: h, h₂, h₃."""
    taken = set(taken)
    numbered = (name + str(k).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")) for k in range(2, 10_000))
    return name if name not in taken else next(each for each in numbered if each not in taken)
