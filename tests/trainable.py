"""Models that engines are held to the steps with: one for each word, and random ones."""

import jax
import jax.numpy as jnp
from hypothesis import strategies as st

import rowwise as rw
from rowwise.api import zoo


def rated(function):
    return rw.model(target="rating", loss=rw.squared_error)(function)


@rated
def biased(user=rw.Row("userId", 3, l2=0.02), item=rw.Row("itemId", 3), bias=rw.Row("itemId", l2=0.01)):
    return user @ item + bias


@rated
def shared(a=rw.Row("left", 3), b=rw.Row("right", 3, table="a"), c=rw.Row("left", 3)):
    return a @ b + c.sum()


@rated
def bags(
    user=rw.Row("userId", 3), seen=rw.Bag("seen", 3), liked=rw.Bag("liked", 3, combine="sqrtn"), all=rw.Bag("all")
):
    return user @ (seen + liked) + all


@rated
def weighted(
    user=rw.Row("userId", 3),
    seen=rw.Bag("seen", 3, weights="stars"),
    liked=rw.Bag("liked", 3, combine="sqrtn", weights="hours", table="seen"),
    all=rw.Bag("others", combine="sum", weights="times"),
    same=rw.Bag("again", 3, table="seen"),
):
    return user @ (seen + liked) + all + same.sum()


@rated
def summed(seen=rw.Bag("seen", 3, combine="sum", l2=0.01), item=rw.Row("itemId", 3, table="seen")):
    return seen @ item


@rated
def sequence(
    words=rw.Rows("words", 3, length=4), last=rw.Row("last", 3, table="words"), scale=rw.Rows("marks", length=2)
):
    return (jnp.tanh(words) @ last).sum() * scale.sum()


@rated
def numbers(
    user=rw.Row("userId", 3),
    layer=rw.Weight((2, 3), l2=0.01),
    shift=rw.Weight(),
    fixed=rw.Weight(2, init="ones", trainable=False),
    age=rw.Value("age"),
    place=rw.Value("place", 2),
    mean=rw.Mean("rating"),
    mask=rw.Dropout(3, 0.4),
):
    return (layer @ (user * mask)) @ (place + fixed) + shift * age + mean


@rw.model(target="kind", loss=rw.categorical_cross_entropy)
def classes(words=rw.Bag("words", 3), layer=rw.Weight((2, 3))):
    return layer @ words


@rw.model(target="kinds", loss=rw.multilabel_cross_entropy)
def labels(user=rw.Row("userId", 3), item=rw.Row("itemId", 3, l2=0.01)):
    return user * item


ranking = zoo.bayesian_personalized_ranking.replace(
    user=rw.Row("userId", 3, l2=0.01),
    item=rw.Row("itemId", 3, l2=0.01),
    other=rw.Sampled("itemId", 3, table="item"),
)


@rw.model()
def sampled_softmax(
    user=rw.Row("userId", 3),
    item=rw.Row("itemId", 3),
    others=rw.Sampled("itemId", 3, count=4, table="item"),
    bias=rw.Row("itemId"),
    biases=rw.Sampled("itemId", count=4, table="bias"),
):
    """The item should have most of the probability that it shares with several drawn ones."""
    score = user @ item + bias
    scores = jnp.concatenate([score[None], others @ user + biases])
    return score, jnp.log(jnp.exp(scores).sum()) - score


MODELS = {
    m.name: m
    for m in (biased, shared, bags, weighted, summed, sequence, numbers, classes, labels, ranking, sampled_softmax)
}


@rated
def matrices(user=rw.Row("userId", (2, 3), l2=0.1), item=rw.Row("itemId", 3), other=rw.Row("itemId", (3, 1))):
    """Rows of two axes: one that machine code has no registers for, and one that is a row of three."""
    return jnp.sum(user @ item) + jnp.sum(other) + jnp.sum(jnp.tril(jnp.outer(item, item)))


OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (1.0 + b * b),
    lambda a, b: jnp.tanh(a),
    lambda a, b: jax.nn.sigmoid(a) * b,
    lambda a, b: jnp.where(a > b, a, 0.5 * b),
    lambda a, b: jnp.maximum(a, b),
    lambda a, b: jnp.exp(-jnp.abs(a)),
    lambda a, b: jnp.sum(a) + 0.0 * b,
    lambda a, b: jnp.sqrt(1.0 + a * a),
    lambda a, b: jnp.log1p(a * a),
    lambda a, b: jax.nn.relu(a) - b,
    lambda a, b: jnp.max(a) * b,
    lambda a, b: jnp.mean(a) - jnp.mean(b),
    lambda a, b: jnp.ravel(a)[0] * b,
    lambda a, b: jnp.flip(jnp.atleast_1d(a))[-1] + b,
    lambda a, b: jnp.concatenate([jnp.ravel(a), jnp.ravel(b), jnp.ravel(a)])[:3],  # three numbers always
    lambda a, b: jax.nn.softmax(jnp.atleast_1d(a)) * b,
    lambda a, b: jnp.atleast_1d(a)[1:].sum() * b,
]
LINES = st.lists(
    st.tuples(st.sampled_from(range(len(OPERATIONS))), st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8
)


def written(lines):
    """A model of the operations that `lines` name, each on two of the values before it."""

    def score(
        user=rw.Row("userId", 3, l2=0.01),
        item=rw.Row("itemId", 3),
        same=rw.Row("otherId", 3, table="item"),
        bias=rw.Row("itemId"),
        seen=rw.Bag("seen", 3, weights="stars"),
        other=rw.Sampled("itemId", 3, table="item"),
        layer=rw.Weight(3),
        age=rw.Value("age"),
    ):
        values = [user, item, bias, seen, layer, age, same]
        for operation, first, second in lines:
            values.append(OPERATIONS[operation](values[first % len(values)], values[second % len(values)]))
        prediction = sum(jnp.tanh(jnp.sum(value)) for value in values[5:])
        return prediction, (prediction - jnp.sum(other)) ** 2

    return rw.model()(score)
