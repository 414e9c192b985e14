"""Models whose folders are attacked: every kind of input, a loop, texts, row numbers, own losses, frozen tables."""

from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.data.ragged import Ragged
from rowwise.data.row_numbers import RowNumbers
from rowwise.data.text import Text
from rowwise.data.word_vocabulary import WordVocabulary
from untrained import fitted_of, two_keys

USERS, FILMS = list(range(1, 9)), [f"film {k}" for k in range(7)]
REVIEWS = pl.Series(["the good film", "a bad bad film", "good, not bad", "no film at all"])


def ratings():
    fitted = two_keys()
    return Fitted(
        replace(fitted.trained, seen=Ragged(np.array([0, 0, 2, 3, 3, 3, 3, 3, 3, 3, 3]), np.array([1, 2, 5], np.int32)))
    )


def everything():
    """Two bags, a list, a mask, a number, several numbers, a dense weight, dropout, a constant, indexing, a choice."""

    @rw.model(target="liked", loss=rw.binary_cross_entropy)
    def score(
        user=rw.Row("user", 3),
        tags=rw.Bag("tags", 3, combine="mean", weights="shares"),
        words=rw.Rows("words", 3, length=4),
        filled=rw.Mask("words"),
        age=rw.Value("age"),
        place=rw.Value("place", 2),
        layer=rw.Weight((3, 2)),
        keep=rw.Dropout(3, 0.25),
    ):
        read = (words * filled[:, None]).sum(0) / jnp.maximum(filled.sum(), 1.0)
        hidden = jnp.tanh((user + tags * keep + read) @ layer + place)
        turned = hidden[::-1] * jnp.array([0.5, -2.0])
        return jnp.where(age > 30.0, turned.sum(), hidden.max() - jnp.exp(-(age**2)))

    ids = {"user": USERS, "tags": FILMS, "words": list(range(1, 12))}
    return Fitted(replace(fitted_of(score, ids, optimizer="adam").trained, seen=None))


def classes():
    """A text read as a list of words, three classes."""

    @rw.model(target="kind", loss=rw.categorical_cross_entropy)
    def judge(text=rw.Bag("text", 3, text=Text(ngrams=2)), bias=rw.Weight(3)):
        return text + bias

    words = WordVocabulary.learn("text", REVIEWS, Text(ngrams=2))
    return Fitted(replace(fitted_of(judge, {"text": words}).trained, classes=("a", "b"), seen=None))


def loop():
    """A recurrent net over a list of words."""

    @rw.model(target="stars", loss=rw.squared_error)
    def walk(words=rw.Rows("words", 2, length=5), turn=rw.Weight((2, 2))):
        def step(state, word):
            return jnp.tanh(state @ turn + word), state.sum()

        last, sums = jax.lax.scan(step, jnp.zeros(2), words)
        return last.sum() + sums.max()

    return Fitted(replace(fitted_of(walk, {"words": RowNumbers("words", 10)}).trained, seen=None))


def ranking():
    """A loss of its own, with a drawn item."""

    @rw.model()
    def ranked(user=rw.Row("user", 3), item=rw.Row("item", 3), other=rw.Sampled("item", 3, table="item")):
        return user @ item, -jnp.log(jax.nn.sigmoid(user @ item - user @ other))

    fitted = fitted_of(ranked, {"user": USERS, "item": FILMS})
    return Fitted(replace(fitted.trained, seen=Ragged(np.array([0, 1, *[1] * 8]), np.array([3], np.int32))))


MODELS = (ratings, everything, classes, loop, ranking)


def save_all(folder: Path) -> None:
    for model in MODELS:
        model().save(folder / model.__name__)
