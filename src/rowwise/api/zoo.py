"""Models of ratings, each a few lines with its source; `model.replace(user=Row("reader", 16))` names your columns.

They learn in units of the target's spread, above or below its mean (`standardize=True`), so that a rate, an `l2` and a
start mean the same for stars, percents and prices: the mean of the ratings, μ in the papers, is no part of the score.
"""

import jax
import jax.numpy as jnp

from rowwise.api.model import model
from rowwise.models.losses import softplus, squared_error
from rowwise.models.words import Dropout, Row, Sampled, Weight


@model(target="rating", loss=squared_error, standardize=True)
def biases_only(user_bias=Row("userId", l2=0.02), item_bias=Row("itemId", l2=0.02)):
    """How generous the user is and how good the item. Source: Koren, Bell & Volinsky 2009, eq. 3."""
    return user_bias + item_bias


@model(target="rating", loss=squared_error, standardize=True)
def dot_product(user=Row("userId", 50, l2=1e-4), item=Row("itemId", 50, l2=1e-4)):
    """The plainest model of two rows. Source: Koren, Bell & Volinsky 2009, eq. 1."""
    return user @ item


@model(target="rating", loss=squared_error, standardize=True)
def matrix_factorization(
    user=Row("userId", 50, l2=0.05),
    item=Row("itemId", 50, l2=0.05),
    user_bias=Row("userId", l2=0.02),
    item_bias=Row("itemId", l2=0.02),
):
    """Predicted rating of an item by a user. Source: Koren, Bell & Volinsky 2009, eq. 4 and 5."""
    return user_bias + item_bias + user @ item


@model(target="rating", loss=squared_error, standardize=True)
def neural_net(
    user=Row("userId", 50, l2=1e-4),
    item=Row("itemId", 50, l2=1e-4),
    kept_rows=Dropout(100, 0.3),
    hidden=Weight((70, 100)),
    hidden_bias=Weight(70),
    kept_hidden=Dropout(70, 0.75),
    output=Weight(70, init="normal"),
    output_bias=Weight(),
):
    """Two rows side by side, a dense layer, one number. Source: He et al. 2017, "Neural collaborative filtering"."""
    rows = jnp.concatenate([user, item]) * kept_rows
    layer = jax.nn.relu(hidden @ rows + hidden_bias) * kept_hidden
    return output @ layer + output_bias


@model()
def bayesian_personalized_ranking(
    user=Row("userId", 50, l2=0.01),
    item=Row("itemId", 50, l2=0.01),
    item_bias=Row("itemId"),
    other=Sampled("itemId", 50, table="item"),
    other_bias=Sampled("itemId", table="item_bias"),
):
    """A seen item should score above one drawn at random. Source: Rendle et al. 2009, "BPR", eq. 4."""
    score = user @ item + item_bias
    return score, softplus(user @ other + other_bias - score)  # -log of the sigmoid of the margin


@model()
def implicit_factorization(user=Row("userId", 64), item=Row("itemId", 64)):
    """How well an item suits a user, from pairs alone: 1 where there is one. Source: Hu, Koren & Volinsky 2008."""
    score = user @ item
    return score, (score - 1) ** 2  # the pairs that are none count in the closed form, all at once
