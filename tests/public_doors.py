"""The public callables, each with one good call: its arguments by name, and which nonsense is none there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

import rowwise as rw
from rowwise import keras_style as ks

NONSENSE: dict[str, Any] = {
    "none": None,
    "true": True,
    "seven": 7,
    "minus": -1,
    "half": 1.5,
    "nan": float("nan"),
    "huge": 10**400,
    "empty": "",
    "text": "xyzzy",
    "bytes": b"x",
    "list": [],
    "nones": [None],
    "mapping": {},
    "array": np.array([]),
    "matrix": np.array([[1.0, 2.0]]),
    "object": object(),
}


@dataclass(frozen=True)
class Door:
    """One public callable and one call of it that works."""

    call: Callable[..., Any]
    good: Mapping[str, Any]


FRAME = pl.DataFrame(
    {"u": [1, 1, 2, 2, 3, 3] * 3, "i": [1, 2, 2, 3, 3, 1] * 3, "r": [1.0, 5.0, 2.0, 4.0, 3.0, 5.0] * 3}
)
TEXTS, LABELS = ["a good film", "a bad film", "good", "bad"] * 3, ["yes", "no"] * 6


@rw.model(target="r", loss=rw.squared_error)
def dot(user=rw.Row("u", 2), item=rw.Row("i", 2)):
    return user @ item


def _score(user=rw.Row("u", 2), item=rw.Row("i", 2)):
    return user @ item


FITTED = dot.fit(FRAME, epochs=1, watch={"u": 1, "i": 2, "r": 3.0})
WORDS = {"dim": 2, "table": "item", "l2": 0.1, "init": "normal", "trainable": True}


BOOK = rw.Vocabulary.of("u", [1, 2, 3])

DOORS: dict[str, Door] = {
    "read": Door(rw.read, {"source": FRAME, "columns": ["u"]}),
    "File": Door(rw.File, {"path": "x.csv", "header": True, "columns": "a,b", "separator": ";", "encoding": "utf-8"}),
    "sql": Door(rw.sql, {"query": "select 1", "url": "sqlite:///x.db", "params": {"a": 1}}),
    "splits.random": Door(rw.splits.random, {"frame": FRAME, "fraction": 0.3, "seed": 0}),
    "splits.by_time": Door(rw.splits.by_time, {"frame": FRAME, "time": "r", "fraction": 0.3}),
    "splits.last_out": Door(rw.splits.last_out, {"frame": FRAME, "user": "u", "time": "r", "n": 1}),
    "splits.by_value": Door(rw.splits.by_value, {"frame": FRAME, "column": "u", "value": 1}),
    "Vocabulary": Door(rw.Vocabulary, {"name": "u", "ids": [1, 2]}),
    "Vocabulary.of": Door(rw.Vocabulary.of, {"name": "u", "column": [1, 2], "min_count": 1}),
    "Vocabulary.load": Door(rw.Vocabulary.load, {"path": "x.parquet"}),
    "Vocabulary.save": Door(BOOK.save, {"path": "x.parquet"}),
    "Vocabulary.row": Door(BOOK.row, {"id": 1}),
    "Vocabulary.rows": Door(BOOK.rows, {"ids": [1, 2]}),
    "Vocabulary.grown": Door(BOOK.grown, {"ids": [1, 4]}),
    "Text": Door(rw.Text, {"size": 100, "min_count": 2, "ngrams": 2}),
    "Row": Door(rw.Row, {"column": "u", **WORDS}),
    "Rows": Door(rw.Rows, {"column": "u", "length": 3, "text": None, **WORDS}),
    "Bag": Door(rw.Bag, {"column": "u", "combine": "sum", "text": None, "weights": None, **WORDS}),
    "Sampled": Door(rw.Sampled, {"column": "u", **WORDS}),
    "Value": Door(rw.Value, {"column": "u", "size": 2}),
    "Mask": Door(rw.Mask, {"argument": "u"}),
    "Mean": Door(rw.Mean, {"column": "u"}),
    "Weight": Door(rw.Weight, {"shape": 2, "l2": 0.1, "init": "zeros", "trainable": True}),
    "Head": Door(rw.Head, {"module": abs, "l2": 0.1}),
    "Dropout": Door(rw.Dropout, {"shape": 2, "rate": 0.5}),
    "linear_decay": Door(rw.linear_decay, {"start": 0.1, "epochs": 3, "end": 0.0}),
    "log_count_ratio": Door(rw.log_count_ratio, {"scale": 0.3, "smoothing": 1.0}),
    "vectors": Door(rw.vectors, {"source": "x.vec", "scale": 1.0}),
    "model()": Door(
        lambda **kw: rw.model(**kw)(_score),
        {"target": "r", "loss": rw.squared_error, "range": (1, 5), "clip": (1, 5), "standardize": False},
    ),
    "Model.replace": Door(
        dot.replace,
        {
            "target": "r",
            "loss": rw.squared_error,
            "range": (1, 5),
            "clip": (1, 5),
            "standardize": False,
            "user": rw.Row("u", 2, l2=0.1),
        },
    ),
    "Model.program": Door(dot.program, {"optimizer": "sgd"}),
    "Model.kernel": Door(dot.kernel, {"optimizer": "sgd", "batch_size": 2}),
    "Model.fit": Door(
        lambda data, **kw: dot.fit(data, **{"epochs": 1, **kw}),
        {
            "data": FRAME,
            "epochs": 1,
            "learning_rate": 0.1,
            "batch_size": 2,
            "optimizer": "sgd",
            "seed": 1,
            "engine": "llvm",
            "validation": 0.3,
        },
    ),
    "Model.steps": Door(dot.steps, {"example": {"u": 1, "i": 2, "r": 3.0}, "optimizer": "sgd", "seed": 0}),
    "load": Door(rw.load, {"folder": "saved"}),
    "Fitted.predict": Door(FITTED.predict, {"data": FRAME}),
    "Fitted.evaluate": Door(FITTED.evaluate, {"data": FRAME, "metrics": ["mae"]}),
    "Fitted.recommend": Door(FITTED.recommend, {"users": 1, "n": 2, "seen": "keep", "values": None}),
    "Fitted.similar": Door(FITTED.similar, {"id": 1, "n": 2, "column": "i", "table": "item"}),
    "Fitted.table": Door(FITTED.table, {"name": "user"}),
    "Fitted.steps": Door(FITTED.steps, {"example": {"u": 1, "i": 2, "r": 3.0}, "seed": 0}),
    "Fitted.sheet": Door(FITTED.sheet, {"path": "x.xlsx"}),
    "Fitted.play": Door(FITTED.play, {"path": "x.html"}),
    "Fitted.save": Door(FITTED.save, {"folder": "saved"}),
    "Fitted.fit": Door(FITTED.fit, {"data": FRAME, "epochs": 1}),
    "squared_error": Door(lambda a: rw.model(target="r", loss=a)(_score), {"a": rw.squared_error}),
    "keras.Input": Door(ks.Input, {"shape": (1,), "name": "user"}),
    "keras.Embedding": Door(ks.Embedding, {"input_dim": 5, "output_dim": 2}),
    "keras.Dense": Door(ks.Dense, {"units": 3, "activation": "relu"}),
    "keras.Dropout": Door(ks.Dropout, {"rate": 0.5}),
}

LOOKUP = {
    "column": "empty text",
    "dim": "none seven",
    "table": "none text",
    "l2": "seven half",
    "init": "none seven half",  # a number is the scale of a normal distribution
    "trainable": "true",
}

# By argument, which nonsense is none there: seven of something, None for the default, a column called nothing.
RIGHT: dict[str, dict[str, str]] = {
    "read": {"columns": "none list array"},
    "File": {
        "path": "text",
        "header": "none true",
        "columns": "empty text list array",
        "separator": "none text",
        "encoding": "none",
    },
    "sql": {"query": "empty text", "url": "empty text", "params": "mapping"},  # the database says what it understands
    "splits.random": {"seed": "seven"},
    "splits.last_out": {"time": "none"},
    "splits.by_value": {"value": "true"},  # 1 is True, as everywhere in Python
    "Vocabulary": {"name": "empty text", "ids": "list array"},
    "Vocabulary.of": {"name": "empty text", "column": "list nones array", "min_count": "seven"},
    "Vocabulary.save": {"path": "text"},
    "Vocabulary.rows": {"ids": "list nones array"},  # what is missing is the unknown row
    "Vocabulary.grown": {"ids": "list nones array"},
    "Text": {"size": "none seven", "min_count": "seven", "ngrams": "seven"},
    "Row": LOOKUP,
    "Rows": LOOKUP | {"length": "seven", "text": "none"},
    "Bag": LOOKUP | {"text": "none", "weights": "none empty text"},
    "Sampled": LOOKUP,
    "Value": {"column": "empty text", "size": "none seven"},
    "Mask": {"argument": "empty text"},  # the model says whether it has such an argument
    "Mean": {"column": "empty text"},
    "Weight": {"shape": "seven list", "l2": "seven half", "init": "none seven half", "trainable": "true"},
    "Head": {"l2": "seven half"},
    "Dropout": {"shape": "seven list"},
    "linear_decay": {"start": "seven half", "epochs": "seven", "end": "seven half"},
    "log_count_ratio": {"scale": "seven half", "smoothing": "seven half"},
    "vectors": {"source": "text", "scale": "seven half"},
    "model()": {"target": "empty text", "range": "none", "clip": "none"},
    "Model.replace": {"target": "empty text", "range": "none", "clip": "none"},
    "Model.kernel": {"batch_size": "seven"},
    "Model.fit": {
        "epochs": "seven",
        "learning_rate": "none",
        "batch_size": "none seven",
        "seed": "seven",
        "validation": "none",
    },
    "Model.steps": {"seed": "seven"},
    "Fitted.predict": {"data": "matrix"},  # a pair of a user and an item
    "Fitted.evaluate": {"metrics": "none"},
    "Fitted.recommend": {"users": "seven minus list array", "n": "seven", "values": "none mapping"},
    "Fitted.similar": {"n": "seven", "column": "none", "table": "none"},
    "Fitted.steps": {"seed": "seven"},
    "Fitted.sheet": {"path": "text"},
    "Fitted.play": {"path": "text"},
    "Fitted.save": {"folder": "text"},
    "Fitted.fit": {"epochs": "seven"},
    "keras.Input": {"shape": "seven list", "name": "none empty text"},
    "keras.Embedding": {"input_dim": "seven", "output_dim": "seven"},
    "keras.Dense": {"units": "seven", "activation": "none"},
}


def prepare() -> None:
    """What some of the calls read, in the folder that one is in."""
    FITTED.save("saved")
    BOOK.save("x.parquet")
