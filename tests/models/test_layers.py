"""Layers over a sequence, held to the libraries that define them."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from reference import trains_as_the_reference
from rowwise.backends.xla.batch import XlaBatch
from rowwise.errors import BadOption

RANDOM = np.random.default_rng(0)
ROWS = jnp.asarray(RANDOM.normal(size=(7, 3)), jnp.float32)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("width", [1, 4, 5])
def test_a_convolution_is_that_of_jax(width, padding):
    kernel = jnp.asarray(RANDOM.normal(size=(width, 3, 2)), jnp.float32)
    axes = ("NWC", "WIO", "NWC")
    (wanted,) = jax.lax.conv_general_dilated(ROWS[None], kernel, (1,), padding.upper(), dimension_numbers=axes)
    np.testing.assert_allclose(rw.layers.convolution(ROWS, kernel, padding=padding), wanted, atol=1e-5)


def test_padding_that_there_is_not_is_refused():
    with pytest.raises(BadOption, match=r"(?s)padding='full'.*same, valid"):
        rw.layers.convolution(ROWS, np.ones((3, 3, 2)), padding="full")


def test_a_pool_takes_the_largest_of_neighbours_and_leaves_out_a_rest():
    assert rw.layers.max_pool(jnp.array([[1, 9], [5, 2], [3, 3], [4, 0], [8, 8]]), 2).tolist() == [[5, 9], [4, 3]]


def test_an_lstm_is_that_of_equinox_and_passes_over_what_is_masked():
    cell = eqx.nn.LSTMCell(3, 2, key=jax.random.key(0))
    state = (jnp.zeros(2), jnp.zeros(2))
    for row in ROWS[2:]:
        state = cell(row, state)
    mask = jnp.array([0.0, 0, 1, 1, 1, 1, 1])
    found = rw.layers.lstm(ROWS, cell.weight_ih.T, cell.weight_hh.T, cell.bias, mask=mask)
    np.testing.assert_allclose(found, state[0], atol=1e-6)


@rw.model(target="label", loss=rw.binary_cross_entropy)
def read_in_turn(words=rw.Rows("text", 3, length=4), cell=rw.Head(eqx.nn.LSTMCell(3, 2, key=jax.random.key(0)))):
    def step(state, row):
        return cell(row, state), None

    (hidden, _), _ = jax.lax.scan(step, (jnp.zeros(2), jnp.zeros(2)), words)
    return hidden.sum()


@rw.model(target="label", loss=rw.binary_cross_entropy)
def every_layer(
    words=rw.Rows("text", 3, length=5),
    real=rw.Rows("text", length=5, init="ones", trainable=False),
    kernel=rw.Weight((3, 3, 2)),
    inward=rw.Weight((3, 8)),
    recurrent=rw.Weight((2, 8)),
    bias=rw.Weight(8),
):
    found = rw.layers.max_pool(jax.nn.relu(rw.layers.convolution(words, kernel)), 2)
    return found.sum() + rw.layers.lstm(words, inward, recurrent, bias, mask=real).sum()


@pytest.mark.parametrize("model", [read_in_turn, every_layer], ids=lambda model: model.name)
def test_layers_train_in_batches_as_the_steps_say(model):
    trains_as_the_reference(XlaBatch, model, optimizer="adam", n=5, epochs=1)
