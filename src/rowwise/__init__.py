"""Rowwise: embedding models you can see through.

A model is a short function of looked-up rows; see `rowwise.models.words` for what it may ask for. Names below are
imported when first used, so that `import rowwise` stays instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rowwise import forks as forks  # before anything forks

__version__ = "0.1.0"

# In the order that the README meets them: public name -> the module that holds it (its name there, where it differs).
_HOMES = {
    "Recommender": "api.recommender",
    "TextClassifier": "api.text_classifier",
    "model": "api.model",
    "Row": "models.words",
    "Rows": "models.words",
    "Bag": "models.words",
    "Sampled": "models.words",
    "Value": "models.words",
    "Mask": "models.words",
    "Mean": "models.words",
    "Weight": "models.words",
    "Head": "models.words",
    "Dropout": "models.words",
    "layers": "models.layers:",
    "Text": "data.text",
    "log_count_ratio": "models.naive_bayes:LogCountRatio",
    "vectors": "models.vectors:Vectors",
    "squared_error": "models.losses",
    "absolute_error": "models.losses",
    "binary_cross_entropy": "models.losses",
    "categorical_cross_entropy": "models.losses",
    "multilabel_cross_entropy": "models.losses",
    "poisson": "models.losses",
    "hinge": "models.losses",
    "linear_decay": "train.history",
    "load": "api.fitted",
    "read": "data.source",
    "File": "data.files.file",
    "sql": "data.files.database:Sql",
    "Vocabulary": "data.vocabulary",
    "datasets": "data.datasets:",
    "splits": "data.splits:",
    "keras_style": "keras_style:",
    "functional": "functional:",
    "from_jax": "imported.brought",
    "from_keras": "imported.from_keras",
    "zoo": "api.zoo:",
    "zoo_text": "api.zoo_text:",
    "RowwiseError": "errors",
}
_FORMER = ("functional",)  # works still, and says so
__all__ = [name for name in _HOMES if name not in _FORMER]  # pyright: ignore[reportUnsupportedDunderAll]

if TYPE_CHECKING:
    from rowwise import keras_style
    from rowwise.api import zoo, zoo_text
    from rowwise.api.fitted import load
    from rowwise.api.model import model
    from rowwise.api.recommender import Recommender
    from rowwise.api.text_classifier import TextClassifier
    from rowwise.data import datasets, splits
    from rowwise.data.files.database import Sql as sql
    from rowwise.data.files.file import File
    from rowwise.data.source import read
    from rowwise.data.text import Text
    from rowwise.data.vocabulary import Vocabulary
    from rowwise.errors import RowwiseError
    from rowwise.imported.brought import from_jax
    from rowwise.imported.from_keras import from_keras
    from rowwise.models import layers
    from rowwise.models.losses import (
        absolute_error,
        binary_cross_entropy,
        categorical_cross_entropy,
        hinge,
        multilabel_cross_entropy,
        poisson,
        squared_error,
    )
    from rowwise.models.naive_bayes import LogCountRatio as log_count_ratio
    from rowwise.models.vectors import Vectors as vectors
    from rowwise.models.words import Bag, Dropout, Head, Mask, Mean, Row, Rows, Sampled, Value, Weight
    from rowwise.train.history import linear_decay


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rowwise' has no attribute {name!r}")
    module, _, there = _HOMES[name].partition(":")
    home = import_module(f"rowwise.{module}")
    found = home if _HOMES[name].endswith(":") else getattr(home, there or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
