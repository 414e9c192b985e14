"""Optimizers of Optax as steps: captured and run, each moves a row as Optax does."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import rowwise as rw
from rowwise.backends import reference
from rowwise.capture.optimizers import optimizer_of
from rowwise.errors import BadOption

RATE = 0.05
NAMED = {
    "sgd": optax.sgd,
    "momentum": functools.partial(optax.sgd, momentum=0.9),
    "nesterov": functools.partial(optax.sgd, momentum=0.9, nesterov=True),
    "adagrad": optax.adagrad,
    "rmsprop": optax.rmsprop,
    "adam": optax.adam,
    "adamw": optax.adamw,
    "nadam": optax.nadam,
    "adamax": optax.adamax,
    "amsgrad": optax.amsgrad,
    "radam": optax.radam,
    "adabelief": optax.adabelief,
    "adadelta": optax.adadelta,
    "lion": optax.lion,
    "yogi": optax.yogi,
    "sign_sgd": optax.sign_sgd,
    "fromage": optax.fromage,
    "lamb": optax.lamb,
}
GRADIENTS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


@rw.model(target="rating", loss=rw.squared_error)
def score(user=rw.Row("userId", 3), bias=rw.Row("userId"), layer=rw.Weight((2, 3))):
    return (layer @ user).sum() + bias


def moved(program, name, row, gradients, rate=RATE):
    """A row after each update by the steps, from the optimizer's start."""
    update = program.updates[name]
    states = [np.full(value.shape, begin) for value, begin in zip(update.state, update.start, strict=True)]
    rows = []
    for gradient in gradients:
        values = reference.run_update(program, update, row, gradient, rate, states)
        row, *states = (reference.number(values, output) for output in update.outputs)
        rows.append(row)
    return rows


def moved_by_optax(optimizer, row, gradients):
    row, rows = jnp.asarray(row), []
    state = optimizer.init(row)
    update = jax.jit(optimizer.update)
    for gradient in gradients:
        change, state = update(jnp.asarray(gradient), state, row)
        row = optax.apply_updates(row, change)
        rows.append(row)
    return rows


@pytest.mark.parametrize("name", NAMED)
def test_a_named_optimizer_moves_a_row_as_optax_does(name):
    program = score.program(optimizer=name)
    row = np.float32([0.5, -1, 2])
    found, wanted = moved(program, "user", row, GRADIENTS), moved_by_optax(NAMED[name](RATE), row, GRADIENTS)
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=1e-6)
    assert program.optimizer == name


def test_an_optimizer_moves_a_number_and_a_matrix_too():
    program = score.program(optimizer="adam")
    bias, layer = np.float32(0.5), np.ones((2, 3), np.float32)
    wanted = moved_by_optax(optax.adam(RATE), bias, GRADIENTS[:, 0])
    np.testing.assert_allclose(moved(program, "bias", bias, GRADIENTS[:, 0]), wanted, rtol=1e-4)
    gradients = GRADIENTS[:, None, :] * np.float32([[1], [2]])
    wanted = moved_by_optax(optax.adam(RATE), layer, gradients)
    np.testing.assert_allclose(moved(program, "layer", layer, gradients), wanted, rtol=1e-4)


def test_states_carry_the_names_of_optax():
    update = score.program(optimizer="adam").updates["user"]
    assert [value.name for value in update.state] == ["user.count", "user.mu", "user.nu"]
    assert [value.dtype for value in update.state] == ["int32", "float32", "float32"]
    assert update.start == (0, 0.0, 0.0)


def test_the_state_of_adagrad_starts_as_optax_starts_it():
    assert score.program(optimizer="adagrad").updates["bias"].start == pytest.approx([0.1])


def test_a_factory_with_settings_is_an_optimizer():
    program = score.program(optimizer=functools.partial(optax.adam, b1=0.5, eps=1e-3))
    row = np.float32([0.5, -1, 2])
    wanted = moved_by_optax(optax.adam(RATE, b1=0.5, eps=1e-3), row, GRADIENTS)
    np.testing.assert_allclose(moved(program, "user", row, GRADIENTS), wanted, rtol=1e-4)
    assert program.optimizer == "adam"


def test_an_object_of_optax_has_its_own_learning_rate():
    program = score.program(optimizer=optax.sgd(0.5))
    row = np.float32([0.5, -1, 2])
    for rate in (0.0, 1.0):
        np.testing.assert_allclose(moved(program, "user", row, GRADIENTS, rate)[0], row - 0.5 * GRADIENTS[0], rtol=1e-6)
    assert optimizer_of(optax.sgd(0.5)).default_rate == 1.0


def test_a_chain_of_optax_is_an_optimizer():
    def clipped(rate):
        return optax.chain(optax.clip(0.1), optax.sgd(rate))

    program = score.program(optimizer=clipped)
    row = np.float32([0.5, -1, 2])
    found = moved(program, "user", row, GRADIENTS)[0]
    np.testing.assert_allclose(found, row - RATE * np.clip(GRADIENTS[0], -0.1, 0.1), rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("adgrad", "optimizer='adgrad' is not in Optax.*did you mean 'adagrad'"),
        ("apply_updates", "'apply_updates' makes no optimizer of a learning rate"),  # of Optax, and no optimizer
        ("GradientTransformation", "makes no optimizer of a learning rate"),
        (optax.cosine_decay_schedule, "'cosine_decay_schedule' makes no optimizer"),
        (lambda: optax.sgd(0.1), "takes 0 positional arguments"),
        (3, "optimizer=3 is not in Optax"),
        (None, "optimizer=None is not in Optax"),
    ],
)
def test_what_is_no_optimizer_is_refused(given, text):
    with pytest.raises(BadOption, match=f"(?s){text}"):
        score.program(optimizer=given)
