"""Models of texts, each a few lines with its source. `model.replace(target="stars", …)` fits one to your columns."""

from typing import Any

import jax
import jax.numpy as jnp

from rowwise.api.model import Model, model
from rowwise.data.text import Text
from rowwise.models.layers import convolution, lstm, max_pool
from rowwise.models.losses import binary_cross_entropy, categorical_cross_entropy, multilabel_cross_entropy
from rowwise.models.naive_bayes import LogCountRatio
from rowwise.models.words import Bag, Dropout, Mask, Mean, Rows, Weight

NGRAMS = Text(ngrams=3, min_count=2, distinct=True)


@model(target="label", loss=binary_cross_entropy)
def naive_bayes_bag(
    ngrams=Bag("text", combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.4)),
    share=Mean("label"),
):
    """One number an n-gram, begun at its log-count ratio. Source: Wang & Manning 2012, "Baselines and bigrams"."""
    return ngrams + jnp.log(share / (1 - share))


@model(target="label", loss=binary_cross_entropy)
def naive_bayes_bag_drawn(
    start=Bag("text", combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.4), trainable=False),
    added=Bag("text", combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.0), l2=0.01),  # begins at 0, at the same paces
    share=Mean("label"),
):
    """The same, drawn to its start: what training adds to the score of a text costs its square. Source: as above."""
    return start + added + jnp.log(share / (1 - share))


@model(target="label", loss=categorical_cross_entropy)
def naive_bayes_classes(ngrams=Bag("text", 3, combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.4))):
    """The same with one number a class: each class against the others. Source: Wang & Manning 2012."""
    return ngrams


@model(target="labels", loss=multilabel_cross_entropy)
def naive_bayes_labels(ngrams=Bag("text", 3, combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.4)), bias=Weight(3)):
    """Several labels, each with or without the others. The bias moves a hundredth as fast. Source: as above."""
    return ngrams + 0.1 * bias


@model(target="label", loss=binary_cross_entropy)
def bag_of_words(words=Bag("text", text=Text(min_count=2)), bias=Weight()):
    """The mean of one number for each word: logistic regression on shares of words."""
    return words + bias


@model(target="label", loss=categorical_cross_entropy)
def ngram_bag(
    ngrams=Bag("text", 16, combine="sqrtn", text=NGRAMS, init="zeros"),  # a rare n-gram's row stays near zero
    output=Weight((2, 16)),
    bias=Weight(2),
):
    """The rows of n-grams as one, then a score for each class. Source: Joulin et al. 2016, "Bag of tricks"."""
    return output @ ngrams + bias


@model(target="label", loss=binary_cross_entropy)
def deep_averaging_network(
    words=Bag("text", 32, text=Text(size=20_000)),
    hidden=Weight((32, 32)),
    hidden_bias=Weight(32),
    output=Weight(32, init="normal"),
    bias=Weight(),
):
    """The mean row of the words through a hidden layer. Source: Iyyer et al. 2015, "Deep unordered composition"."""
    return output @ jax.nn.relu(hidden @ words + hidden_bias) + bias


# The nets of the lesson read 500 words in their order. Shapes of their weights depend on one another, so each is made
# for sizes of your choice, `dense_net(length=200, dim=16)`, and hands other settings on to its `Rows`, as in
# `convolution_net(dim=50, init=rw.vectors("glove.6B.50d"), trainable=False)`.
# Source: Howard 2016, "Practical deep learning for coders", lesson 5.


def _in_order(size: int, length: int, dim: int, more: dict[str, Any]) -> Any:
    return Rows("text", dim, length=length, **{"text": Text(size=size), "init": "uniform"} | more)


def dense_net(*, size=5_000, length=500, dim=32, units=100, **words) -> Model:
    """All rows of a text through one hidden layer."""

    @model(target="label", loss=binary_cross_entropy)
    def dense_net(
        words=_in_order(size, length, dim, words),
        hidden=Weight((units, length * dim)),
        hidden_bias=Weight(units),
        dropped=Dropout(units, 0.7),
        output=Weight(units, init="glorot"),
        bias=Weight(),
    ):
        made = jax.nn.relu(hidden @ words.ravel() + hidden_bias) * dropped
        return output @ made + bias

    return dense_net


def convolution_net(
    *, size=5_000, length=500, dim=32, filters=64, width=5, units=100, word_dropout=0.0, **words
) -> Model:
    """Runs of five words through filters, the larger of each two neighbours, then a hidden layer.

    `word_dropout` is the share of the words that are left out, drawn anew for each text of each epoch.
    """

    @model(target="label", loss=binary_cross_entropy)
    def convolution_net(
        words=_in_order(size, length, dim, words),
        dropped_columns=Dropout(dim, 0.2),  # the same columns of every row
        kernel=Weight((width, dim, filters)),
        kernel_bias=Weight(filters),
        dropped_filters=Dropout((length, filters), 0.2),
        hidden=Weight((units, length // 2 * filters)),
        hidden_bias=Weight(units),
        dropped=Dropout(units, 0.7),
        output=Weight(units, init="glorot"),
        bias=Weight(),
        dropped_words=Dropout((length, 1), word_dropout),
    ):
        found = jax.nn.relu(convolution(words * dropped_columns * dropped_words, kernel) + kernel_bias)
        pooled = max_pool(found * dropped_filters, 2)
        made = jax.nn.relu(hidden @ pooled.ravel() + hidden_bias) * dropped
        return output @ made + bias

    return convolution_net


def multi_size_net(*, size=5_000, length=500, dim=50, filters=64, units=100, word_dropout=0.0, **words) -> Model:
    """Runs of three, of four and of five words through filters of their own, side by side; `word_dropout` as above."""
    found = 3 * (length // 2) * filters

    @model(target="label", loss=binary_cross_entropy)
    def multi_size_net(
        words=_in_order(size, length, dim, words),
        dropped_columns=Dropout(dim, 0.2),
        three=Weight((3, dim, filters)),
        four=Weight((4, dim, filters)),
        five=Weight((5, dim, filters)),
        kernel_biases=Weight((3, filters), init="zeros"),
        dropped_filters=Dropout(found, 0.5),
        hidden=Weight((units, found)),
        hidden_bias=Weight(units),
        dropped=Dropout(units, 0.7),
        output=Weight(units, init="glorot"),
        bias=Weight(),
        dropped_words=Dropout((length, 1), word_dropout),
    ):
        kept = words * dropped_columns * dropped_words
        runs = [convolution(kept, kernel) for kernel in (three, four, five)]
        pooled = [max_pool(jax.nn.relu(run + kernel_biases[k]), 2).ravel() for k, run in enumerate(runs)]
        made = jax.nn.relu(hidden @ (jnp.concatenate(pooled) * dropped_filters) + hidden_bias) * dropped
        return output @ made + bias

    return multi_size_net


def lstm_net(*, size=5_000, length=500, dim=32, units=100, **words) -> Model:
    """The words one after the other into a memory, padding passed over."""

    @model(target="label", loss=binary_cross_entropy)
    def lstm_net(
        words=_in_order(size, length, dim, words),
        real=Mask("words"),
        kernel=Weight((dim, 4 * units)),
        recurrent=Weight((units, 4 * units)),
        gate_bias=Weight(4 * units),
        output=Weight(units, init="glorot"),
        bias=Weight(),
    ):
        remembered = lstm(words, kernel, recurrent, gate_bias, mask=real)
        return output @ remembered + bias

    return lstm_net
