"""How fast and how right are the lesson's nets on reviews of films, beside the same nets in Keras 3 on JAX?

`python bench_text_nets.py speed`: an epoch over some reviews, turn by turn with Keras, batches of 64, the same ids of
words, the same optimizer. `python bench_text_nets.py convolution_net 0 1 2`: train that net with those seeds on the
25,000 training reviews and judge it once on the 25,000 test reviews. Without arguments all of it, for hours.

Epochs were chosen on a tenth of the training reviews where `PLANS` says so, else they are those of the lesson. Each
call replaces its own runs in results/text_nets.json and leaves the others.
"""

import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from harness import RESULTS, alternate, keep, ratios, show

import rowwise as rw
from rowwise.backends.xla.batch import XlaBatch
from rowwise.data.examples import Examples
from rowwise.models.start import start
from rowwise.program.inputs import ExampleValue

BATCH, ROUNDS, SIZE, LENGTH, DIM = 64, 3, 5_000, 500, 32
N = {"dense_net": 2_560, "convolution_net": 640, "lstm_net": 640}  # reviews of an epoch
GLOVE = {"dim": 50, "init": "glove.6B.50d", "word_dropout": 0.2}  # as the lesson's Embedding(dropout=0.2)
# (epochs, learning rate, settings of the words), one after another: "frozen" rows of words stay as they are.
PLANS: dict[str, dict[str, Any]] = {
    "dense_net": {"stages": [(2, 1e-3, False)], "punctuation": False},
    "convolution_net": {"stages": [(3, 1e-3, False)]},
    "convolution_net, GloVe": {"stages": [(5, 1e-3, False), (1, 1e-4, False)], **GLOVE},
    "multi_size_net, GloVe": {"stages": [(6, 1e-3, False)], **GLOVE},
    "lstm_net": {"stages": [(2, 1e-3, False)]},
}


def accuracy(name: str, seed: int, reviews: Any, *, validate: bool = False) -> dict[str, Any]:
    """Train one net by its plan; judge it on the test reviews, or after each epoch on a tenth of the others."""
    plan = dict(PLANS[name])
    stages, fitted, began = plan.pop("stages"), None, time.perf_counter()
    plan["text"] = rw.Text(size=SIZE, punctuation=plan.pop("punctuation", True))
    if "init" in plan:
        plan["init"] = rw.vectors(plan["init"], scale=1 / 3)  # as the lesson does
    for epochs, rate, frozen in stages:
        options = {"epochs": epochs, "learning_rate": rate, "seed": seed, "progress": True}
        options |= {"validation": 0.1} if validate else {}
        if fitted is None:
            make = getattr(rw.zoo_text, name.partition(",")[0])
            net = make(length=LENGTH, trainable=not frozen, **plan)
            fitted = net.fit(reviews.train, optimizer="keras_adam", batch_size=BATCH, engine="xla", **options)
        else:
            fitted = fitted.fit(reviews.train, trainable={"words": not frozen}, **options)
    assert fitted is not None
    run = {"model": name, "seed": seed, "stages": stages, "seconds": time.perf_counter() - began}
    run |= {"parameters": sum(table.size for table in fitted.parameters.tables.values())}
    if validate:
        return run | {"validated": fitted.history.to_dicts()}
    return run | {"accuracy": float(fitted.evaluate(reviews.test).accuracy), "history": fitted.history.to_dicts()}


def speed(name: str, ids: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Seconds of an epoch, ours and Keras', and how many times as fast ours is."""
    model = getattr(rw.zoo_text, name)(size=SIZE, length=LENGTH, dim=DIM)
    program = model.program(optimizer="keras_adam")
    masks = {str(i.column): (ids > 0).astype(np.float32) for i in program.inputs_of(ExampleValue)}
    examples = Examples(len(ids), {"text": ids}, masks, labels)
    parameters = start(model.recipe, program, {"text": SIZE}, seed=0)
    engine = XlaBatch(program, examples, parameters, means={}, batch_size=BATCH, seed=0)
    epochs = iter(range(1_000))
    other = keras_net(name)
    times = alternate(
        {
            "rowwise": lambda: engine.epoch(next(epochs), 1e-3),
            "keras": lambda: other.fit(ids, labels, batch_size=BATCH, epochs=1, verbose=0),
        },
        rounds=ROUNDS,
    )
    faster = ratios(times["keras"], times["rowwise"])
    print(f"{name}: an epoch over {len(ids):,} reviews is {show(faster)} times as fast as in Keras", times, flush=True)
    return {"model": name, "reviews": len(ids), "seconds": times, "times_as_fast": faster, "load": os.getloadavg()[0]}


def keras_net(name: str) -> Any:
    """The same net in Keras 3."""
    import keras
    from keras import layers

    ids = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(SIZE, DIM, mask_zero=name == "lstm_net")(ids)
    if name == "lstm_net":
        x = layers.LSTM(100)(x)
    else:
        if name == "convolution_net":
            x = layers.SpatialDropout1D(0.2)(x)
            x = layers.Dropout(0.2)(layers.Conv1D(64, 5, padding="same", activation="relu")(x))
            x = layers.MaxPooling1D(2)(x)
        x = layers.Dropout(0.7)(layers.Dense(100, activation="relu")(layers.Flatten()(x)))
    net = keras.Model(ids, layers.Dense(1, activation="sigmoid")(x))
    net.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy")
    return net


def coded(reviews: Any) -> tuple[np.ndarray, np.ndarray]:
    """The first reviews of a shuffle as 500 ids each, and their labels."""
    from rowwise.data.word_vocabulary import WordVocabulary

    sample = reviews.train.sample(max(N.values()), seed=0, shuffle=True)
    vocabulary = WordVocabulary.learn("text", sample["text"], rw.Text(size=SIZE))
    ids = vocabulary.pad(vocabulary.encode(sample["text"]), length=LENGTH)
    return np.asarray(ids, np.int32), sample["label"].to_numpy().astype(np.float32)


def merged(new: list[dict[str, Any]]) -> None:
    """Keep runs beside those of other nets and seeds."""
    path = RESULTS / "text_nets.json"
    old = json.loads(path.read_text())["runs"] if path.exists() else []
    kinds = {key(run) for run in new}
    keep("text_nets", sorted([run for run in old if key(run) not in kinds] + new, key=key))


def key(run: dict[str, Any]) -> tuple[str, str, int]:
    kind = next(kind for kind in ("times_as_fast", "validated", "accuracy") if kind in run)
    return kind, run["model"], run.get("seed", 0)


def main() -> None:
    which, seeds = sys.argv[1:2], [int(seed) for seed in sys.argv[2:]] or [0, 1, 2]
    reviews = rw.datasets.imdb()
    if which in ([], ["speed"]):
        ids, labels = coded(reviews)
        for name, n in N.items():
            merged([speed(name, ids[:n], labels[:n])])
    for name in PLANS:
        if which in ([], [name], [f"validate {name}"]):
            for seed in seeds:
                run = accuracy(name, seed, reviews, validate=which == [f"validate {name}"])
                print(run, flush=True)
                merged([run])


if __name__ == "__main__":
    main()
