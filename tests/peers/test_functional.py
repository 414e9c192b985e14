"""The same code, built by Keras and by `rowwise.keras_style`, trains to the same weights: every layer and optimizer."""

from types import SimpleNamespace

import numpy as np
import pytest

from rowwise import keras_style
from rowwise.program import draws

BATCH, BATCHES, SEED = 16, 50, 3
N = BATCH * BATCHES
USERS, FILMS, WORDS, LENGTH, CLASSES = 30, 40, 25, 7, 3


@pytest.fixture
def keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", minversion="3.10", reason="Keras is not installed: pip install rowwise[peers]")


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    words = random.integers(1, WORDS, (N, LENGTH))
    words[random.random(N) < 0.5, :3] = 0  # half the texts are short
    return {
        "user": random.integers(0, USERS, (N, 1)),
        "film": random.integers(0, FILMS, (N, 1)),
        "age": random.normal(size=(N, 1)).astype(np.float32),
        "tags": random.normal(size=(N, 3)).astype(np.float32),
        "words": words,
        "rating": random.integers(1, 6, N).astype(np.float32),
        "liked": random.integers(0, 2, N).astype(np.float32),
        "class": random.integers(0, CLASSES, N),
    }


# Each is a few lines of Keras 3, given its layers.


def dot_product(k):
    user, film = k.Input((1,), name="user", dtype="int32"), k.Input((1,), name="film", dtype="int32")
    u = k.Embedding(USERS, 4, embeddings_regularizer=k.l2(1e-2), name="u")(user)
    m = k.Embedding(FILMS, 4, name="m")(film)
    return [user, film], k.Flatten()(k.Dot(axes=2)([u, m]))


def merges(k):
    user, film = k.Input((1,), name="user", dtype="int32"), k.Input((1,), name="film", dtype="int32")
    age, tags = k.Input((1,), name="age"), k.Input((3,), name="tags")
    u = k.Flatten()(k.Embedding(USERS, 4, embeddings_regularizer=k.l2(1e-2), name="u")(user))
    m = k.Reshape((4,))(k.Embedding(FILMS, 4, name="m")(film))
    bias = k.Flatten()(k.Embedding(USERS, 1, name="bias")(user))
    side = k.Activation("tanh")(k.Dense(4, name="side")(k.Concatenate()([age, tags])))
    hidden = k.Dense(5, activation="relu", kernel_regularizer=k.l2(1e-2), name="hidden")
    both = k.Concatenate()([k.Multiply()([u, m]), k.Average()([u, m, side]), k.Add()([hidden(u), hidden(side)])])
    return [user, film, age, tags], k.Add()([k.Dense(1, name="score")(both), bias])


def convolutions(k):
    words = k.Input((LENGTH,), name="words", dtype="int32")
    rows = k.Embedding(WORDS, 4, name="rows")(words)
    same = k.MaxPooling1D(2)(k.Conv1D(6, 4, padding="same", activation="relu", name="same")(rows))
    valid = k.Conv1D(5, 3, name="valid")(rows)
    parts = [k.Flatten()(same), k.GlobalMaxPooling1D()(valid), k.GlobalAveragePooling1D()(rows)]
    return [words], k.Dense(1, activation="sigmoid", name="score")(k.Concatenate()(parts))


def recurrence(k):
    words = k.Input((LENGTH,), name="words", dtype="int32")
    rows = k.Embedding(WORDS, 4, mask_zero=True, embeddings_regularizer=k.l2(1e-3), name="rows")(words)
    parts = [k.LSTM(5, name="lstm")(rows), k.GlobalAveragePooling1D()(rows)]
    return [words], k.Dense(CLASSES, activation="softmax", name="score")(k.Concatenate()(parts))


CASES = [
    (dot_product, "rating", "mse", "SGD", {}),
    (dot_product, "rating", "mse", "SGD", {"momentum": 0.9}),
    (dot_product, "rating", "mae", "SGD", {"momentum": 0.9, "nesterov": True}),
    (dot_product, "rating", "mse", "Adagrad", {}),
    (merges, "rating", "mse", "Adam", {"beta_1": 0.8}),
    (convolutions, "liked", "binary_crossentropy", "RMSprop", {}),
    (recurrence, "class", "sparse_categorical_crossentropy", "Adam", {}),
]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras' own
@pytest.mark.parametrize(("build", "target", "loss", "optimizer", "settings"), CASES)
def test_layers_and_optimizers_end_at_the_weights_of_keras(keras, data, build, target, loss, optimizer, settings):
    theirs = keras.Model(*build(SimpleNamespace(**vars(keras.layers), l2=keras.regularizers.l2)))
    ours = keras_style.Model(*build(keras_style))
    started = {layer.name: layer.get_weights() for layer in theirs.layers if layer.get_weights()}
    for name, weights in started.items():
        ours.get_layer(name).set_weights(weights)
    rate = {"SGD": 0.05 if settings else 0.5, "Adagrad": 0.05}.get(optimizer, 0.01)

    names = [symbol.name for symbol in ours.inputs]
    counters = np.arange(N, dtype=np.uint32)
    order = draws.place(counters, N, np.uint32(draws.key(SEED, 0, draws.ORDER)))  # the order in which ours are read
    theirs.compile(getattr(keras.optimizers, optimizer)(learning_rate=rate, **settings), loss=loss)
    given = [data[name][order] for name in names]
    theirs.fit(given, data[target][order], batch_size=BATCH, epochs=1, shuffle=False, verbose=0)
    ours.compile(getattr(keras_style, optimizer)(learning_rate=rate, **settings), loss=loss)
    ours.fit([data[name] for name in names], data[target], batch_size=BATCH, epochs=1, seed=SEED)

    moved = 0.0
    for name, before in started.items():
        for mine, wanted, first in zip(
            ours.get_layer(name).get_weights(), theirs.get_layer(name).get_weights(), before, strict=True
        ):
            np.testing.assert_allclose(mine, wanted, atol=1e-4, rtol=0, err_msg=name)
            moved = max(moved, abs(wanted - first).max())
    assert moved > 0.02
