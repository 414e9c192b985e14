"""Models of texts, each a few lines with its source. `model.replace(target="stars", …)` fits one to your columns."""

import jax
import jax.numpy as jnp

from rowwise.data.text import Text
from rowwise.models.losses import binary_cross_entropy, categorical_cross_entropy
from rowwise.models.model import model
from rowwise.models.naive_bayes import LogCountRatio
from rowwise.models.words import Bag, Mean, Weight

NGRAMS = Text(ngrams=3, min_count=2, distinct=True)


@model(target="label", loss=binary_cross_entropy)
def naive_bayes_bag(
    ngrams=Bag("text", combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.4)),
    share=Mean("label"),
):
    """One number an n-gram, begun at its log-count ratio. Source: Wang & Manning 2012, "Baselines and bigrams"."""
    return ngrams + jnp.log(share / (1 - share))


@model(target="label", loss=categorical_cross_entropy)
def naive_bayes_classes(ngrams=Bag("text", 3, combine="sqrtn", text=NGRAMS, init=LogCountRatio(0.4))):
    """The same with one number a class: each class against the others. Source: Wang & Manning 2012."""
    return ngrams


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
