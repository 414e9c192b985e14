"""How much faster does a Keras model train when it is brought along, and does it end at an error as low?

MovieLens 100k, a fifth held back. Each model is built by Keras 3 (JAX backend) twice, from the same weights: one is
trained by `keras_model.fit` (Adam, batches of 64, as in the course), the other by `rw.from_keras(…).fit` (sparse, in
machine code), for as many epochs, in calls of fit turn by turn. First their predictions are shown to be equal. Seconds
are of an epoch of the calls after the first, which compiles. Our optimizers and batches were chosen on a fifth of the
training data.
"""

import os
import statistics
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from harness import keep, ratios, seconds, show
from keras import layers as k

import rowwise as rw
from rowwise.keras_style import Adagrad

EPOCHS = 2  # in one call of fit
ROUNDS = 4  # calls after the first, which compiles
FACTORS = 50


def data():
    """Inputs by name and ratings, of the training part and of the part held back."""
    ratings = rw.datasets.movielens_100k().ratings
    user, film = (np.unique(ratings[name], return_inverse=True)[1] for name in ("userId", "movieId"))
    age = np.random.default_rng(1).normal(size=(user.max() + 1, 1)).astype(np.float32)[user]  # a side feature
    year = (film[:, None] % 7 / 7).astype(np.float32)
    given = {"user": user, "film": film, "age": age, "year": year}
    train = np.random.default_rng(0).random(len(user)) < 0.8
    y = ratings["rating"].to_numpy().astype(np.float32)
    parts = [({name: array[part] for name, array in given.items()}, y[part]) for part in (train, ~train)]
    return parts, int(user.max()) + 1, int(film.max()) + 1


def lesson(kind):
    """The course's models: "dot", "bias" and "net"."""

    def build(users, films):
        l2 = keras.regularizers.l2(1e-4)
        user, film = k.Input((1,), name="user", dtype="int32"), k.Input((1,), name="film", dtype="int32")
        u = k.Embedding(users, FACTORS, embeddings_regularizer=l2)(user)
        m = k.Embedding(films, FACTORS, embeddings_regularizer=l2)(film)
        if kind == "net":
            x = k.Dropout(0.3)(k.Flatten()(k.Concatenate()([u, m])))
            return keras.Model([user, film], k.Dense(1)(k.Dropout(0.75)(k.Dense(70, activation="relu")(x))))
        x = k.Flatten()(k.Dot(2)([u, m]))
        if kind == "bias":
            x = k.Add()([x, k.Flatten()(k.Embedding(users, 1)(user)), k.Flatten()(k.Embedding(films, 1)(film))])
        return keras.Model([user, film], x)

    return build


def two_towers(users, films):
    """A user with a number of its own and a film with one, each through a layer, and the product of the two."""
    user, age = k.Input((1,), name="user", dtype="int32"), k.Input((1,), name="age")
    film, year = k.Input((1,), name="film", dtype="int32"), k.Input((1,), name="year")
    who = k.Dense(32)(k.Concatenate()([k.Flatten()(k.Embedding(users, 32)(user)), age]))
    what = k.Dense(32)(k.Concatenate()([k.Flatten()(k.Embedding(films, 32)(film)), year]))
    return keras.Model([user, age, film, year], k.Dense(1)(k.Multiply()([who, what])))


def collaborative_filtering(users, films):
    """Keras' own example: product and biases through a sigmoid, here over one to five stars."""
    user, film = k.Input((1,), name="user", dtype="int32"), k.Input((1,), name="film", dtype="int32")
    l2 = keras.regularizers.l2(1e-6)
    u = k.Embedding(users, FACTORS, embeddings_initializer="he_normal", embeddings_regularizer=l2)(user)
    m = k.Embedding(films, FACTORS, embeddings_initializer="he_normal", embeddings_regularizer=l2)(film)
    biases = [k.Flatten()(k.Embedding(n, 1)(given)) for n, given in ((users, user), (films, film))]
    score = k.Activation("sigmoid")(k.Add()([k.Flatten()(k.Dot(2)([u, m])), *biases]))
    return keras.Model([user, film], k.Rescaling(4.0, 1.0)(score))


MODELS = {
    #                          build                    Keras' rate  ours, by batches of
    "dot": (lesson("dot"), 0.001, Adagrad(0.05), None),
    "bias": (lesson("bias"), 0.001, Adagrad(0.05), None),
    "net": (lesson("net"), 0.001, Adagrad(0.15), 128),
    "two towers": (two_towers, 0.001, Adagrad(0.05), None),
    "collaborative filtering": (collaborative_filtering, 0.001, Adagrad(0.05), None),
}


def measure(name):
    (train, test), users, films = data()
    build, rate, optimizer, batch_size = MODELS[name]
    keras.utils.set_random_seed(0)
    theirs, ours = build(users, films), build(users, films)
    ours.set_weights(theirs.get_weights())
    theirs.compile(keras.optimizers.Adam(rate), loss="mse")
    brought = rw.from_keras(ours, loss="mse")
    read = [symbol.name for symbol in theirs.inputs]
    (x, y), (held, held_y) = ((tuple(part[0][n] for n in read), part[1]) for part in (train, test))
    x, held = list(x), list(held)
    same = float(abs(brought.predict(held) - theirs.predict(held, verbose=0, batch_size=4096)).max())
    assert same < 1e-5, same

    times: dict[str, list[float]] = {"keras": [], "rowwise": []}
    errors: dict[str, list[float]] = {"keras": [], "rowwise": []}
    for _ in range(1 + ROUNDS):
        times["keras"].append(seconds(lambda: theirs.fit(x, y, batch_size=64, epochs=EPOCHS, verbose=0)))
        times["rowwise"].append(
            seconds(lambda: brought.fit(x, y, epochs=EPOCHS, optimizer=optimizer, batch_size=batch_size))
        )
        for who, model in (("keras", theirs), ("rowwise", ours)):
            said = model.predict(held, verbose=0, batch_size=4096).ravel()
            errors[who].append(float(((said - held_y) ** 2).mean()))
    medians = {who: statistics.median(found[1:]) / EPOCHS for who, found in times.items()}
    faster = ratios(times["keras"][1:], times["rowwise"][1:])
    history = brought.fitted.history
    run = {
        "model": name,
        "difference_of_predictions_before": same,
        "epochs": EPOCHS * (1 + ROUNDS),
        "seconds_of_first_call": {who: found[0] for who, found in times.items()},
        "seconds_an_epoch": medians,
        "seconds_an_epoch_of_the_kernel_alone": float(history["seconds"][1:].median()),
        "times_as_fast": faster,
        "validation_mse": errors,
        "rowwise": f"{optimizer}, {brought.fitted.settings['engine']}",
    }
    last = {who: round(found[-1], 4) for who, found in errors.items()}
    print(
        f"{name:<24} {medians['keras']:.2f} s, {medians['rowwise']:.3f} s: {show(faster)} ×, MSE {last}",
        flush=True,
    )
    return run


def main() -> None:
    keep("from_keras", [measure(name) for name in sys.argv[1:] or MODELS])


if __name__ == "__main__":
    main()
