"""How much faster is an epoch of the 2016 course's bias model than in Keras 3, on the same machine?

Two Embeddings of 50 and two of 1, L2 1e-4, Adam 0.001, mean squared error, batches of 64, MovieLens small (split 0).
Keras runs on its JAX backend and moves every row of every table at every batch. Here once as Keras does it
(`update="dense"`, on XLA) and once sparse, in machine code: only looked-up rows move, each with its own Adam counter.
A row that moves only when it is read needs five times the rate to come as far in as many epochs, by the training
error. All start from the same tables.
"""

import functools
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import optax
from harness import alternate, keep, ratios, show

import rowwise as rw
from models import Trainer
from rowwise.backends.xla.batch import XlaBatch
from rowwise.capture.capture import capture
from rowwise.data.examples import Examples
from rowwise.data.vocabulary import Vocabulary
from rowwise.program.parameters import fresh_states

RATE, SPARSE_RATE = 0.001, 0.005
ADAM = functools.partial(optax.adam, eps=1e-7)  # Keras' epsilon


@rw.model(target="rating", loss=rw.squared_error)
def lesson(
    user=rw.Row("userId", 50, l2=1e-4, init="uniform"),
    item=rw.Row("itemId", 50, l2=1e-4, init="uniform"),
    user_bias=rw.Row("userId"),
    item_bias=rw.Row("itemId"),
):
    """The course's second model of ratings."""
    return user @ item + user_bias + item_bias


def keras_model(tables: dict[str, np.ndarray]):
    import keras

    user_in, item_in = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")

    def embed(name: str, given: object) -> object:
        table = tables[name].reshape(len(tables[name]), -1)
        penalty = keras.regularizers.l2(1e-4) if table.shape[1] > 1 else None
        layer = keras.layers.Embedding(*table.shape, embeddings_regularizer=penalty)
        layer.build()
        layer.set_weights([table])
        return keras.layers.Flatten()(layer(given))

    user, item = embed("user", user_in), embed("item", item_in)
    dot = keras.layers.Dot(axes=1)([user, item])
    score = keras.layers.Add()([dot, embed("user_bias", user_in), embed("item_bias", item_in)])
    model = keras.Model([user_in, item_in], score)
    model.compile(keras.optimizers.Adam(RATE), loss="mse", metrics=["mse"])
    return model


def data() -> tuple[Examples, Examples, dict[str, int]]:
    frame = rw.datasets.movielens_small().ratings
    users, items = Vocabulary.of("user", frame["userId"]), Vocabulary.of("item", frame["movieId"])
    columns = {"userId": users.rows(frame["userId"]), "itemId": items.rows(frame["movieId"])}
    whole = Examples(len(frame), columns, {}, frame["rating"].to_numpy().astype(np.float32))
    train = np.random.RandomState(0).rand(whole.n) < 0.8
    n_rows = {"userId": len(users), "itemId": len(items)}
    return whole.take(np.flatnonzero(train)), whole.take(np.flatnonzero(~train)), n_rows


def main() -> None:
    train, test, n_rows = data()
    sparse = Trainer(lesson, train, n_rows, {}, SPARSE_RATE, optimizer=ADAM, batch_size=64)
    keras = keras_model(sparse.parameters.tables)
    program = capture(lesson.recipe, optimizer=ADAM, update="dense")
    parameters = sparse.parameters.copy()
    parameters.states.update(fresh_states(program, parameters.tables))
    dense = XlaBatch(program, train, parameters, means={}, batch_size=64, seed=0)
    inputs = [train.rows["userId"][:, None], train.rows["itemId"][:, None]]  # type: ignore[index]
    held = [test.rows["userId"][:, None], test.rows["itemId"][:, None]]  # type: ignore[index]
    done = {"keras": [], "dense": [], "sparse": []}

    def keras_epoch() -> None:
        fitted = keras.fit(inputs, train.target, batch_size=64, epochs=1, verbose=0)
        done["keras"].append(fitted.history["mse"][0])

    def dense_epoch() -> None:
        done["dense"].append(dense.epoch(len(done["dense"]), RATE))

    def sparse_epoch() -> None:
        done["sparse"].append(sparse.epoch())

    times = alternate({"keras": keras_epoch, "dense": dense_epoch, "sparse": sparse_epoch}, rounds=5)
    predicted = keras.predict(held, batch_size=4096, verbose=0)[:, 0]
    run = {
        "examples": train.n,
        "batch_size": 64,
        "rates": {"keras": RATE, "dense": RATE, "sparse": SPARSE_RATE},
        "epochs": len(done["keras"]),
        "seconds_per_epoch": {name: sorted(t)[len(t) // 2] for name, t in times.items()},
        "dense_times_as_fast": ratios(times["keras"], times["dense"]),
        "sparse_times_as_fast": ratios(times["keras"], times["sparse"]),
        "training_mse_by_epoch": done,
        "test_mse": {"keras": float(np.mean((predicted - test.target) ** 2)), "sparse": sparse.mse(test)},
    }
    print(
        f"keras {run['seconds_per_epoch']['keras']:.2f} s an epoch; dense {show(run['dense_times_as_fast'])} ×, "
        f"sparse {show(run['sparse_times_as_fast'])} ×"
    )
    for name, losses in done.items():
        print(f"  {name:<7} training MSE by epoch", " ".join(f"{loss:.4f}" for loss in losses))
    print("  test MSE", run["test_mse"])
    keep("keras", [run])


if __name__ == "__main__":
    main()
