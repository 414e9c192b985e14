"""Models of Keras are brought along: the same predictions before training and, with the weights written back, after."""

import numpy as np
import pytest

import rowwise as rw
from mends import mends
from rowwise.errors import BadModel, RowwiseError

USERS, FILMS, N = 20, 30, 300
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras' own


@pytest.fixture
def keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", minversion="3.10", reason="Keras is not installed: pip install rowwise[keras]")


def lesson(keras):
    """The course's net, with the product and the biases of its other models."""
    k, l2 = keras.layers, keras.regularizers.l2
    user, film = k.Input((1,), name="user", dtype="int32"), k.Input((1,), name="film", dtype="int32")
    u = k.Embedding(USERS, 4, embeddings_regularizer=l2(1e-4))(user)
    m = k.Embedding(FILMS, 4, embeddings_regularizer=l2(1e-4))(film)
    x = k.Dropout(0.3)(k.Flatten()(k.Concatenate()([u, m])))
    x = k.Dense(1)(k.Dropout(0.5)(k.Dense(6, activation="relu")(x)))
    bias = k.Flatten()(k.Embedding(USERS, 1)(user))
    return keras.Model([user, film], k.Add()([x, bias, k.Flatten()(k.Dot(2)([u, m]))]))


def two_towers(keras):
    """A user with an age, a film with three tags, each through a layer of its own, and the cosine of the two."""
    k = keras.layers
    user, age = k.Input((), name="user", dtype="int32"), k.Input((1,), name="age")
    film, tags = k.Input((), name="film", dtype="int32"), k.Input((3,), name="tags", dtype="int32")
    who = k.Dense(5)(k.Concatenate()([k.Embedding(USERS, 4)(user), age]))
    mean = k.GlobalAveragePooling1D()(k.Embedding(8, 3, mask_zero=True)(tags))
    what = k.Dense(5, activation="tanh")(k.Concatenate()([k.Embedding(FILMS, 4)(film), mean]))
    return keras.Model({"user": user, "age": age, "film": film, "tags": tags}, k.Dot(1, normalize=True)([who, what]))


def collaborative_filtering(keras):
    """As in Keras' own examples: a model of pairs in two columns, the score through a sigmoid."""

    class Recommender(keras.Model):
        def __init__(self):
            super().__init__()
            make, penalty = keras.layers.Embedding, keras.regularizers.l2(1e-6)
            self.user = make(USERS, 4, embeddings_initializer="he_normal", embeddings_regularizer=penalty)
            self.user_bias = make(USERS, 1)
            self.film = make(FILMS, 4, embeddings_initializer="he_normal", embeddings_regularizer=penalty)
            self.film_bias = make(FILMS, 1)

        def call(self, pairs):
            users, films = pairs[:, 0], pairs[:, 1]
            product = keras.ops.sum(self.user(users) * self.film(films), axis=1, keepdims=True)
            return keras.ops.sigmoid(product + self.user_bias(users) + self.film_bias(films))

    model = Recommender()
    model(np.zeros((1, 2), "int32"))
    return model


def data():
    random = np.random.default_rng(0)
    user, film = random.integers(0, USERS, N), random.integers(0, FILMS, N)
    age, tags = random.normal(size=(N, 1)).astype("float32"), random.integers(0, 8, (N, 3))
    tags[:, 0] = 1 + tags[:, 0] % 7  # a film without any tag has no mean
    liked = ((user + film) % 2).astype("float32")
    return {"user": user, "film": film, "age": age, "tags": tags}, np.stack([user, film], 1), liked


CASES = [
    (lesson, "mse", ["user", "film"]),
    (two_towers, "mse", None),
    (collaborative_filtering, "binary_crossentropy", "pairs"),
]


@pytest.mark.parametrize(("build", "loss", "reads"), CASES)
def test_a_model_of_keras_trains_here_and_predicts_the_same_there(keras, build, loss, reads):
    named, pairs, y = data()
    x = pairs if reads == "pairs" else named if reads is None else [named[name][:, None] for name in reads]
    model = build(keras)
    model.compile(keras.optimizers.Adam(0.01), loss=loss)
    brought = rw.from_keras(model, example=pairs[:1] if reads == "pairs" else None)
    np.testing.assert_allclose(brought.predict(x), np.asarray(model(x)), atol=1e-5)
    before = np.asarray(model(x))
    history = brought.fit(x, y, epochs=6, batch_size=16, validation_data=(x, y))
    assert history.history["val_loss"][-1] < history.history["val_loss"][0]
    assert abs(np.asarray(model(x)) - before).max() > 0.01
    np.testing.assert_allclose(brought.predict(x), np.asarray(model(x)), atol=1e-5)
    assert brought.fitted.settings["optimizer"] == "keras_adam"
    assert brought.fitted.settings["engine"].startswith("llvm")


@mends("for an example of a batch of", "is looked up, and read whole by")
def test_a_layer_that_cannot_be_brought_along_is_named(keras):
    k = keras.layers
    user = k.Input((1,), name="user", dtype="int32")
    rows = k.Flatten()(k.Embedding(USERS, 4)(user))
    mixed = k.Lambda(lambda x: x - keras.ops.mean(x, axis=0), name="centred")(rows)
    with pytest.raises(BadModel, match=r"for an example of a batch of 3, and .* alone"):
        rw.from_keras(keras.Model(user, k.Dense(1)(mixed)))
    rw.from_keras(keras.Model(user, k.Dense(1)(rows)))
    table = k.Embedding(USERS, 4, name="users")
    whole = k.Lambda(lambda x: x @ keras.ops.mean(table.embeddings, axis=0)[:, None], name="all_users")
    with pytest.raises(BadModel, match=r"users is looked up, and read whole by .* of layer all_users \(Lambda\)"):
        rw.from_keras(keras.Model(user, whole(k.Flatten()(table(user)))))
    own = k.Dense(1, use_bias=False, name="of_its_own")
    rw.from_keras(keras.Model(user, own(k.Flatten()(table(user)))))
    penalized = k.Embedding(USERS, 4, embeddings_regularizer="l1", name="sparse")
    with pytest.raises(BadModel, match=r"sparse/embeddings has the regularizer .*\n  expected: l2"):
        rw.from_keras(keras.Model(user, k.Dense(1)(k.Flatten()(penalized(user)))))


@mends("does not say what it reads", "_example: input … of … has the shape", "changes … when it is called")
def test_what_a_model_does_not_say_is_asked_for(keras):
    k = keras.layers
    pairs = data()[1]
    with pytest.raises(BadModel, match=r"(?s)does not say what it reads.*example=x\[:1\]"):
        rw.from_keras(collaborative_filtering(keras))
    rw.from_keras(collaborative_filtering(keras), example=pairs[:1])

    def of_lists(length):
        words = k.Input((length,), name="words", dtype="int32")
        return keras.Model(words, k.Dense(1)(k.GlobalAveragePooling1D()(k.Embedding(8, 3)(words))))

    with pytest.raises(BadModel, match=r"(?s)input words of .* has the shape \(None, None\).*give the Input a shape"):
        rw.from_keras(of_lists(None))
    rw.from_keras(of_lists(500))

    class Counting(k.Layer):
        def build(self, shape):
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

        def call(self, x):
            self.calls.assign(self.calls + 1.0)
            return x

    user = k.Input((1,), name="user", dtype="int32")
    rows = k.Flatten()(k.Embedding(USERS, 4)(user))
    with pytest.raises(BadModel, match=r"(?s)changes .*calls when it is called.*leave the layer out"):
        rw.from_keras(keras.Model(user, k.Dense(1)(Counting()(rows))))
    rw.from_keras(keras.Model(user, k.Dense(1)(rows)))


@mends("Keras runs on …")
def test_keras_on_another_backend_is_told_and_on_jax_it_runs(keras, monkeypatch):
    model = collaborative_filtering(keras)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("keras.backend.backend", lambda: "tensorflow")
        with pytest.raises(RowwiseError, match=r"(?s)Keras runs on tensorflow.*KERAS_BACKEND=jax"):
            rw.from_keras(model, example=data()[1][:1])
    rw.from_keras(model, example=data()[1][:1])
