"""Is a program what it says? Every input, step and result proven once, before anything is compiled or computed.

A program may come from a file, and machine code trusts it. Of one that passes here, every value is assigned once before
it is read, in a phase that may read it; every shape and type follows from the rules of `shape_rules.py`; every
input has the fields of its kind and every constant the numbers of its shape; tables and weights are read and moved in
one shape. One example of it takes a bounded number of steps, numbers and multiplications.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rowwise.narrow import is_a
from rowwise.program.budget import DEEPEST, Cost
from rowwise.program.program import (
    DERIVATIVE,
    FORWARD,
    UPDATE,
    Body,
    Literal,
    Operand,
    Phase,
    Place,
    Program,
    Shape,
    Step,
    Update,
    Value,
)
from rowwise.program.shape_rules import Misfit, told, work
from rowwise.program.values import holds, is_text
from rowwise.program.verify_inputs import broken, check_inputs, check_kind

PHASES = tuple(Phase)


def verify(program: Program) -> Program:
    """The program itself, if it is what it says.

    Raises:
        BadModel: a field is not of its kind, a value is read before it is assigned, assigned twice, or of another
            shape or type than its primitive gives; a place lies outside an array; an example takes too much work.
        UnsupportedPrimitive: a step whose primitive has no meaning.
    """
    if not (is_text(program.name) and is_text(program.optimizer) and type(program.dense) is bool):
        raise broken("its name and its optimizer are texts, and `dense` is true or false")
    check_inputs(program)
    scopes = _scopes(program)
    phases = [step.phase for step in program.steps]
    if set(phases) <= set(PHASES) and phases != sorted(phases, key=PHASES.index):
        raise broken("a step of an earlier phase stands after one of a later")
    held = sum(value.size for scope in scopes.values() for value in scope.values.values())
    _check_steps(program.steps, scopes, Cost(numbers=held).affordable())
    _check_example(program, scopes)
    for name, update in program.updates.items():
        _check_update(name, update, scopes[UPDATE])
        _check_reads_its_own(program, update)
    return program


# What may be read where


@dataclass(slots=True)
class _Scope:
    """The values that the steps of a phase may read, by name: its own, and those of the scope above it."""

    assigned: set[str]  # every name of the program, of whichever scope
    above: "_Scope | None" = None
    values: dict[str, Value] = field(default_factory=dict[str, Value])

    def add(self, value: Value, writer: str) -> None:
        if value.name in self.assigned:
            raise broken(f"{value} is assigned twice, again by {writer}")
        self.assigned.add(value.name)
        self.values[value.name] = value

    def find(self, name: str) -> Value | None:
        found = self.values.get(name)
        return self.above.find(name) if found is None and self.above else found

    def check(self, operand: Operand | None, reader: str) -> Operand:
        """The operand, if it is a value that something before assigns, or a number that its type can hold."""
        if isinstance(operand, Value):
            if self.find(operand.name) != operand:
                raise broken(f"{reader} reads {operand} {operand.shape}, which nothing before it assigns")
        elif isinstance(operand, Literal):
            check_kind(operand.shape, operand.dtype, f"a number, read by {reader},")
            if not holds(operand.dtype, operand.value):
                raise broken(f"{reader} reads {str(operand.value)[:40]!r}, which {operand.dtype} does not hold")
        else:
            raise broken(f"{reader} reads neither a value nor a number")
        return operand


def _scopes(program: Program) -> Mapping[str, _Scope]:
    """What each phase may read: the forward pass no derivative, an update nothing of the example but constants."""
    constants = _Scope(set())
    forward, update = (_Scope(constants.assigned, constants) for _ in range(2))
    for i in program.inputs:
        (constants if i.is_written else forward).add(i.value, "an input")
    for name, u in program.updates.items():
        for value in u.inputs:
            check_value(value, f"the update of {name!r}")
            update.add(value, f"the update of {name!r}")
    return {FORWARD: forward, DERIVATIVE: _Scope(forward.assigned, forward), UPDATE: update}


def check_value(value: object, writer: str) -> Value:
    if not isinstance(value, Value) or not is_text(value.name):
        raise broken(f"{writer} gives something else than a value with a name")
    check_kind(value.shape, value.dtype, f"{value}, of {writer},")
    return value


# Steps


def _check_steps(steps: Iterable[Step], scopes: Mapping[str, _Scope], cost: Cost, *, deep: int = 0) -> Cost:
    """`cost`, and what the steps take."""
    for step in steps:
        _check_fields(step)
        what, scope = f"step {step}", scopes[step.phase]
        inputs = [scope.check(operand, what) for operand in step.inputs]
        check_value(step.output, what)
        body = _check_body(step, step.params["body"], deep + 1) if "body" in step.params else None
        try:
            shape, dtype = told(step.primitive, inputs, step.params, step.place)
        except Misfit as error:
            raise broken(f"{what} cannot be computed: {error}") from None
        if (shape, dtype) != (step.output.shape, step.output.dtype):
            says = f"{step.output.dtype} {step.output.shape}"
            raise broken(f"{what} says {says}, but {step.primitive} gives {dtype} {shape}")
        scope.add(step.output, what)
        cost += Cost(1, 1, step.output.size, work(step.primitive, inputs, step.params, step.output))
        cost = (cost + body.rounds(step.params["length"]) if body else cost).affordable()
    return cost


def _check_fields(step: object) -> None:
    """Refuse a step whose fields are not of their types: those of a file may be anything."""
    if not isinstance(step, Step) or not is_a(step.inputs, tuple) or not is_a(step.params, Mapping):
        raise broken("a step is no primitive with inputs and parameters")
    if not is_a(step.primitive, str) or step.phase not in PHASES:
        raise broken(f"step {step} is of phase {step.phase!r}")
    place = step.place
    if place is None:
        return
    texts = is_a(place, Place) and all(map(is_text, (place.file, place.function, place.text)))
    if not texts or not all(type(n) is int and 0 <= n < 2**31 for n in (place.line, place.column)):
        raise broken(f"step {step} comes from no place in a file")


def _check_body(step: Step, body: object, deep: int) -> Cost:
    """The steps of one round, which read nothing but the round's own inputs; what they take."""
    what = f"the body of step {step.output}"
    if step.primitive != "scan" or not isinstance(body, Body) or not is_text(body.name):
        raise broken(f"{what} is none")
    if deep > DEEPEST:
        raise broken(f"{what} is a loop inside {deep - 1} others")
    scope = _Scope(set())
    for value in body.inputs:
        scope.add(check_value(value, what), what)
    held = Cost(numbers=sum(value.size for value in body.inputs))
    cost = _check_steps(body.steps, dict.fromkeys(PHASES, scope), held, deep=deep)
    for result in body.results:
        scope.check(result, what)
    return cost


# Results


def _check_example(program: Program, scopes: Mapping[str, _Scope]) -> None:
    shapes = {i.value.name: i.value.shape for i in program.inputs}
    _check_result(program.loss, scopes[FORWARD], (), "the loss")
    for name, gradient in program.gradients.items():
        _check_result(gradient, scopes[DERIVATIVE], shapes[name], f"the gradient of {name!r}")
    prediction = program.prediction
    if prediction is None:
        return
    scopes[FORWARD].check(prediction, "a result")
    if prediction.dtype != "float32" or len(prediction.shape) > 1 or not prediction.size:
        raise broken(f"the prediction is {prediction.dtype} of shape {prediction.shape}")
    unknown = [i.value.name for i in program.reads([prediction]) if not i.is_known]
    if unknown:
        raise broken(f"the prediction reads {unknown[0]}, which is not known when it is asked for")


def _check_result(result: Operand | None, scope: _Scope, shape: Shape, what: str, dtype: str = "float32") -> None:
    operand = scope.check(result, "a result")
    is_one_for_all = isinstance(operand, Literal) and operand.shape == ()
    if operand.shape != shape and not is_one_for_all:
        raise broken(f"the result {operand} is {operand.shape}, where {shape} is needed: {what}")
    if operand.dtype != dtype:
        raise broken(f"the result {operand} is {operand.dtype}, where {dtype} is needed: {what}")


def _check_update(name: str, update: Update, scope: _Scope) -> None:
    """What goes in and comes out has the same shapes; a state starts as one number that it can hold."""
    what = f"the update of {name!r}"
    if not len(update.state) == len(update.start) == len(update.new_state):
        raise broken(f"{what} has {len(update.state)} states, {len(update.start)} starts")
    if update.learning_rate.shape != () or {v.dtype for v in update.inputs[:3]} != {"float32"}:
        raise broken(f"{what} is given a row, a gradient and a rate that are not float32")
    if update.gradient.shape != update.row.shape:
        raise broken(f"{what} is given a gradient of shape {update.gradient.shape}, not {update.row.shape}")
    if not is_a(update.new_row, Value):
        raise broken(f"{what} gives no row")
    _check_result(update.new_row, scope, update.row.shape, what)
    for old, start, new in zip(update.state, update.start, update.new_state, strict=True):
        if not holds(old.dtype, start):
            raise broken(f"{what}: {old} starts as {str(start)[:40]!r}")
        _check_result(new, scope, old.shape, what, old.dtype)


def _check_reads_its_own(program: Program, update: Update) -> None:
    """Refuse an update that reads another's row or states: they are not there when it runs."""
    steps = [step for step in program.needed(update.outputs) if step.phase == UPDATE]
    there = {v.name for v in update.inputs} | {i.value.name for i in program.constants}
    there |= {step.output.name for step in steps}
    read = [o.name for step in steps for o in step.inputs if isinstance(o, Value)]
    read += [o.name for o in update.outputs if isinstance(o, Value)]
    foreign = [name for name in read if name not in there]
    if foreign:
        raise broken(f"the update of {update.table!r} reads {foreign[0]}, which is another's")
