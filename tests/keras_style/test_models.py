"""The code of the course's lesson on ratings runs as it stands, but for its imports."""

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.errors import BadData, BadModel, BadOption
from rowwise.keras_style import (
    Adam,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Model,
    l2,
    merge,
)

n_users, n_movies, n_factors = 20, 30, 4


@pytest.fixture(scope="module")
def ratings():
    """Even users give even films 5 stars and odd films 1, odd users the reverse."""
    user, movie = np.divmod(np.arange(n_users * n_movies), n_movies)
    rating = np.where((user + movie) % 2 == 0, 5.0, 1.0)
    return pl.DataFrame({"userId": user, "movieId": movie, "rating": rating})


@pytest.fixture(scope="module")
def halves(ratings):
    msk = np.random.default_rng(0).random(len(ratings)) < 0.8
    return ratings.filter(msk), ratings.filter(~msk)


def embeddings():
    user_in = Input(shape=(1,), dtype="int64", name="user_in")
    u = Embedding(n_users, n_factors, input_length=1, W_regularizer=l2(1e-4))(user_in)
    movie_in = Input(shape=(1,), dtype="int64", name="movie_in")
    m = Embedding(n_movies, n_factors, input_length=1, W_regularizer=l2(1e-4))(movie_in)
    return user_in, u, movie_in, m


def create_bias(inp, n_in):
    x = Embedding(n_in, 1, input_length=1)(inp)
    return Flatten()(x)


def dot_product():
    user_in, u, movie_in, m = embeddings()
    x = merge([u, m], mode="dot")
    x = Flatten()(x)
    return Model([user_in, movie_in], x)


def with_biases():
    user_in, u, movie_in, m = embeddings()
    ub = create_bias(user_in, n_users)
    mb = create_bias(movie_in, n_movies)
    x = merge([u, m], mode="dot")
    x = Flatten()(x)
    x = merge([x, ub], mode="sum")
    x = merge([x, mb], mode="sum")
    return Model([user_in, movie_in], x), movie_in, mb


def neural_net():
    user_in, u, movie_in, m = embeddings()
    x = merge([u, m], mode="concat")
    x = Flatten()(x)
    x = Dropout(0.3)(x)
    x = Dense(70, activation="relu")(x)
    x = Dropout(0.75)(x)
    x = Dense(1)(x)
    return Model([user_in, movie_in], x)


def test_the_lesson_on_ratings_runs(halves):
    trn, val = halves
    model, movie_in, mb = with_biases()
    model.compile(Adam(0.01), loss="mse")
    first = model.fit([trn["userId"], trn["movieId"]], trn["rating"], batch_size=64, nb_epoch=2,
              validation_data=([val["userId"], val["movieId"]], val["rating"]))  # fmt: skip
    model.optimizer.lr = 0.03
    last = model.fit([trn["userId"], trn["movieId"]], trn["rating"], batch_size=64, nb_epoch=60,
              validation_data=([val["userId"], val["movieId"]], val["rating"]))  # fmt: skip
    assert first.history["val_loss"][0] > 4  # nothing is known yet, and the targets are 2 from their mean
    assert last.history["val_loss"][-1] < 0.3
    assert last.epoch == list(range(2, 62))
    said = model.predict([np.array([3, 3]), np.array([6, 7])])
    assert said.shape == (2, 1)
    assert abs(said.ravel() - [1, 5]).max() < 1.5
    np.testing.assert_array_equal(
        Model(movie_in, mb).predict(np.arange(n_movies)), mb.inputs[0].layer.get_weights()[0]
    )  # the biases of the films, read by a smaller model that shares the layer


def test_a_model_of_layers_is_a_function_of_rows():
    model = dot_product()
    model.compile(Adam(0.001), loss="mse")
    u, m, dot = (symbol.name for symbol in model.symbols if symbol.layer.kind in ("Embedding", "Dot"))
    assert model.rows.partition("import rowwise as rw\n\n\n")[2] == (
        '@rw.model(target="y", loss=rw.squared_error)\n'
        f"def {model.name}(\n"
        f'    {u}=rw.Row("user_in", 4, l2=0.0001, init="uniform"),\n'
        f'    {m}=rw.Row("movie_in", 4, l2=0.0001, init="uniform"),\n'
        "):\n"
        f"    {dot} = {u} @ {m}\n"
        f"    return {dot}\n"
    )
    there: dict = {}
    exec(model.rows, there)  # it is a file that runs
    assert there[model.name].target == "y"


def test_what_any_trained_model_can_do_a_model_of_layers_can(halves, tmp_path):
    trn, _ = halves
    data = trn.rename({"userId": "user_in", "movieId": "movie_in"})
    model = neural_net()
    model.compile("adam", loss="mse", update="sparse")
    history = model.fit(data, "rating", batch_size=32, epochs=2, validation_split=0.1, engine="llvm")
    assert list(history.history) == ["loss", "val_loss"]
    assert model.fitted.settings["engine"].startswith("llvm")
    example = {"user_in": 3, "movie_in": 0, "y": 5.0}
    walk = model.steps(example)
    assert [line.code.partition(" =")[0] for line in walk.lines][:2] == [
        symbol.name for symbol in model.symbols if symbol.layer.kind in ("Concatenate", "Dropout")
    ][:2]
    answers = model.predict([[3], [0]])
    model.save(tmp_path / "model")
    loaded = rw.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.predict(example), answers[:, 0], rtol=1e-6)
    assert loaded.similar(0, n=2).columns == ["movie_in", "cosine"]
    assert model.sheet(tmp_path / "model.xlsx", data=data.head(20).rename({"rating": "y"})).exists()


def test_weights_go_out_and_in_again(tmp_path):
    model, other = neural_net(), neural_net()
    shapes = [(n_users, 4), (n_movies, 4), (8, 70), (70,), (70, 1), (1,)]
    assert [array.shape for array in model.get_weights()] == shapes
    model.save_weights(tmp_path / "weights")
    other.load_weights(tmp_path / "weights")
    data = [np.arange(5), np.arange(5)]
    np.testing.assert_array_equal(model.predict(data), other.predict(data))
    with pytest.raises(BadOption, match=r"weights of shape \(2,\) for .*\n  expected: \(20, 4\), \(30, 4\)"):
        model.set_weights([np.zeros(2)])


def test_a_frozen_layer_stays_and_a_thawed_one_moves(halves):
    trn, _ = halves
    given = np.full((n_users, n_factors), 0.5, np.float32)
    user_in, movie_in = Input((1,), name="u"), Input((1,), name="m")
    users = Embedding(n_users, n_factors, weights=[given], trainable=False)
    model = Model([user_in, movie_in], merge([users(user_in), Embedding(n_movies, n_factors)(movie_in)], mode="dot"))
    model.compile(Adam(0.01), loss="mse")
    data = [trn["userId"], trn["movieId"]]
    model.fit(data, trn["rating"])
    np.testing.assert_array_equal(users.get_weights()[0], given)
    states = model.learner.parameters.states
    counted = {name: int(state[0].max()) for name, state in states.items()}
    users.trainable = True
    model.fit(data, trn["rating"])
    assert abs(users.get_weights()[0] - given).max() > 0.01
    name, count = next(iter(counted.items()))  # the other layer's averages were kept
    assert int(model.learner.parameters.states[name][0].max()) == 2 * count


def test_a_layer_called_twice_has_one_table():
    one, other = Input((1,), name="one"), Input((1,), name="other")
    table = Embedding(n_users, n_factors)
    model = Model([one, other], merge([table(one), table(other)], mode="dot"))
    assert model.count_params() == n_users * n_factors
    matrix = table.get_weights()[0]
    np.testing.assert_allclose(model.predict([[3], [5]]).ravel(), matrix[3] @ matrix[5], rtol=1e-5)


def test_the_summary_says_what_an_update_moves():
    model = dot_product()
    model.compile(update="sparse")
    assert '200 numbers in all, of which an example looks up 8\n  update="sparse", unlike Keras' in repr(model)


@pytest.mark.parametrize(
    ("wrong", "error", "told"),
    [
        (lambda m: m.fit([[0], [n_movies]], [3.0]), BadData, r"30 is no row of 'movie_in'.*\n.*0 to 29\n.*input_dim"),
        (lambda m: m.fit([[0, 1], [0]], [3.0, 4.0]), BadData, r"different lengths: user_in has 2, movie_in has 1"),
        (lambda m: m.fit([[0], [0]], [3.0, 4.0]), BadData, r"2 targets of shape \(\) for 1 examples"),
        (lambda m: m.fit([[0], [0]]), BadData, "no targets"),
        (lambda m: m.fit({"user_in": [0]}, [3.0]), BadData, r"no column 'movie_in'"),
        (lambda m: m.fit([np.zeros((1, 2), int), [0]], [3.0]), BadData, r"user_in is given an array of shape \(1, 2\)"),
        (lambda m: m.fit([[0], [0]], [3.0], epoch=3), BadOption, r"fit has no argument 'epoch'.*\n.*\n.*'epochs'"),
        (lambda m: m.compile(loss="binary_crossentropy"), BadOption, r"a last layer with activation='sigmoid'"),
        (lambda m: m.compile("adamax"), BadOption, r"one of adam, sgd, adagrad, rmsprop"),
        (lambda m: Model(m.inputs[0], m.output), BadModel, r"reads movie_in, which model_\d+ is not given"),
        (lambda m: Model(m.inputs, m.output).fit([[0], [0]], [1]), BadModel, r"is not compiled"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_what_was_expected(wrong, error, told):
    model = dot_product()
    model.compile(Adam(0.001), loss="mse")
    with pytest.raises(error, match=told):
        wrong(model)
