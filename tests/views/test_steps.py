"""The record of one example: exact numbers, formulas a person knows, and answers on the screen."""

import json
import tracemalloc

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from rowwise.api import zoo
from rowwise.api.model import Model
from rowwise.data.text import Text
from rowwise.data.vocabulary import Vocabulary
from rowwise.errors import BadData, BadOption
from rowwise.models.arguments import ValueWord
from rowwise.models.start import start
from rowwise.views.steps_terminal import as_text, shapes_text
from rowwise.views.walk import walk
from views.walked import (
    EXAMPLES,
    MODELS,
    RATED,
    VOCABULARIES,
    bag,
    biases,
    bpr,
    convolution,
    dot,
    inputs_of,
    net,
    parts,
    walked,
)

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)

# The questions of a learner, on the screen


@each_model
def test_the_steps_of_a_model_read_as_they_should(model, golden):
    golden(f"steps_{model.name}.txt", as_text(walked(model)).rstrip())


@each_model
def test_the_shapes_of_a_model_read_as_they_should(model, golden):
    golden(f"shapes_{model.name}.txt", shapes_text(walked(model)).rstrip())


def test_every_primitive_is_shown_on_request(golden):
    golden("steps_bag_all.txt", as_text(walked(bag), all=True).rstrip())


@each_model
def test_the_questions_of_a_learner_are_answered(model):
    text = " ".join(as_text(walked(model)).split())
    assert "The weights are the rows of the" in text  # where are the weights?
    assert "it does is say which row of a table to read" in text  # how are they used?
    assert "These vectors are the weights being trained" in text  # are the vectors the weights?
    assert "products, number by number, added up into one number" in text or "1 dot product" in text
    assert "expression that knows its derivative" in text
    assert "A plain array holds the same numbers but has forgotten where they came from" in text
    assert "did not move" in text  # which rows did this example change?
    assert "moved by up to" in text  # and by how much?


def test_what_5000_500_and_32_mean_is_said():
    text = " ".join(as_text(walked(convolution)).split())
    assert "500 ids looked up, each a row of 32 numbers, the columns; table words has 5,000 rows" in text
    assert "words 5,000 32 160,000" in text  # rows, columns, weights


def test_no_line_is_wider_than_a_terminal():
    assert max(len(line) for model in MODELS for line in as_text(walked(model), all=True).splitlines()) <= 80


# Formulas


@pytest.mark.parametrize(
    ("model", "of", "formula"),
    [
        (dot, "prediction", "2 (prediction − rating)"),
        (dot, "movie", "2 (prediction − rating) · user"),
        (biases, "user_bias", "2 (score − rating)"),
        (net, "hidden", "(d loss / d out_bias) @ out_weight.T"),
        (net, "hidden_weight", "outer(both, d loss / d hidden_bias)"),
        (net, "movie", "(d loss / d both)[50:100]"),
        (bpr, "other", "−(d loss / d better) · user"),
        (bag, "words", "(prediction − positive) · weight"),
    ],
)
def test_a_derivative_is_written_as_the_rule_a_person_knows(model, of, formula):
    assert {d.of: d.formula for d in walked(model).derivatives}[of] == formula


def test_the_derivatives_come_last_line_first():
    lines = [d.line for d in walked(net).derivatives]
    assert lines == sorted(lines, reverse=True)


def test_sgd_is_told_as_its_formula():
    assert walked(dot, optimizer="sgd").rules == (("new row", "row − learning_rate · gradient"),)


def test_values_have_the_names_of_the_code_a_name_given_twice_is_numbered():
    @rw.model(target="rating", loss=rw.squared_error)
    def twice(user=rw.Row("userId", 3)):
        h = user * user
        h = jnp.tanh(
            h  # a statement of several lines is one line of the story
        )
        return jnp.sum(h)

    seen = twice.steps(RATED)
    assert [name for line in seen.lines for name, _ in line.gives] == ["h", "h₂", "prediction", "loss"]
    assert seen.lines[1].code == "h = jnp.tanh(h)"


# Exact numbers


ZOO = [model for model in vars(zoo).values() if isinstance(model, Model)]
every_model = pytest.mark.parametrize("model", [*MODELS, *ZOO], ids=lambda model: model.name)


def filled(model):
    """An example of any model; the words of a text are all different, so that no maximum has two places."""
    example = {
        "userId": 15,
        "movieId": 32,
        "itemId": 32,
        "text": [f"word{k}" for k in range(500)],
        "rating": 1,
        "positive": 1,
    }
    values = {word.column: np.full(word.shape, 0.5) for word in model.words.values() if isinstance(word, ValueWord)}
    return walked(model, example | values) if model in MODELS else model.steps(example | values, seed=1)


@every_model
def test_forward_values_are_those_of_the_function(model):
    with jax.enable_x64(True):
        seen = filled(model)
        prediction, loss = model.recipe.outcome(inputs_of(seen), seen.values.get(seen.target))
    assert seen.values[seen.loss] == pytest.approx(float(loss), rel=1e-12)
    assert (prediction is None) == (seen.prediction is None)
    if prediction is not None:
        assert seen.values[seen.prediction] == pytest.approx(float(prediction), rel=1e-12)


@every_model
def test_derivatives_are_central_differences(model):
    with jax.enable_x64(True):
        seen = filled(model)
        given, target = inputs_of(seen), seen.values.get(seen.target)
        penalties = {name: word.l2 for name, word in (model.lookups | model.dense).items()}

        def loss(name, numbers):
            cost = float(model.recipe.outcome({**given, name: numbers}, target)[1])
            return cost + penalties.get(name, 0.0) * float(np.sum(numbers**2))

        random = np.random.default_rng(0)
        for d in seen.derivatives:
            if d.of in given:
                push = 1e-6 * random.standard_normal(d.numbers.shape)
                slope = (loss(d.of, given[d.of] + push) - loss(d.of, given[d.of] - push)) / 2
                assert float(np.sum(d.numbers * push)) == pytest.approx(slope, rel=1e-5, abs=1e-13)
    assert {d.of for d in seen.derivatives} >= set(model.lookups) | set(model.dense)


def test_the_derivative_of_a_value_in_between_is_a_central_difference():
    @rw.model(target="rating", loss=rw.squared_error)
    def tail(hidden=rw.Row("userId", 70), out_weight=rw.Weight((70, 1)), out_bias=rw.Weight(1)):
        return (hidden @ out_weight + out_bias)[0]

    seen = walked(net)
    with jax.enable_x64(True):
        given = {name: seen.values[name] for name in ("hidden", "out_weight", "out_bias")}
        gradient = jax.grad(lambda hidden: tail.recipe.outcome(given | {"hidden": hidden}, 4.5)[1])(given["hidden"])
    found = {d.of: d.numbers for d in seen.derivatives}["hidden"]
    np.testing.assert_allclose(found, gradient, rtol=1e-10)


def test_a_row_that_a_bag_reads_twice_moves_by_the_sum():
    seen = walked(bag, {"text": ["good", "good", "film"], "positive": 1}, optimizer="sgd", rate=1.0)
    gradient = {d.of: d.numbers for d in seen.derivatives}["words"]
    moved = {move.id: move.before - move.after for move in seen.moves if move.table == "words"}
    np.testing.assert_allclose(moved["good"], gradient * 2 / 3)
    np.testing.assert_allclose(moved["film"], gradient * 1 / 3)


def test_only_the_rows_of_the_example_move_and_the_others_are_counted():
    seen = walked(bpr)
    assert {table.name: (table.rows, table.moved) for table in seen.tables} == {"user": (944, 1), "movie": (1683, 2)}


# The example


def test_an_id_that_training_never_saw_is_marked_and_reads_row_0():
    seen = walked(dot, {"userId": 10_000, "movieId": 32, "rating": 4.5})
    assert (seen.arguments[0].rows, seen.arguments[0].marks) == ((0,), ("unknown",))
    assert "10000 → row 0 of vocabulary userId, unknown" in " ".join(as_text(seen).split())


def test_a_short_text_is_padded_in_front_and_a_rare_word_marked():
    words = walked(convolution).arguments[0]
    n = len(EXAMPLES["convolution"]["text"])
    assert words.marks.count("padding") == 500 - n
    assert words.ids[500 - n] == "the"
    assert words.marks[-1] == "unknown"


def test_a_sampled_row_is_drawn_by_the_seed_or_named_by_its_argument():
    first, again = (walked(bpr).arguments[2] for _ in range(2))
    assert (first.ids, first.marks) == (again.ids, ("drawn at random",))
    assert walked(bpr, {"userId": 15, "movieId": 32, "other": 7}).arguments[2].ids == (7,)


def test_without_a_target_the_story_ends_with_the_prediction():
    seen = walked(biases, {"userId": 15, "movieId": 32})
    assert seen.lines[-1].gives[0][0] == "prediction"
    assert not seen.learns
    assert "give rating to see" in as_text(seen)


def test_a_missing_column_is_named():
    with pytest.raises(BadData, match="no 'movieId', only 'userId'"):
        walked(dot, {"userId": 15})


def test_an_untrained_model_starts_the_same_from_the_same_seed():
    first, again, other = (dot.steps(RATED, seed=seed) for seed in (3, 3, 4))
    assert first.to_json() == again.to_json() != other.to_json()


def test_the_record_is_json_whatever_its_numbers():
    program, parameters = parts(dot)
    parameters.tables["user"][15, 0] = np.inf
    seen = walk(program, parameters, RATED, vocabularies=VOCABULARIES, rate=0.05)
    assert json.loads(seen.to_json())["values"]["user"][0] == "inf"


def test_a_table_of_a_million_rows_is_not_copied():
    big = Vocabulary("movieId", np.arange(1, 1_000_000))
    program = dot.program(optimizer="sgd")
    parameters = start(dot.recipe, program, {"userId": 10, "movieId": len(big)}, seed=0)
    vocabularies = {"userId": Vocabulary("userId", range(1, 10)), "movieId": big}
    big.row(1)  # the vocabulary's own index, made once
    tracemalloc.start()
    seen = walk(
        program, parameters, {"userId": 3, "movieId": 999_999, "rating": 4.5}, vocabularies=vocabularies, rate=0.1
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen.arguments[1].rows == (999_999,)
    assert peak < parameters.tables["movie"].nbytes / 20


def test_a_text_is_cut_into_words_and_rare_ones_are_marked():
    @rw.model(target="positive", loss=rw.binary_cross_entropy)
    def short(words=rw.Rows("text", 2, length=6, text=Text(size=5)), weight=rw.Weight(2, init="normal")):
        return jnp.mean(words, axis=0) @ weight

    words = short.steps({"text": "Good good film a GOOD film", "positive": 1}).arguments[0]
    assert words.rows == (1, 1, 2, 3, 1, 2)
    assert words.ids == ("good", "good", "film", "a", "good", "film")
    few = short.steps({"text": "good good film and a", "positive": 1}).arguments[0]
    assert few.marks == ("padding", "", "", "", "", "rare")


def test_a_watched_example_is_kept_epoch_by_epoch_and_training_is_the_same(tmp_path):
    data = {"userId": [1, 1, 2, 2], "movieId": [1, 2, 1, 2], "rating": [5.0, 1.0, 1.0, 5.0]}
    example = {"userId": 1, "movieId": 1, "rating": 5.0}
    model = zoo.dot_product.replace(item=rw.Row("movieId", 4), user=rw.Row("userId", 4))
    watched = model.fit(data, epochs=3, watch=example)
    alone = model.fit(data, epochs=3)
    assert list(watched.watched) == ["start", "epoch 1", "epoch 2", "epoch 3"]
    assert np.array_equal(watched.parameters.tables["user"], alone.parameters.tables["user"])
    last = watched.watched["epoch 3"]
    assert last.values[last.prediction] == pytest.approx(watched.predict(data)[0], abs=1e-5)
    page = watched.play(tmp_path / "play.html").read_text(encoding="utf-8")
    assert all(label in page for label in watched.watched)
    with pytest.raises(BadOption, match="a model fitted with watch="):
        alone.play(tmp_path / "none.html")
