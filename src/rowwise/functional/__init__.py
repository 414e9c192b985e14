"""Models written as layers of symbolic values, in the manner of Keras in 2016 and today; see `network.Model`."""

from rowwise.functional.formula import Add, Average, Concatenate, Dot, Merge, Multiply, merge
from rowwise.functional.layer import l2
from rowwise.functional.layers import (
    Activation,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Reshape,
    SpatialDropout1D,
)
from rowwise.functional.network import History, Model
from rowwise.functional.optimizers import SGD, Adagrad, Adam, RMSprop
from rowwise.functional.sequential import Sequential
from rowwise.functional.session import clear_session, set_random_seed

__all__ = [
    "SGD", "Activation", "Adagrad", "Adam", "Add", "Average", "Concatenate", "Dense", "Dot", "Dropout", "Embedding",
    "Flatten", "History", "Input", "Merge", "Model", "Multiply", "RMSprop", "Reshape", "Sequential",
    "SpatialDropout1D", "clear_session", "l2", "merge", "set_random_seed",
]  # fmt: skip
