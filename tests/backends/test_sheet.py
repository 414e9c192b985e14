"""Formulas are held to steps: the same numbers, by a calculator that is not ours."""

import importlib.util
import re
from contextlib import suppress

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from calculators import SHARED
from rowwise.api.model import model
from rowwise.backends import reference
from rowwise.backends.sheet import lowering
from rowwise.backends.sheet.rules import Cell, cells_of, strength
from rowwise.capture.capture import capture
from rowwise.errors import BadModel, BadOption, UnsupportedPrimitive
from rowwise.models.arguments import Dense
from rowwise.models.losses import binary_cross_entropy, squared_error
from rowwise.models.recipe import Recipe
from rowwise.models.words import Row, Rows, Value
from rowwise.program.inputs import Constant
from rowwise.program.passes.freeze import moving

needs_ironcalc = pytest.mark.skipif(importlib.util.find_spec("ironcalc") is None, reason="ironcalc is not installed")


def calculated(program, inputs, *, placed):
    """Every result of a program as IronCalc computes it: all steps in cells of their own, or one formula a result."""
    import ironcalc

    book = ironcalc.create("model", "en", "UTC")
    line = 0

    def write(elements):
        """Elements side by side on a line of their own; the cells they stand in."""
        nonlocal line
        elements, line = np.asarray(elements, object), line + 1
        cells = np.array([*(Cell(line, k) for k in range(elements.size)), None], object)[:-1]
        for cell, element in zip(cells, elements.ravel(), strict=True):
            book.set_user_input(
                0, cell.row + 1, cell.column + 1, f"={element}" if isinstance(element, str) else repr(element)
            )
        return cells.reshape(elements.shape)

    cells = {name: write(np.asarray(array, float).astype(object)) for name, array in inputs.items()}
    needed = program.needed(results_of(program).values())
    place = (
        (lambda step, formulas: write([str(f) for f in formulas.ravel()]).reshape(formulas.shape)) if placed else None
    )
    found = lowering.walk(needed, cells | lowering.constants(program.inputs), place)
    at = {name: write([str(e) for e in lowering.operand(found, r).ravel()]) for name, r in results_of(program).items()}
    book.evaluate()
    return {name: [book.get_cell_value(0, c.row + 1, c.column + 1) for c in where] for name, where in at.items()}


def results_of(program):
    gradients = {f"gradient of {name}": gradient for name, gradient in program.gradients.items()}
    return {"loss": program.loss, "prediction": program.prediction} | gradients


def agree(program, inputs):
    """Placed and in one formula (unless it is too long for a sheet), a program's results are those of steps."""
    values = reference.run(program, inputs)
    found = [calculated(program, inputs, placed=True)]
    with suppress(BadOption):
        found.append(calculated(program, inputs, placed=False))
    for results in found:
        for name, numbers in results.items():
            wanted = np.asarray(reference.number(values, results_of(program)[name]), float).ravel()
            np.testing.assert_allclose(np.asarray(numbers, float), wanted, rtol=1e-9, atol=1e-9, err_msg=name)


def numbers_for(program, seed=0):
    random = np.random.default_rng(seed)
    given = {
        i.value.name: random.uniform(-1.5, 1.5, i.value.shape) for i in program.inputs if not isinstance(i, Constant)
    }
    return given | ({"target": 1} if "target" in given else {})


UNARY = [
    jnp.tanh,
    jnp.exp,
    jnp.abs,
    jax.nn.sigmoid,
    jax.nn.relu,
    jnp.square,
    lambda x: -x,
    lambda x: jnp.sqrt(x**2 + 1),
]
UNARY += [lambda x: jnp.log(x**2 + 0.5), lambda x: x**3, lambda x: 1 / (2 + jnp.cos(x)), lambda x: jnp.log1p(x**2)]
UNARY += [jnp.sign, jnp.cumsum, lambda x: x[::-1], lambda x: jnp.roll(x, 1), lambda x: jnp.clip(x, -0.5, 0.5)]
BINARY = [jnp.add, jnp.subtract, jnp.multiply, jnp.maximum, jnp.minimum, lambda x, y: x / (1 + y**2)]
BINARY += [lambda x, y: jnp.where(x > y, x, 2 * y), lambda x, y: jnp.outer(x, y) @ x, lambda x, y: (x @ y) * x]
BINARY += [
    lambda x, y: jnp.concatenate([x, y])[1:4],
    lambda x, y: jnp.stack([x, y]).max(axis=0),
    lambda x, y: x - (y - x),
]
BINARY += [
    lambda x, y: jnp.exp(x - y.max()) / jnp.exp(y - y.max()).sum(),
    lambda x, y: jnp.where((x > 0) & ~(y > 0), x, y),
]


@needs_ironcalc
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking takes minutes
@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=5),
    st.integers(0, 9),
)
def test_random_programs_come_to_what_steps_says(recipe, seed):
    @model(target="rating", loss=squared_error)
    def anything(user=Row("userId", 3, l2=0.01), movie=Row("movieId", 3), bias=Row("userId"), age=Value("age")):
        known = [user, movie]
        for kind, first, second in recipe:
            x, y = known[first % len(known)], known[second % len(known)]
            known.append(UNARY[kind % len(UNARY)](x) if kind < 50 else BINARY[kind % len(BINARY)](x, y))
        return known[-1] @ user + bias * age

    program = anything.program()
    agree(program, numbers_for(program, seed))


@needs_ironcalc
def test_a_neural_net_with_matrices_comes_to_what_steps_says():
    def net(user, movie, hidden, output):
        layer = jax.nn.relu(hidden @ jnp.concatenate([user, movie]))
        return jax.nn.sigmoid(output @ layer)

    zeros = lambda random, shape: 0.0  # noqa: E731
    words = {
        "user": Row("userId", 3),
        "movie": Row("movieId", 2),
        "hidden": Dense((4, 5), 0.01, zeros),
        "output": Dense((4,), 0.0, zeros),
    }
    program = capture(Recipe("net", net, words, "liked", binary_cross_entropy, None, None))
    agree(program, numbers_for(program))


@needs_ironcalc
def test_a_convolution_over_a_short_text_comes_to_what_steps_says():
    @model(target="liked", loss=binary_cross_entropy)
    def convolution(words=Rows("text", 3, length=5), bias=Row("userId")):
        windows = jnp.stack([words[k : k + 3].ravel() for k in range(3)])
        return jnp.tanh(windows @ jnp.arange(9.0) / 9).max() + bias

    program = convolution.program()
    agree(program, numbers_for(program))


def formulas_of(function, *, loss=squared_error, **words):
    """The prediction as one formula, with every input on a line of its own from A1 down."""
    program = capture(Recipe("f", function, words, "rating", loss, None, None))
    cells = {}
    for line, i in enumerate(program.inputs):
        row = np.array([*(Cell(line, k) for k in range(i.value.size)), None], object)[:-1]
        cells[i.value.name] = row.reshape(i.value.shape)
    return lowering.operand(lowering.walk(program.phase("forward"), cells), program.prediction).item()


def test_a_formula_reads_as_a_person_would_write_it():
    assert formulas_of(lambda u, v: u @ v + 3.5, u=Row("u", 5), v=Row("v", 5)) == "SUMPRODUCT(A1:E1,A2:E2)+3.5"
    assert formulas_of(lambda u, v: (u - v) * 2 - (v - u), u=Row("u"), v=Row("v")) == "(A1-A2)*2-(A2-A1)"
    assert formulas_of(lambda u: -(u**2), u=Row("u")) == "-(A1^2)"


def test_rows_side_by_side_are_multiplied_line_by_line():
    written = formulas_of(lambda u, v, w: jnp.concatenate([u, v]) @ w, u=Row("u", 3), v=Row("v", 2), w=Row("w", 5))
    assert written == "SUMPRODUCT(A1:C1,A3:C3)+SUMPRODUCT(A2:B2,D3:E3)"


def test_a_natural_logarithm_is_ln():
    assert formulas_of(lambda u: jnp.log(u), u=Row("u")) == "LN(A1)"


def test_a_minus_before_a_power_keeps_its_meaning():
    """In a sheet -A1^2 is (-A1)^2."""
    assert strength("-A1") < 4
    assert formulas_of(lambda u: (-u) ** 2 - u**2, u=Row("u")) == "(-A1)^2-A1^2"


def test_not_does_not_compare_a_truth_value_with_a_number():
    """In a sheet FALSE=0 is not true."""
    written = formulas_of(lambda u: jnp.where(~(u > 0), u, 0.0), u=Row("u"))
    assert "=0" not in written


def test_products_with_zero_are_left_out():
    """A grid of 5 factors out of 50 says so, and multiplies no zeros."""
    program = capture(
        Recipe("f", lambda u, v: u @ v, {"u": Row("u", 3), "v": Row("v", 3)}, "rating", squared_error, None, None)
    )
    cells = {"u": cells_of([Cell(0, 0), Cell(0, 1), 0.0]), "v": cells_of([Cell(1, 0), Cell(1, 1), 0.0])}
    found = lowering.walk(program.needed([program.prediction]), cells)
    assert lowering.operand(found, program.prediction).item() == "SUMPRODUCT(A1:B1,A2:B2)"


IN_ORDER = {
    "sort": lambda u: jnp.sort(u)[1] * u[0],
    "top_k": lambda u: jax.lax.top_k(jax.lax.stop_gradient(u * 1.0), 2)[0] @ u[:2],
    "cumprod, cummax, cummin": lambda u: (
        jax.lax.cumprod(jax.lax.stop_gradient(u))[2] + jax.lax.cummax(u)[1] + jax.lax.cummin(u, reverse=True)[1]
    ),
    "a place that is computed": lambda u: jnp.take(u, jnp.int32(u[0] > 0) + 1, mode="clip"),
    "cond": lambda u: jax.lax.cond(u[0] > 0, lambda: u[1], lambda: u[2] ** 2),
    "convolve": lambda u: jnp.convolve(u, u[:2])[1],
    "inverse functions": lambda u: (jnp.arcsinh(u) + jnp.arccosh(u**2 + 1.5) + jnp.arctan2(u, u[0])).sum(),
}


@needs_ironcalc
@pytest.mark.parametrize("name", IN_ORDER)
def test_sorting_places_and_choices_come_to_what_steps_says(name):
    @model(target="rating", loss=squared_error)
    def score(user=Row("userId", 3)):
        return IN_ORDER[name](user)

    program = moving(score.program(), ())  # what a sheet shows is the prediction
    agree(program, numbers_for(program))


def test_only_functions_that_every_calculator_shares_are_written():
    from rowwise.program.primitives import ELEMENTWISE

    written = {name for row in ELEMENTWISE.values() for name in re.findall(r"([A-Z]+)\(", row.sheet)}
    as_old_and_as_common = {
        "SIN",
        "COS",
        "TAN",
        "ASIN",
        "ACOS",
        "ATAN",
        "SINH",
        "COSH",
        "ASINH",
        "ACOSH",
        "ATANH",
        "GAMMALN",
    }  # a model of hours needs them
    assert written <= SHARED | as_old_and_as_common


def test_a_primitive_without_a_formula_is_named_with_its_line():
    with pytest.raises(UnsupportedPrimitive, match=r"'floor' has no sheet rule \(at test_sheet.py"):
        formulas_of(lambda u: jnp.floor(u) + u, u=Row("u"))


def test_a_formula_longer_than_a_sheet_takes_is_refused():
    def grows(u):
        for _ in range(9):
            u = jnp.tanh(u) * u + u
        return u

    with pytest.raises(BadOption, match="characters"):
        formulas_of(grows, u=Row("u"))


def test_infinity_is_refused():
    with pytest.raises(BadModel, match="inf"):
        formulas_of(lambda u: jnp.where(u > 0, u, jnp.inf), u=Row("u"))


def test_values_are_named_as_in_the_code():
    @model(target="rating", loss=squared_error)
    def named(user=Row("userId", 2), movie=Row("movieId", 2), bias=Row("userId")):
        match = user @ movie
        return match + bias

    program = named.program()
    names = list(lowering.names(program, lowering.placed(program)).values())
    assert names[:8] == ["user", "movie", "bias", "rating", "match", "prediction", "prediction - rating", "loss"]


def test_a_long_expression_refers_by_number_to_what_has_cells():
    @model(target="rating", loss=squared_error)
    def long(first=Row("userId"), second=Row("movieId"), third=Row("userId"), fourth=Row("movieId")):
        return jnp.tanh((first + second) * (third + fourth) + first * second)

    program = long.program()
    names = list(lowering.names(program, lowering.placed(program)).values())
    assert names[5:9] == ["(1) first + second", "(2) third + fourth", "(1) · (2)", "first · second"]
    assert "…" in " ".join(lowering.names(program, ()).values())
