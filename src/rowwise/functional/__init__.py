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
from rowwise.functional.sequences import LSTM, Conv1D, GlobalAveragePooling1D, GlobalMaxPooling1D, MaxPooling1D
from rowwise.functional.sequential import Sequential
from rowwise.functional.session import clear_session, set_random_seed

Convolution1D = Conv1D  # as it was called in 2016

__all__ = [
    "LSTM", "SGD", "Activation", "Adagrad", "Adam", "Add", "Average", "Concatenate", "Conv1D", "Convolution1D", "Dense",
    "Dot", "Dropout", "Embedding", "Flatten", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "History", "Input",
    "MaxPooling1D", "Merge", "Model", "Multiply", "RMSprop", "Reshape", "Sequential", "SpatialDropout1D",
    "clear_session", "l2", "merge", "set_random_seed",
]  # fmt: skip
