"""Every model of ours on the page: what it receives, says, pulls and moves is what `steps` says, to nine digits."""

import numpy as np
import polars as pl
import pytest

import trainable
from rowwise.api import zoo, zoo_text
from rowwise.api.model import Model
from rowwise.data.text import Text
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.keras_style import Adam, Dense, Dropout, Embedding, Flatten, Input, l2, merge
from rowwise.keras_style import Model as Keras
from rowwise.models.words import Bag
from rowwise.program.inputs import BagLookup, ExampleValue, Lookup, SampledLookup
from untrained import fitted_of

WORDS = ["a good film", "a bad film, and long", "good fun and a good cast"]
IDS = [3, 5, 8, 13, 21]


def lesson(*, biased=False, net=False):
    """The models of ratings of the 2016 course, in its own lines."""
    user_in, movie_in = Input(shape=(1,), name="user_in"), Input(shape=(1,), name="movie_in")
    u = Embedding(6, 4, input_length=1, W_regularizer=l2(1e-4))(user_in)
    m = Embedding(6, 4, input_length=1, W_regularizer=l2(1e-4))(movie_in)
    if net:
        x = Dropout(0.3)(Flatten()(merge([u, m], mode="concat")))
        x = Dense(1)(Dropout(0.75)(Dense(7, activation="relu")(x)))
    else:
        x = Flatten()(merge([u, m], mode="dot"))
        if biased:
            biases = [Flatten()(Embedding(6, 1, input_length=1)(each)) for each in (user_in, movie_in)]
            x = merge([merge([x, biases[0]], mode="sum"), biases[1]], mode="sum")
    model = Keras([user_in, movie_in], x)
    model.compile(Adam(0.001), loss="mse")
    written = {}
    exec(model.rows, written)  # a Python file, which holds one model
    return next(each for each in written.values() if isinstance(each, Model))


NOT_COUNTED = Bag("text", combine="sqrtn", text=zoo_text.NGRAMS, init="normal")
EVERY = {
    **trainable.MODELS,
    **{name: model for name, model in vars(zoo).items() if isinstance(model, Model)},
    **{n: m for n, m in vars(zoo_text).items() if isinstance(m, Model) and not n.startswith("naive_bayes")},
    "naive_bayes_bag": zoo_text.naive_bayes_bag.replace(ngrams=NOT_COUNTED),  # whose start counts examples
    "dense_net": zoo_text.dense_net(size=8, length=4, dim=3, units=2),
    "convolution_net": zoo_text.convolution_net(size=8, length=5, dim=3, filters=2, units=2, word_dropout=0.3),
    "multi_size_net": zoo_text.multi_size_net(size=8, length=5, dim=3, filters=2, units=2, word_dropout=0.3),
    "lstm_net": zoo_text.lstm_net(size=8, length=4, dim=3, units=2),
    "lesson: dot": lesson(),
    "lesson: bias": lesson(biased=True),
    "lesson: net": lesson(net=True),
}


def vocabulary(model, name):
    column = next(column for column, owner in model.recipe.vocabularies.items() if owner == name)
    text = model.recipe.texts.get(column)
    if isinstance(text, Text):
        return WordVocabulary.learn(name, pl.Series(WORDS), text)
    return IDS


def example_of(fitted):
    """One example, as a person would write it."""
    program, random, example = fitted.program, np.random.default_rng(0), {}
    for i in program.inputs:
        if isinstance(i, SampledLookup) or not isinstance(i, Lookup | ExampleValue):
            continue
        is_text = isinstance(i, Lookup) and isinstance(
            fitted.vocabularies[fitted.column_vocabulary[i.column]], WordVocabulary
        )
        if isinstance(i, ExampleValue):
            example[i.column] = random.standard_normal(i.value.shape).astype(np.float32).tolist()  # as data hold it
        else:
            example[i.column] = WORDS[1] if is_text else [5, 13, 5] if i.is_list else 8
        if isinstance(i, BagLookup) and i.weights:
            example[i.weights] = [1.0, 2.5, 0.5]
    target = program.target
    if target is not None:
        example[target.column] = {"class": 1, "labels": [1.0, 0.0, 1.0]}.get(fitted.targets, 1.0)
    return example


LOOK = """
const { model, page, state } = rowwise, values = model.walk(state.example), list = (name) => [...values[name].data];
const number = (operand) => ("name" in operand ? list(operand.name) : [Number(operand.value)]);
return {
  steps: page.lines.flatMap((line) => line.steps.map(({ value, name }) => [name, list(value)])),
  derivatives: page.derivatives.map(({ value }) => number(value)),
  loss: number(page.program.loss),
  moves: model.moves(state.example, page.rates[0])
    .map((m) => [m.table, m.row, [...m.gradient], [...m.after], m.states.map((s) => [...s.after])]),
};
"""


def near(found, wanted):
    wanted = np.ravel(np.asarray(wanted, float))
    np.testing.assert_allclose(np.broadcast_to(np.array(found, float), wanted.shape), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("name", EVERY)
def test_a_model_on_the_page_is_the_model_of_steps(open_page, name, optimizer):
    model = EVERY[name]
    fitted = fitted_of(
        model, {v: vocabulary(model, v) for v in model.recipe.vocabularies.values()}, optimizer=optimizer
    )
    fitted.means.update({name: 0.4 for name in fitted.means if name == "share"})
    example = example_of(fitted)
    frame = pl.DataFrame({column: [cell] for column, cell in example.items()}, strict=False)
    shown = open_page(fitted, data=frame)
    found = shown.browser.execute_script(LOOK)
    sampled = fitted.program.inputs_of(SampledLookup)
    drawn = {i.value.name: [IDS[0]] * i.count if i.is_list else IDS[0] for i in sampled}
    walk = fitted.steps({**example, **drawn})
    for step, numbers in found["steps"]:
        if step in walk.values:
            near(numbers, walk.values[step])
    assert len(found["derivatives"]) == len(walk.derivatives)
    for numbers, derivative in zip(found["derivatives"], walk.derivatives, strict=True):
        near(numbers, derivative.numbers)
    wanted = {(move.table, move.row or 0): move for move in walk.moves}
    assert {(table, row) for table, row, *_ in found["moves"]} == set(wanted)
    for table, row, gradient, after, states in found["moves"]:
        move = wanted[table, row]
        near(gradient, move.gradient)
        near(after, move.after)
        for numbers, (_, new) in zip(states, move.state.values(), strict=True):
            near(numbers, new)
    assert shown.faults == []
