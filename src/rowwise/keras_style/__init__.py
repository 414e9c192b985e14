"""Models written as layers of symbolic values, in the manner of Keras in 2016 and today; see `network.Model`."""

from rowwise.keras_style.layer import l2
from rowwise.keras_style.layers import (
    Activation,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Reshape,
    SpatialDropout1D,
)
from rowwise.keras_style.merges import Add, Average, Concatenate, Dot, Merge, Multiply, merge
from rowwise.keras_style.network import History, Model
from rowwise.keras_style.optimizers import SGD, Adagrad, Adam, RMSprop
from rowwise.keras_style.sequences import LSTM, Conv1D, GlobalAveragePooling1D, GlobalMaxPooling1D, MaxPooling1D
from rowwise.keras_style.sequential import Sequential
from rowwise.keras_style.session import clear_session, set_random_seed

Convolution1D = Conv1D  # as it was called in 2016

__all__ = [
    "LSTM", "SGD", "Activation", "Adagrad", "Adam", "Add", "Average", "Concatenate", "Conv1D", "Convolution1D", "Dense",
    "Dot", "Dropout", "Embedding", "Flatten", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "History", "Input",
    "MaxPooling1D", "Merge", "Model", "Multiply", "RMSprop", "Reshape", "Sequential", "SpatialDropout1D",
    "clear_session", "l2", "merge", "set_random_seed",
]  # fmt: skip
