"""A program reads well, goes to JSON and back, and knows what its results need."""

import json

import jax.numpy as jnp
import pytest

import rowwise as rw
from rowwise.api import zoo
from rowwise.errors import BadModel
from rowwise.program.program import Literal, Program
from rowwise.program.verify import verify

ZOO = ["biases_only", "dot_product", "matrix_factorization", "neural_net", "bayesian_personalized_ranking"]


def squared(prediction, target):
    return (prediction - target) ** 2


@rw.model(target="rating", loss=squared)
def dot_product(user=rw.Row("userId", 3, l2=0.01), movie=rw.Row("movieId", 3), bias=rw.Row("movieId")):
    return user @ movie + bias


@pytest.fixture(scope="module")
def program():
    return dot_product.program(optimizer="sgd")


def test_a_program_prints_as_the_steps_of_one_example(program, golden):
    golden("dot_product.txt", str(program))


def test_a_program_goes_to_json_and_back(program):
    again = Program.from_json(program.to_json())
    assert again == program
    assert str(again) == str(program)
    assert json.loads(program.to_json())["name"] == "dot_product"


@pytest.mark.parametrize("name", ZOO)
def test_every_model_of_the_zoo_is_a_program_that_json_keeps(name):
    program = getattr(zoo, name).program(optimizer="adam")
    assert verify(Program.from_json(program.to_json())) == program


def test_numbers_that_are_none_survive_json():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 3)):
        return jnp.where(user > 0, user, -jnp.inf).max()

    program = score.program(optimizer="sgd")
    assert any(i == Literal(float("-inf"), "float32", (3,)) for step in program.steps for i in step.inputs)
    assert Program.from_json(program.to_json()) == program


def test_a_program_knows_what_a_result_needs_and_reads(program):
    steps = program.needed([program.prediction])
    assert [step.primitive for step in steps] == ["dot_general", "add"]
    assert [i.value.name for i in program.reads([program.prediction])] == ["user", "movie", "bias"]
    assert [i.value.name for i in program.reads([program.loss])] == ["user", "movie", "bias", "target"]
    assert [i.value.name for i in program.reads([program.input("movie").value])] == ["movie"]


def test_a_program_knows_its_lookups_and_weights():
    program = zoo.neural_net.program()
    assert [i.value.name for i in program.lookups] == ["user", "item"]
    assert [i.value.name for i in program.weights] == ["hidden", "hidden_bias", "output", "output_bias"]
    assert program.input("kept_rows").rate == 0.3


def test_inputs_that_sample_one_column_draw_from_one_stream():
    program = zoo.bayesian_personalized_ranking.program()
    other, bias, item = (program.input(name) for name in ("other", "other_bias", "item"))
    assert program.stream(other) == program.stream(bias)
    assert program.stream(other) != program.stream(item)


def test_text_that_is_no_program_is_refused(program):
    facts = json.loads(program.to_json())
    del facts["steps"][0]
    with pytest.raises(BadModel, match="which nothing before it assigns"):
        verify(Program.from_json(json.dumps(facts)))
