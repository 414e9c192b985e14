"""Six models and one example of each, walked through: what the tests of the steps look at."""

import jax
import jax.numpy as jnp
import numpy as np

import rowwise as rw
from rowwise.data.vocabulary import Vocabulary
from rowwise.models.start import start
from rowwise.views.walk import walk


@rw.model(target="rating", loss=rw.squared_error)
def dot(user=rw.Row("userId", 50), movie=rw.Row("movieId", 50)):
    return user @ movie


@rw.model(target="rating", loss=rw.squared_error, clip=(0.5, 5))
def biases(
    user=rw.Row("userId", 50, l2=1e-4),
    movie=rw.Row("movieId", 50, l2=1e-4),
    user_bias=rw.Row("userId"),
    movie_bias=rw.Row("movieId"),
    mean=rw.Mean("rating"),
):
    return user @ movie + user_bias + movie_bias + mean


@rw.model(target="rating", loss=rw.squared_error)
def net(
    user=rw.Row("userId", 50),
    movie=rw.Row("movieId", 50),
    hidden_weight=rw.Weight((100, 70)),
    hidden_bias=rw.Weight(70),
    out_weight=rw.Weight((70, 1)),
    out_bias=rw.Weight(1),
):
    both = jnp.concatenate([user, movie])
    hidden = jax.nn.relu(both @ hidden_weight + hidden_bias)
    return (hidden @ out_weight + out_bias)[0]


@rw.model()
def bpr(
    user=rw.Row("userId", 16),
    liked=rw.Row("movieId", 16, table="movie"),
    other=rw.Sampled("movieId", 16, table="movie"),
):
    better = user @ liked - user @ other
    return -jax.nn.log_sigmoid(better)


@rw.model(target="positive", loss=rw.binary_cross_entropy)
def bag(words=rw.Bag("text", 32), weight=rw.Weight(32, init="normal"), bias=rw.Weight()):
    return words @ weight + bias


@rw.model(target="positive", loss=rw.binary_cross_entropy)
def convolution(
    words=rw.Rows("text", 32, length=500),
    filters=rw.Weight((96, 64)),
    weight=rw.Weight(64, init="normal"),
    bias=rw.Weight(),
):
    windows = jnp.concatenate([words[0:498], words[1:499], words[2:500]], axis=1)
    features = jax.nn.relu(windows @ filters)
    best = jnp.max(features, axis=0)
    return best @ weight + bias


RATED = {"userId": 15, "movieId": 32, "rating": 4.5}
SENTENCE = "the film was good and the music was very good but the plot was zyzzyva"
REVIEW = SENTENCE.split(" ")
MODELS = (dot, biases, net, bpr, bag, convolution)
EXAMPLES = {
    "dot": RATED,
    "biases": RATED,
    "net": RATED,
    "bpr": {"userId": 15, "movieId": 32},
    "bag": {"text": REVIEW, "positive": 1},
    "convolution": {"text": REVIEW, "positive": 1},
}
KNOWN = list(dict.fromkeys(REVIEW[:-1]))
VOCABULARIES = {
    "userId": Vocabulary("userId", range(1, 944)),
    "movieId": Vocabulary("movieId", range(1, 1683)),
    "text": Vocabulary("text", [*KNOWN, *(f"word{k}" for k in range(4_999 - len(KNOWN)))]),
}


def parts(model, *, optimizer="adagrad", vocabularies=VOCABULARIES):
    """A program and fresh parameters of a model."""
    program = model.program(optimizer=optimizer)
    n_rows = {name: len(vocabularies[name]) for name in set(model.vocabularies.values())}
    return program, start(model.recipe, program, n_rows, seed=1)


def walked(model, example=None, *, optimizer="adagrad", rate=0.05):
    """The record of one example of a model, with tables of real size."""
    program, parameters = parts(model, optimizer=optimizer)
    given = EXAMPLES[model.name] if example is None else example
    return walk(program, parameters, given, vocabularies=VOCABULARIES, means={"mean": 3.53}, rate=rate)


def watched(model, example, n):
    """The records of one example that is learnt `n` times, by epoch."""
    program, parameters = parts(model)
    walks = {}
    for epoch in range(n):
        seen = walk(program, parameters, example, vocabularies=VOCABULARIES, means={"mean": 3.53}, rate=0.05)
        walks[f"epoch {epoch}"] = seen
        for move in seen.moves:
            at = ... if move.row is None else move.row
            parameters.tables[move.table][at] = move.after
            for state, (_, after) in zip(parameters.states[move.table], move.state.values(), strict=True):
                state[at] = after
    return walks


def inputs_of(seen):
    """What the function received, by argument, in float64."""
    return {a.name: np.asarray(seen.values[a.name], np.float64) for a in seen.arguments if a.kind != "target"}
