"""Steps in, the formula a person would write out: `2 (prediction − rating) · user`.

`·` multiplies number by number (or scales), `@` is the product that adds up, as in the code.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rowwise.program.primitives import PRIMITIVES, Reduction
from rowwise.program.program import Literal, Operand, Step, Value

LIMIT = 160  # letters; a longer formula is cut at a value inside it, which is then shown by its number, %12
ROOMS = (99, 8, 6, 5, 4, 3, 2)  # how deep to write, deepest first

WHERE, SUM, MATMUL, PRODUCT, ATOM = range(5)  # how strongly a text holds together, weakest first


@dataclass(frozen=True, slots=True)
class Term:
    """`coefficient · text`; no text is a number alone."""

    text: str
    binds: int = ATOM
    coefficient: float = 1.0

    def __str__(self) -> str:
        if not self.text:
            return number(self.coefficient)
        if self.coefficient == 1:
            return self.text
        text = self.inside(PRODUCT)
        if self.coefficient == -1:
            return f"−{text}"
        return number(self.coefficient) + (f" {text}" if text.startswith("(") else f" · {text}")

    def inside(self, binds: int) -> str:
        """The text alone, in brackets if it holds together more weakly than its surroundings."""
        return f"({self.text})" if self.binds < binds else self.text

    def whole(self, binds: int) -> str:
        """Coefficient and text as one operand."""
        bare = not self.text and self.coefficient >= 0
        return str(self) if bare or (self.coefficient == 1 and self.binds >= binds) else f"({self})"


class Formulas:
    """Formulas of the values that `steps` assign, written down to the values that have `names`."""

    def __init__(self, steps: Iterable[Step], names: dict[str, str]):
        self.steps = {step.output.name: step for step in steps}
        self.names = names
        named = [step for step in self.steps.values() if step.output.name in names]
        self.twins = {_reading(step): step.output for step in named}  # the derivative often works a line out again

    def of(self, operand: Operand) -> str:
        """The formula of a value, as deep as fits."""
        texts = (self._write(operand, depth) for depth in ROOMS)
        return next((text for text in texts if len(text) <= LIMIT), self.step(operand))

    def step(self, operand: Operand) -> str:
        """The one step that assigns a value."""
        return self._write(operand, 1)

    def reads(self, operand: Operand) -> tuple[str, ...]:
        """The values with names that a value's formula goes down to."""
        found: dict[str, None] = {}
        waiting, seen = [operand], set()
        while waiting:
            value = waiting.pop()
            if isinstance(value, Literal) or value.name in seen:
                continue
            seen.add(value.name)
            made = self.steps.get(value.name)
            twin = self._twin(value)
            if value is not operand and (twin or made is None or value.name in self.names):
                found[self.name(twin or value)] = None
            elif made:
                waiting += reversed(made.inputs)
        return tuple(found)

    def inline(self, operand: Operand) -> str:
        """What an operand is called inside a line: its name, or the formula of a value that has none."""
        return self.name(operand) if self.name(operand) in self.names.values() else self.of(operand)

    def name(self, operand: Operand) -> str:
        """What an operand is called inside a formula."""
        return str(operand) if isinstance(operand, Literal) else self.names.get(operand.name, operand.name)

    def _write(self, operand: Operand, depth: int) -> str:
        if isinstance(operand, Literal):
            return number(operand.value)
        made = self.steps.get(operand.name)
        return str(self._of_step(made, depth, {})) if made else self.name(operand)

    def _term(self, operand: Operand, depth: int, known: dict[str, Term]) -> Term:
        if isinstance(operand, Literal):
            return Term("", ATOM, float(operand.value))
        made = self.steps.get(operand.name)
        twin = self._twin(operand)
        if made is None or twin or depth <= 0 or operand.name in self.names:
            name = self.name(twin or operand)
            return Term(name, SUM if "/" in name else ATOM)
        if operand.name not in known:
            term = self._of_step(made, depth, known)
            known[operand.name] = term if len(term.text) < 4 * LIMIT else Term(operand.name)
        return known[operand.name]

    def _of_step(self, step: Step, depth: int, known: dict[str, Term]) -> Term:
        if PRIMITIVES[step.primitive].silent:
            return self._term(step.inputs[0], depth, known)
        if step.primitive == "select_n" and self._is_guard(step.inputs[0]):
            counts = step.output.dtype != "float32"  # a counter below its limit goes on, a number is as it is
            return self._term(step.inputs[2 if counts else 1], depth, known)
        turned = self._turned_outer(step)
        if turned is not None:
            step = turned
        terms = [self._term(operand, depth - 1, known) for operand in step.inputs]
        write = WRITE.get(step.primitive)
        if write is not None:
            return write(*terms)
        if step.primitive in STRUCTURE:
            return STRUCTURE[step.primitive](step, *terms)
        row = PRIMITIVES[step.primitive]
        if isinstance(row, Reduction):
            return reduced(row.called or row.name)(step, *terms)
        return compare(row.sign)(*terms) if row.sign else call(row.called or row.name, *terms)

    def _twin(self, operand: Value) -> Value | None:
        """The value with a name that holds the same numbers."""
        made = self.steps.get(operand.name)
        return self.twins.get(_reading(made)) if made else None

    def _is_guard(self, condition: Operand) -> bool:
        """Whether a condition only keeps a counter from overflowing or finds no number, nothing to read about."""
        made = self.steps.get(condition.name) if isinstance(condition, Value) else None
        if made is None or made.primitive not in ("lt", "ne", "eq"):
            return False
        left, right = made.inputs
        most = right.value if isinstance(right, Literal) else 0
        return {
            "lt": most >= np.iinfo(np.int32).max,
            "ne": left == right,
            "eq": bool(np.isinf(most)),
        }[made.primitive]

    def _turned_outer(self, step: Step) -> Step | None:
        """outer(x, y) turned over is outer(y, x)."""
        inner = self.steps.get(step.inputs[0].name) if isinstance(step.inputs[0], Value) else None
        if step.primitive != "transpose" or inner is None or not is_outer(inner):
            return None
        return replace(inner, inputs=inner.inputs[::-1], output=step.output)


def number(value: float | bool) -> str:
    """A number as in a book: −1.5, 0.0002; truth values as true and false."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return f"{value:.6g}".replace("-", "−", int(value < 0))


def _reading(step: Step) -> tuple[Any, ...]:
    return (step.primitive, step.inputs, tuple(step.params.items()))


def is_outer(step: Step) -> bool:
    """Whether a step multiplies each number of one vector with each of another."""
    if step.primitive != "dot_general":
        return False
    (contracted, _), (batch, _) = step.params["dimension_numbers"]
    return not contracted and not batch and all(len(operand.shape) == 1 for operand in step.inputs)


def call(name: str, *terms: Term) -> Term:
    return Term(f"{name}({', '.join(map(str, terms))})")


def product(x: Term, y: Term) -> Term:
    coefficient = x.coefficient * y.coefficient
    if not x.text or not y.text:
        return Term(x.text or y.text, x.binds if x.text else y.binds, coefficient)
    if x.text == y.text:
        return replace(power(replace(x, coefficient=1.0), "²"), coefficient=coefficient)
    return Term(f"{x.inside(PRODUCT)} · {y.inside(PRODUCT)}", PRODUCT, coefficient)


def total(x: Term, y: Term) -> Term:
    if x.coefficient < 0 <= y.coefficient:
        x, y = y, x
    if y.coefficient < 0:
        return Term(f"{x} − {_minus(y)}", SUM)
    return Term(f"{x} + {y}", SUM)


def _minus(x: Term) -> Term:
    negative = replace(x, coefficient=-x.coefficient)
    return replace(negative, text=f"({x.text})", binds=ATOM) if x.binds == SUM and x.coefficient == -1 else negative


def quotient(x: Term, y: Term) -> Term:
    above = x.inside(PRODUCT) if x.text else number(x.coefficient)
    return Term(f"{above} / {y.whole(ATOM)}", PRODUCT, x.coefficient if x.text else 1.0)


def power(x: Term, exponent: str) -> Term:
    return Term(f"{x.whole(ATOM)}{exponent}")


def compare(sign: str) -> Callable[[Term, Term], Term]:
    return lambda x, y: Term(f"{x} {sign} {y}", WHERE)


def choose(which: Term, otherwise: Term, chosen: Term) -> Term:
    return Term(f"{chosen.whole(SUM)} where {which}, else {otherwise.whole(SUM)}", WHERE)


def dot(step: Step, x: Term, y: Term) -> Term:
    """`x @ y`, with `.T` where an axis is not the one that `@` adds up; a scaling or an outer product without it."""
    (x_axes, y_axes), (batch, _) = step.params["dimension_numbers"]
    x_shape, y_shape = (operand.shape for operand in step.inputs)
    if not x_axes and not batch and (not x_shape or not y_shape):
        return product(x, y)
    coefficient = x.coefficient * y.coefficient
    x, y = (replace(term, coefficient=1.0) if term.text else term for term in (x, y))
    if is_outer(step):
        return replace(call("outer", x, y), coefficient=coefficient)
    if batch or len(x_axes) != 1 or max(len(x_shape), len(y_shape)) > 2:
        return replace(call("dot", x, y), coefficient=coefficient)
    left = x.whole(ATOM) + ("" if x_axes[0] == len(x_shape) - 1 else ".T")
    right = y.whole(ATOM) + ("" if y_axes[0] == 0 else ".T")
    return Term(f"{left} @ {right}", MATMUL, coefficient)


def integer_pow(step: Step, x: Term) -> Term:
    exponents = {2: "²", 3: "³"}
    y = step.params["y"]
    return quotient(Term(""), x) if y == -1 else power(x, exponents.get(y, f"^{y}"))


def reduced(name: str) -> Callable[[Step, Term], Term]:
    def write(step: Step, x: Term) -> Term:
        axes = step.params["axes"]
        everything = len(axes) == len(step.inputs[0].shape)
        return call(name, x) if everything else call(name, x, Term(f"axis={','.join(map(str, axes))}"))

    return write


def part(step: Step, x: Term) -> Term:
    """`x[50:100]`, axes that are whole left out at the end."""
    params, shape = step.params, step.inputs[0].shape
    spans = zip(params["start_indices"], params["limit_indices"], shape, strict=True)
    cuts = [":" if (a, b) == (0, n) else f"{a}:{b}" for a, b, n in spans]
    while len(cuts) > 1 and cuts[-1] == ":":
        cuts.pop()
    return Term(f"{x.whole(ATOM)}[{', '.join(cuts)}]")


def take(step: Step, x: Term) -> Term:
    """`x[3]` where one whole row is taken, else only that numbers are taken."""
    indices, size = step.params["indices"], max(1, step.output.size)
    is_row = indices == tuple(range(indices[0], indices[0] + size)) and indices[0] % size == 0 if indices else False
    return Term(f"{x.whole(ATOM)}[{indices[0] // size if is_row else '…'}]")


def put(step: Step, x: Term, updates: Term) -> Term:
    base = "" if not x.text and x.coefficient == 0 else f"{x} with "
    return Term(f"{base}{updates} put back in its places", WHERE)


def padded(step: Step, x: Term, value: Term) -> Term:
    return Term(f"{x} with {value}s around it", WHERE)


def rounds(step: Step, *terms: Term) -> Term:
    """`500 rounds of step(start, words)`: what every round reads alike is left out."""
    body, way = step.params["body"], "back through" if step.params["reverse"] else "of"
    told = call(body.name, *terms[len(body.shared) :])
    return Term(f"{step.params['length']:,} rounds {way} {told}", WHERE)


WRITE: dict[str, Callable[..., Term]] = {
    "add": total,
    "sub": lambda x, y: total(x, replace(y, coefficient=-y.coefficient)),
    "mul": product,
    "neg": lambda x: replace(x, coefficient=-x.coefficient),
    "div": quotient,
    "square": lambda x: power(x, "²"),
    "sqrt": lambda x: Term(f"√{x.whole(ATOM)}"),
    "rsqrt": lambda x: Term(f"1 / √{x.whole(ATOM)}", PRODUCT),
    "pow": lambda x, y: power(x, f"^{y.whole(ATOM)}"),
    "abs": lambda x: Term(f"|{replace(x, coefficient=abs(x.coefficient))}|"),
    "log1p": lambda x: call("log", total(Term(""), x)),
    "select_n": choose,
    "and": compare("and"),
    "or": compare("or"),
    "is_finite": lambda x: Term(f"{x} is finite", WHERE),
}
STRUCTURE: dict[str, Callable[..., Term]] = {
    "dot_general": dot,
    "integer_pow": integer_pow,
    "argmax": reduced("argmax"),
    "argmin": reduced("argmin"),
    "transpose": lambda step, x: Term(f"{x.whole(ATOM)}.T"),
    "slice": part,
    "take": take,
    "put_add": put,
    "pad": padded,
    "scan": rounds,
}
