"""What the lines of the steps say with numbers in: the cost with its penalty, formulas filled in, products, states."""

import re

import numpy as np
import pytest

from rowwise.views import says
from rowwise.views.cost import penalties
from rowwise.views.steps_html import page
from rowwise.views.steps_terminal import as_text
from views.walked import MODELS, RATED, biases, bpr, dot, parts, walked


def test_the_penalty_is_a_last_line_with_the_numbers_that_its_derivative_is_of():
    seen = walked(biases)
    last = seen.lines[-1]
    assert last.code == "loss + 0.0001 · sum(user²) + 0.0001 · sum(movie²)"
    assert [name for name, _ in last.gives] == ["penalty of user", "penalty of movie", "the cost"]
    for row in ("user", "movie"):
        assert seen.values[f"penalty of {row}"] == pytest.approx(1e-4 * np.sum(seen.values[row] ** 2))
    paid = seen.values["penalty of user"] + seen.values["penalty of movie"]
    assert seen.values["the cost"] == pytest.approx(seen.values["loss"] + paid, rel=1e-12)
    titles = {d.of: d.title for d in seen.derivatives}
    assert titles["user"] == "d cost / d user"
    assert titles["user_bias"] == "d loss / d user_bias"
    assert "d cost / d user" in as_text(seen)
    assert 'data-name="d cost / d user"' in page({"one": seen})


def test_without_l2_or_a_target_there_is_no_cost_besides_the_loss():
    assert "the cost" not in walked(dot).values
    program, _ = parts(dot)
    assert penalties(program) == {}
    without = {name: value for name, value in RATED.items() if name != "rating"}
    assert "the cost" not in walked(biases, without).values


def test_a_formula_filled_in_comes_to_the_number_below_it():
    for model in MODELS:
        seen = walked(model)
        for line in seen.lines:
            for name, text in line.filled.items():
                value = float(seen.values[name])
                assert _worked_out(text) == pytest.approx(value, rel=1e-3, abs=1e-4), text


def test_what_is_below_zero_is_taken_away():
    better = walked(bpr).lines[0]
    assert better.filled["better"] == "−0.051694 − 0.024091"


def test_the_terms_of_a_product_add_up_to_it():
    seen = walked(biases)
    (product,) = seen.lines[0].products
    assert product.of == "user · movie"
    np.testing.assert_allclose(product.terms, seen.values["user"] * seen.values["movie"])
    assert product.running[-1] == pytest.approx(float(seen.values["user"] @ seen.values["movie"]))
    assert "user · movie" in page({"one": seen})


@pytest.mark.parametrize(("optimizer", "states"), {"adam": ["count", "mu", "nu"], "sgd": []}.items())
def test_the_optimizers_own_numbers_are_shown_before_and_after(optimizer, states):
    seen = walked(biases, optimizer=optimizer)
    shown = [name for name, _ in says.parts_of(seen.moves[0])]
    assert shown == ["before", "derivative", *(each for s in states for each in (s, f"new {s}")), "after"]
    text, html = as_text(seen), page({"one": seen})
    assert all(f"new {name} " in text and f"new {name}<" in html for name in states)


def _worked_out(text: str) -> float:
    """A formula of numbers alone, as arithmetic."""
    text = text.replace("−", "-").replace("·", "*").replace("²", "**2")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    return float(eval(text, {"exp": np.exp, "log": np.log, "abs": abs, "sigmoid": sigmoid}))
