"""A plain function of tables is taken apart: what it looks up, what comes with the data, and a function of rows."""

import re
import signal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from rowwise.errors import BadData, BadModel, Diverged
from rowwise.keras_style import SGD
from rowwise.train.run import Run

USERS, FILMS, TAGS = 20, 30, 8


def tables():
    random = np.random.default_rng(0)
    return {
        "user": random.normal(0, 0.3, (USERS, 4)).astype(np.float32),
        "film": random.normal(0, 0.3, (FILMS, 4)).astype(np.float32),
        "bias": np.zeros(USERS, np.float32),
        "tag": random.normal(0, 0.3, (TAGS, 4)).astype(np.float32),
        "side": np.ones(2, np.float32),
    }


def score(t, one):
    film = jnp.take(t["film"], (one["film"] - 1000) // 10, axis=0)  # whatever arithmetic leads to a row
    tags = t["tag"][one["tags"]]
    there = one["tags"] > 0
    mean = jnp.sum(tags * there[:, None], axis=0) / 3
    return t["user"][one["user"]] @ (film + mean) + t["bias"][one["user"]] + jnp.tanh(t["side"] @ one["age"])


def data(n=400):
    random = np.random.default_rng(1)
    user, film = random.integers(0, USERS, n), random.integers(0, FILMS, n)
    rest = {"tags": random.integers(0, TAGS, (n, 3)), "age": random.normal(size=(n, 2)).astype(np.float32)}
    return {"user": user, "film": 1000 + 10 * film, **rest}, np.where((user + film) % 2, 1.0, 5.0).astype(np.float32)


def example(x):
    return {name: array[0] for name, array in x.items()}


def by_jax(weights, x):
    return jax.vmap(lambda one: score(jax.tree.map(jnp.asarray, weights), one))(x)


def test_a_function_of_tables_predicts_and_trains_as_a_model_of_rows():
    x, y = data()
    brought = rw.from_jax(score, tables(), example(x), l2={"user": 1e-4})
    assert {name: type(word).__name__ for name, word in brought.model.words.items()} == {
        "user": "RowWord", "film": "RowWord", "tag": "RowsWord", "bias": "RowWord", "side": "Dense",
        "tags_2": "ValueWord", "age": "ValueWord",
    }  # fmt: skip
    assert {n: w.column for n, w in brought.model.lookups.items()} == {
        "user": "user", "film": "film", "tag": "tags", "bias": "user"
    }  # fmt: skip
    np.testing.assert_allclose(brought.predict(x), by_jax(brought.weights, x), atol=1e-5)
    before = {name: array.copy() for name, array in brought.weights.items()}
    given = y.copy()
    history = brought.fit(x, y, epochs=8, batch_size=8, optimizer="adagrad", validation_data=(x, y))
    np.testing.assert_array_equal(y, given)  # an engine may put examples in another order, but its own
    assert brought.fitted.settings["engine"].startswith("llvm")
    assert history.history["val_loss"][-1] < history.history["val_loss"][0]
    assert all(abs(brought.weights[name] - old).max() > 1e-3 for name, old in before.items())
    np.testing.assert_allclose(brought.predict(x), by_jax(brought.weights, x), atol=1e-5)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_inside_a_callback_of_the_collector_is_not_lost(monkeypatch):
    class Interrupts:
        def __del__(self):  # Python drops what is raised in here
            signal.raise_signal(signal.SIGINT)

    epoch = Run._epoch
    monkeypatch.setattr(Run, "_epoch", lambda *given: (Interrupts() and None) or epoch(*given))
    x, y = data()
    brought = rw.from_jax(score, tables(), example(x))
    assert brought.fit(x, y, epochs=9, batch_size=8).epoch == [0]
    assert brought.fitted.settings["interrupted"] == "stopped by hand after epoch 1"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_training_that_diverges_leaves_the_numbers_of_before_and_names_a_rate_that_trains():
    x, y = data()
    brought = rw.from_jax(score, tables(), example(x))
    brought.fit(x, y, batch_size=8, optimizer=SGD(0.01))
    before = {name: array.copy() for name, array in brought.weights.items()}
    with pytest.raises(Diverged, match="stays finite") as raised:
        brought.fit(x, y, epochs=3, batch_size=8, optimizer=SGD(1e6))
    for name, array in before.items():
        np.testing.assert_array_equal(brought.weights[name], array)
    assert len(raised.value.fitted.history) == 1
    rate = float(re.search(r"learning_rate=(\S+) stays finite", str(raised.value)).group(1))
    losses = brought.fit(x, y, epochs=3, batch_size=8, optimizer=SGD(rate)).history["loss"]
    assert losses[-1] <= losses[0]


def test_the_steps_show_the_lines_of_the_function_itself():
    x, _ = data(4)
    walk = rw.from_jax(score, tables(), example(x)).fitted.steps(
        {"user": 1, "film": 2, "tags": [3, 4, 0], "tags_2": [1, 1, 0], "age": [0.0, 1.0], "y": 5.0}
    )
    assert [line.code[:6] for line in walk.lines[:2]] == ["mean =", "return"]
    assert all("test_brought.py" in line.place for line in walk.lines[:2])


def test_a_module_of_equinox_is_taken_as_its_arrays():
    eqx = pytest.importorskip("equinox")

    class Net(eqx.Module):
        rows: eqx.nn.Embedding
        layer: eqx.nn.Linear

        def __call__(self, word):
            return self.layer(jax.nn.relu(self.rows(word)))[0]

    one, other = jax.random.split(jax.random.key(0))
    net = Net(eqx.nn.Embedding(TAGS, 3, key=one), eqx.nn.Linear(3, 1, key=other))
    brought = rw.from_jax(lambda net, word: net(word), net, np.int32(0), name="net")
    assert list(brought.weights) == ["rows_weight", "layer_weight", "layer_bias"]
    words = np.arange(TAGS)
    np.testing.assert_allclose(brought.predict(words), jax.vmap(net)(words), atol=1e-5)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda t, one: jnp.sum(t["user"]), "looks up no rows by numbers of the example"),
        (lambda t, one: t["user"][one["user"]] @ t["user"].sum(0), "user is looked up, and read whole by reduce_sum"),
        (lambda t, one: t["user"][one["user"]], r"returns \(4,\)\n  expected: one number"),
        (lambda t, one: (t["user"][one["user"]].sum(), 1), "expected: one array"),
    ],
)  # fmt: skip
def test_what_is_no_model_of_rows_is_told(function, told):
    with pytest.raises(BadModel, match=told):
        rw.from_jax(function, tables(), {"user": np.int32(0)})


def test_data_that_the_function_could_not_read_are_refused():
    x, y = data(10)
    brought = rw.from_jax(score, tables(), example(x))
    with pytest.raises(BadData, match=r"100 is no row of 'film'.*\n.*0 to 29"):
        brought.fit({**x, "film": np.full(10, 2000)}, y)
    with pytest.raises(BadData, match=r"age is given an array of shape \(10,\)\n  expected: \(examples, 2\)"):
        brought.fit({**x, "age": np.zeros(10)}, y)
