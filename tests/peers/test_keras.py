"""The lesson's model of dot product and biases in Keras 3 and in Rowwise: the same numbers after 200 batches."""

import numpy as np
import pytest

import rowwise as rw
from rowwise.backends.xla.batch import XlaBatch
from rowwise.data.examples import Examples
from rowwise.models.start import start
from rowwise.program import draws

USERS, FILMS, FACTORS, BATCH, BATCHES, L2, SEED = 300, 500, 8, 64, 200, 1e-4, 7  # most rows sit out most batches
TABLES = {"user": USERS, "film": FILMS, "user_bias": USERS, "film_bias": FILMS}


@rw.model(target="rating", loss=rw.squared_error)
def lesson(
    user=rw.Row("user", FACTORS, l2=L2),
    film=rw.Row("film", FACTORS, l2=L2),
    user_bias=rw.Row("user"),
    film_bias=rw.Row("film"),
):
    """Source: fast.ai, Practical Deep Learning for Coders 2016, lesson 4."""
    return user @ film + user_bias + film_bias


@pytest.fixture
def keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", minversion="3.10", reason="Keras is not installed: pip install rowwise[peers]")


@pytest.fixture(scope="module")
def examples():
    """As many ratings as 200 batches of one epoch hold."""
    random = np.random.default_rng(0)
    n = BATCH * BATCHES
    rows = {
        "user": random.integers(0, USERS, n).astype(np.int32),
        "film": random.integers(0, FILMS, n).astype(np.int32),
    }
    return Examples(n, rows, {}, random.integers(1, 6, n).astype(np.float32))


def start_tables():
    random = np.random.default_rng(1)
    wide = {name: (rows, FACTORS) if "bias" not in name else (rows,) for name, rows in TABLES.items()}
    return {name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in wide.items()}


def by_rowwise(examples, tables):
    program = lesson.program(optimizer="keras_adam", update="dense")
    parameters = start(lesson.recipe, program, {"user": USERS, "film": FILMS}, seed=0)
    for name, table in tables.items():
        parameters.tables[name][...] = table
    engine = XlaBatch(program, examples, parameters, means={}, batch_size=BATCH, seed=SEED)
    loss = engine.epoch(0, 0.001)
    return loss, parameters.tables


def by_keras(keras, examples, tables):
    layers = keras.layers
    user, film = (layers.Input((), dtype="int32", name=name) for name in ("user", "film"))

    def embedding(name, given, width):
        penalty = keras.regularizers.l2(L2) if width > 1 else None
        layer = layers.Embedding(TABLES[name], width, embeddings_regularizer=penalty, name=name + "_table")
        return layer(given)

    product = layers.Dot(1)([embedding("user", user, FACTORS), embedding("film", film, FACTORS)])
    score = layers.Add()([product, embedding("user_bias", user, 1), embedding("film_bias", film, 1)])
    model = keras.Model([user, film], score)
    for name, table in tables.items():
        model.get_layer(name + "_table").set_weights([table.reshape(len(table), -1)])
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mse")
    n = examples.n
    order = draws.place(
        np.arange(n, dtype=np.uint32), n, np.uint32(draws.key(SEED, 0, draws.ORDER))
    )  # the same batches
    inputs = {name: rows[order] for name, rows in examples.rows.items()}
    model.fit(inputs, examples.target[order], batch_size=BATCH, epochs=1, shuffle=False, verbose=0)
    return {
        name: model.get_layer(name + "_table").get_weights()[0].reshape(table.shape) for name, table in tables.items()
    }


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's own
def test_keras_and_rowwise_agree_after_200_batches(keras, examples):
    tables = start_tables()
    wanted = by_keras(keras, examples, tables)
    loss, found = by_rowwise(examples, tables)
    assert np.isfinite(loss)
    for name, table in wanted.items():
        assert abs(table - tables[name]).max() > 0.05  # it moved, 200 steps of 0.001 at most
        np.testing.assert_allclose(found[name], table, atol=1e-6, rtol=0, err_msg=name)
