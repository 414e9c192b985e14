"""Losses and their derivatives, by hand."""

from math import exp, log

import jax
import numpy as np
import pytest

import rowwise as rw

SIGMOID = 1 / (1 + exp(-2.0))


@pytest.mark.parametrize(
    ("loss", "score", "target", "cost", "slope"),
    [
        (rw.squared_error, 3.0, 5.0, 4.0, -4.0),
        (rw.absolute_error, 3.0, 5.0, 2.0, -1.0),
        (rw.binary_cross_entropy, 2.0, 1.0, -log(SIGMOID), SIGMOID - 1),
        (rw.binary_cross_entropy, 2.0, 0.0, -log(1 - SIGMOID), SIGMOID),
        (rw.poisson, 2.0, 3.0, exp(2) - 6, exp(2) - 3),
        (rw.hinge, 0.25, 1.0, 0.75, -1.0),
        (rw.hinge, 0.25, 0.0, 1.25, 1.0),
        (rw.hinge, 2.0, 1.0, 0.0, 0.0),
    ],
)
def test_a_loss_and_its_slope_are_what_they_are_by_hand(loss, score, target, cost, slope):
    found, gradient = jax.value_and_grad(loss.of)(score, target)
    assert float(found) == pytest.approx(cost, rel=1e-6)
    assert float(gradient) == pytest.approx(slope, rel=1e-5)


def test_the_cross_entropy_of_classes_is_minus_the_log_of_the_right_ones_share():
    scores = np.log(np.float32([1, 2, 5]))
    cost, gradient = jax.value_and_grad(rw.categorical_cross_entropy.of)(scores, 2)
    assert float(cost) == pytest.approx(-log(5 / 8), rel=1e-6)
    np.testing.assert_allclose(gradient, [1 / 8, 2 / 8, 5 / 8 - 1], rtol=1e-5)


@pytest.mark.parametrize("score", [-200.0, 200.0])
def test_cross_entropies_stay_finite_at_both_ends(score):
    for loss, given, target in (
        (rw.binary_cross_entropy, score, 1.0),
        (rw.categorical_cross_entropy, np.float32([score, 0]), 0),
    ):
        cost, gradient = jax.value_and_grad(loss.of)(given, target)
        assert float(cost) == pytest.approx(max(0.0, -score))
        assert np.isfinite(gradient).all()


def test_the_prediction_of_a_score_is_what_a_person_reads():
    assert float(rw.squared_error.output(4.0)) == 4.0
    assert float(rw.binary_cross_entropy.output(0.0)) == 0.5
    assert float(rw.poisson.output(0.0)) == 1.0
    np.testing.assert_allclose(rw.categorical_cross_entropy.output(np.zeros(4, np.float32)), 0.25)


def test_the_derivative_of_binary_cross_entropy_reads_sigmoid_minus_target():
    @rw.model(target="liked", loss=rw.binary_cross_entropy)
    def score(user=rw.Row("userId")):
        return user

    derivative = score.program().phase("derivative")
    assert [step.primitive for step in derivative] == ["logistic", "sub"]
    sigmoid, slope = derivative
    assert [str(operand) for operand in slope.inputs] == [sigmoid.output.name, "target"]


def test_a_plain_function_is_a_loss_named_after_itself():
    def cubed(prediction, target):
        return abs(prediction - target) ** 3

    @rw.model(target="rating", loss=cubed)
    def score(user=rw.Row("userId")):
        return user

    assert repr(score.loss) == "cubed"
    assert score.recipe.outcome({"user": 3.0}, 1.0) == (3.0, 8.0)
